/// Paths as text for people.
public enum PathText {
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

    /// The path that ``readable(_:)`` shows as `text`; what no path is shown as is taken as it is.
    public static func bytes(_ text: String) -> [UInt8] {
        var path: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 0x5c, rest.first == 0x5c {
                path.append(byte)
                rest.removeFirst()
            } else if byte == 0x5c, rest.first == UInt8(ascii: "x"),
                let value = Hex.decode(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self)), value.count == 1
            {
                path += value
                rest.removeFirst(3)
            } else {
                path.append(byte)
            }
        }
        return path
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
