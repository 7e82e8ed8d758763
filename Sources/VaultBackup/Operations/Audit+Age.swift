/// How old the newest snapshots are, by clocks that are claims.
extension Audit {
    mutating func judgeClocks() {
        var latest: (time: Timestamp, position: Int)?
        var backward: [(position: Int, by: Int64)] = []
        for entry in history.entries {
            guard let claim = entry.claim else { continue }
            if let latest, latest.time.isClearlyAfter(claim.time) {
                backward.append((entry.point.position, (latest.time.milliseconds - claim.time.milliseconds) / 1_000))
            }
            if claim.time >= latest?.time ?? claim.time { latest = (claim.time, entry.point.position) }
        }
        if let first = backward.first {
            report.notices.append(
                "A writer's clock went back: record \(first.position) is \(first.by) s before an earlier one"
                    + (backward.count > 1 ? ", and \(backward.count - 1) more are" : "")
                    + ". The order of records is that of their positions all the same")
        }
        if let latest, latest.time.isClearlyAfter(report.time) {
            report.notices.append(
                "Record \(latest.position) is of \(latest.time), which is later than the auditor's clock: one of the "
                    + "clocks is wrong")
        }
    }

    mutating func judgeFreshness(of snapshots: [SnapshotState]) {
        for (name, own) in Snapshots.bySystem(snapshots) {
            var system = AuditReport.System(name: name, snapshots: own.count)
            guard let newest = own.last else { continue }
            system.age = Self.age(of: newest, history, at: report.time)
            if let finding = Self.staleness(of: newest, system.age, ageMax: request.ageMax) {
                report.findings.append(finding)
            } else if system.age == nil {
                report.notices.append("The age of system '\(name)' cannot be told: the clocks disagree")
            }
            report.systems.append(system)
        }
        judgeAbsentSystems(report.systems.map(\.name))
    }

    /// What is too old, or of unknown age, in a whole log.
    static func staleness(_ history: LogHistory, at time: Timestamp, ageMax: Int) -> [AuditReport.Finding] {
        let systems = Snapshots.bySystem(history.state.liveSnapshots)
        if systems.isEmpty {
            return [.init(verdict: .stale, object: "snapshots", text: "There is no snapshot at all")]
        }
        return systems.compactMap { _, own in
            own.last.flatMap { staleness(of: $0, age(of: $0, history, at: time), ageMax: ageMax) }
        }
    }

    /// Seconds since the data of a snapshot was read; nil when it lies in the future, or an earlier record says a later
    /// time, so that the clocks cannot be relied on.
    private static func age(of snapshot: SnapshotState, _ history: LogHistory, at time: Timestamp) -> Int? {
        let latest = history.entries[..<snapshot.position].compactMap(\.claim?.time).max()
        guard !max(snapshot.time, snapshot.body.started).isClearlyAfter(time),
            latest.map({ !$0.isClearlyAfter(snapshot.time) }) ?? true
        else { return nil }
        return Int(max(0, time.milliseconds - snapshot.body.started.milliseconds) / 1_000)
    }

    private static func staleness(of newest: SnapshotState, _ age: Int?, ageMax: Int?) -> AuditReport.Finding? {
        guard let ageMax else { return nil }
        let object = "system '\(newest.body.system)'"
        guard let age else {
            return .init(
                verdict: .notProven, object: object,
                text: "The age of its newest snapshot, of \(newest.time), cannot be told: the clocks disagree")
        }
        guard age > ageMax else { return nil }
        return .init(
            verdict: .stale, object: object,
            text: "Its newest snapshot was begun \(newest.body.started), more than \(ageMax) s ago: backups have "
                + "stopped, or an old state is shown")
    }

    /// Systems that a writer is named for and that have no snapshot at all.
    private mutating func judgeAbsentSystems(_ found: [String]) {
        guard request.ageMax != nil, request.snapshot == nil else { return }
        let expected = Set(state.keyring.members.filter { $0.may(.write) }.flatMap(\.systems))
        for name in expected.sorted(by: { $0.hasBytesBefore($1) }) where name != Member.anySystem {
            guard request.system.map({ $0.hasSameBytes(as: name) }) ?? true,
                !found.contains(where: { $0.hasSameBytes(as: name) })
            else { continue }
            report.find(.stale, "system '\(name)'", "It has no snapshot although a writer is there for it")
        }
    }
}
