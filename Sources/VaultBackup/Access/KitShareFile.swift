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
    /// The share as it is written, where it is sealed to its trustee; nil where it stands there for everybody.
    public private(set) var sealed: SealedShare?
    private var trustee: Trustee?

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

    /// Seals the share to its trustee: only the sealed one is written from then on.
    mutating func seal(to trustee: Trustee, random: some RandomSource) throws(CryptoError) {
        sealed = try SealedShare(share, to: trustee, anchor: anchor, ephemeral: .random(32, from: random))
        self.trustee = trustee
    }

    /// Reads a sheet. Lines that it does not know are ignored; the share never becomes a `String`.
    ///
    /// - Parameter opening: opens a sealed share of the repository with this anchor.
    /// - Throws: ``FormatError`` when share or anchor is missing, when a known line is malformed or stands there twice;
    ///   and what `opening` throws.
    public init(
        decoding bytes: SecretBytes,
        opening: (SealedShare, Digest) throws -> KitShare = { _, _ in
            throw FormatError("share: it is sealed to its trustee")
        }
    ) throws {
        let lines = try RecoveryKitLines(decoding: bytes)
        anchor = try lines.anchor("share")
        switch try (lines.secret(.share), lines.text(.sealed)) {
        case (let typed?, nil): share = try KitShare(typed: typed)
        case (nil, let written?):
            let found = try SealedShare(written: written)
            share = try opening(found, anchor)
            sealed = found
        default: throw FormatError("share: there is not exactly one line 'share' or 'sealed'")
        }
        share.proof = try lines.text(.proof).map { (text) throws(FormatError) in
            guard let proof = Hex.decode(text), proof.count == 64 else {
                throw FormatError("share: 'proof' is not 64 bytes in hexadecimal digits")
            }
            return proof
        }
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
        page.add("Any \(share.needed) of these \(share.count) shares together open every backup of the repository ")
        page.add("below; fewer\n")
        if let sealed {
            page.add(Self.sealedAdvice(share.needed, trustee?.name ?? "", sealed.trustee))
            page.add("sealed: \(sealed.text)\n")
        } else {
            page.add(Self.advice(share.needed))
            page.add("share: ")
            page.add(share.text)
            page.add("\n")
        }
        if let proof = share.proof { page.add("proof: \(Hex.encode(proof))\n") }
        page.add(RecoveryKitLines.place(anchor, repository, head, location))
        return page.bytes
    }

    private static func advice(_ needed: Int) -> String {
        """
        tell nothing. Keep this sheet where only you can get at it, and print it: do
        not leave it on a disk. When it is needed, \(needed) of you meet and run

            vault recover --share FILE --share FILE -r DIRECTORY

        That is put on record. Afterwards new shares are made. A share can be checked
        at any time, alone, with: vault recovery-kit check FILE


        """
    }

    private static func sealedAdvice(_ needed: Int, _ name: String, _ id: MemberID) -> String {
        """
        tell nothing. This one is sealed to '\(PathText.readable(Array(name.utf8)))',
        id \(id): it opens only with the identity file of that id,
        its passphrase and, where it has one, its second factor. Keep both, apart from
        this file, which is no secret alone. When it is needed, \(needed) of you meet and run

            vault recover --share FILE --share FILE --trustee IDENTITY --trustee IDENTITY -r DIRECTORY

        That is put on record. Afterwards new shares are made. A share can be checked
        at any time, alone, with: vault recovery-kit check FILE --trustee IDENTITY


        """
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
