/// What a change of members or rules came to.
public struct MemberChangeReport: Sendable {
    /// What changes, a phrase each.
    public var changes: [KeyringChange]
    /// How far the order has come.
    public var approvals: Order.Approvals
    /// The epoch in force before, and with the change.
    public var epochs: (before: Int, after: Int)
    /// Whether content will be cut in other places from now on, so that what changes is stored whole once.
    public var cutsAnew = false
    /// Members that it touches.
    public var members: [Member]
    /// What those who leave, or lose a key, keep; nil when nobody loses one.
    public var remains: Remains?
    /// Tokens that are still with those who are removed.
    public var tokensOut: [TokenInfo]
    /// Recovery kits that were used, and that hold the keys in force all the same.
    public var usedKits: [MemberCaution] = []

    /// Number of the keys in force now: the old one as long as an order waits.
    public var epoch: Int { approvals.isCarriedOut ? epochs.after : epochs.before }
}

/// Changes who may do what, and the rules, by orders of the administrators (`docs/FORMAT.md`, section 11.4).
///
/// 1. Nobody hands on a key: the administrator seals to the newcomer's public key what he holds himself.
/// 2. Whoever loses a key gets none of the next epoch, which begins with the same record.
/// 3. What was prepared holds for exactly the keyring it was made from; when others are faster, it is made anew.
public enum MemberChanges {
    private static let triesMax = 3
    // A record has at most 1 MiB, with its payload in base64.
    private static let orderBytesMax = 700_000

    /// What a keyring is to become, before keys are sealed.
    struct Draft {
        var members: [Member]
        var quorum: Int
        var expiryKeep: Int
        var expiryAge: Int
        var drawsNewKeys = false
        var beginsGroup = false

        init(_ keyring: Keyring) {
            members = keyring.members
            quorum = keyring.administratorQuorum
            (expiryKeep, expiryAge) = (keyring.expiryKeep, keyring.expiryAge)
        }
    }

    /// Admits a newcomer.
    ///
    /// - Parameter name: the name in this repository; nil for the one in the line.
    /// - Throws: ``VaultError`` `.usage` for somebody who is a member, was removed, or has a name that is taken, and for
    ///   no role; `.notAllowed` when the administrator does not hold the keys that the roles need.
    public static func admit(
        _ line: PublicLine, name: String? = nil, roles: Set<Role>, systems: [String], reason: String,
        with access: AdministerAccess
    ) throws -> MemberChangeReport {
        try run(reason, access) { draft, state in
            guard !roles.isEmpty else {
                throw VaultError(.usage, "No role is given", nextStep: "Give --role, such as --role read")
            }
            let shown = name ?? line.name
            guard Member.nameBytes.contains(shown.utf8.count) else {
                throw VaultError(.usage, "A name has 1 to 64 bytes", nextStep: "Give another name with --name")
            }
            if let member = state.keyring.member(line.id) {
                throw VaultError(
                    .usage, "This line is of '\(member.name)', who is a member",
                    nextStep: "Name the member instead of the line to give more roles")
            }
            if let former = state.formerMembers[line.id] {
                throw VaultError(
                    .usage,
                    "This line is of '\(former.member.name)', who was removed with record \(former.removed): that "
                        + "identity is not admitted again",
                    nextStep: "Let the newcomer make a new one with 'vault identity create'")
            }
            try expectFreeName(shown, draft)
            draft.members.append(
                Member(
                    id: line.id, name: shown, kind: line.kind, ed25519: line.ed25519, x25519: line.x25519,
                    roles: roles, systems: systems))
        }
    }

    /// Gives a member more roles, or other systems.
    /// - Parameter systems: the systems that it may write from now on; nil leaves them.
    /// - Throws: ``VaultError`` `.usage` for no such member or nothing to change; `.notAllowed`.
    public static func give(
        _ text: String, roles: Set<Role>, systems: [String]?, reason: String, with access: AdministerAccess
    ) throws -> MemberChangeReport {
        try run(reason, access) { draft, state in
            let member = try Members.find(text, in: state).member
            replace(member, in: &draft, roles: member.roles.union(roles), systems: systems ?? member.systems)
        }
    }

    /// Takes roles from a member, or removes it when none are named. Whoever loses a key loses it by a new epoch.
    /// - Throws: ``VaultError`` `.usage` for no such member, and when too few administrators or readers would remain;
    ///   `.notAllowed`.
    public static func revoke(
        _ text: String, roles: Set<Role>, reason: String, with access: AdministerAccess
    ) throws -> MemberChangeReport {
        try run(reason, access) { draft, state in
            let member = try Members.find(text, in: state).member
            if roles.isEmpty {
                draft.members.removeAll { $0.id == member.id }
                return
            }
            replace(member, in: &draft, roles: member.roles.subtracting(roles), systems: member.systems)
        }
    }

    /// Draws new keys.
    ///
    /// - Parameter beginsGroup: whether a new dedup group begins too: nobody who held the old secrets recognises what
    ///   is written from then on, and nothing that was stored before is used again.
    /// - Throws: ``VaultError`` `.notAllowed`, also when a recovery kit that was used would get them too.
    public static func rotate(
        reason: String, beginsGroup: Bool = false, with access: AdministerAccess
    ) throws -> MemberChangeReport {
        try run(reason, access) { draft, state in
            if case .kitUsed(let name, let position, _)? = Members.usedKits(state).first {
                throw VaultError(
                    .notAllowed,
                    "New keys would be sealed to '\(name)' too, which was used with record \(position): whoever took "
                        + "part in that may not have them",
                    nextStep: "Make a new kit, which draws new keys as well: vault recovery-kit replace --text FILE")
            }
            draft.drawsNewKeys = true
            draft.beginsGroup = beginsGroup
        }
    }

    /// What a new dedup group makes every system store once more, by what their newest snapshots use now. Needs no key.
    ///
    /// - Returns: how many systems, and the stored bytes of the packs; snapshots whose set is missing are left out.
    public static func costOfGroup(_ state: RepositoryState) -> (systems: Int, bytes: Int) {
        var newest: [[UInt8]: SnapshotState] = [:]
        for snapshot in state.liveSnapshots { newest[Array(snapshot.body.system.utf8)] = snapshot }
        let packs = Set(newest.values.flatMap { $0.packs.map { Array($0.ordinals) } ?? [] })
        return (newest.count, packs.reduce(0) { $0 + state.packs[$1].pack.length })
    }

    /// Changes the rules; nil leaves one as it is.
    /// - Throws: ``VaultError`` `.usage` when there are fewer administrators than have to approve; `.notAllowed`.
    public static func setRules(
        quorum: Int?, expiryKeep: Int?, expiryAge: Int?, reason: String, with access: AdministerAccess
    ) throws -> MemberChangeReport {
        try run(reason, access) { draft, _ in
            if let quorum { draft.quorum = quorum }
            if let expiryKeep { draft.expiryKeep = expiryKeep }
            if let expiryAge { draft.expiryAge = expiryAge }
        }
    }

    /// Puts a new kit in the place of all kits.
    static func replaceKits(by kit: Member, reason: String, with access: AdministerAccess) throws -> MemberChangeReport
    {
        try run(reason, access) { draft, _ in
            draft.members.removeAll { $0.kind == .kit }
            try expectFreeName(kit.name, draft)
            draft.members.append(kit)
            draft.drawsNewKeys = true
        }
    }

    private static func expectFreeName(_ name: String, _ draft: Draft) throws {
        guard !draft.members.contains(where: { $0.name.hasSameBytes(as: name) }) else {
            throw VaultError(
                .usage, "There is a member '\(name)' already", nextStep: "Give another name with --name")
        }
    }

    private static func replace(_ member: Member, in draft: inout Draft, roles: Set<Role>, systems: [String]) {
        draft.members.removeAll { $0.id == member.id }
        draft.members.append(
            Member(
                id: member.id, name: member.name, kind: member.kind, ed25519: member.ed25519, x25519: member.x25519,
                group: member.group, roles: roles, systems: systems))
    }

    // MARK: Proposing

    private static func run(
        _ reason: String, _ access: AdministerAccess, _ change: (inout Draft, RepositoryState) throws -> Void
    ) throws -> MemberChangeReport {
        let repository = access.repository
        try ForgetBody.checkReason(reason)
        var tries = 0
        while true {
            tries += 1
            let state = try repository.log.refresh()
            if let refusal = state.refusalOfAnyWriting { throw refusal }
            var draft = Draft(state.keyring)
            try change(&draft, state)
            let (keyring, cutsAnew) = try keyring(draft, state, access)
            let changes = KeyringChange.between(state.keyring, keyring)
            guard !changes.isEmpty else {
                throw VaultError(.usage, "Nothing would change", nextStep: "See 'vault access list'")
            }
            let body = KeyringBody(basis: state.keyringDigest, keyring: keyring, reason: reason)
            try check(body, state)
            do {
                let approvals = try Order.keyring(body).carryOut("This", with: access.signing)
                repository.advancePin()
                var report = report(of: approvals, from: state, to: keyring, repository)
                report.cutsAnew = cutsAnew
                return report
            } catch let error as VaultError where error.code == .sessionConflict && tries < triesMax {
                guard try repository.log.refresh().keyring != state.keyring else { throw error }
            }
        }
    }

    /// What an order came to that changes the keyring of `old`.
    static func report(
        of approvals: Order.Approvals, from old: RepositoryState, to keyring: Keyring, _ repository: Repository
    ) -> MemberChangeReport {
        let after = repository.log.state
        let carriedOut = after.proposals.first { $0.id == approvals.proposal }?.carriedOut
        let changes = KeyringChange.between(old.keyring, keyring)
        return MemberChangeReport(
            changes: changes, approvals: approvals, epochs: (old.keyring.epoch, keyring.epoch),
            members: touched(changes), remains: Remains(old.keyring, keyring, old, upTo: carriedOut ?? old.head),
            tokensOut: old.tokensOut.filter {
                keyring.member($0.body.holder) == nil && old.keyring.member($0.body.holder) != nil
            }.map { TokenInfo($0, old) },
            usedKits: Members.usedKits(after))
    }

    private static func check(_ body: KeyringBody, _ state: RepositoryState) throws {
        if let conflict = state.unmetCondition(of: body) {
            throw VaultError(
                .usage, "This is not possible: \(conflict)",
                nextStep: "'vault access list' shows the members, 'vault access policy' the rules")
        }
        let byteCount = CanonicalJSON.encode(body.keyring.json).count
        guard byteCount <= orderBytesMax else {
            throw VaultError(
                .usage, "The keyring would have \(byteCount) bytes, which is more than one record holds",
                nextStep: "Remove members that are needed no more")
        }
    }

    private static func touched(_ changes: [KeyringChange]) -> [Member] {
        changes.compactMap(\.member)
    }
}
