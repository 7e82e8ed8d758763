/// Seals keys: to newcomers in the epoch in force, and to everybody in a new one.
extension MemberChanges {
    /// The keyring with keys sealed to everybody who is due some: the slots of those who are due the same in the same
    /// epoch stay as they are.
    static func keyring(
        _ draft: Draft, _ state: RepositoryState, _ access: AdministerAccess
    ) throws -> (keyring: Keyring, cutsAnew: Bool) {
        let (old, repository) = (state.keyring, access.repository)
        let isLost = old.members.contains { before in
            !SecretTag.lost(before.roles, draft.members.first { $0.id == before.id }?.roles).isEmpty
        }
        var keyring = old
        (keyring.administratorQuorum, keyring.expiryKeep, keyring.expiryAge) = (
            draft.quorum, draft.expiryKeep, draft.expiryAge
        )
        var keys = try access.keys(in: state)
        // A recovery kit, which must be able to do this, has no role that gives CK. It is drawn anew for all writers.
        let isKept = { (member: Member) in old.member(member.id)?.may(.write) == true && !isLost }
        let cutsAnew =
            keys.cut == nil && keys.read != nil && !draft.beginsGroup
            && draft.members.contains { $0.may(.write) && (draft.drawsNewKeys || !isKept($0)) }
        if cutsAnew { keys.cut = .random(32, from: repository.random) }
        if isLost || draft.drawsNewKeys || draft.beginsGroup || cutsAnew {
            let next = try keys.next(repository: repository.id, random: repository.random)
            keys = next.keys
            keyring.chain.append(next.wrap)
            keyring.epoch = keys.epoch
            if draft.beginsGroup {
                keyring.groups.append(
                    try keys.beginGroup(after: keyring.group, repository: repository.id, random: repository.random))
            }
            guard let read = keys.read, let index = keys.index else { preconditionFailure("drawn without secrets") }
            keyring.readKey = try X25519.publicKey(of: read)
            keyring.indexCommitments[keys.epoch] = Slots.indexCommitment(
                index, epoch: keys.epoch, repository: repository.id)
        }
        var slots: [Slot] = []
        for member in draft.members {
            if let before = old.member(member.id), let slot = old.slot(of: member.id), keyring.epoch == old.epoch,
                SecretTag.given(by: before.roles) == SecretTag.given(by: member.roles)
            {
                slots.append(slot)
            } else if let slot = try Slots.seal(
                keys, to: member, epoch: keyring.epoch, repository: repository.id, random: repository.random)
            {
                slots.append(slot)
            }
        }
        return (keyring.with(members: draft.members, slots: slots), cutsAnew)
    }
}
