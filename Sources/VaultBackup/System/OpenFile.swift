internal import CLinux
internal import Glibc
internal import Synchronization

/// How to open. Every descriptor is closed on exec and never becomes the controlling terminal.
struct OpenOptions: OptionSet, Sendable {
    let rawValue: Int32

    static let readOnly = OpenOptions([])
    static let writeOnly = OpenOptions(rawValue: O_WRONLY)
    static let readWrite = OpenOptions(rawValue: O_RDWR)
    static let create = OpenOptions(rawValue: O_CREAT)
    static let exclusive = OpenOptions(rawValue: O_EXCL)
    static let truncate = OpenOptions(rawValue: O_TRUNC)
    static let append = OpenOptions(rawValue: O_APPEND)
    static let directory = OpenOptions(rawValue: O_DIRECTORY)
    static let noFollow = OpenOptions(rawValue: O_NOFOLLOW)
    static let nonBlocking = OpenOptions(rawValue: O_NONBLOCK)
    static let noAccessTime = OpenOptions(rawValue: vault_O_NOATIME)
    /// Only a place in the tree: for links and special files, which must not be opened.
    static let pathOnly = OpenOptions(rawValue: vault_O_PATH)
    /// A file without a name in the given directory; `linkat` gives it one.
    static let unnamed = OpenOptions(rawValue: vault_O_TMPFILE)
}

/// An open file or directory; owns the descriptor.
///
/// The last reference closes quietly, which is right for files that were only read. A file that was written must be
/// closed with ``close()``, because some file systems report a lost write only there.
final class OpenFile: Sendable {
    private let number: Atomic<Int32>

    /// The descriptor; -1 after ``close()``, so that a late call fails with `EBADF` and never meets another file.
    var fd: Int32 { number.load(ordering: .relaxed) }

    /// Takes over a descriptor.
    init(owning fd: Int32) { number = Atomic(fd) }

    deinit {
        let fd = number.load(ordering: .relaxed)
        if fd >= 0 { _ = Glibc.close(fd) }
    }

    /// Opens `path`, relative to `directory` or to the working directory. `mode` (before umask) is used when a file is
    /// created.
    static func open(
        at directory: OpenFile? = nil, _ path: [UInt8], _ options: OpenOptions, mode: UInt32 = 0
    ) throws(SystemError) -> OpenFile {
        let flags = options.rawValue | O_CLOEXEC | O_NOCTTY
        let start = directory?.fd ?? AT_FDCWD
        let fd = try SystemCall.run("open", onPath: path) { vault_openat(start, $0, flags, mode) }
        return OpenFile(owning: fd)
    }

    /// Opens an entry of `directory` for reading: without following a link, without waiting for the writer of a fifo,
    /// and without changing the access time where this user may do that.
    static func openForReading(at directory: OpenFile? = nil, _ path: [UInt8]) throws(SystemError) -> OpenFile {
        let options: OpenOptions = [.readOnly, .noFollow, .nonBlocking]
        do {
            return try open(at: directory, path, options.union(.noAccessTime))
        } catch  where error.errno == EPERM {
            return try open(at: directory, path, options)
        }
    }

    /// Opens a directory for listing and as a base of relative paths. Follows links only if asked.
    static func openDirectory(
        at directory: OpenFile? = nil, _ path: [UInt8], followingLinks: Bool = false
    ) throws(SystemError) -> OpenFile {
        try open(at: directory, path, followingLinks ? [.directory] : [.directory, .noFollow])
    }

    /// The same without following links, and without changing the access time where this user may do that.
    static func openDirectoryForListing(at directory: OpenFile? = nil, _ path: [UInt8]) throws(SystemError) -> OpenFile
    {
        do { return try open(at: directory, path, [.directory, .noFollow, .noAccessTime]) } catch
            where error.errno == EPERM
        {
            return try openDirectory(at: directory, path)
        }
    }

    /// Closes and reports what the file system had to say. The descriptor is gone in any case; a second call does
    /// nothing.
    func close() throws(SystemError) {
        let fd = number.exchange(-1, ordering: .relaxed)
        // Linux releases the descriptor even when close is interrupted; a repeat could close another thread's file.
        if fd >= 0, Glibc.close(fd) != 0, errno != EINTR { throw SystemError(errno: errno, operation: "close") }
    }

    /// Status of what is open.
    func status() throws(SystemError) -> FileStatus {
        var raw = stat()
        _ = try SystemCall.run("fstat") { fstat(fd, &raw) }
        return FileStatus(raw)
    }
}
