/// An uncompressed tar archive (POSIX ustar) of files with nothing but name and content: what audit bundles and proofs
/// of forks are (`docs/FORMAT.md`, section 13). Equal files make equal bytes; every tar program can take it apart.
public enum PlainArchive {
    /// A file in it.
    public struct File: Sendable, Equatable {
        /// ASCII, 1 to 100 bytes, no empty, `.` or `..` part.
        public var name: String
        /// Its content.
        public var content: [UInt8]

        /// A file as given.
        public init(name: String, content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    /// Longest archive that is read or made, in bytes.
    public static let byteCountMax = 1 << 30
    private static let blockBytes = 512
    private static let nameBytesMax = 100

    /// The archive, its files by name.
    ///
    /// - Precondition: names are in their form, and none stands there twice.
    public static func encode(_ files: [File]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(files.reduce(2 * blockBytes) { $0 + 2 * blockBytes + $1.content.count })
        for file in files.sorted(by: { $0.name.hasBytesBefore($1.name) }) {
            precondition(isName(file.name), "not a name for an archive")
            bytes += header(file.name, file.content.count) + file.content
            bytes += [UInt8](repeating: 0, count: padding(file.content.count))
        }
        return bytes + [UInt8](repeating: 0, count: 2 * blockBytes)
    }

    /// Reads ``encode(_:)`` and nothing else.
    public static func decode(_ bytes: [UInt8]) throws(FormatError) -> [File] {
        func error(_ reason: String) -> FormatError { FormatError("archive: \(reason)") }
        guard bytes.count <= byteCountMax else { throw error("too long") }
        var files: [File] = []
        var offset = 0
        while true {
            guard bytes.count - offset >= 2 * blockBytes else { throw error("ends early") }
            let head = Array(bytes[offset..<offset + blockBytes])
            if head.allSatisfy({ $0 == 0 }) {
                guard bytes.count - offset == 2 * blockBytes, bytes[offset...].allSatisfy({ $0 == 0 }) else {
                    throw error("bytes after its end")
                }
                return files
            }
            let name = String(decoding: head[..<nameBytesMax].prefix { $0 != 0 }, as: UTF8.self)
            guard isName(name), let count = Int(String(decoding: head[124..<135], as: UTF8.self), radix: 8), count >= 0,
                header(name, count) == head
            else { throw error("a header is not in the one form") }
            offset += blockBytes
            let end = offset + count
            guard end <= bytes.count, padding(count) <= bytes.count - end else { throw error("ends early") }
            guard bytes[end..<end + padding(count)].allSatisfy({ $0 == 0 }) else { throw error("padding is not zero") }
            if let last = files.last, !last.name.hasBytesBefore(name) { throw error("names twice or out of order") }
            files.append(File(name: name, content: Array(bytes[offset..<end])))
            offset = end + padding(count)
        }
    }

    private static func isName(_ name: String) -> Bool {
        (1...nameBytesMax).contains(name.utf8.count) && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !["", ".", ".."].contains($0)
            }
    }

    private static func padding(_ count: Int) -> Int { (blockBytes - count % blockBytes) % blockBytes }

    /// The header of a file of `count` bytes: mode 0644, no owner, time 0.
    private static func header(_ name: String, _ count: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockBytes)
        func put(_ text: String, at offset: Int) {
            block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put(octal(0o644, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(count, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        0", at: 148)
        put("ustar", at: 257)
        put("00", at: 263)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6), at: 148)
        block[154] = 0
        return block
    }

    private static func octal(_ value: Int, _ width: Int) -> String {
        let digits = String(value, radix: 8)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
