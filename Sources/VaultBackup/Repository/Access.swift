/// A repository opened by a member that may add to it.
public struct WriteAccess: Sendable {
    /// The repository.
    public let repository: Repository
    /// The member.
    public let member: Member
    let signer: Signer
    let keys: KeyMaterial
    /// Public half of READ of the epoch of ``keys``: what packs are sealed to.
    let readKey: [UInt8]
    let index: SecretBytes
    let dedup: SecretBytes
    let cut: SecretBytes

    /// Opens the member's slot.
    /// - Throws: ``VaultError`` `.wrongIdentity` when the identity is no member, `.notAllowed` when it may not write.
    public init(_ repository: Repository, _ identity: Identity) throws {
        let (member, keys) = try repository.keys(of: identity)
        guard member.may(.write), let index = keys.index, let dedup = keys.dedup, let cut = keys.cut else {
            throw VaultError(
                .notAllowed, "'\(member.name)' may not write to this repository",
                nextStep: "Use an identity with the role write")
        }
        if let refusal = repository.log.refusal { throw refusal }
        self.repository = repository
        self.member = member
        signer = Signer(member: identity.id, seed: identity.secrets.ed25519Seed)
        self.keys = keys.withoutReading
        readKey = repository.readKey(of: keys.epoch)
        self.index = index
        self.dedup = dedup
        self.cut = cut
    }

    /// What a writer can open of packs: their directories.
    var packs: PackReader {
        PackReader(store: repository.store, repository: repository.id, keys: keys)
    }
}

/// A repository opened by a member that may read its content.
public struct ReadAccess: Sendable {
    /// The repository.
    public let repository: Repository
    /// The member.
    public let member: Member
    let signer: Signer
    let dedup: SecretBytes
    let packs: PackReader
    private let note: ReadingNote?

    /// Opens the member's slot.
    ///
    /// - Parameter note: what is put on record before content is read; nil for what shows no content to anybody.
    /// - Throws: ``VaultError`` `.wrongIdentity` when the identity is no member, `.notAllowed` when it may not read.
    public init(_ repository: Repository, _ identity: Identity, noting note: ReadingNote? = nil) throws {
        let (member, keys) = try repository.keys(of: identity)
        guard keys.read != nil, keys.index != nil, let dedup = keys.dedup else {
            throw VaultError(
                .notAllowed, "'\(member.name)' may not read this repository",
                nextStep: "Use an identity with the role read, such as the one of the person who created the repository"
            )
        }
        self.repository = repository
        self.member = member
        signer = Signer(member: identity.id, seed: identity.secrets.ed25519Seed)
        self.dedup = dedup
        self.note = note
        packs = PackReader(
            store: repository.store, repository: repository.id, keys: keys,
            moved: MovedSegments { try repository.newest() })
    }

    /// The access of the same member to the objects of a copy of this repository; it puts nothing on record.
    public func reading(_ copy: Repository) -> ReadAccess { ReadAccess(self, copy) }

    private init(_ access: ReadAccess, _ copy: Repository) {
        repository = copy
        member = access.member
        signer = access.signer
        dedup = access.dedup
        note = nil
        packs = PackReader(
            store: copy.store, repository: access.repository.id, keys: access.packs.keys,
            moved: MovedSegments { try copy.newest() })
    }

    /// Puts on record that content of these snapshots is read, once. On return the record is durable, or it was said
    /// that there is none.
    func putOnRecord(_ snapshots: [SnapshotState]) { note?.publish(snapshots, repository, by: signer) }

    /// Computes chunk ids, and recognises those of earlier dedup groups.
    var identifier: ChunkIdentifier {
        ChunkIdentifier(dedupSecret: dedup, earlier: packs.keys.earlierDedups, repository: repository.id)
    }
}

/// A repository opened by a member to sign records for which no key of the repository is needed: forgetting, holding,
/// and what administrators order.
public struct SigningAccess: Sendable {
    /// The repository.
    public let repository: Repository
    /// The member.
    public let member: Member
    let signer: Signer

    /// Finds the member.
    /// - Throws: ``VaultError`` `.wrongIdentity` when the identity is no member.
    public init(_ repository: Repository, _ identity: Identity) throws {
        self.repository = repository
        member = try repository.member(identity, in: repository.state)
        signer = Signer(member: identity.id, seed: identity.secrets.ed25519Seed)
    }
}

extension Repository {
    /// The member that an identity is, and its secrets.
    func keys(of identity: Identity) throws -> (Member, KeyMaterial) {
        let state = state
        let member = try member(identity, in: state)
        return (member, try Slots.keys(of: identity, in: state.keyring, repository: id, readKeys: state.readKeys))
    }

    /// Public half of READ of an epoch that is or was in force.
    fileprivate func readKey(of epoch: Int) -> [UInt8] {
        let state = state
        return state.readKeys[epoch] ?? state.keyring.readKey
    }

    /// The member that an identity is.
    fileprivate func member(_ identity: Identity, in state: RepositoryState) throws -> Member {
        if let member = state.keyring.member(identity.id) { return member }
        if let former = state.formerMembers[identity.id] {
            throw VaultError(
                .wrongIdentity,
                "The identity '\(identity.name)' was a member of the repository at \(store.location) until "
                    + "\(former.time), and was removed with record \(former.removed)",
                nextStep: "Use another identity, or make one with 'vault identity create' and ask an administrator")
        }
        throw VaultError(
            .wrongIdentity,
            "The identity '\(identity.name)' is not a member of the repository at \(store.location)",
            nextStep: "Use an identity that was made for this repository")
    }
}
