/// Judges a repository without any secret: log, snapshots, packs, and whether it is the one that was there before.
///
/// 1. Nothing is taken from a cache: every record is read and verified.
/// 2. What was not checked is no pass: it is a finding of its own.
/// 3. Only what vouches for the first record from outside counts as an anchor; having looked once does not.
/// 4. Order and authority come from positions. Times are claims: they age evidence and warn, and decide nothing else.
public struct Audit {
    let request: AuditRequest
    let store: any ObjectStore
    let client: Client
    let history: LogHistory
    var report: AuditReport

    var reader: LogReader { LogReader(store: store) }
    var state: RepositoryState { history.state }

    /// How far clocks may differ before it is said, in seconds.
    static let clockTolerance = 300
    private static let findingsOfAKindMax = 100

    /// Audits what is in `store`.
    ///
    /// - Returns: the report. Damage, forks and what is not proven are in it, not thrown.
    /// - Throws: ``VaultError`` when there is nothing to judge: no repository, a first record that is none, a store
    ///   that cannot be read, or a trust file of another repository (`.wrongIdentity`).
    public static func run(
        _ request: AuditRequest, _ store: any ObjectStore, client: Client, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> (report: AuditReport, history: LogHistory) {
        let history = try LogReader(store: store).history()
        var audit = Audit(
            request: request, store: store, client: client, history: history,
            report: AuditReport(history, time: client.clock.now()))
        try audit.judgeAnchor()
        audit.judgeRecords()
        audit.judgeClocks()
        try audit.judgeCheckpoints()
        try audit.judgePrevious()
        let snapshots = try audit.selection()
        try audit.judgePacks(of: snapshots, events: events, cancellation)
        audit.judgeFreshness(of: snapshots)
        audit.rememberHead()
        return (audit.report, history)
    }

    // MARK: Anchor and pins

    private mutating func judgeAnchor() throws {
        let pins = PinFile(files: FolderFiles(folder: client.folders.config(of: state.repository)))
        let pin = request.isBundle ? nil : try pins.load()
        let identityAnchor = client.identityFiles(of: state.repository).lazy
            .compactMap { try? IdentitySource.load($0).anchor }.first
        if let trust = request.trust {
            if let id = trust.repository, id != state.repository {
                throw VaultError(
                    .wrongIdentity,
                    "The trust file is of the repository \(id.hex.prefix(8)), at \(store.location) is "
                        + "\(state.repository.hex.prefix(8))",
                    nextStep: "Check the path and the trust file")
            }
            judge(anchor: trust.anchor, of: "the trust file", .trustFile)
            if let head = trust.head { try judge(point: head, of: "the trust file") }
        } else if let identityAnchor {
            judge(anchor: identityAnchor, of: "an identity of this user", .identity)
        }
        if let pin {
            if pin.lineage != state.lineage {
                report.find(.forked, "log", "Its lineage is \(state.lineage), this client has seen \(pin.lineage)")
            } else {
                try judge(point: pin.point, of: "this client")
                if !pin.isFirstUse, report.anchorSource == .none { report.anchorSource = .pin }
            }
        }
        if report.anchorSource == .none, request.trust == nil {
            report.find(
                .notProven, "anchor",
                "Not anchored: nothing but the repository itself vouches for it, so it may be another one, or an older "
                    + "state; give --trust FILE or the page of a recovery kit")
        } else if report.pinned == nil, request.checkpoints.isEmpty, request.previous == nil {
            report.notices.append(
                "No later record than the first is known from elsewhere, so an older state of the log would not be "
                    + "noticed; keep a checkpoint or 'vault log pin --export' from now on")
        }
    }

    private mutating func judge(anchor: Digest, of source: String, _ kind: AuditReport.AnchorSource) {
        guard anchor != state.anchor else { return report.anchorSource = kind }
        report.find(
            .forked, "record 0", "The repository begins with \(state.anchor), but \(source) names \(anchor)")
    }

    /// Looks for a record that somebody has seen.
    private mutating func judge(point: LogPoint, of source: String) throws {
        let known = "\(source) has seen record \(point.position)"
        guard let stored = try reader.record(point.position) else {
            // With later records it is not a shorter log but a damaged one, which is found elsewhere.
            guard (history.unjudged.last ?? history.size - 1) < point.position else { return }
            return report.find(
                .rolledBack, "log", "It ends at record \(report.head.position), but \(known)")
        }
        guard SHA256.digest(stored) != point.digest else {
            if point.position >= report.pinned?.position ?? 0 { report.pinned = point }
            return
        }
        let signed = try? SignedRecord(decoding: stored)
        if signed.map({ reader.isGenuine($0, at: point.position, in: state) }) ?? false {
            report.find(
                .forked, "record \(point.position)", "It is another record than the one that \(known)")
        } else {
            report.find(.damaged, "record \(point.position)", "Its bytes are not those that \(source) has seen")
        }
    }

    /// Moves this client's pin up, but only to what was anchored and found in order.
    private func rememberHead() {
        guard !request.isBundle, report.anchorSource != .none, report.verdict <= .notProven else { return }
        try? PinFile(files: FolderFiles(folder: client.folders.config(of: state.repository))).advance(to: state)
    }

    // MARK: Records

    private mutating func judgeRecords() {
        for entry in history.entries {
            if case .void = entry.effect { report.recordsVoid += 1 } else { report.recordsCounted += 1 }
        }
        let firstDamage = state.irregularities.filter(\.kind.isDamage).map(\.position).min()
        var later = 0
        for item in state.irregularities {
            let object = "record \(item.position)"
            switch item.kind {
            case .withoutEffect: report.notices.append("Record \(item.position) has no effect: \(item.reason)")
            case .unknownKind:
                report.find(.notProven, object, "A newer program is needed to judge it: \(item.reason)")
            case .void where item.position > firstDamage ?? Int.max: later += 1
            case .alteredRecord where (try? reader.isSigned(item.position, in: state)) == true:
                report.find(
                    .forked, object,
                    "It is signed, but so is the one after it, which was signed for another in its place")
            default:
                report.find(.damaged, object, item.reason.first.map { $0.uppercased() + item.reason.dropFirst() } ?? "")
            }
            if report.findings.count > Self.findingsOfAKindMax {
                report.find(.damaged, "log", "There are more such records")
                break
            }
        }
        if later > 0 {
            report.find(.damaged, "log", "\(later) records count as void because of the damage before them")
        }
        if !history.unjudged.isEmpty {
            report.find(
                .damaged, "log", "\(history.unjudged.count) records behind the missing one cannot be judged")
        }
    }

    // MARK: Snapshots and their age

    private mutating func selection() throws -> [SnapshotState] {
        var chosen = state.snapshots
        if let text = request.snapshot { chosen = [try Snapshots.find(text, in: state)] }
        if let system = request.system { chosen = chosen.filter { $0.body.system.hasSameBytes(as: system) } }
        if chosen.isEmpty {
            let which = request.system.map { "no snapshot of the system '\($0)'" } ?? "no snapshot"
            report.find(.notProven, "snapshots", "Nothing was checked: there is \(which)")
        }
        return chosen
    }

    private mutating func judgeClocks() {
        var latest: (time: Timestamp, position: Int)?
        var backward: [(position: Int, by: Int64)] = []
        for entry in history.entries {
            guard let claim = entry.claim else { continue }
            if let latest, latest.time.milliseconds - claim.time.milliseconds > Int64(Self.clockTolerance) * 1_000 {
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
        if let latest, isInFuture(latest.time) {
            report.notices.append(
                "Record \(latest.position) is of \(latest.time), which is later than the auditor's clock: one of the "
                    + "clocks is wrong")
        }
    }

    private func isInFuture(_ time: Timestamp) -> Bool {
        time.milliseconds - report.time.milliseconds > Int64(Self.clockTolerance) * 1_000
    }

    private mutating func judgeFreshness(of snapshots: [SnapshotState]) {
        for (name, own) in Self.bySystem(snapshots) {
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
        let systems = bySystem(history.state.snapshots)
        if systems.isEmpty {
            return [.init(verdict: .stale, object: "snapshots", text: "There is no snapshot at all")]
        }
        return systems.compactMap { _, own in
            own.last.flatMap { staleness(of: $0, age(of: $0, history, at: time), ageMax: ageMax) }
        }
    }

    private static func bySystem(_ snapshots: [SnapshotState]) -> [(name: String, snapshots: [SnapshotState])] {
        // By bytes: names that only look alike are not one system.
        Dictionary(grouping: snapshots) { Array($0.body.system.utf8) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    }

    /// Seconds since the data of a snapshot was read; nil when it lies in the future, or an earlier record says a later
    /// time, so that the clocks cannot be relied on.
    private static func age(of snapshot: SnapshotState, _ history: LogHistory, at time: Timestamp) -> Int? {
        let tolerance = Int64(clockTolerance) * 1_000
        let written = max(snapshot.time.milliseconds, snapshot.body.started.milliseconds)
        let latest = history.entries[..<snapshot.position].compactMap(\.claim?.time.milliseconds).max() ?? 0
        guard written - time.milliseconds <= tolerance, latest - snapshot.time.milliseconds <= tolerance else {
            return nil
        }
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
