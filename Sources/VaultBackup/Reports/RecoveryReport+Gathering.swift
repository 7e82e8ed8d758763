extension RecoveryReport {
    /// Gathers a report.
    ///
    /// - Parameter client: knows the copies.
    /// - Throws: ``VaultError`` `.usage` when there is no snapshot of the system, `.storage` when evidence cannot be
    ///   read.
    public init(_ request: RecoveryReportRequest, _ repository: Repository, client: Client) throws {
        try self.init(request, repository, copies: Copy.list(repository, client: client))
    }

    init(_ request: RecoveryReportRequest, _ repository: Repository, copies: [CopyInfo]) throws {
        let (state, now) = (repository.state, repository.clock.now())
        let judge = EvidenceJudge(repository, state)
        time = now
        let period = Timestamp(milliseconds: now.milliseconds - Int64(request.periodSeconds) * 1_000)
        // Before it was made there is nothing to be seen.
        since = state.created < now ? max(period, state.created) : period
        self.repository = repository.id
        anchor = state.anchor
        head = LogPoint(position: state.head, digest: state.headDigest)
        status = try Status.run(
            repository, state, judge, at: now, system: request.system, objectives: request.objectives,
            expected: request.expected)
        status.copies = copies
        self.copies = CopyScore(status, request.places)
        let snapshots = Dictionary(grouping: state.snapshots.filter { $0.isOf(request.system) }) {
            Array($0.body.system.utf8)
        }
        let drills = Dictionary(grouping: state.drills) { Array($0.system.utf8) }
        systems = []
        for own in status.systems {
            let key = Array(own.snapshot.system.utf8)
            var system = System(own, snapshots[key] ?? [], drills[key] ?? [], since: since, state, judge, at: now)
            system.facts = RecoveryFacts(of: system, status, state, self.copies, at: now)
            systems.append(system)
        }
        try judge.check()
        systems.sort {
            $0.status.verdict.gravity == $1.status.verdict.gravity
                ? $0.name.hasBytesBefore($1.name) : $0.status.verdict.gravity > $1.status.verdict.gravity
        }
        holds = state.liveHolds.compactMap { hold in
            guard let snapshot = state.snapshot(hold.body.snapshot), snapshot.isOf(request.system) else { return nil }
            return Hold(snapshot: Snapshots.info(snapshot, state), hold: HoldInfo(hold, state))
        }
        findings = []
        findings = ReportFinding.all(of: self, state)
    }
}

extension RecoveryReport.System {
    init(
        _ status: SystemStatus, _ snapshots: [SnapshotState], _ drills: [DrillState], since: Timestamp,
        _ state: RepositoryState, _ judge: EvidenceJudge, at now: Timestamp
    ) {
        self.status = status
        let sound = snapshots.filter { !$0.body.finished.isClearlyAfter(now) }
        futureBackups = snapshots.count - sound.count
        let first = sound.firstIndex { $0.body.finished >= since } ?? sound.endIndex
        backups = sound[max(0, first - 1)...].map {
            .init(started: $0.body.started, finished: $0.body.finished, isIncomplete: $0.body.problems > 0)
        }
        self.drills = drills.filter { $0.body.started >= since }.map {
            .init(info: DrillInfo($0, state, now: now), evidence: judge.evidence(of: $0))
        }
        recoveryTime = RecoveryReport.RecoveryTime(self.drills)
        facts = RecoveryFacts()
    }

    /// The age that the newest data had reached when each backup ended, in seconds: since the one before it began. The
    /// last is the age that it has now.
    public func gaps(at now: Timestamp) -> [(end: Timestamp, seconds: Int)] {
        var gaps: [(end: Timestamp, seconds: Int)] = []
        BackupGaps.each(backups.map { ($0.started, $0.finished) }) { gaps.append(($0, $1)) }
        if let last = backups.map(\.started).max() { gaps.append((now, max(0, Amounts.seconds(from: last, to: now)))) }
        return gaps
    }
}

extension RecoveryReport.RecoveryTime {
    init(_ drills: [RecoveryReport.DrillPoint]) {
        for drill in drills where drill.isProof {
            guard let evidence = drill.evidence else { continue }
            if evidence.scope == .whole {
                measured = MeasuredRTO(
                    milliseconds: evidence.rtoMilliseconds, isWhole: true, drilled: evidence.started)
                estimatedMilliseconds = nil
                estimatedFromPercent = nil
            } else if measured == nil, evidence.compared.bytes > 0, evidence.total.bytes > 0 {
                let share = min(1, Double(evidence.compared.bytes) / Double(evidence.total.bytes))
                let whole = Double(evidence.rtoMilliseconds) / share
                estimatedMilliseconds = whole < 1e15 ? Int(whole) : nil
                estimatedFromPercent = share * 100
            }
        }
    }
}

extension CopyScore {
    init(_ status: StatusReport, _ places: [PolicyCopy]) {
        let current = status.copies.filter(\.hasEverySnapshot)
        upToDate = 1 + current.count
        let known = places.filter { place in
            current.contains { RepositoryPlace.absolute(place.path) == $0.location }
        }
        // Without a word about the places nothing is known; a copy that no policy names says nothing either.
        if !places.isEmpty {
            media = Set(known.map(\.medium) + ["disk"]).count
            hasOffsite = known.contains(where: \.isOffsite)
            hasOffline = known.contains(where: \.isOffline)
        }
        isWithoutError = status.verdict == .proven && status.damage.isEmpty
    }
}
