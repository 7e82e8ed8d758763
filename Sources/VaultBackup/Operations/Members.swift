/// A member, or one that was, as the log shows it to everybody.
public struct MemberInfo: Sendable {
    /// Who.
    public var member: Member
    /// Record that admitted it, and when; position 0 for those that the repository was made with.
    public var joined: Admission
    /// What removed it; nil for a member.
    public var removed: FormerMember?
    /// Records that it has written and that count.
    public var records: Int
}

/// Who may do what.
public struct MemberReport: Sendable {
    /// The members by name, and those that were, by removal.
    public var members: [MemberInfo]
    /// The epoch in force.
    public var epoch: Int
    /// Administrators that must approve an order.
    public var needed: Int
    /// Administrators that there are.
    public var administrators: Int
    /// Routine expiry: days with a snapshot that remain, and seconds that each stays.
    public var expiry: (days: Int, age: Int)
    /// What people should change.
    public var cautions: [MemberCaution]
    /// Orders that wait for approvals.
    public var waiting: [OrderInfo]

    /// What people should change, a sentence of English each.
    public var warnings: [String] { cautions.map { $0.text(.english) } }

    /// Whether one administrator decides alone.
    public var isOneOfOne: Bool { needed == 1 }
}

/// Looks at members. Needs no key.
public enum Members {
    /// Everybody.
    public static func list(_ state: RepositoryState) -> MemberReport {
        let former = state.formerMembers.values.sorted { ($0.removed, $0.member.id) < ($1.removed, $1.member.id) }
        let members = state.keyring.members.sorted { $0.name.hasBytesBefore($1.name) }
        return MemberReport(
            members: members.map { info($0, state) } + former.map { info($0.member, state) },
            epoch: state.keyring.epoch, needed: state.keyring.administratorQuorum,
            administrators: members.count { $0.may(.administer) },
            expiry: (state.keyring.expiryKeep, state.keyring.expiryAge), cautions: cautions(state),
            waiting: Orders.waiting(state))
    }

    /// The member of this name, or whose id begins like this.
    ///
    /// - Parameter isFormerFound: whether members that were removed are found too.
    /// - Throws: ``VaultError`` `.usage` when there is none, or more than one.
    public static func find(
        _ text: String, in state: RepositoryState, isFormerFound: Bool = false
    ) throws -> MemberInfo {
        let all = state.keyring.members + (isFormerFound ? state.formerMembers.values.map(\.member) : [])
        if let named = all.first(where: { $0.name.hasSameBytes(as: text) }) { return info(named, state) }
        let digits = text.lowercased()
        let found = all.filter { digits.count >= 4 && $0.id.hex.hasPrefix(digits) }
        guard found.count == 1 else {
            throw VaultError(
                .usage,
                found.isEmpty
                    ? "There is no member '\(text)'" : "More than one member has an id that begins with \(text)",
                nextStep: "See 'vault access list'")
        }
        return info(found[0], state)
    }

    private static func info(_ member: Member, _ state: RepositoryState) -> MemberInfo {
        let former = state.formerMembers[member.id]
        return MemberInfo(
            member: member,
            joined: state.admissions[member.id] ?? Admission(position: 0, time: state.created), removed: former,
            records: state.nextSequence(of: member.id))
    }

    /// What people should change so that the repository survives the absence of one of them, in English.
    public static func warnings(_ state: RepositoryState) -> [String] { cautions(state).map { $0.text(.english) } }

    /// The same in any language.
    public static func cautions(_ state: RepositoryState) -> [MemberCaution] {
        let keyring = state.keyring
        let people = keyring.members.filter { $0.kind == .person }
        let (readers, administrators) = (people.filter { $0.may(.read) }, people.filter { $0.may(.administer) })
        // First, since a short screen shows the first ones only.
        var cautions = usedKits(state)
        func only(_ members: [Member], _ task: MemberCaution.Task) {
            if members.isEmpty { cautions.append(.nobody(task)) }
            if members.count == 1 { cautions.append(.onlyOne(task, members[0].name)) }
        }
        if readers.count == 1, administrators.map(\.id) == readers.map(\.id) {
            only(readers, .both)
        } else {
            only(readers, .restore)
            only(administrators, .administer)
        }
        let all = keyring.members.filter { $0.may(.administer) }
        if keyring.administratorQuorum > 1 {
            if keyring.administratorQuorum == all.count { cautions.append(.allMustApprove(all.count)) }
            for kit in all where kit.kind == .kit { cautions.append(.kitApproves(kit.name)) }
        }
        if !keyring.members.contains(where: { $0.kind == .kit && $0.may(.read) }) { cautions.append(.noKit) }
        return cautions
    }

    /// The kits that were used, and not replaced since: whoever took part may have kept the seed, and so comes to the
    /// keys of every epoch.
    static func usedKits(_ state: RepositoryState) -> [MemberCaution] {
        state.keyring.members.compactMap { kit -> MemberCaution? in
            guard let use = state.kitUses[kit.id] else { return nil }
            return .kitUsed(kit.name, use.position, use.time)
        }
    }
}
