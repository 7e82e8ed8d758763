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
    /// Why, in a few words.
    public var reason: String
}

/// Where a repository stands. Made from public data alone.
public struct StatusReport: Sendable {
    /// When it was made, by the clock of this machine.
    public var time: Timestamp
    /// The systems, by name.
    public var systems: [SystemStatus]
    /// Names of the members that may read content.
    public var readers: [String]
    /// Who decides, and what people should change about it.
    public var administration: MemberReport
    /// What is wrong with the log.
    public var damage: [String]
    /// How long ago this client read the stored bytes.
    public var hashAge: HashAge
    /// The copies that this client knows.
    public var copies: [CopyInfo] = []

    /// The worst of all systems; not proven when there is none.
    public var verdict: ProofVerdict {
        systems.map(\.verdict).max { $0.gravity < $1.gravity } ?? .notProven
    }
}

/// Says where a repository stands. Needs no key.
public enum Status {
    /// The status of all systems, or of one.
    /// - Throws: ``VaultError`` `.usage` when there is no snapshot of `system`, `.storage` when evidence cannot be
    ///   read.
    public static func run(_ repository: Repository, system: String? = nil) throws -> StatusReport {
        let state = repository.state
        let now = repository.clock.now()
        let snapshots = state.liveSnapshots.filter { $0.isOf(system) }
        if let system, snapshots.isEmpty {
            throw VaultError(
                .usage, "There is no snapshot of the system '\(system)'", nextStep: "See 'vault snapshots'")
        }
        let judge = try EvidenceJudge(repository, state)
        let systems = Snapshots.bySystem(snapshots).compactMap { status(of: $0, $1, state, now, judge) }
        let readers = state.keyring.members.filter { $0.may(.read) || $0.may(.drill) }.map(\.name)
        return StatusReport(
            time: now, systems: systems, readers: readers.sorted(), administration: Members.list(state),
            damage: repository.damage,
            hashAge: HashAge(repository))
    }

    private static func status(
        of system: String, _ snapshots: [SnapshotState], _ state: RepositoryState, _ now: Timestamp,
        _ judge: EvidenceJudge
    ) -> SystemStatus? {
        guard let newest = snapshots.last else { return nil }
        let (drills, ofCopies) = state.drills.filter { $0.isOf(system) }.partitioned { $0.body.copy == nil }
        let proven = drills.filter { $0.body.verdict == .proven && judge.counts($0) }
        let drilled = proven.compactMap { state.snapshot($0.body.snapshot)?.position }.max() ?? -1
        let coverage = Coverage(of: newest, in: state, now: now, drilled: drilled) { judge.counts($0) }
        let uncounted = drills.last.flatMap { judge.rejections[$0.id] }
        let isBehind: (ProofVerdict, String)? =
            isBehind(now, state)
            ? (.notProven, "the clock of this machine is behind the log, so no age can be told") : nil
        let (verdict, reason) =
            isBehind ?? failure(ofCopies, now)
            ?? judgement(newest, drills.last, proven.last, uncounted, coverage, now)
        return SystemStatus(
            snapshot: Snapshots.info(newest, state), snapshots: snapshots.count,
            lastDrill: drills.last.map { DrillInfo($0, state, now: now) },
            lastProven: proven.last.map { DrillInfo($0, state, now: now) }, coverage: coverage, verdict: verdict,
            reason: reason)
    }

    private static func isBehind(_ now: Timestamp, _ state: RepositoryState) -> Bool {
        let times = [state.snapshots.last?.time, state.drills.last?.time, state.packs.last?.time].compactMap { $0 }
        return times.contains { $0.isClearlyAfter(now) }
    }

    /// A copy whose last drill failed, for as long as a proof would have counted.
    private static func failure(_ drills: [DrillState], _ now: Timestamp) -> (ProofVerdict, String)? {
        let last = Dictionary(drills.map { ($0.body.copy, $0) }, uniquingKeysWith: { _, last in last }).values
        let isFailing = last.contains { $0.body.verdict == .failed && !$0.body.isExpired(at: now) }
        return isFailing ? (.failed, "the last drill of a copy failed") : nil
    }

    private static func judgement(
        _ newest: SnapshotState, _ last: DrillState?, _ proven: DrillState?, _ uncounted: String?,
        _ coverage: Coverage, _ now: Timestamp
    ) -> (ProofVerdict, String) {
        guard let last else { return (.notProven, "never drilled") }
        if last.body.verdict == .failed { return (.failed, "the last drill failed") }
        if let uncounted { return (.notProven, "the evidence of the last drill does not count: \(uncounted)") }
        guard let proven, newest.packs != nil else { return (.notProven, "no drill has proven anything yet") }
        if coverage.expiredBytes > 0 { return (.expired, "proofs have expired") }
        if coverage.missingBytes > 0 { return (.notProven, "\(coverage.percent) % is proven") }
        // A proof of the little that is old must not vouch for the much that is new.
        if coverage.newerBytes > coverage.provenBytes {
            return (.notProven, "most of it was added since the last drill")
        }
        let validity = proven.body.expires.milliseconds - proven.body.started.milliseconds
        if coverage.newerBytes > 0, let oldest = coverage.oldest, oldest.milliseconds + validity < now.milliseconds {
            return (.expired, "what was added since the last drill waits for too long")
        }
        return (.proven, coverage.newerBytes > 0 ? "all but what was added since the last drill" : "all of it")
    }
}

/// The evidence of all drills that say they proved something.
struct EvidenceJudge {
    /// Why the evidence of a drill does not count.
    private(set) var rejections: [Digest: String] = [:]
    private var accepted: Set<Digest> = []

    init(_ repository: Repository, _ state: RepositoryState) throws {
        for drill in state.drills where drill.body.verdict == .proven {
            let stored: [UInt8]?
            do throws(StorageError) {
                stored = try repository.store.get(.content(.evidence, drill.body.evidence))
            } catch {
                throw VaultError(.storage, "Evidence cannot be read", nextStep: "Check the store", cause: error)
            }
            do throws(DrillEvidence.Rejection) {
                _ = try DrillEvidence(stored, of: drill, in: state)
                accepted.insert(drill.id)
            } catch {
                rejections[drill.id] = error.description
            }
        }
    }

    func counts(_ drill: DrillState) -> Bool { accepted.contains(drill.id) }
}

extension Array {
    /// The elements that meet a condition, and the others.
    fileprivate func partitioned(_ isFirst: (Element) -> Bool) -> ([Element], [Element]) {
        (filter(isFirst), filter { !isFirst($0) })
    }
}
