/// A repository opened by a member that may prune and compact it. It reads content only if the member may do that, too.
public struct MaintainAccess: Sendable {
    /// The repository.
    public let repository: Repository
    /// The member.
    public let member: Member
    let signer: Signer
    let keys: KeyMaterial
    let index: SecretBytes
    /// What the member may read; nil when it may not.
    let reading: ReadAccess?

    /// Opens the member's slot.
    ///
    /// - Parameter reads: whether the keys to content are opened, too, if the member has them.
    /// - Throws: ``VaultError`` `.wrongIdentity` when the identity is no member, `.notAllowed` when it may not
    ///   maintain.
    public init(_ repository: Repository, _ identity: Identity, reads: Bool = true) throws {
        let (member, keys) = try repository.keys(of: identity)
        guard member.may(.maintain), let index = keys.index else {
            throw VaultError(
                .notAllowed, "'\(member.name)' may not take anything away from this repository",
                nextStep: "Use an identity with the role maintain, such as the one of the person who created it")
        }
        self.repository = repository
        self.member = member
        signer = Signer(member: identity.id, seed: identity.secrets.ed25519Seed)
        self.keys = keys.withoutReading
        self.index = index
        reading = reads && member.may(.read) ? try? ReadAccess(repository, identity) : nil
    }

    /// What a maintainer can open of packs: their directories.
    var packs: PackReader {
        PackReader(store: repository.store, repository: repository.id, keys: keys)
    }
}
