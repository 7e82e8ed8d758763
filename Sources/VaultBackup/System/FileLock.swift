internal import CLinux
internal import Glibc

/// A lock among processes of this machine, held until the object goes away or the process ends. The file stays.
final class FileLock: Sendable {
    private let file: OpenFile

    private init(_ file: OpenFile) { self.file = file }

    /// Takes the lock on `path` (made with `mode` if missing) without waiting; nil when another holder has it.
    static func acquire(_ path: [UInt8], mode: UInt32 = 0o600) throws(SystemError) -> FileLock? {
        let file = try OpenFile.open(path, [.readWrite, .create, .noFollow], mode: mode)
        do {
            _ = try SystemCall.run("flock", path) { flock(file.fd, LOCK_EX | LOCK_NB) }
        } catch  where error.errno == EWOULDBLOCK { return nil }
        return FileLock(file)
    }

    /// Takes the lock on a directory without waiting, and leaves nothing in it; nil when another holder has it.
    static func acquire(directory: OpenFile) throws(SystemError) -> FileLock? {
        // A descriptor of its own, since a lock belongs to the open directory and goes when that is closed.
        let file = try OpenFile.openDirectory(at: directory, PathBytes.here)
        do {
            _ = try SystemCall.run("flock") { flock(file.fd, LOCK_EX | LOCK_NB) }
        } catch  where error.errno == EWOULDBLOCK { return nil }
        return FileLock(file)
    }

    /// Whether another process has locked a part of an open file against reading.
    static func isHeldElsewhere(_ file: OpenFile) -> Bool { vault_is_locked(file.fd) != 0 }
}
