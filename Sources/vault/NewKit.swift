internal import VaultBackup

/// A new recovery kit that has been written down, and is to take the place of the old ones.
struct NewKit {
    let kit: ReplaceKit.Prepared
    let report: MemberChangeReport

    /// Puts the kit in force, and warns of files of old ones that stay.
    ///
    /// - Parameter doubt: what is to be kept when it is not known whether the kit counts: the beginning of a sentence.
    init(
        _ kit: ReplaceKit.Prepared, reason: String, with access: AdministerAccess, _ client: Client,
        _ console: Console, doubt: String
    ) throws {
        self.kit = kit
        do { report = try ReplaceKit.run(kit, reason: reason, with: access) } catch {
            console.warning("\(doubt) until 'vault access list' and 'vault approve' show which counts")
            throw error
        }
        guard report.approvals.isCarriedOut else { return }
        for file in ReplaceKit.removeLeftovers(access.repository, client) {
            console.warning("\(PathText.readable(file)) is of an old kit and could not be removed")
        }
    }

    /// What changed, for people.
    func write(_ console: Console) throws {
        for change in report.changes { try console.line(change.description.shown) }
        try console.line(OrderText.sentence(report.approvals))
    }

    /// For programs.
    var json: [(name: String, value: JSON)] {
        [
            ("kit", .string(kit.name)), ("revoked", .array(kit.revoked.map { .string($0) })),
            ("epoch", .integer(report.epoch)),
        ] + ForgetText.json(report.approvals)
    }
}
