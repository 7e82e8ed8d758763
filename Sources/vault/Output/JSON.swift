internal import VaultBackup

/// A value of JSON for other programs.
enum JSON {
    case string(String)
    case integer(Int)
    case number(Double)
    case bool(Bool)
    case array([JSON])
    /// Members in the order in which they are written.
    case object([(name: String, value: JSON)])

    /// An object of a form of version 1, which says its form first.
    static func form(_ name: String, _ members: [(name: String, value: JSON)]) -> JSON {
        .object([("schema", .string("vault/\(name)/v1"))] + members)
    }

    /// Bytes that are a name or a path: the text, and where that cannot say it exactly, the bytes beside it.
    static func path(_ name: String, _ bytes: [UInt8]) -> [(name: String, value: JSON)] {
        if let text = String(validating: bytes, as: UTF8.self) { return [(name, .string(text))] }
        return [(name, .string(PathText.readable(bytes))), (name + "Base64", .string(Base64.encode(bytes)))]
    }

    /// One line without the line end.
    var text: String {
        switch self {
        case .string(let text): return Self.quoted(text)
        case .integer(let value): return String(value)
        case .number(let value): return value.isFinite ? String(value) : "null"
        case .bool(let value): return value ? "true" : "false"
        case .array(let values): return "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            return "{" + members.map { Self.quoted($0.name) + ":" + $0.value.text }.joined(separator: ",") + "}"
        }
    }

    /// Characters that are not shown are escaped, so that the text is harmless on a terminal too.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default:
                if isShown(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                        let digits = String(unit, radix: 16)
                        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                    }
                }
            }
        }
        return result + "\""
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7f }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: return false
        default: return true
        }
    }
}
