/// The secret on paper: a seed from which a member's keys follow (`docs/FORMAT.md`, section 5).
public struct RecoveryKit: Sendable {
    private static let seedByteCount = 32
    private static let form = WrittenSecret(
        subject: "recovery kit", label: "kit/checksum", byteCount: seedByteCount, checksumByteCount: 3)

    /// The seed, 32 bytes.
    public let seed: SecretBytes

    /// Draws a new seed.
    public init(random: some RandomSource) { seed = .random(Self.seedByteCount, from: random) }

    /// The kit of a known seed. - Precondition: it has 32 bytes.
    public init(seed: SecretBytes) {
        precondition(seed.count == Self.seedByteCount, "a seed has 32 bytes")
        self.seed = seed
    }

    /// Reads the written form. Blanks, `-` and case are ignored; the digits 0 and 8 are taken as O and B.
    ///
    /// Throws when the number of characters, a character or the checksum is wrong, and says which.
    public init(typed: SecretBytes) throws(FormatError) { seed = try Self.form.read(typed) }

    /// The written form: 14 groups of 4 characters joined by `-`, as ASCII.
    public var text: SecretBytes { Self.form.text(seed) }

    /// Seed and checksum in base32, 56 characters.
    var characters: SecretBytes { Self.form.characters(seed) }

    /// The member that the kit is.
    public func identity(name: String = "recovery kit") throws(CryptoError) -> Identity {
        try Identity(
            name: name, kind: .kit,
            secrets: (
                HKDF.derive(seed, info: Label.bare("kit/x25519")), HKDF.derive(seed, info: Label.bare("kit/ed25519"))
            ))
    }

    /// A hash over a label and what is secret.
    static func hash(_ label: String, _ parts: [SecretBytes]) -> SecretBytes {
        var hash = SHA256()
        hash.update(Label.bare(label))
        for part in parts { part.withUnsafeBytes { hash.update($0) } }
        let digest = SecretBytes(count: Digest.byteCount) { hash.finish(into: $0) }
        hash.wipe()
        return digest
    }
}
