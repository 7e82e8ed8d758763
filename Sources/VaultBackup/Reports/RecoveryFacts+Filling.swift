extension RecoveryFacts {
    /// What is known of a system now.
    init(
        of system: RecoveryReport.System, _ status: StatusReport, _ state: RepositoryState, _ copies: CopyScore,
        at now: Timestamp
    ) {
        self.init()
        let own = system.status
        func age(_ time: Timestamp) -> Int? {
            // What is told in the future has no age.
            time.isClearlyAfter(now) ? nil : max(0, Amounts.seconds(from: time, to: now))
        }
        newestAge = age(own.snapshot.time)
        longestGap = own.longestGap
        if let proven = own.lastProven, !proven.isExpired { provenAge = age(proven.body.started) }
        provenPercent =
            own.coverage.bytes == 0 ? 0 : Double(own.coverage.provenBytes) / Double(own.coverage.bytes) * 100
        // Only what was measured of a whole snapshot is a measure.
        measuredRTO = system.recoveryTime.measured?.seconds
        if status.hashAge.neverPacks == 0 { verifiedAge = status.hashAge.oldest.flatMap(age) }
        self.copies = copies.upToDate - 1
        media = copies.media ?? 1
        hasOffsiteCopy = copies.hasOffsite ?? false
        hasOfflineCopy = copies.hasOffline ?? false
        let members = state.keyring.members
        let people = members.filter { $0.kind == .person }
        readers = people.count { $0.may(.read) }
        administrators = people.count { $0.may(.administer) }
        let holders = Set(state.tokensOut.map(\.body.holder))
        hasSecondFactors = readers > 0 && people.allSatisfy { !$0.may(.read) || holders.contains($0.id) }
        damage = status.damage.count + (own.verdict == .failed ? 1 : 0)
    }
}
