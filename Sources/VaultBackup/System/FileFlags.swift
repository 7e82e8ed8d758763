internal import CLinux
internal import Glibc

/// The file flags that are kept in a snapshot (`docs/FORMAT.md`, section 9, attribute 0x0009). Others describe how the
/// file system stores the file and mean nothing elsewhere.
enum FileFlags {
    /// append only, immutable, nodump, noatime, sync, dirsync, nocow.
    static let mask: UInt32 = 0x20 | 0x10 | 0x40 | 0x80 | 0x8 | 0x10000 | 0x80_0000

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
    static func set(_ flags: UInt32, of file: OpenFile) throws(SystemError) {
        var all: UInt32 = 0
        _ = try SystemCall.run("get flags") { vault_get_file_flags(file.fd, &all) }
        var wanted = all & ~mask | flags & mask
        if wanted != all { _ = try SystemCall.run("set flags") { vault_set_file_flags(file.fd, &wanted) } }
    }
}
