/// The sheet that a trustee keeps: a share, and how to find and recognise the repository.
public struct KitShareFile: Sendable {
    /// How many shares may be made.
    public static let counts = Shamir.counts

    /// The share.
    public var share: KitShare
    /// The anchor by which the right repository is recognised.
    public var anchor: Digest
    /// The id of the repository.
    public var repository: RepositoryID?
    /// Where the repository was; one line.
    public var location: String?
    /// A position of the log and the hash of its record: an older log is a rolled back one.
    public var head: (position: Int, digest: Digest)?

    /// A sheet as given.
    public init(
        share: KitShare, anchor: Digest, repository: RepositoryID?, location: String?,
        head: (position: Int, digest: Digest)?
    ) {
        self.share = share
        self.anchor = anchor
        self.repository = repository
        self.location = location
        self.head = head
    }

    /// Reads a sheet. Lines that it does not know are ignored; the share never becomes a `String`.
    ///
    /// Throws when share or anchor is missing, when a known line is malformed or stands there twice.
    public init(decoding bytes: SecretBytes) throws(FormatError) {
        let lines = try RecoveryKitLines(decoding: bytes)
        guard let typed = lines.secret(.share) else { throw FormatError("share: the line 'share' is missing") }
        share = try KitShare(typed: typed)
        share.proof = try lines.text(.proof).map { (text) throws(FormatError) in
            guard let proof = Hex.decode(text), proof.count == 64 else {
                throw FormatError("share: 'proof' is not 64 bytes in hexadecimal digits")
            }
            return proof
        }
        anchor = try lines.anchor("share")
        repository = try lines.repository()
        location = try lines.text(.location)
        head = try lines.head()
    }

    /// The sheet as text. It holds the share, so it is for the printer, or for a file with mode 0600.
    ///
    /// - Precondition: `location` has no line feed.
    public func text() -> SecretBytes {
        let page = SecretText()
        let title = "Vault: share \(share.number) of \(share.count) of a recovery kit"
        page.add("\(title)\n\(String(repeating: "=", count: title.count))\n\n")
        page.add(
            """
            Any \(share.needed) of these \(share.count) shares together open every backup of the repository below; fewer
            tell nothing. Keep this sheet where only you can get at it, and print it: do
            not leave it on a disk. When it is needed, \(share.needed) of you meet and run

                vault recover --share FILE --share FILE -r DIRECTORY

            That is put on record. Afterwards new shares are made. A share can be checked
            at any time, alone, with: vault recovery-kit check FILE


            """)
        page.add("share: ")
        page.add(share.text)
        page.add("\n")
        if let proof = share.proof { page.add("proof: \(Hex.encode(proof))\n") }
        page.add(RecoveryKitLines.place(anchor, repository, head, location))
        return page.bytes
    }
}

extension RecoveryPaper {
    /// What the shares on some sheets give together.
    ///
    /// Throws as ``KitShare/join(_:)`` does, and for sheets of different repositories.
    public init(joining sheets: [KitShareFile]) throws(FormatError) {
        guard let first = sheets.first else { throw FormatError("shares: none is given") }
        guard sheets.allSatisfy({ $0.anchor == first.anchor }) else {
            throw FormatError("shares: they are not of one repository")
        }
        let newest = sheets.compactMap(\.head).max { $0.position < $1.position }
        self.init(
            kit: try KitShare.join(sheets.map(\.share)), anchor: first.anchor.bytes, location: first.location,
            head: newest.map { ($0.position, $0.digest.bytes) })
    }
}
