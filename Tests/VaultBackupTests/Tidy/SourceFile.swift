/// A Swift file as the tidy rules see it: its lines, and the same lines without comments and the text of strings.
struct SourceFile {
    /// Path below `Sources`, for example `VaultBackup/Format/Record.swift`.
    let path: String
    let lines: [String]
    /// `lines` with comments and string text blanked; code inside an interpolation stays.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = Self.blanked(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// First folder of the path.
    var target: String { components[0] }

    /// Second folder of the path, empty for a file directly in its target.
    var folder: String { components.count > 2 ? components[1] : "" }

    private var components: [String] { path.split(separator: "/").map(String.init) }

    /// A word of the code, with the bytes around it.
    struct Word {
        let text: String
        let line: Int
        let previous: UInt8
        let next: UInt8
    }

    /// All identifiers and keywords of the code, in order.
    func words() -> [Word] {
        var words: [Word] = []
        for (number, line) in code.enumerated() {
            let bytes = Array(line.utf8)
            var start = 0
            while start < bytes.count {
                guard Self.isWordByte(bytes[start]) else {
                    start += 1
                    continue
                }
                var end = start
                while end < bytes.count, Self.isWordByte(bytes[end]) { end += 1 }
                words.append(
                    Word(
                        text: String(decoding: bytes[start..<end], as: UTF8.self), line: number,
                        previous: start > 0 ? bytes[start - 1] : 0x20, next: end < bytes.count ? bytes[end] : 0x20))
                start = end
            }
        }
        return words
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
        default: byte >= 0x80
        }
    }

    // MARK: Blanking

    private enum Context: Equatable {
        /// Code; inside an interpolation, with the parentheses that are open.
        case code(parentheses: Int)
        /// A string with its number of `#`, and whether it has three quotes.
        case string(pounds: Int, isMultiline: Bool)
        case comment(depth: Int)
    }

    private static func blanked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var stack: [Context] = [.code(parentheses: 0)]
        var place = 0
        func has(_ string: String, at index: Int) -> Bool { bytes[index...].starts(with: string.utf8) }
        func skip(_ count: Int) {
            for byte in bytes[place..<min(place + count, bytes.count)] { output.append(byte == 0x0a ? byte : 0x20) }
            place += count
        }
        while place < bytes.count {
            switch stack[stack.count - 1] {
            case .comment(let depth):
                if has("/*", at: place) {
                    stack[stack.count - 1] = .comment(depth: depth + 1)
                    skip(2)
                } else if has("*/", at: place) {
                    if depth == 1 { stack.removeLast() } else { stack[stack.count - 1] = .comment(depth: depth - 1) }
                    skip(2)
                } else {
                    skip(1)
                }
            case .string(let pounds, let isMultiline):
                let fence = String(repeating: "#", count: pounds)
                let end = (isMultiline ? "\"\"\"" : "\"") + fence
                if has(end, at: place) {
                    stack.removeLast()
                    skip(end.utf8.count)
                } else if has("\\" + fence + "(", at: place) {
                    stack.append(.code(parentheses: 1))
                    skip(fence.utf8.count + 2)
                } else {
                    skip(has("\\" + fence, at: place) ? fence.utf8.count + 2 : 1)
                }
            case .code(let parentheses):
                if has("//", at: place) {
                    skip(bytes[place...].prefix { $0 != 0x0a }.count)
                } else if has("/*", at: place) {
                    stack.append(.comment(depth: 1))
                    skip(2)
                } else if let (pounds, isMultiline) = stringStart(bytes, place) {
                    stack.append(.string(pounds: pounds, isMultiline: isMultiline))
                    skip(pounds + (isMultiline ? 3 : 1))
                } else {
                    let change = stack.count == 1 ? 0 : bytes[place] == 0x28 ? 1 : bytes[place] == 0x29 ? -1 : 0
                    if parentheses + change == 0, change < 0 {
                        stack.removeLast()
                        skip(1)
                    } else {
                        stack[stack.count - 1] = .code(parentheses: parentheses + change)
                        output.append(bytes[place])
                        place += 1
                    }
                }
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func stringStart(_ bytes: [UInt8], _ place: Int) -> (pounds: Int, isMultiline: Bool)? {
        let pounds = bytes[place...].prefix { $0 == 0x23 }.count
        guard place + pounds < bytes.count, bytes[place + pounds] == 0x22 else { return nil }
        return (pounds, bytes[(place + pounds)...].starts(with: "\"\"\"".utf8))
    }
}
