internal import Glibc

/// How much room a file system has.
enum FileSystemSpace {
    /// Bytes that this user may still write where the directory is.
    static func available(_ directory: OpenFile) throws(SystemError) -> Int {
        try bytes(directory) { UInt($0.f_bavail) }
    }

    /// Bytes that the file system has, in use or not.
    static func total(_ directory: OpenFile) throws(SystemError) -> Int { try bytes(directory) { UInt($0.f_blocks) } }

    private static func bytes(
        _ directory: OpenFile, _ blocks: (statvfs) -> UInt
    ) throws(SystemError) -> Int {
        var raw = statvfs()
        _ = try SystemCall.run("statvfs") { fstatvfs(directory.fd, &raw) }
        let (bytes, isOverflow) = Int(clamping: blocks(raw)).multipliedReportingOverflow(
            by: Int(clamping: raw.f_frsize))
        return isOverflow ? .max : bytes
    }
}
