/// Gives members their secrets and takes them out again (`docs/FORMAT.md`, section 6).
public enum Slots {
    /// The secrets of `keys` that the member's roles give, sealed to it; nil when they give none.
    ///
    /// Throws ``VaultError`` `notAllowed` when `keys` lacks one of them (nobody can pass on what they do not hold), and
    /// ``CryptoError`` for a public key that cannot be sealed to.
    public static func seal(
        _ keys: KeyMaterial, to member: Member, epoch: Int, repository: RepositoryID, random: some RandomSource
    ) throws -> Slot? {
        try seal(
            keys, to: member, epoch: epoch, repository: repository, ephemeral: .random(32, from: random))
    }

    /// With a given ephemeral key, for known answers.
    static func seal(
        _ keys: KeyMaterial, to member: Member, epoch: Int, repository: RepositoryID, ephemeral: SecretBytes
    ) throws -> Slot? {
        let tags = SecretTag.given(by: member.roles)
        guard !tags.isEmpty else { return nil }
        guard let plaintext = keys.slotPlaintext(tags) else {
            throw VaultError(
                .notAllowed, "This identity does not hold the secrets that the roles of '\(member.name)' need",
                nextStep: "Let an administrator grant them who also has these roles")
        }
        let sealed = try HPKE.seal(
            plaintext, to: member.x25519, info: binding("slot", epoch, member.id, repository),
            aad: binding("slot-aad", epoch, member.id, repository), ephemeral: ephemeral)
        return Slot(
            epoch: epoch, member: member.id, enc: sealed.enc, commitment: sealed.commitment, sealed: sealed.ciphertext)
    }

    /// The secrets in a slot. They are not yet checked against a keyring; ``keys(of:in:repository:)`` does that too.
    ///
    /// Throws ``VaultError``: `wrongIdentity` when it is not this identity's slot, `damaged` when it does not open.
    public static func open(_ slot: Slot, _ identity: Identity, repository: RepositoryID) throws -> KeyMaterial {
        guard slot.member == identity.id else {
            throw VaultError(.wrongIdentity, "The slot belongs to member \(slot.member), not to '\(identity.name)'")
        }
        do {
            let plaintext = try HPKE.open(
                slot.sealed, enc: slot.enc, with: identity.secrets.x25519,
                info: binding("slot", slot.epoch, slot.member, repository),
                aad: binding("slot-aad", slot.epoch, slot.member, repository), commitment: slot.commitment)
            return try KeyMaterial(slotPlaintext: plaintext)
        } catch {
            throw damaged("the slot of '\(identity.name)' does not open", cause: error)
        }
    }

    /// The secrets that an identity has in the epoch in force, checked against the public side in the keyring. All nil
    /// for a member whose roles give none.
    ///
    /// Throws ``VaultError``: `wrongIdentity` when the identity is no member, `damaged` when the slot does not open, is
    /// missing, or holds other secrets than the repository's.
    ///
    /// Secrets of earlier epochs come with them, as far as the chain holds what it should.
    /// - Parameter readKeys: the public read keys of earlier epochs.
    public static func keys(
        of identity: Identity, in keyring: Keyring, repository: RepositoryID, readKeys: [Int: [UInt8]] = [:]
    ) throws -> KeyMaterial {
        guard let member = keyring.member(identity.id), member.x25519 == identity.x25519,
            member.ed25519 == identity.ed25519
        else {
            throw VaultError(
                .wrongIdentity, "The identity '\(identity.name)' is no member of this repository",
                nextStep: "Use another identity, or ask an administrator to admit this one")
        }
        guard let slot = keyring.slot(of: identity.id) else {
            guard SecretTag.given(by: member.roles).isEmpty else {
                throw damaged("there is no slot for '\(identity.name)'")
            }
            return KeyMaterial(epoch: keyring.epoch)
        }
        var keys = try open(slot, identity, repository: repository)
        keys.epoch = keyring.epoch
        if let read = keys.read, try X25519.publicKey(of: read) != keyring.readKey {
            throw damaged("the slot of '\(identity.name)' holds another read key")
        }
        if let index = keys.index {
            let commitment = indexCommitment(index, epoch: keyring.epoch, repository: repository)
            guard keyring.indexCommitments[keyring.epoch] == commitment else {
                throw damaged("the slot of '\(identity.name)' holds another index secret")
            }
        }
        keys.unwrap(keyring, repository: repository, readKeys: readKeys)
        return keys
    }

    /// The public commitment to IDX of an epoch, by which members see that all got the same.
    public static func indexCommitment(_ index: SecretBytes, epoch: Int, repository: RepositoryID) -> Digest {
        var info = ByteWriter()
        info.raw(Label.repository("idx-commitment", repository))
        info.u32(epoch)
        return HKDF.derive(index, info: info.bytes).withUnsafeBytes { Digest($0) }
    }

    private static func damaged(_ reason: String, cause: (any Error)? = nil) -> VaultError {
        VaultError(
            .damaged, "The keyring of the repository is damaged: \(reason)",
            nextStep: "Use another identity or the recovery kit", cause: cause)
    }

    private static func binding(
        _ purpose: String, _ epoch: Int, _ member: MemberID, _ repository: RepositoryID
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(Label.repository(purpose, repository))
        writer.u32(epoch)
        writer.raw(member.bytes)
        return writer.bytes
    }
}
