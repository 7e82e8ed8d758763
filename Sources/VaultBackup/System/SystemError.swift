internal import Glibc

/// A system call that failed: which one, on what, and why.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The error number, such as `ENOENT`.
    public let errno: Int32
    /// The system call or step, such as `open`.
    public let operation: String
    /// The path or name it was about; empty when it was about an open file or about none.
    public let path: [UInt8]

    /// Makes an error; see the properties.
    public init(errno: Int32, operation: String, path: [UInt8] = []) {
        self.errno = errno
        self.operation = operation
        self.path = path
    }

    /// Whether a pipe or socket has no reader any more.
    public var isBrokenPipe: Bool { errno == EPIPE }

    /// Whether a signal, or Control-C at a prompt, ended the call.
    public var isInterruption: Bool { errno == EINTR }

    /// Whether the input was longer than the caller takes.
    public var isTooLong: Bool { errno == EMSGSIZE }

    /// Whether the file system, or what this user may have in it, is full.
    public var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT }

    /// Whether input ended where some was needed.
    public var isEndOfInput: Bool { errno == ENODATA }

    /// Such as `open /a/b: No such file or directory`. Bytes of the path that are not printable are escaped.
    public var description: String {
        let subject = path.isEmpty ? "" : " " + PathText.readable(path)
        return "\(operation)\(subject): \(Self.reason(errno))"
    }

    /// The error text of the C library.
    static func reason(_ errno: Int32) -> String {
        // Linux texts are short; strerror_r copies, so no other thread can change the text meanwhile.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            buffer[0] = 0
            guard let start = buffer.baseAddress, strerror_r(errno, start, buffer.count) == 0 else {
                return "error \(errno)"
            }
            return String(cString: start)
        }
    }
}

extension SystemError {
    /// The error for something that has gone away.
    static func notThere(_ path: [UInt8]) -> SystemError { SystemError(errno: ENOENT, operation: "open", path: path) }

    /// Whether something has the name already.
    var isNameTaken: Bool { errno == EEXIST }

    /// Whether opening without a name failed because the file system cannot do that.
    var isWithoutUnnamedFiles: Bool { [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(errno) }

    /// Whether the path leads nowhere, or is not for this user; otherwise it is the system that failed.
    var isWrongPath: Bool { [ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EACCES, EPERM, EINVAL].contains(errno) }

    /// Whether a file system does not know a flag.
    var isUnsupportedFlag: Bool { [EOPNOTSUPP, EINVAL, ENOTTY].contains(errno) }

    /// Whether a link stands where none is followed.
    var isLink: Bool { errno == ELOOP }

    /// Whether no further write can succeed either: no space, quota, read-only, or the device is gone.
    var isFatalForWriting: Bool { [ENOSPC, EDQUOT, EROFS, EIO, ENODEV, ENXIO].contains(errno) }
}
