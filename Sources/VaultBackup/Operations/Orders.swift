extension Order {
    /// How far an order has come.
    public struct Approvals: Sendable, Equatable {
        /// SHA-256 of the record that proposed it.
        public var proposal: Digest
        /// Administrators that have approved.
        public var given: Int
        /// Administrators that must.
        public var needed: Int
        /// Whether it was carried out.
        public var isCarriedOut: Bool
    }

    /// Proposes the order, unless it waits already, and approves it in the name of the member. With the last approval that
    /// is needed it is carried out. On return the records are durable.
    ///
    /// - Parameter subject: what needs it, for the refusal.
    /// - Throws: ``VaultError`` `.notAllowed` when the member may not administer.
    func carryOut(_ subject: String, with access: SigningAccess) throws -> Approvals {
        guard access.member.may(.administer) else {
            throw VaultError(
                .notAllowed, "\(subject) takes an order, which '\(access.member.name)' may not give",
                nextStep: "Use an identity with the role administer")
        }
        let (repository, log) = (access.repository, access.repository.log)
        // The same order by another administrator is approved, not proposed again, and by the same one approved once.
        // One that all have approved before the rule changed gets no last approval: it is proposed anew.
        let state = log.state
        let waiting = state.proposals.last { proposal in
            !proposal.isCarriedOut && proposal.order == self
                && !(proposal.approvals.contains(access.member.id)
                    && state.approvers(of: proposal).count >= state.keyring.administratorQuorum)
        }
        let proposal =
            try waiting?.id
            ?? repository.publishUsingReserve(.propose(ProposeBody(order: self)), by: access.signer).digest
        return try Self.approve(proposal, isDone: waiting?.approvals.contains(access.member.id) == true, access)
    }

    /// Approves a proposal in the name of the member, unless it has done so before.
    static func approve(_ proposal: Digest, isDone: Bool, _ access: SigningAccess) throws -> Approvals {
        let log = access.repository.log
        // Asked before: the order may change the rule, and remove who has approved.
        let before = log.state
        let earlier = before.proposals.first { $0.id == proposal }.map { before.approvers(of: $0) } ?? []
        let others = earlier.count { $0.id != access.member.id }
        if !isDone {
            let body = RecordBody.approve(ApproveBody(proposal: proposal))
            _ = try access.repository.publishUsingReserve(body, by: access.signer)
        }
        let isCarriedOut = log.state.proposals.first { $0.id == proposal }?.isCarriedOut ?? false
        return Approvals(
            proposal: proposal, given: others + 1, needed: before.keyring.administratorQuorum,
            isCarriedOut: isCarriedOut)
    }
}

/// An order as everybody can see it.
public struct OrderInfo: Sendable {
    /// SHA-256 of the record that proposed it.
    public var id: Digest
    /// Position of that record.
    public var position: Int
    /// When it was proposed, by its writer's clock.
    public var time: Timestamp
    /// Name of the member that proposed it.
    public var writer: String
    /// What it says.
    public var order: Order
    /// What it would change, a phrase each.
    public var changes: [String]
    /// Names of the administrators that have approved it, of those whose approval counts.
    public var approvers: [String]
    /// Administrators that must approve.
    public var needed: Int
    /// Why it cannot be carried out now; nil when it can.
    public var obstacle: String?
    /// Whether something else has been done meanwhile, so that it can be given up.
    public var isOvertaken: Bool

    init(_ proposal: ProposalState, _ state: RepositoryState) {
        id = proposal.id
        position = proposal.position
        time = proposal.time
        writer = state.nameOfMember(proposal.writer)
        order = proposal.order
        approvers = state.approvers(of: proposal).map(\.name)
        needed = state.keyring.administratorQuorum
        let unmet = state.unmetCondition(of: proposal.order)
        obstacle = unmet?.description
        switch unmet {
        case .keyringConflict(.otherBasis), .snapshotNotLive, .noHold: isOvertaken = true
        default: isOvertaken = false
        }
        switch proposal.order {
        case .forget(let body):
            changes = body.snapshots.map { id in
                let system = state.snapshot(id).map { " of the system '\($0.body.system)', \($0.time)" } ?? ""
                return "forgets the snapshot \(id.hex.prefix(16))\(system)"
            }
        case .release(let body):
            let hold = state.holds.first { $0.id == body.hold }
            changes = [
                "releases the snapshot \(hold?.body.snapshot.hex.prefix(16) ?? "?"), held by "
                    + "'\(hold.map { state.nameOfMember($0.writer) } ?? "?")': \(hold?.body.reason ?? "")"
            ]
        case .keyring(let body):
            changes = KeyringChange.between(state.keyring, body.keyring).map(\.description)
        }
    }
}

/// Lists orders that wait, and approves them.
public enum Orders {
    /// The orders that wait for approvals, in the order of the log. Needs no key.
    ///
    /// - Parameter isAll: whether those that were overtaken are among them.
    public static func waiting(_ state: RepositoryState, isAll: Bool = false) -> [OrderInfo] {
        state.proposals.filter { !$0.isCarriedOut }.map { OrderInfo($0, state) }.filter { isAll || !$0.isOvertaken }
    }

    /// The order that waits whose id begins like this.
    /// - Throws: ``VaultError`` `.usage` when there is none, or more than one.
    public static func find(_ text: String, in state: RepositoryState) throws -> OrderInfo {
        let all = state.proposals.filter { $0.id.hex.hasPrefix(text.lowercased()) }
        guard text.count >= 4, let found = all.first, all.count == 1 else {
            throw VaultError(
                .usage,
                all.count > 1 && text.count >= 4
                    ? "More than one order begins with \(text)" : "There is no order \(text)",
                nextStep: "'vault approve' lists those that wait")
        }
        guard !found.isCarriedOut else {
            throw VaultError(
                .usage, "The order \(found.id.hex.prefix(8)) was carried out with record \(found.carriedOut ?? 0)",
                nextStep: "'vault approve' lists those that wait")
        }
        return OrderInfo(found, state)
    }

    /// Approves an order. On return the record is durable; with the last approval that is needed the order is carried
    /// out, and if it changes members or rules, `change` says what came of it.
    ///
    /// - Throws: ``VaultError`` `.usage` for an order that does not wait, or that the member has approved before,
    ///   `.sessionConflict` for one that was overtaken, `.damaged` for keys that are not the repository's.
    public static func approve(_ text: String, with access: AdministerAccess) throws -> (
        order: OrderInfo, approvals: Order.Approvals, change: MemberChangeReport?
    ) {
        let repository = access.repository
        let state = try repository.log.refresh()
        let order = try find(text, in: state)
        if let waiting = state.proposals.first(where: { $0.id == order.id }),
            waiting.approvals.contains(access.member.id)
        {
            throw VaultError(
                .usage, "'\(access.member.name)' has approved the order \(order.id.hex.prefix(8)) before",
                nextStep: "Let another administrator approve it")
        }
        if let conflict = order.obstacle {
            throw VaultError(
                .sessionConflict,
                "The order \(order.id.hex.prefix(8)) cannot be carried out "
                    + "\(order.isOvertaken ? "any more" : "now"): \(conflict)",
                nextStep: order.isOvertaken
                    ? "Propose it anew: run the command that proposed it again"
                    : "Approve it when that has been put right")
        }
        if case .keyring(let body) = order.order, let objection = access.objection(to: body.keyring, in: state) {
            throw VaultError(
                .damaged, "The order \(order.id.hex.prefix(8)) is not to be approved: \(objection)",
                nextStep: "Ask '\(order.writer)' how it came about; propose the change anew")
        }
        let approvals = try Order.approve(order.id, isDone: false, access.signing)
        repository.advancePin()
        guard approvals.isCarriedOut, case .keyring(let body) = order.order else { return (order, approvals, nil) }
        return (order, approvals, MemberChanges.report(of: approvals, from: state, to: body.keyring, repository))
    }
}
