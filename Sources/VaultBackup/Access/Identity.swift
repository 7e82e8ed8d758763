/// A member's two key pairs with their secrets: X25519 opens its slots, Ed25519 signs its records (`docs/FORMAT.md`,
/// section 5).
public struct Identity: Sendable {
    /// The name that people use, 1 to 64 bytes of UTF-8.
    public let name: String
    /// What kind of holder it is.
    public let kind: MemberKind
    /// Public key to which its slots are sealed, 32 bytes.
    public let x25519: [UInt8]
    /// Public key that verifies its records, 32 bytes.
    public let ed25519: [UInt8]
    /// The id that follows from the two public keys.
    public let id: MemberID
    /// The secret halves, 32 bytes each.
    public let secrets: (x25519: SecretBytes, ed25519Seed: SecretBytes)

    /// The identity of these secrets. Throws `badKeyLength` unless each has 32 bytes.
    ///
    /// - Precondition: the name has 1 to 64 bytes of UTF-8.
    public init(
        name: String, kind: MemberKind, secrets: (x25519: SecretBytes, ed25519Seed: SecretBytes)
    ) throws(CryptoError) {
        precondition(Member.nameBytes.contains(name.utf8.count), "a name has 1 to 64 bytes")
        self.name = name
        self.kind = kind
        self.secrets = secrets
        x25519 = try X25519.publicKey(of: secrets.x25519)
        ed25519 = try Ed25519.publicKey(of: secrets.ed25519Seed)
        id = MemberID(x25519: x25519, ed25519: ed25519)
    }

    /// Draws a new identity. Throws ``VaultError`` `usage` when the name does not have 1 to 64 bytes of UTF-8.
    public static func create(name: String, kind: MemberKind, random: some RandomSource) throws -> Identity {
        guard Member.nameBytes.contains(name.utf8.count) else {
            throw VaultError(
                .usage, "The name of an identity has 1 to 64 bytes, this one has \(name.utf8.count)",
                nextStep: "Choose another name")
        }
        return try Identity(
            name: name, kind: kind, secrets: (.random(32, from: random), .random(32, from: random)))
    }

    /// The entry of this identity in a keyring.
    public func member(roles: Set<Role>, systems: [String] = [Member.anySystem]) -> Member {
        Member(id: id, name: name, kind: kind, ed25519: ed25519, x25519: x25519, roles: roles, systems: systems)
    }
}
