internal import CLinux
internal import Glibc

/// Makes and removes entries of a directory. Nothing is replaced unless it says so; nothing is durable before the
/// directory is synchronised.
enum DirectoryEntries {
    /// Makes a directory; `mode` is subject to the umask.
    static func makeDirectory(at directory: OpenFile?, _ name: [UInt8], mode: UInt32) throws(SystemError) {
        _ = try SystemCall.run("mkdir", onPath: name) { mkdirat(directory?.fd ?? AT_FDCWD, $0, mode) }
    }

    /// Makes a symbolic link that holds `target`.
    static func makeSymbolicLink(to target: [UInt8], at directory: OpenFile, _ name: [UInt8]) throws(SystemError) {
        try SystemCall.withCString(target) { (target) throws(SystemError) in
            _ = try SystemCall.run("symlink", onPath: name) { symlinkat(target, directory.fd, $0) }
        }
    }

    /// Gives an existing entry a second name. A link as the existing entry gets the second name itself.
    static func makeLink(
        from directory: OpenFile, _ existing: [UInt8], to target: OpenFile, _ name: [UInt8]
    ) throws(SystemError) {
        try SystemCall.withCString(existing) { (existing) throws(SystemError) in
            _ = try SystemCall.run("link", onPath: name) { linkat(directory.fd, existing, target.fd, $0, 0) }
        }
    }

    /// Gives an unnamed open file (``OpenOptions/unnamed``) a name; `EEXIST` when the name is taken.
    static func name(_ file: OpenFile, at directory: OpenFile, _ name: [UInt8]) throws(SystemError) {
        try SystemCall.withCString(SystemCall.descriptorPath(file.fd)) { (source) throws(SystemError) in
            _ = try SystemCall.run("link", onPath: name) {
                linkat(AT_FDCWD, source, directory.fd, $0, AT_SYMLINK_FOLLOW)
            }
        }
    }

    /// Makes a device, fifo or socket entry; `mode` is subject to the umask. Devices need privileges.
    static func makeSpecial(
        _ kind: FileStatus.Kind, major: UInt32 = 0, minor: UInt32 = 0, at directory: OpenFile, _ name: [UInt8],
        mode: UInt32
    ) throws(SystemError) {
        let type: mode_t
        switch kind {
        case .characterDevice: type = S_IFCHR
        case .blockDevice: type = S_IFBLK
        case .fifo: type = S_IFIFO
        case .socket: type = S_IFSOCK
        case .file, .directory, .symbolicLink: throw SystemError(errno: EINVAL, operation: "mknod", path: name)
        }
        let device = gnu_dev_makedev(major, minor)
        _ = try SystemCall.run("mknod", onPath: name) { mknodat(directory.fd, $0, type | mode, device) }
    }

    /// What a symbolic link holds, at most 4,095 bytes.
    static func linkTarget(at directory: OpenFile?, _ name: [UInt8]) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let capacity = buffer.count
        let count = try SystemCall.run("readlink", onPath: name) { path in
            buffer.withUnsafeMutableBufferPointer { bytes in
                bytes.withMemoryRebound(to: CChar.self) { text in
                    text.baseAddress.map { readlinkat(directory?.fd ?? AT_FDCWD, path, $0, capacity) } ?? -1
                }
            }
        }
        guard count < capacity else { throw SystemError(errno: ENAMETOOLONG, operation: "readlink", path: name) }
        return Array(buffer.prefix(count))
    }

    /// Removes an entry that is not a directory.
    static func remove(at directory: OpenFile?, _ name: [UInt8]) throws(SystemError) {
        _ = try SystemCall.run("unlink", onPath: name) { unlinkat(directory?.fd ?? AT_FDCWD, $0, 0) }
    }

    /// Removes an empty directory.
    static func removeDirectory(at directory: OpenFile?, _ name: [UInt8]) throws(SystemError) {
        _ = try SystemCall.run("rmdir", onPath: name) { unlinkat(directory?.fd ?? AT_FDCWD, $0, AT_REMOVEDIR) }
    }

    /// Gives an entry another name in the same or another directory of the file system, and replaces what has that
    /// name.
    static func rename(
        from directory: OpenFile, _ name: [UInt8], to target: OpenFile, _ newName: [UInt8]
    ) throws(SystemError) {
        try SystemCall.withCString(name) { (name) throws(SystemError) in
            _ = try SystemCall.run("rename", onPath: newName) { renameat(directory.fd, name, target.fd, $0) }
        }
    }

    /// The same, but `EEXIST` when the name is taken; `EINVAL` or `ENOSYS` where the file system cannot promise that.
    static func renameWithoutReplacing(
        from directory: OpenFile, _ name: [UInt8], to target: OpenFile, _ newName: [UInt8]
    ) throws(SystemError) {
        try SystemCall.withCString(name) { (name) throws(SystemError) in
            _ = try SystemCall.run("renameat2", onPath: newName) {
                vault_rename_noreplace(directory.fd, name, target.fd, $0)
            }
        }
    }
}
