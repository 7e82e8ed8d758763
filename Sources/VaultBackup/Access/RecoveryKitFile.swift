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
        let lines = try RecoveryKitLines(decoding: bytes)
        anchor = try lines.anchor("recovery kit file")
        kit = try lines.kit()
        repository = try lines.repository()
        location = try lines.text(.location)
        head = try lines.head()
    }

    /// The five lines, of those that are known. They hold the seed.
    ///
    /// - Precondition: `location` has no line feed.
    public func encode() -> SecretBytes {
        let after = "\n" + RecoveryKitLines.place(anchor, repository, head, location)
        return .concatenate([SecretBytes(Array("seed: ".utf8)), kit.text, SecretBytes(Array(after.utf8))])
    }
}
