/// Parses canonical JSON and nothing else.
struct CanonicalJSONParser {
    // The buffer outlives the parser: `CanonicalJSON.decode` makes both in one closure.
    private let input: UnsafeBufferPointer<UInt8>
    private let subject: StaticString
    private var offset = 0

    init(_ input: UnsafeBufferPointer<UInt8>, _ subject: StaticString) {
        self.input = input
        self.subject = subject
    }

    var isAtEnd: Bool { offset == input.count }

    func error(_ reason: String) -> FormatError { FormatError("\(subject): JSON: \(reason) at byte \(offset)") }

    mutating func value(depth: Int) throws(FormatError) -> JSONValue {
        guard depth < CanonicalJSON.depthMax else { throw error("nested too deeply") }
        guard offset < input.count else { throw error("ends early") }
        switch input[offset] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try integer())
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        default: throw error("unexpected character")
        }
    }

    private mutating func object(depth: Int) throws(FormatError) -> JSONValue {
        offset += 1
        if take(UInt8(ascii: "}")) { return .object([:]) }
        var members: [String: JSONValue] = [:]
        // Most objects of the stored form fit without growing the table several times.
        members.reserveCapacity(8)
        var previous: String?
        while true {
            guard offset < input.count, input[offset] == UInt8(ascii: "\"") else { throw error("name expected") }
            let name = try string()
            if let previous, !previous.hasUnitsBefore(name) {
                throw error("names twice or out of order")
            }
            previous = name
            try expect(UInt8(ascii: ":"))
            // Two names of different bytes can still be one to a Swift dictionary; no form of ours has such names.
            guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else {
                throw error("names twice")
            }
            if take(UInt8(ascii: "}")) { return .object(members) }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func array(depth: Int) throws(FormatError) -> JSONValue {
        offset += 1
        if take(UInt8(ascii: "]")) { return .array([]) }
        var values: [JSONValue] = []
        while true {
            values.append(try value(depth: depth + 1))
            if take(UInt8(ascii: "]")) { return .array(values) }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func string() throws(FormatError) -> String {
        offset += 1
        let start = offset
        while offset < input.count, input[offset] >= 0x20, input[offset] != UInt8(ascii: "\""),
            input[offset] != UInt8(ascii: "\\")
        {
            offset += 1
        }
        guard offset < input.count else { throw error("string without end") }
        if input[offset] == UInt8(ascii: "\"") {
            offset += 1
            return try text(UnsafeBufferPointer(rebasing: input[start..<offset - 1]))
        }
        return try escapedString(from: start)
    }

    private mutating func escapedString(from start: Int) throws(FormatError) -> String {
        var content = Array(input[start..<offset])
        while offset < input.count {
            let byte = input[offset]
            guard byte >= 0x20 else { throw error("control character in a string") }
            offset += 1
            if byte == UInt8(ascii: "\"") {
                return try content.withUnsafeBufferPointer { (buffer) throws(FormatError) in try text(buffer) }
            }
            content.append(byte == UInt8(ascii: "\\") ? try escape() : byte)
        }
        throw error("string without end")
    }

    /// The byte that the escape after a backslash stands for. Any escape that the canonical form does not use is
    /// rejected, and with it every surrogate.
    private mutating func escape() throws(FormatError) -> UInt8 {
        guard offset < input.count else { throw error("string without end") }
        if let byte = JSONEscape.byte(for: input[offset]) {
            offset += 1
            return byte
        }
        guard offset + 5 <= input.count, input[offset..<offset + 3].elementsEqual("u00".utf8),
            let code = Hex.decode(String(decoding: input[offset + 3..<offset + 5], as: UTF8.self))?.first,
            code < 0x20, JSONEscape.letter(for: code) == nil
        else { throw error("escape that is not canonical") }
        offset += 5
        return code
    }

    private func text(_ content: UnsafeBufferPointer<UInt8>) throws(FormatError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else { throw error("invalid UTF-8 before") }
        return text
    }

    private mutating func integer() throws(FormatError) -> Int {
        let start = offset
        var number = 0
        while offset < input.count, input[offset] >= UInt8(ascii: "0"), input[offset] <= UInt8(ascii: "9") {
            number = number * 10 + Int(input[offset] - UInt8(ascii: "0"))
            guard number <= CanonicalJSON.integerMax else { throw error("integer above 2^53 - 1") }
            offset += 1
        }
        guard offset - start == 1 || input[start] != UInt8(ascii: "0") else { throw error("leading zero") }
        return number
    }

    private mutating func literal(_ word: StaticString) throws(FormatError) {
        for k in 0..<word.utf8CodeUnitCount { try expect(word.utf8Start[k]) }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < input.count, input[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(FormatError) {
        guard take(byte) else { throw error("'\(Character(UnicodeScalar(byte)))' expected") }
    }
}
