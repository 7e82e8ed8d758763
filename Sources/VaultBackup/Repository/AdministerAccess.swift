/// A repository opened by a member to change who may do what: it signs orders, and seals to others what it holds itself.
public struct AdministerAccess: Sendable {
    /// Repository and member.
    public let signing: SigningAccess
    private let identity: Identity

    /// The repository.
    public var repository: Repository { signing.repository }
    /// The member.
    public var member: Member { signing.member }

    /// Finds the member.
    /// - Throws: ``VaultError`` `.wrongIdentity` when the identity is no member, `.notAllowed` when it may not
    ///   administer.
    public init(_ repository: Repository, _ identity: Identity) throws {
        signing = try SigningAccess(repository, identity)
        self.identity = identity
        guard signing.member.may(.administer) else {
            throw VaultError(
                .notAllowed, "'\(signing.member.name)' may not change who may do what in this repository",
                nextStep: "Use an identity with the role administer, such as the one of the person who created it")
        }
    }

    /// The secrets that the member has in a state.
    /// - Throws: ``VaultError`` `.wrongIdentity`, `.damaged`, as ``Slots/keys(of:in:repository:readKeys:)``.
    func keys(in state: RepositoryState) throws -> KeyMaterial {
        try Slots.keys(of: identity, in: state.keyring, repository: repository.id, readKeys: state.readKeys)
    }

    /// Why a keyring that somebody proposed must not be approved, as far as this member's own keys can tell: its slot and
    /// the chain must hold what they should, nor may others' slots change without cause. Nil when nothing is wrong, or
    /// when the member is due no keys.
    func objection(to new: Keyring, in state: RepositoryState) -> String? {
        if let other = Self.exchanged(new, state.keyring) {
            return "it would seal other keys to '\(state.nameOfMember(other))', who is due the same as before"
        }
        guard let member = new.member(identity.id), !SecretTag.given(by: member.roles).isEmpty else { return nil }
        let mine: KeyMaterial
        do { mine = try Slots.keys(of: identity, in: new, repository: repository.id, readKeys: state.readKeys) } catch {
            return "the keys in it for '\(member.name)' are not the repository's"
        }
        guard let old = try? keys(in: state) else { return nil }
        // The keyring has no commitment to it, so only who holds it can tell.
        if let before = old.dedup, let after = mine.dedup {
            let isNew = new.group != state.keyring.group
            if !isNew, !before.isEqual(to: after) {
                return "it would change the secret by which content is recognised, which stays as long as its group"
            }
            if isNew, before.isEqual(to: after) { return "it would begin a dedup group with the secret of the old one" }
            if isNew, mine.earlierDedups.first?.isEqual(to: before) != true {
                return "it would lose the secret by which what was written so far is recognised"
            }
        }
        guard new.epoch > state.keyring.epoch else { return nil }
        if old.read != nil, mine.read != nil, mine.readSecret(of: state.keyring.epoch) == nil {
            return "it would lose the key to what was written so far"
        }
        if old.index != nil, mine.index != nil, mine.indexSecret(of: state.keyring.epoch) == nil {
            return "it would lose the index of what was written so far"
        }
        return nil
    }

    /// A member whose slot is another one in the same epoch, though not for other secrets, as its length shows.
    private static func exchanged(_ new: Keyring, _ old: Keyring) -> MemberID? {
        guard new.epoch == old.epoch else { return nil }
        return new.slots.first { slot in
            old.slot(of: slot.member).map { $0 != slot && $0.sealed.count == slot.sealed.count } ?? false
        }?.member
    }
}
