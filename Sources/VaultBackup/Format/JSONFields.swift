/// The members of a JSON object, read by name and type. Every error names the thing decoded and the field.
public struct JSONFields: Sendable {
    private let members: [String: JSONValue]
    private let subject: StaticString

    /// Takes `value` as an object; `subject` names the thing decoded in errors.
    public init(_ value: JSONValue, _ subject: StaticString) throws(FormatError) {
        guard case .object(let members) = value else { throw FormatError("\(subject): not an object") }
        self.members = members
        self.subject = subject
    }

    /// An error that names what is decoded.
    public func error(_ reason: String) -> FormatError { FormatError("\(subject): \(reason)") }

    /// Whether there is a field of this name.
    public func has(_ name: String) -> Bool { members[name] != nil }

    /// Rejects the object unless it has exactly the fields `names`.
    public func requireOnly(_ names: [String]) throws(FormatError) {
        for name in names where members[name] == nil { throw error("field '\(name)' is missing") }
        guard members.count != names.count else { return }
        for name in members.keys.sorted() where !names.contains(name) { throw error("unknown field '\(name)'") }
        throw error("field listed twice")
    }

    /// The field as it is.
    public func value(_ name: String) throws(FormatError) -> JSONValue {
        guard let value = members[name] else { throw error("field '\(name)' is missing") }
        return value
    }

    /// A text field; `bytes` bounds the length of its UTF-8 form.
    public func string(_ name: String, bytes: ClosedRange<Int>? = nil) throws(FormatError) -> String {
        guard case .string(let text) = try value(name) else { throw error("field '\(name)' is not a text") }
        if let bytes, !bytes.contains(text.utf8.count) {
            throw error(
                "field '\(name)' has \(text.utf8.count) bytes, \(bytes.lowerBound) to \(bytes.upperBound) allowed")
        }
        return text
    }

    /// An integer field within `range`.
    public func integer(_ name: String, _ range: ClosedRange<Int> = 0...CanonicalJSON.integerMax) throws(FormatError)
        -> Int
    {
        guard case .integer(let number) = try value(name) else { throw error("field '\(name)' is not an integer") }
        guard range.contains(number) else { throw error("field '\(name)' is out of range") }
        return number
    }

    /// An array field of at most `most` values.
    public func array(_ name: String, most: Int = .max) throws(FormatError) -> [JSONValue] {
        guard case .array(let values) = try value(name) else { throw error("field '\(name)' is not an array") }
        guard values.count <= most else { throw error("field '\(name)' has \(values.count) values, \(most) allowed") }
        return values
    }

    /// An array field of texts.
    public func strings(_ name: String) throws(FormatError) -> [String] {
        var texts: [String] = []
        for value in try array(name) {
            guard case .string(let text) = value else { throw error("field '\(name)' holds something else than texts") }
            texts.append(text)
        }
        return texts
    }

    /// An object field; `subject` names it in errors about its own fields.
    public func object(_ name: String, _ subject: StaticString) throws(FormatError) -> JSONFields {
        try JSONFields(try value(name), subject)
    }

    /// A field of bytes in hexadecimal digits; exactly `count` bytes if given.
    public func hex(_ name: String, count: Int? = nil) throws(FormatError) -> [UInt8] {
        guard let bytes = Hex.decode(try string(name)), count == nil || bytes.count == count else {
            throw error("field '\(name)' is not \(count.map { "\($0) bytes" } ?? "bytes") in hexadecimal digits")
        }
        return bytes
    }

    /// A field of 32 bytes in hexadecimal digits.
    public func digest(_ name: String) throws(FormatError) -> Digest {
        guard let digest = Digest(hex: try string(name)) else { throw error("field '\(name)' is not a digest") }
        return digest
    }

    /// A field of 20 bytes in hexadecimal digits.
    public func chunkID(_ name: String) throws(FormatError) -> ChunkID {
        guard let id = ChunkID(hex: try string(name)) else { throw error("field '\(name)' is not a chunk id") }
        return id
    }

    /// A field of 16 bytes in hexadecimal digits.
    public func id<ID: SixteenByteID>(_ name: String, _: ID.Type = ID.self) throws(FormatError) -> ID {
        guard let id = ID(hex: try string(name)) else { throw error("field '\(name)' is not an id of 16 bytes") }
        return id
    }

    /// A field with a moment in UTC.
    public func time(_ name: String) throws(FormatError) -> Timestamp {
        guard let time = Timestamp(try string(name)) else { throw error("field '\(name)' is not a time") }
        return time
    }

    /// A field with one of the words of an enumeration.
    public func word<W: RawRepresentable<String>>(_ name: String, _: W.Type = W.self) throws(FormatError) -> W {
        let text = try string(name)
        guard let word = W(rawValue: text) else { throw error("field '\(name)' has the unknown value '\(text)'") }
        return word
    }
}
