extension Order {
    /// How far an order has come.
    public struct Approvals: Sendable, Equatable {
        /// Administrators that have approved.
        public var given: Int
        /// Administrators that must.
        public var needed: Int

        /// Whether it was carried out.
        public var isCarriedOut: Bool { given >= needed }
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
        let waiting = log.state.proposals.last { !$0.isCarriedOut && $0.order == self }
        let proposal =
            try waiting?.id
            ?? repository.publishUsingReserve(.propose(ProposeBody(order: self)), by: access.signer).digest
        if waiting?.approvals.contains(access.member.id) != true {
            _ = try repository.publishUsingReserve(.approve(ApproveBody(proposal: proposal)), by: access.signer)
        }
        let state = log.state
        let approvers = state.proposals.first { $0.id == proposal }?.approvals ?? []
        return Approvals(
            given: approvers.count { state.keyring.member($0)?.may(.administer) ?? false },
            needed: state.keyring.administratorQuorum)
    }
}
