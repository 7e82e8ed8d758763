internal import CLinux
internal import Glibc

/// Sets metadata of an entry of a directory. A link is never followed.
enum Metadata {
    /// Sets owner and group. The kernel may clear set-user-id bits: set the mode afterwards.
    static func setOwner(_ owner: UInt32, group: UInt32, at directory: OpenFile, _ name: [UInt8]) throws(SystemError) {
        _ = try SystemCall.run("chown", onPath: name) { fchownat(directory.fd, $0, owner, group, AT_SYMLINK_NOFOLLOW) }
    }

    /// Sets the low 12 bits of the mode. Links have no mode of their own: `EOPNOTSUPP`.
    static func setMode(_ mode: UInt16, at directory: OpenFile, _ name: [UInt8]) throws(SystemError) {
        // The C library opens the entry path-only and goes through /proc, since the old system call follows links.
        _ = try SystemCall.run("chmod", onPath: name) { fchmodat(directory.fd, $0, mode_t(mode), AT_SYMLINK_NOFOLLOW) }
    }

    /// Sets the time of modification, to the nanosecond as far as the file system can, and that of the last access
    /// unless it is nil.
    static func setTimes(
        modified: FileStatus.Time, accessed: FileStatus.Time?, at directory: OpenFile, _ name: [UInt8]
    ) throws(SystemError) {
        let times = times(modified, accessed)
        _ = try SystemCall.run("utimensat", onPath: name) { utimensat(directory.fd, $0, times, AT_SYMLINK_NOFOLLOW) }
    }

    /// Sets owner and group of an open file.
    static func setOwner(_ owner: UInt32, group: UInt32, of file: OpenFile) throws(SystemError) {
        _ = try SystemCall.run("fchown") { fchown(file.fd, owner, group) }
    }

    /// Sets the low 12 bits of the mode of an open file.
    static func setMode(_ mode: UInt16, of file: OpenFile) throws(SystemError) {
        _ = try SystemCall.run("fchmod") { fchmod(file.fd, mode_t(mode)) }
    }

    /// The same of an open file.
    static func setTimes(
        modified: FileStatus.Time, accessed: FileStatus.Time?, of file: OpenFile
    ) throws(SystemError) {
        let times = times(modified, accessed)
        _ = try SystemCall.run("futimens") { futimens(file.fd, times) }
    }

    private static func times(_ modified: FileStatus.Time, _ accessed: FileStatus.Time?) -> [timespec] {
        [
            accessed.map { timespec(tv_sec: Int($0.seconds), tv_nsec: Int($0.nanoseconds)) }
                ?? timespec(tv_sec: 0, tv_nsec: utimeOmit),
            timespec(tv_sec: Int(modified.seconds), tv_nsec: Int(modified.nanoseconds)),
        ]
    }

    // UTIME_OMIT, a macro with a cast that Swift does not import.
    private static let utimeOmit = (1 << 30) - 2
}
