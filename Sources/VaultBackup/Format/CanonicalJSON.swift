/// A JSON value as the stored form allows it (`docs/FORMAT.md`, section 1): no null, no fraction, no negative number.
///
/// - Note: equality of strings is Swift's, which takes canonically equivalent spellings as equal. Where bytes decide,
///   compare with ``Swift/String/hasSameBytes(as:)``.
public enum JSONValue: Sendable, Equatable {
    /// Members by name. The forms that this program writes have ASCII names only.
    case object([String: JSONValue])
    /// Values in order.
    case array([JSONValue])
    /// Text.
    case string(String)
    /// An integer from 0 to 2⁵³ − 1.
    case integer(Int)
    /// `true` or `false`.
    case bool(Bool)
}

/// The canonical form of JSON (RFC 8785), restricted to what the stored form uses.
public enum CanonicalJSON {
    /// Largest integer, 2⁵³ − 1: the largest that every JSON reader keeps exactly.
    public static let integerMax = 1 << 53 - 1
    /// Deepest nesting of objects and arrays that a reader accepts.
    public static let depthMax = 32

    /// The one canonical form of `value`.
    ///
    /// - Precondition: integers are within 0 and ``integerMax``, nesting is at most ``depthMax``.
    public static func encode(_ value: JSONValue) -> [UInt8] {
        var writer = CanonicalJSONWriter()
        writer.write(value, depth: 0)
        return writer.bytes
    }

    /// Parses `bytes` and rejects everything but the canonical form of a value.
    ///
    /// The parser checks each rule of the canonical form where it applies (order of names, shortest escapes, no blanks,
    /// shortest numbers), which is the same as encoding again and comparing, in one pass.
    /// - Parameter subject: what is decoded, for the error.
    public static func decode(_ bytes: [UInt8], _ subject: StaticString) throws(FormatError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (buffer) throws(FormatError) in
            var parser = CanonicalJSONParser(buffer, subject)
            let value = try parser.value(depth: 0)
            guard parser.isAtEnd else { throw parser.error("bytes after the value") }
            return value
        }
    }
}

extension String {
    /// Whether both have the same UTF-8 bytes, which canonically equivalent spellings have not.
    public func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Whether the UTF-16 units come before those of `other`: the order of names in canonical JSON.
    func hasUnitsBefore(_ other: String) -> Bool {
        // As many units as bytes means ASCII, for which strings compare by their bytes, and much faster.
        if utf8.count == utf16.count, other.utf8.count == other.utf16.count { return self < other }
        return utf16.lexicographicallyPrecedes(other.utf16)
    }

    /// Whether the UTF-8 bytes come before those of `other`.
    public func hasBytesBefore(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

extension Sequence<String> {
    /// Each once, ascending by bytes. Spellings that are canonically equivalent are two.
    func uniqueByBytes() -> [String] {
        sorted { $0.hasBytesBefore($1) }.reduce(into: []) { unique, name in
            if unique.last.map({ $0.hasBytesBefore(name) }) ?? true { unique.append(name) }
        }
    }
}
