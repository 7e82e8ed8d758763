/// File names are bytes. For people they become text in which everything that could confuse a terminal is escaped.
public enum PathText {
    /// The name as UTF-8; control and format characters, backslashes and bytes that are no UTF-8 become `\xHH`.
    public static func escaped(_ name: [UInt8]) -> String {
        var text = ""
        var start = 0
        while start < name.count {
            let width = sequenceLength(name, start)
            if width > 0, let scalar = String(decoding: name[start..<start + width], as: UTF8.self).unicodeScalars.first,
                isPlain(scalar)
            {
                text.unicodeScalars.append(scalar)
            } else {
                for byte in name[start..<start + max(width, 1)] { text += "\\x" + Hex.encode([byte]) }
            }
            start += max(width, 1)
        }
        return text
    }

    /// Length of the valid UTF-8 sequence at `start`; 0 when there is none.
    private static func sequenceLength(_ name: [UInt8], _ start: Int) -> Int {
        let lead = name[start]
        let width = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0
        guard width > 0, start + width <= name.count else { return 0 }
        return String(validating: name[start..<start + width], as: UTF8.self) == nil ? 0 : width
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\\" || scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) { return false }
        return scalar.value < 0x80 || scalar.properties.generalCategory != .format
    }
}
