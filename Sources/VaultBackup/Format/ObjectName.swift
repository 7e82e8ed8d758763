/// Name of a stored object (`docs/FORMAT.md`, section 2): ASCII, folders separated by `/`.
public struct ObjectName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The kinds of objects whose name is the SHA-256 of their bytes.
    public enum Kind: String, Sendable, CaseIterable {
        case packs, index, sets, evidence
    }

    /// The whole name, such as `packs/3f/3f…`.
    public let text: String

    private init(text: String) { self.text = text }

    /// Name of the record at `position`.
    public static func record(_ position: Int) -> ObjectName {
        ObjectName(text: "log/\(padded(position >> 12, 9))/\(padded(position, 12))")
    }

    /// Name of an object that is named by its content.
    public static func content(_ kind: Kind, _ digest: Digest) -> ObjectName {
        let hex = digest.hex
        return ObjectName(text: "\(kind.rawValue)/\(hex.prefix(2))/\(hex)")
    }

    /// Parses a name; nil when no object can have it. Names are so strict that they are safe as relative paths.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        if parts[0] == "log" {
            guard let position = Int(parts[2], radix: 16), ObjectName.record(position).text == text else { return nil }
        } else {
            guard let kind = Kind(rawValue: String(parts[0])), let digest = Digest(hex: parts[2]),
                ObjectName.content(kind, digest).text == text
            else { return nil }
        }
        self.text = text
    }

    /// The digest that the stored bytes must have; nil for a record.
    public var contentDigest: Digest? {
        text.hasPrefix("log/") ? nil : Digest(hex: text.suffix(64))
    }

    /// The position of a record; nil for other objects.
    public var recordPosition: Int? {
        text.hasPrefix("log/") ? Int(text.suffix(12), radix: 16) : nil
    }

    /// The same as ``text``.
    public var description: String { text }

    /// Whether the bytes of `l` come before those of `r`.
    public static func < (l: ObjectName, r: ObjectName) -> Bool { l.text < r.text }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
