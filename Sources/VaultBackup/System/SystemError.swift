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

extension PathText {
    /// The path with control characters, invisible marks and bytes that are not UTF-8 written as `\xHH`, and `\`
    /// doubled, so that a message can neither be ambiguous nor drive a terminal.
    public static func readable(_ path: [UInt8]) -> String {
        if path.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x5c }) { return String(decoding: path, as: UTF8.self) }
        var text = ""
        var rest = path[...]
        while let byte = rest.first {
            let length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0
            if byte == 0x5c {
                text += "\\\\"
                rest.removeFirst()
            } else if length > 0, rest.count >= length, let scalar = printable(rest.prefix(length)) {
                text.unicodeScalars.append(scalar)
                rest.removeFirst(length)
            } else {
                text += "\\x" + Hex.encode([byte])
                rest.removeFirst()
            }
        }
        return text
    }

    private static func printable(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let text = String(validating: bytes, as: UTF8.self), let scalar = text.unicodeScalars.first,
            text.unicodeScalars.count == 1
        else { return nil }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return nil
        default: return scalar
        }
    }
}
