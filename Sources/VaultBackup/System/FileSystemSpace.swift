internal import Glibc

/// How much room a file system has.
enum FileSystemSpace {
    /// Bytes that this user may still write where the directory is.
    static func available(_ directory: OpenFile) throws(SystemError) -> Int {
        var raw = statvfs()
        _ = try SystemCall.run("statvfs") { fstatvfs(directory.fd, &raw) }
        let (bytes, isOverflow) = Int(clamping: raw.f_bavail).multipliedReportingOverflow(by: Int(clamping: raw.f_frsize))
        return isOverflow ? .max : bytes
    }
}
