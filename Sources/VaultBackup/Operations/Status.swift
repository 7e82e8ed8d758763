/// Whether the backups of a system are known to be restorable.
public enum ProofVerdict: String, Sendable, CaseIterable {
    /// Everything that was there at the last drill is proven, and nothing is without proof for too long.
    case proven
    /// Something was never proven.
    case notProven = "not-proven"
    /// Something was proven too long ago, or is waiting for its first proof for too long.
    case expired
    /// The last drill failed.
    case failed

    /// All, the worst first.
    public static let worstFirst = allCases.sorted { $0.gravity > $1.gravity }

    /// How bad it is, for the worst of several.
    var gravity: Int {
        switch self {
        case .proven: 0
        case .notProven: 1
        case .expired: 2
        case .failed: 3
        }
    }
}

/// How long recovery took in a drill.
public struct MeasuredRTO: Sendable, Equatable {
    /// Until all is restored and found to work, in milliseconds.
    public var milliseconds: Int
    /// The same in seconds, rounded up: what took longer than its objective is never shown as if it had not.
    public var seconds: Int { (milliseconds + 999) / 1_000 }
    /// Whether all of the snapshot was restored. If not, it is the time of a part, and no measure of the whole.
    public var isWhole: Bool
    /// When the drill began.
    public var drilled: Timestamp
}

/// One system in a status.
public struct SystemStatus: Sendable {
    /// The newest snapshot.
    public var snapshot: SnapshotInfo
    /// How many snapshots of the system there are.
    public var snapshots: Int
    /// The last drill; nil when there was none.
    public var lastDrill: DrillInfo?
    /// The last drill that proved something and whose evidence counts.
    public var lastProven: DrillInfo?
    /// How much of the newest snapshot is proven.
    public var coverage: Coverage
    /// What it comes to.
    public var verdict: ProofVerdict
    /// Why.
    public var why: ProofReason
    /// How long recovery took in ``lastProven``; nil when there is none.
    public var measuredRTO: MeasuredRTO?
    /// The longest time in the last 90 days from the beginning of one backup to the end of the next, in seconds:
    /// the age that the newest data had reached at worst. Nil when there are not two.
    public var longestGap: Int?
    /// What must be reached; nil where nothing is asked.
    public var objectives = PolicyObjectives()

    /// Why, in a few words of English.
    public var reason: String { why.text(.english) }

    /// The worst age that the newest data had in the last 90 days, or has now, in seconds: a backup that did not come
    /// is missed before the next one ends the gap. Nil when its time lies in the future and nothing else is known.
    public func worstAge(at now: Timestamp) -> Int? {
        let age = snapshot.time.isClearlyAfter(now) ? nil : Int((now.milliseconds - snapshot.time.milliseconds) / 1_000)
        return [age, longestGap].compactMap { $0 }.max().map { max(0, $0) }
    }
}

/// Where a repository stands. Made from public data alone.
public struct StatusReport: Sendable {
    /// The repository.
    public var repository: RepositoryID
    /// When it was made, by the clock of this machine.
    public var time: Timestamp
    /// The systems, by name.
    public var systems: [SystemStatus]
    /// Systems that were expected and have no snapshot, by name: nothing of them can be recovered.
    public var absent: [String] = []
    /// Names of the members that may read content.
    public var readers: [String]
    /// Who decides, and what people should change about it.
    public var administration: MemberReport
    /// Names of recovery kits that were used and not replaced since.
    public var usedKits: [String] {
        administration.cautions.compactMap { caution -> String? in
            guard case .kitUsed(let name, _, _) = caution else { return nil }
            return name
        }
    }
    /// What is damaged of the log.
    public var damage: [Irregularity]
    /// How long ago this client read the stored bytes.
    public var hashAge: HashAge
    /// The copies that this client knows.
    public var copies: [CopyInfo] = []

    /// The worst of all systems; not proven when there is none, or one is missing.
    public var verdict: ProofVerdict {
        let all = systems.map(\.verdict) + (absent.isEmpty ? [] : [.notProven])
        return all.max { $0.gravity < $1.gravity } ?? .notProven
    }
}

/// Says where a repository stands. Needs no key.
public enum Status {
    /// The status of all systems, or of one.
    ///
    /// - Parameter objectives: what must be reached, by system.
    /// - Parameter expected: systems that there must be: one that was never backed up would be in no snapshot.
    /// - Throws: ``VaultError`` `.usage` when there is no snapshot of `system`, `.storage` when evidence cannot be
    ///   read.
    public static func run(
        _ repository: Repository, system: String? = nil, objectives: [String: PolicyObjectives] = [:],
        expected: [String] = []
    ) throws -> StatusReport {
        let state = repository.state
        return try run(
            repository, state, EvidenceJudge(repository, state), at: repository.clock.now(), system: system,
            objectives: objectives, expected: expected)
    }

    static func run(
        _ repository: Repository, _ state: RepositoryState, _ judge: EvidenceJudge, at now: Timestamp, system: String?,
        objectives: [String: PolicyObjectives], expected: [String]
    ) throws -> StatusReport {
        let all = Snapshots.bySystem(state.snapshots.filter { $0.isOf(system) })
        let drills = Dictionary(grouping: state.drills) { Array($0.system.utf8) }
        let systems = all.compactMap { name, snapshots -> SystemStatus? in
            var own = status(of: snapshots, drills[Array(name.utf8)] ?? [], state, now, judge)
            own?.longestGap = longestGap(snapshots, now)
            // Names that only look alike are equal to a dictionary.
            own?.objectives = objectives.first { $0.key.hasSameBytes(as: name) }?.value ?? PolicyObjectives()
            return own
        }
        let absent = expected.filter { name in
            system.map { $0.hasSameBytes(as: name) } ?? true
                && !systems.contains { $0.snapshot.system.hasSameBytes(as: name) }
        }
        if let system, systems.isEmpty, absent.isEmpty {
            throw VaultError(
                .usage, "There is no snapshot of the system '\(PathText.readable(Array(system.utf8)))'",
                nextStep: "See 'vault snapshots'")
        }
        try judge.check()
        let readers = state.keyring.members.filter { $0.may(.read) || $0.may(.drill) }.map(\.name)
        return StatusReport(
            repository: repository.id, time: now, systems: systems, absent: absent.sorted { $0.hasBytesBefore($1) },
            readers: readers.sorted(),
            administration: Members.list(state), damage: repository.logDamage, hashAge: HashAge(repository))
    }

    private static func status(
        of all: [SnapshotState], _ allDrills: [DrillState], _ state: RepositoryState, _ now: Timestamp,
        _ judge: EvidenceJudge
    ) -> SystemStatus? {
        // A drill of a copy says nothing about the bytes of the repository.
        let drills = allDrills.filter { $0.body.copy == nil }
        let snapshots = all.filter(\.isLive)
        guard let newest = snapshots.last else { return nil }
        let proven = drills.last { judge.counts($0) }
        let drilled = lastDrilledPosition(drills, all, judge)
        let coverage = Coverage(of: newest, in: state, now: now, drilled: drilled) { judge.counts($0) }
        let uncounted = drills.last.flatMap { judge.rejection(of: $0) }
        let (verdict, why): (ProofVerdict, ProofReason) =
            failure(drills.last, allDrills, now)
            ?? (isBehind(now, state)
                ? (.notProven, .clockBehind)
                : drills.isEmpty
                    ? (.notProven, .neverDrilled) : judgement(newest, proven, uncounted, coverage, now))
        let evidence = proven.flatMap { judge.evidence(of: $0) }
        return SystemStatus(
            snapshot: Snapshots.info(newest, state), snapshots: snapshots.count,
            lastDrill: drills.last.map { DrillInfo($0, state, now: now) },
            lastProven: proven.map { DrillInfo($0, state, now: now) }, coverage: coverage, verdict: verdict, why: why,
            measuredRTO: evidence.map {
                MeasuredRTO(milliseconds: $0.rtoMilliseconds, isWhole: $0.scope == .whole, drilled: $0.started)
            })
    }

    /// Position of the newest of these snapshots of which a drill proved something; −1 when there is none. Few drills
    /// are looked at: as a rule the last one counts.
    private static func lastDrilledPosition(
        _ drills: [DrillState], _ snapshots: [SnapshotState], _ judge: EvidenceJudge
    ) -> Int {
        let said = Set(drills.lazy.filter { $0.body.verdict == .proven }.map(\.body.snapshot))
        return snapshots.last { snapshot in
            said.contains(snapshot.id) && drills.contains { $0.body.snapshot == snapshot.id && judge.counts($0) }
        }?.position ?? -1
    }

    /// Backups that are told in the future have no part in it: their times are nobody's measure.
    private static func longestGap(_ snapshots: [SnapshotState], _ now: Timestamp) -> Int? {
        let since = now.milliseconds - 90 * 86_400_000
        var longest: Int?
        let sound = snapshots.lazy.map(\.body).filter { !$0.finished.isClearlyAfter(now) }
        BackupGaps.each(sound.map { ($0.started, $0.finished) }) { end, seconds in
            if end.milliseconds >= since { longest = max(longest ?? 0, seconds) }
        }
        return longest
    }

    private static func isBehind(_ now: Timestamp, _ state: RepositoryState) -> Bool {
        let times = [state.snapshots.last?.time, state.drills.last?.time, state.packs.last?.time].compactMap { $0 }
        return times.contains { $0.isClearlyAfter(now) }
    }

    /// That the last drill failed holds whatever the clocks say: the order of the log decides which one is the last.
    private static func failure(
        _ last: DrillState?, _ all: [DrillState], _ now: Timestamp
    ) -> (ProofVerdict, ProofReason)? {
        if isCopyFailing(all, now) { return (.failed, .copyFailed) }
        return last?.body.verdict == .failed ? (.failed, .drillFailed) : nil
    }

    /// Whether the last drill of a copy failed, for as long as a proof would have counted.
    private static func isCopyFailing(_ drills: [DrillState], _ now: Timestamp) -> Bool {
        let ofCopies = drills.filter { $0.body.copy != nil }.map { ($0.body.copy, $0) }
        return Dictionary(ofCopies, uniquingKeysWith: { _, last in last }).values.contains {
            $0.body.verdict == .failed && !$0.body.isExpired(at: now)
        }
    }

    private static func judgement(
        _ newest: SnapshotState, _ proven: DrillState?, _ uncounted: DrillEvidence.Rejection?, _ coverage: Coverage,
        _ now: Timestamp
    ) -> (ProofVerdict, ProofReason) {
        if let uncounted { return (.notProven, .evidenceRejected(uncounted)) }
        guard let proven, newest.packs != nil else { return (.notProven, .nothingProven) }
        if coverage.expiredBytes > 0 { return (.expired, .proofsExpired) }
        if coverage.missingBytes > 0 { return (.notProven, .partlyProven(coverage.percent)) }
        // A proof of the little that is old must not vouch for the much that is new.
        if coverage.newerBytes > coverage.provenBytes { return (.notProven, .mostlyNew) }
        let validity = proven.body.expires.milliseconds - proven.body.started.milliseconds
        if coverage.newerBytes > 0, let oldest = coverage.oldest, oldest.milliseconds + validity < now.milliseconds {
            return (.expired, .newWaits)
        }
        return (.proven, coverage.newerBytes > 0 ? .allButNewer : .all)
    }
}
