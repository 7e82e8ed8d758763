/// Writes JSON in canonical form.
struct CanonicalJSONWriter {
    private(set) var bytes: [UInt8] = []

    private static let hexDigits = Array("0123456789abcdef".utf8)

    mutating func write(_ value: JSONValue, depth: Int) {
        precondition(depth < CanonicalJSON.depthMax, "JSON nested too deeply")
        switch value {
        case .object(let members): write(members, depth: depth)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (k, element) in values.enumerated() {
                if k > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "]"))
        case .string(let text): write(text)
        case .integer(let number):
            precondition(number >= 0 && number <= CanonicalJSON.integerMax, "integer outside the stored form")
            bytes.append(contentsOf: String(number).utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        }
    }

    private mutating func write(_ members: [String: JSONValue], depth: Int) {
        bytes.append(UInt8(ascii: "{"))
        // RFC 8785 orders names by UTF-16 units.
        var isFirst = true
        for (name, value) in members.sorted(by: { $0.key.hasUnitsBefore($1.key) }) {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(name)
            bytes.append(UInt8(ascii: ":"))
            write(value, depth: depth + 1)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if let letter = JSONEscape.letter(for: byte) {
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(letter)
            } else if byte < 0x20 {
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hexDigits[Int(byte >> 4)])
                bytes.append(Self.hexDigits[Int(byte & 15)])
            } else {
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

/// The two-character escapes of RFC 8785; other control characters are written as `\u00xx`, everything else as itself.
enum JSONEscape {
    static func letter(for byte: UInt8) -> UInt8? {
        switch byte {
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0a: UInt8(ascii: "n")
        case 0x0c: UInt8(ascii: "f")
        case 0x0d: UInt8(ascii: "r")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        default: nil
        }
    }

    static func byte(for letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): letter
        default: nil
        }
    }
}
