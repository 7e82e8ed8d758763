/// Somebody who keeps a share of a recovery kit, and to whose key it is sealed. He need not be a member.
public struct Trustee: Sendable, Equatable {
    /// The name that people use.
    public let name: String
    /// The id that follows from his public keys.
    public let id: MemberID
    /// Public key to which the share is sealed, 32 bytes.
    let x25519: [UInt8]

    /// The holder of an identity that made a public line.
    public init(_ line: PublicLine) { (name, id, x25519) = (line.name, line.id, line.x25519) }

    /// A member.
    public init(_ member: Member) { (name, id, x25519) = (member.name, member.id, member.x25519) }
}

/// One share of a recovery kit, sealed to its trustee (`docs/FORMAT.md`, section 5): no secret for whoever has not his
/// identity too.
public struct SealedShare: Sendable, Equatable {
    private static let headByteCount = 16 + 32 + Digest.byteCount
    private static let byteCount = headByteCount + KitShare.byteCount + AESGCM.tagByteCount

    /// Whom it is sealed to.
    public let trustee: MemberID
    let enc: [UInt8]
    let commitment: Digest
    let sealed: [UInt8]

    /// Seals a share of the kit of a repository.
    ///
    /// - Parameter ephemeral: a fresh secret of 32 bytes that is used for nothing else.
    init(
        _ share: KitShare, to trustee: Trustee, anchor: Digest, ephemeral: SecretBytes
    ) throws(CryptoError) {
        let made = try HPKE.seal(
            share.body, to: trustee.x25519, info: Self.info(trustee.id), aad: Self.aad(trustee.id, anchor),
            ephemeral: ephemeral)
        self.trustee = trustee.id
        (enc, commitment, sealed) = (made.enc, made.commitment, made.ciphertext)
    }

    /// Reads the written form. Throws for anything else.
    public init(written text: String) throws(FormatError) {
        guard let bytes = Base64.decode(text), bytes.count == Self.byteCount, let id = MemberID(bytes[..<16]),
            let digest = Digest(Array(bytes[48..<Self.headByteCount]))
        else {
            throw FormatError("share: 'sealed' is not \(Self.byteCount) bytes in base64: a part is missing or mistyped")
        }
        trustee = id
        enc = Array(bytes[16..<48])
        commitment = digest
        sealed = Array(bytes[Self.headByteCount...])
    }

    /// The written form.
    public var text: String { Base64.encode(trustee.bytes + enc + commitment.bytes + sealed) }

    /// The share.
    ///
    /// - Parameter anchor: that of the repository, as the sheet says.
    /// - Throws: ``VaultError`` `.wrongIdentity` when it is not sealed to this identity, or was changed.
    public func open(with identity: Identity, anchor: Digest) throws -> KitShare {
        guard identity.id == trustee else {
            throw VaultError(
                .wrongIdentity, "The share is sealed to the identity \(trustee), not to '\(identity.name)'",
                nextStep: "Let the trustee with that identity open it")
        }
        do {
            let body = try HPKE.open(
                sealed, enc: enc, with: identity.secrets.x25519, info: Self.info(trustee),
                aad: Self.aad(trustee, anchor), commitment: commitment)
            return try KitShare(body: body)
        } catch {
            throw VaultError(
                .wrongIdentity, "The share that is sealed to '\(identity.name)' does not open: its sheet was changed",
                nextStep: "Compare it with the sheet that was handed out", cause: error)
        }
    }

    private static func info(_ trustee: MemberID) -> [UInt8] { Label.bare("share/sealed") + trustee.bytes }

    private static func aad(_ trustee: MemberID, _ anchor: Digest) -> [UInt8] {
        Label.bare("share/sealed-aad") + trustee.bytes + anchor.bytes
    }
}
