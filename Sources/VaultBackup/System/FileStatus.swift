internal import CLinux
internal import Glibc

/// What the file system knows of an entry.
struct FileStatus: Sendable, Equatable {
    /// What an entry is; the values are those of `docs/FORMAT.md`, section 9.
    enum Kind: UInt8, Sendable {
        case file = 1, directory, symbolicLink, characterDevice, blockDevice, fifo, socket
    }

    /// Nanoseconds are always below 10⁹.
    struct Time: Sendable, Hashable {
        var seconds: Int64
        var nanoseconds: UInt32

        init(seconds: Int64, nanoseconds: UInt32) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }

        // A file system in user space may answer with any number.
        init(_ raw: timespec) {
            seconds = Int64(raw.tv_sec)
            nanoseconds = UInt32(min(max(raw.tv_nsec, 0), 999_999_999))
        }
    }

    var kind: Kind
    /// The low 12 bits: permissions, set-user-id, set-group-id, sticky.
    var mode: UInt16
    var owner: UInt32
    var group: UInt32
    /// Length in bytes as the file system says.
    var size: UInt64
    var modified: Time
    /// Last access, as exact as the file system is mounted to keep it.
    var accessed: Time
    /// Last change of the entry itself; set by the kernel only.
    var changed: Time
    var inode: UInt64
    /// Number of the file system.
    var device: UInt64
    /// Number of the device that a device entry stands for.
    var deviceMajor: UInt32
    var deviceMinor: UInt32
    var linkCount: UInt64
    /// Space in use, in units of 512 bytes.
    var blocks: UInt64

    /// Of something with one name that takes no space and was never accessed.
    init(
        kind: Kind, mode: UInt16, owner: UInt32, group: UInt32, size: UInt64, modified: Time, changed: Time,
        inode: UInt64
    ) {
        (self.kind, self.mode, self.owner, self.group, self.size) = (kind, mode, owner, group, size)
        (self.modified, self.changed, self.inode) = (modified, changed, inode)
        accessed = Time(seconds: 0, nanoseconds: 0)
        (device, deviceMajor, deviceMinor, linkCount, blocks) = (0, 0, 0, 1, 0)
    }

    init(_ raw: stat) {
        switch raw.st_mode & S_IFMT {
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .symbolicLink
        case S_IFCHR: kind = .characterDevice
        case S_IFBLK: kind = .blockDevice
        case S_IFIFO: kind = .fifo
        case S_IFSOCK: kind = .socket
        default: kind = .file
        }
        mode = UInt16(raw.st_mode & 0o7777)
        owner = raw.st_uid
        group = raw.st_gid
        size = UInt64(clamping: raw.st_size)
        modified = Time(raw.st_mtim)
        accessed = Time(raw.st_atim)
        changed = Time(raw.st_ctim)
        inode = UInt64(raw.st_ino)
        device = UInt64(raw.st_dev)
        deviceMajor = gnu_dev_major(raw.st_rdev)
        deviceMinor = gnu_dev_minor(raw.st_rdev)
        linkCount = UInt64(raw.st_nlink)
        blocks = UInt64(clamping: raw.st_blocks)
    }

    /// Status of `path`, relative to `directory` or to the working directory. A link at its end is not followed unless
    /// asked.
    static func read(
        at directory: OpenFile? = nil, _ path: [UInt8], followingLinks: Bool = false
    ) throws(SystemError) -> FileStatus {
        var raw = stat()
        let flags = followingLinks ? 0 : AT_SYMLINK_NOFOLLOW
        _ = try SystemCall.run("stat", onPath: path) { fstatat(directory?.fd ?? AT_FDCWD, $0, &raw, flags) }
        return FileStatus(raw)
    }

    /// The same, but nil when there is no such entry.
    static func readIfPresent(
        at directory: OpenFile? = nil, _ path: [UInt8], followingLinks: Bool = false
    ) throws(SystemError) -> FileStatus? {
        do {
            return try read(at: directory, path, followingLinks: followingLinks)
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR { return nil }
    }
}

extension FileStatus {
    /// The status that a stream gets in a snapshot: a file of this process, made now, readable by its owner.
    static func ofStream() -> FileStatus {
        var raw = stat()
        raw.st_mode = S_IFREG | 0o600
        raw.st_uid = geteuid()
        raw.st_gid = getegid()
        raw.st_nlink = 1
        clock_gettime(CLOCK_REALTIME, &raw.st_mtim)
        return FileStatus(raw)
    }
}
