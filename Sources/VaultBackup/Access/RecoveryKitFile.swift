/// The page that is printed and kept in a safe: the seed and how to find and recognise the repository
/// (`docs/FORMAT.md`, section 5).
public struct RecoveryKitFile: Sendable {
    /// More bytes than a kit file has; a reader need not take more.
    public static let byteCountMax = 64 << 10

    /// The seed.
    public var kit: RecoveryKit
    /// The anchor by which the right repository is recognised.
    public var anchor: Digest
    /// The id of the repository.
    public var repository: RepositoryID?
    /// Where the repository was; one line.
    public var location: String?
    /// A position of the log and the hash of its record: an older log is a rolled back one.
    public var head: (position: Int, digest: Digest)?

    /// A page as given.
    public init(
        kit: RecoveryKit, anchor: Digest, repository: RepositoryID?, location: String?,
        head: (position: Int, digest: Digest)?
    ) {
        self.kit = kit
        self.anchor = anchor
        self.repository = repository
        self.location = location
        self.head = head
    }

    /// Reads a page. Lines that it does not know are ignored; the seed never becomes a `String`.
    ///
    /// Throws when seed or anchor is missing, when a known line is malformed or stands there twice, and for text that
    /// is not UTF-8.
    public init(decoding bytes: SecretBytes) throws(FormatError) {
        guard bytes.count <= Self.byteCountMax else { throw FormatError("recovery kit file: too long") }
        var found: [Field: SecretBytes] = [:]
        try bytes.withUnsafeBytes { (text) throws(FormatError) in
            for line in text.split(separator: 0x0a) {
                guard let (field, value) = Field.parse(line) else { continue }
                guard found[field] == nil else {
                    throw FormatError("recovery kit file: '\(field.rawValue)' stands twice")
                }
                found[field] = value
            }
        }
        guard let seed = found[.seed] else { throw FormatError("recovery kit file: the line 'seed' is missing") }
        guard let anchor = Digest(hex: try Self.text(found[.anchor], .anchor) ?? "") else {
            throw FormatError(
                "recovery kit file: the line 'anchor' is missing or is not 32 bytes in hexadecimal digits")
        }
        kit = try RecoveryKit(typed: seed)
        self.anchor = anchor
        repository = try Self.text(found[.repository], .repository).map { (text) throws(FormatError) in
            guard let id = RepositoryID(hex: text) else {
                throw FormatError("recovery kit file: 'repository' is not 16 bytes in hexadecimal digits")
            }
            return id
        }
        location = try Self.text(found[.location], .location)
        head = try Self.text(found[.head], .head).map { (text) throws(FormatError) in try Self.head(text) }
    }

    /// The page as UTF-8 text. It holds the seed, so it is for the printer, or for a file with mode 0600.
    ///
    /// - Precondition: `location` has no line feed.
    public func encode() -> SecretBytes {
        precondition(location?.utf8.contains(0x0a) != true, "a location is one line")
        let before = """
            Vault recovery kit

            Whoever has this page can read every backup of the repository named below.
            Keep it in a safe, away from the backups.


            """
        var after = "\nanchor: \(anchor.hex)\n"
        if let repository { after += "repository: \(repository.hex)\n" }
        if let location { after += "location: \(location)\n" }
        if let head { after += "head: \(head.position) \(head.digest.hex)\n" }
        after += """

            To restore with it, type the seed and the anchor into a text file, one line each
            as they stand above, and name that file as the identity.

            """
        return .concatenate([
            SecretBytes(Array((before + "seed: ").utf8)), kit.text, SecretBytes(Array(after.utf8)),
        ])
    }

    /// The lines that are read.
    private enum Field: String, CaseIterable {
        case seed, repository, anchor, location, head

        /// The field and its value without blanks at the ends; nil for other lines.
        static func parse(_ line: UnsafeRawBufferPointer.SubSequence) -> (Field, SecretBytes)? {
            for field in allCases where line.starts(with: Array("\(field.rawValue):".utf8)) {
                var value = line.dropFirst(field.rawValue.utf8.count + 1)
                while let byte = value.first, isBlank(byte) { value.removeFirst() }
                while let byte = value.last, isBlank(byte) { value.removeLast() }
                return (field, SecretBytes(copying: UnsafeRawBufferPointer(rebasing: value)))
            }
            return nil
        }

        private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
    }

    private static func text(_ value: SecretBytes?, _ field: Field) throws(FormatError) -> String? {
        guard let value else { return nil }
        guard let text = value.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw FormatError("recovery kit file: '\(field.rawValue)' is not UTF-8")
        }
        return text
    }

    private static func head(_ text: String) throws(FormatError) -> (position: Int, digest: Digest) {
        let parts = text.split(separator: " ")
        // Through the number and back: no sign, no leading zero.
        guard parts.count == 2, let position = Int(parts[0]), position >= 0, String(position) == parts[0],
            let digest = Digest(hex: parts[1])
        else { throw FormatError("recovery kit file: 'head' is not a position and 32 bytes in hexadecimal digits") }
        return (position, digest)
    }
}
