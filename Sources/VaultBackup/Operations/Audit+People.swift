/// Who decides, said in every audit: separation of duties is what an auditor asks for first.
extension Audit {
    mutating func noteAdministration() {
        let keyring = state.keyring
        let administrators = keyring.members.count { $0.may(.administer) }
        if keyring.administratorQuorum == 1 {
            report.notices.append(
                "Orders are 1 of 1: each of \(administrators) administrators decides alone, so that no order has been "
                    + "approved by a second person")
        }
        let alone = state.proposals.count { proposal in
            proposal.carriedOut != nil && Set(proposal.approvals).count == 1
        }
        if alone > 0, keyring.administratorQuorum > 1 {
            report.notices.append(
                "\(alone) \(alone == 1 ? "order was" : "orders were") carried out by one administrator alone, before the "
                    + "rule of now")
        }
        for former in state.formerMembers.values.sorted(by: { ($0.removed, $0.member.id) < ($1.removed, $1.member.id) })
        {
            report.notices.append(
                "'\(former.member.name)' was removed with record \(former.removed); what that member wrote before counts"
            )
        }
    }
}
