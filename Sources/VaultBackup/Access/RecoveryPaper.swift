/// What somebody has of a recovery kit in hand: the kit, and by what the right repository is recognised. A person who
/// types may leave out the second halves of long numbers.
public struct RecoveryPaper: Sendable {
    /// Fewest bytes of the anchor that tell a repository from any other, also from one made to deceive.
    public static let anchorByteCountMin = 16
    /// Fewest bytes of the head's hash that are taken, if any.
    public static let headByteCountMin = 8

    /// How far the log went at printing: a position, and the hash of its record, or its beginning, or nothing.
    public typealias Head = (position: Int, digest: [UInt8])

    /// The seed.
    public var kit: RecoveryKit
    /// The anchor or its beginning, 16 to 32 bytes.
    public var anchor: [UInt8]
    /// Where the repository was.
    public var location: String?
    /// The head at printing.
    public var head: Head?

    /// A paper as given. - Precondition: the lengths are as the properties say.
    public init(kit: RecoveryKit, anchor: [UInt8], location: String?, head: Head?) {
        precondition((Self.anchorByteCountMin...Digest.byteCount).contains(anchor.count), "16 to 32 bytes")
        self.kit = kit
        self.anchor = anchor
        self.location = location
        self.head = head
    }

    /// Reads the text of a kit, or the content of its QR code. Instead of the line `seed` it may have the rows.
    public init(decoding bytes: SecretBytes) throws(FormatError) {
        let lines = try RecoveryKitLines(decoding: bytes)
        kit = try lines.kit()
        guard let typed = try lines.text(.anchor) else {
            throw FormatError("recovery kit file: the line 'anchor' is missing")
        }
        anchor = try Self.anchor(typed: typed)
        location = try lines.text(.location)
        head = try lines.text(.head).map { (text) throws(FormatError) in try Self.head(typed: text) }
    }

    /// Reads an anchor, at least its first 32 digits. Blanks, `-` and case are ignored.
    public static func anchor(typed: String) throws(FormatError) -> [UInt8] {
        let bytes = try digits(typed, "anchor")
        guard (anchorByteCountMin...Digest.byteCount).contains(bytes.count) else {
            throw FormatError("anchor: \(bytes.count * 2) digits instead of 32 to 64")
        }
        return bytes
    }

    /// Reads a position and, behind a blank, the hash or at least its first 16 digits, or nothing.
    public static func head(typed: String) throws(FormatError) -> Head {
        let text = typed.drop { $0 == " " }
        let number = text.prefix { $0 != " " }
        guard let position = Int(number), position >= 0, String(position) == number else {
            throw FormatError("head: it does not begin with a number")
        }
        let bytes = try digits(String(text.dropFirst(number.count)), "head")
        guard bytes.isEmpty || (headByteCountMin...Digest.byteCount).contains(bytes.count) else {
            throw FormatError("head: \(bytes.count * 2) digits behind the number instead of 16 to 64, or none")
        }
        return (position, bytes)
    }

    private static func digits(_ typed: String, _ subject: String) throws(FormatError) -> [UInt8] {
        let kept = typed.lowercased().filter { !$0.isWhitespace && $0 != "-" }
        if let wrong = kept.firstIndex(where: { !$0.isASCII || !$0.isHexDigit }) {
            let place = kept.distance(from: kept.startIndex, to: wrong)
            throw FormatError(
                "\(subject): group \(place / 4 + 1) has a character that is neither 0 to 9 nor a to f")
        }
        guard let bytes = Hex.decode(kept) else { throw FormatError("\(subject): a digit is missing or too much") }
        return bytes
    }
}
