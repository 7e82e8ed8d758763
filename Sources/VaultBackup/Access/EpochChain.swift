/// From one epoch to the next, and back: the holders of new secrets have the old ones, not the other way round
/// (`docs/FORMAT.md`, section 6).
extension KeyMaterial {
    /// Draws the secrets of the next epoch, and wraps those of this one under them. DD and CK stay.
    ///
    /// Throws ``VaultError`` `.notAllowed` without READ or IDX: nobody can pass on what they do not hold.
    func next(
        repository: RepositoryID, random: some RandomSource
    ) throws -> (keys: KeyMaterial, wrap: EpochWrap) {
        try next(
            read: .random(32, from: random), index: .random(32, from: random), ephemeral: .random(32, from: random),
            repository: repository)
    }

    /// With given secrets, for known answers.
    func next(
        read newRead: SecretBytes, index newIndex: SecretBytes, ephemeral: SecretBytes, repository: RepositoryID
    ) throws -> (keys: KeyMaterial, wrap: EpochWrap) {
        guard let read, let index else {
            throw VaultError(
                .notAllowed, "This identity does not hold the secrets that a new epoch is made from",
                nextStep: "Let an administrator do it who also has the role read")
        }
        let sealed = try HPKE.seal(
            read, to: try X25519.publicKey(of: newRead), info: Self.label("chain/read", epoch, repository),
            aad: Self.label("chain/read-aad", epoch, repository), ephemeral: ephemeral)
        let label = Self.label("chain/idx", epoch, repository)
        let both = HKDF.derive(newIndex, info: label, count: 64)
        let commitment = both.slice(32..<64).withUnsafeBytes { Digest($0) }
        let sealedIndex = try AESGCM().seal(key: both.slice(0..<32), aad: label + commitment.bytes, index)
        let wrap = EpochWrap(
            epoch: epoch, indexCommitment: commitment, sealedIndex: sealedIndex, readEnc: sealed.enc,
            readCommitment: sealed.commitment, sealedRead: sealed.ciphertext)
        var keys = KeyMaterial(epoch: epoch + 1, read: newRead, index: newIndex, dedup: dedup, cut: cut)
        keys.earlierDedups = earlierDedups
        keys.earlier = earlier
        keys.earlier[epoch] = Earlier(read: read, index: index)
        return (keys, wrap)
    }

    /// Takes the secrets of earlier epochs out of the chain, as far back as they are what the log says of them. Where
    /// the chain is broken, what was sealed before cannot be opened, and is named where it is met.
    mutating func unwrap(_ keyring: Keyring, repository: RepositoryID, readKeys: [Int: [UInt8]]) {
        unwrapGroups(keyring, repository: repository)
        var (nextRead, nextIndex) = (read, index)
        for wrap in keyring.chain.reversed() {
            nextRead = nextRead.flatMap { Self.openRead(in: wrap, under: $0, readKeys[wrap.epoch], repository) }
            nextIndex = nextIndex.flatMap {
                Self.openIndex(in: wrap, under: $0, keyring.indexCommitments[wrap.epoch], repository)
            }
            if nextRead == nil, nextIndex == nil { return }
            earlier[wrap.epoch] = Earlier(read: nextRead, index: nextIndex)
        }
    }

    // MARK: Dedup groups

    /// Draws the secrets of the group after `group`, which begins with the epoch of these keys.
    ///
    /// Throws ``VaultError`` `.notAllowed` without DD: what was written so far could not be recognised as what it is.
    mutating func beginGroup(
        after group: DedupGroup, repository: RepositoryID, random: some RandomSource
    ) throws -> DedupGroup {
        cut = .random(32, from: random)
        return try beginGroup(after: group, dedup: .random(32, from: random), repository: repository)
    }

    /// With a given secret, for known answers.
    mutating func beginGroup(
        after group: DedupGroup, dedup new: SecretBytes, repository: RepositoryID
    ) throws -> DedupGroup {
        guard let dedup else {
            throw VaultError(
                .notAllowed, "This identity does not hold the secret by which chunks are recognised",
                nextStep: "Let an administrator do it who also has the role read")
        }
        let label = Self.label("chain/dd", group.number, repository)
        let both = HKDF.derive(new, info: label, count: 64)
        let commitment = both.slice(32..<64).withUnsafeBytes { Digest($0) }
        let sealed = try AESGCM().seal(key: both.slice(0..<32), aad: label + commitment.bytes, dedup)
        earlierDedups.insert(dedup, at: 0)
        self.dedup = new
        return DedupGroup(
            number: group.number + 1, name: group.name, epoch: epoch,
            previous: DedupGroup.Wrap(commitment: commitment, sealed: sealed))
    }

    private mutating func unwrapGroups(_ keyring: Keyring, repository: RepositoryID) {
        earlierDedups = []
        for group in keyring.groups.reversed() {
            guard let next = earlierDedups.last ?? dedup, let wrap = group.previous else { return }
            let label = Self.label("chain/dd", group.number - 1, repository)
            let both = HKDF.derive(next, info: label, count: 64)
            guard both.slice(32..<64).withUnsafeBytes({ Digest($0) }) == wrap.commitment,
                let secret = try? AESGCM().open(
                    key: both.slice(0..<32), aad: label + wrap.commitment.bytes, wrap.sealed)
            else { return }
            earlierDedups.append(secret)
        }
    }

    private static func openRead(
        in wrap: EpochWrap, under next: SecretBytes, _ publicKey: [UInt8]?, _ repository: RepositoryID
    ) -> SecretBytes? {
        let secret = try? HPKE.open(
            wrap.sealedRead, enc: wrap.readEnc, with: next, info: label("chain/read", wrap.epoch, repository),
            aad: label("chain/read-aad", wrap.epoch, repository), commitment: wrap.readCommitment)
        guard let secret, let publicKey, (try? X25519.publicKey(of: secret)) == publicKey else { return nil }
        return secret
    }

    private static func openIndex(
        in wrap: EpochWrap, under next: SecretBytes, _ commitment: Digest?, _ repository: RepositoryID
    ) -> SecretBytes? {
        let label = label("chain/idx", wrap.epoch, repository)
        let both = HKDF.derive(next, info: label, count: 64)
        guard both.slice(32..<64).withUnsafeBytes({ Digest($0) }) == wrap.indexCommitment else { return nil }
        let aad = label + wrap.indexCommitment.bytes
        guard let secret = try? AESGCM().open(key: both.slice(0..<32), aad: aad, wrap.sealedIndex),
            Slots.indexCommitment(secret, epoch: wrap.epoch, repository: repository) == commitment
        else { return nil }
        return secret
    }

    private static func label(_ purpose: String, _ epoch: Int, _ repository: RepositoryID) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(Label.repository(purpose, repository))
        writer.u32(epoch)
        return writer.bytes
    }
}
