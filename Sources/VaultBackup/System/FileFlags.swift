internal import CLinux
internal import Glibc

/// The file flags that are kept in a snapshot (`docs/FORMAT.md`, section 9, attribute 0x0009). Others describe how the
/// file system stores the file and mean nothing elsewhere.
enum FileFlags {
    /// append only, immutable, nodump, noatime, sync, dirsync, nocow; compress, do not compress, secure deletion,
    /// undelete, journalled data, no tail merging, top of a hierarchy, project inheritance, direct access.
    static let mask: UInt32 =
        0x20 | 0x10 | 0x40 | 0x80 | 0x8 | 0x10000 | 0x80_0000 | 0x4 | 0x400 | 0x1 | 0x2 | 0x4000 | 0x8000 | 0x20000
        | 0x2000_0000 | 0x200_0000

    /// What has to be set before there is content: compress, do not compress, nocow.
    private static let early: [UInt32] = [0x4, 0x400, 0x80_0000]

    /// After these a file takes no other change: append only, immutable. An immutable one takes not even the first.
    private static let closing: [UInt32] = [0x20, 0x10]

    /// The flag that keeps a file out of backups (`chattr +d`).
    static let noDump: UInt32 = 0x40

    /// Flags of an open file or directory; 0 where the file system has none.
    static func read(_ file: OpenFile) throws(SystemError) -> UInt32 {
        var flags: UInt32 = 0
        do {
            _ = try SystemCall.run("get flags") { vault_get_file_flags(file.fd, &flags) }
        } catch  where [ENOTTY, EOPNOTSUPP, ENOSYS, EINVAL].contains(error.errno) { return 0 }
        return flags & mask
    }

    /// Sets the kept flags of an open file or directory and leaves the others. The last thing to do to a file: an
    /// immutable one refuses everything else.
    ///
    /// - Throws: ``SystemError`` when a flag could not be set or cleared; all that the file system takes are as wanted.
    static func set(_ flags: UInt32, of file: OpenFile) throws(SystemError) {
        var all: UInt32 = 0
        _ = try SystemCall.run("get flags") { vault_get_file_flags(file.fd, &all) }
        let wanted = all & ~mask | flags & mask
        if wanted == all { return }
        do { try write(wanted, of: file) } catch {
            // One flag that the file system does not know makes it refuse all of them. Those that close a file last.
            guard error.isUnsupportedFlag else { throw error }
            let order = (0..<32).map { UInt32(1) << $0 }.filter { !closing.contains($0) } + closing
            var failure: SystemError?
            for flag in order where (all ^ wanted) & flag != 0 {
                do {
                    try write(all & ~flag | wanted & flag, of: file)
                    all = all & ~flag | wanted & flag
                } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }

    /// Sets those of `flags` that later have no effect any more, as far as the file system knows them.
    static func setEarly(_ flags: UInt32, of file: OpenFile) {
        for flag in early where flags & flag != 0 {
            var all: UInt32 = 0
            guard vault_get_file_flags(file.fd, &all) == 0 else { return }
            try? write(all | flag, of: file)
        }
    }

    private static func write(_ flags: UInt32, of file: OpenFile) throws(SystemError) {
        var flags = flags
        _ = try SystemCall.run("set flags") { vault_set_file_flags(file.fd, &flags) }
    }
}
