internal import Synchronization

/// A drill at work: its phases, one after the other. One thread starts them.
final class DrillRun {
    let request: DrillRequest
    let access: ReadAccess
    let state: RepositoryState
    let snapshot: SnapshotState
    let scratch: ScratchDirectory
    let started: Timestamp
    let tally = DrillTally()
    private let events: any EventSink
    private let cancellation: Cancellation
    private let clock: any TimeSource
    private let seed: [UInt8]
    private var phases: [DrillEvidence.Phase] = []
    /// What the restore reported.
    private var known: Set<[UInt8]> = []
    private let notApplied = NotAppliedNotes()
    private var challenge: DrillChallenge
    /// Packs that were read from beginning to end and are right.
    private(set) var rightPacks = PackSet()

    init(
        _ request: DrillRequest, _ access: ReadAccess, _ state: RepositoryState, _ snapshot: SnapshotState,
        _ scratch: ScratchDirectory, started: Timestamp, _ events: any EventSink, _ cancellation: Cancellation
    ) {
        self.request = request
        self.access = access
        self.state = state
        self.snapshot = snapshot
        self.scratch = scratch
        self.started = started
        self.events = ProgressOnly(events)
        self.cancellation = cancellation
        clock = access.repository.clock
        seed = access.repository.random.bytes(16)
        challenge = DrillChallenge(bytes: 0, files: 0, nonce: .zero, response: .zero)
    }

    /// Runs all phases and returns what they came to.
    func run() throws -> DrillEvidence {
        checkClock()
        let (packs, dataPacks, chosen) = choosePacks()
        var plan = DrillPlan(scope: chosen == nil ? .whole : .sample, packs: packs)
        var isGoing = true
        var reader: SnapshotReader?
        var privatePart: PrivatePart?
        try phase(.open, &isGoing) {
            let index = try SnapshotReader.index(access, of: [snapshot]) { _ in }
            let opened = SnapshotReader(access, snapshot, index: index)
            reader = opened
            privatePart = try opened.privatePart(opened.chunks())
        }
        try phase(.plan, &isGoing) {
            guard let reader else { return }
            let planner = DrillPlanner(
                reader, chosen: chosen, dataPacks: dataPacks, seed: seed, tally: tally, cancellation: cancellation)
            plan = try planner.plan(packs, sample: privatePart?.sample ?? [])
            checkCounts(plan)
            try checkSpace(plan)
        }
        try phase(.restore, &isGoing) { try restore(plan) }
        if isGoing { try request.beforeComparison?(scratch.tree) }
        try phase(.compare, &isGoing) {
            guard let reader else { return }
            try compare(plan, reader, privatePart?.root)
        }
        // Also after a failure: what is damaged is to be named.
        isGoing = true
        try phase(.packs, &isGoing) { try checkPacks(plan.packs) }
        return evidence(plan)
    }

    /// Runs a phase and takes its time. Damage in it ends the way to a proof, not the drill.
    private func phase(_ name: DrillEvidence.Phase.Name, _ isGoing: inout Bool, _ body: () throws -> Void) throws {
        let start = clock.monotonicNanoseconds()
        defer {
            let nanoseconds = clock.monotonicNanoseconds() - start
            phases.append(DrillEvidence.Phase(name: name, milliseconds: Int(nanoseconds / 1_000_000)))
        }
        guard isGoing else { return }
        try cancellation.check()
        do { try body() } catch let error as VaultError where error.code == .damaged || error.code == .storage {
            tally.fail(.restore, [], error.message)
            isGoing = false
        }
    }

    // MARK: Before

    /// A clock that is behind what the log knows can say nothing about ages.
    private func checkClock() {
        tally.expect(.clock)
        let latest = [snapshot.body.finished, snapshot.time, state.drills.last?.time ?? snapshot.time].max()
        if let latest, !latest.isClearlyAfter(started) { tally.compared(.clock) }
    }

    /// All packs of the drill, all data packs of the snapshot, and those of them that a sample takes.
    private func choosePacks() -> (packs: PackSet, dataPacks: [Int], chosen: Set<Int>?) {
        let all = snapshot.packs ?? PackSet()
        let dataPacks = all.ordinals.filter { state.packs[$0].pack.packClass == .data }
        guard let percent = request.percent, percent < 100 else { return (all, dataPacks, nil) }
        let chosen = PackDraw.choose(
            dataPacks.map { ($0, state.packs[$0].pack.length) }, percent: percent, seed: seed
        ) { ordinal in
            guard let drill = state.packs[ordinal].provenBy.map({ state.drills[$0] }),
                !drill.body.isExpired(at: started)
            else { return nil }
            return drill.position
        }
        if chosen.count == dataPacks.count { return (all, dataPacks, nil) }
        let others = all.ordinals.filter { state.packs[$0].pack.packClass != .data }
        return (PackSet(others + chosen), dataPacks, Set(chosen))
    }

    private func checkCounts(_ plan: DrillPlan) {
        tally.expect(.counts, 2)
        tally.compared(.counts, 2)
        let body = snapshot.body
        if plan.total.entries != body.entries {
            tally.fail(.counts, [], "the snapshot has \(plan.total.entries) entries, its record says \(body.entries)")
        }
        if min(max(plan.total.bytes, 0), CanonicalJSON.integerMax) != body.bytes {
            tally.fail(.counts, [], "the snapshot has \(plan.total.bytes) bytes, its record says \(body.bytes)")
        }
    }

    private func checkSpace(_ plan: DrillPlan) throws {
        let available = try scratch.spaceAvailable()
        guard available < plan.spaceNeeded else { return }
        throw VaultError(
            .failed,
            "The scratch directory \(PathText.readable(request.scratch)) has room for \(available >> 20) MiB, and the "
                + "drill needs \(plan.spaceNeeded >> 20) MiB",
            nextStep: "Name another place with --scratch, or restore a part with --sample")
    }

    // MARK: Restoring and comparing

    private func restore(_ plan: DrillPlan) throws {
        var wanted = RestoreRequest(try SnapshotPath(Array(snapshot.id.hex.utf8)), target: scratch.tree)
        wanted.options.selection = plan.restoreSelection
        wanted.options.workers = request.workers
        let notes = notApplied
        wanted.onMetadataProblem = { notes.add($0) }
        let result = try Restore.run(wanted, with: access, events: events, cancellation: cancellation)
        for problem in result.problems where !plan.incomplete.contains(problem.path) {
            known.insert(problem.path)
            tally.fail(.restore, problem.path, problem.reason)
        }
        if result.problemCount > result.problems.count {
            tally.fail(.restore, [], "\(result.problemCount - result.problems.count) more problems")
        }
        // A restore that is still in memory is none.
        try OpenFile.openDirectory(scratch.tree).synchronizeFileSystem()
    }

    private func compare(_ plan: DrillPlan, _ reader: SnapshotReader, _ rootEntry: TreeEntry?) throws {
        let nonce = ChallengeDraw.nonce(
            access.repository.id, head: state.headDigest, random: access.repository.random)
        let comparison = try DrillComparison(
            reader, plan, tree: scratch.tree, known: known, notApplied: notApplied.all, nonce: nonce,
            tally: tally, workers: request.workers, events: events, cancellation: cancellation)
        let draw = try comparison.run(rootEntry: rootEntry)
        challenge = try draw.answer(reader, tree: scratch.tree, tally, cancellation)
    }

    /// Reads packs from beginning to end, decrypts every segment and computes the id of every chunk.
    private func checkPacks(_ packs: PackSet) throws {
        tally.expect(.packs, packs.count)
        let damage = try PackScan.run(
            Array(packs.ordinals), state, access.repository.store, access: access, workers: request.workers,
            events: SilentEventSink(), cancellation)
        tally.compared(.packs, packs.count)
        for item in damage { tally.fail(.packs, [], item.reason) }
        let bad = Set(damage.map(\.ordinal))
        rightPacks = PackSet(packs.ordinals.filter { !bad.contains($0) })
    }

    // MARK: After

    private func evidence(_ plan: DrillPlan) -> DrillEvidence {
        let checks = tally.checks
        let verdict = DrillTally.verdict(checks)
        let (id, dedup) = (access.repository.id, access.dedup)
        func keyed(_ purpose: String, _ bytes: [UInt8]) -> [UInt8] {
            let key = MACKey(HKDF.derive(dedup, info: Label.repository(purpose, id)))
            return Array(key.authenticate(bytes).bytes.prefix(16))
        }
        let failures = tally.findings.prefix(DrillEvidence.failuresMax).map {
            DrillEvidence.Failure(check: $0.check, entry: keyed("drill/entry", $0.path))
        }
        let isClockRight = checks.contains { $0.name == .clock && $0.verdict == .proven }
        let age = max(0, started.milliseconds - snapshot.body.started.milliseconds) / 1_000
        let ended = clock.now()
        let total = tally.total
        let system = snapshot.body.system
        return DrillEvidence(
            challenge: challenge, checks: checks,
            compared: .init(bytes: total.bytes, entries: total.entries, packs: rightPacks.count), ended: ended,
            expires: Timestamp(milliseconds: ended.milliseconds + Int64(request.validSeconds) * 1_000),
            failureCount: tally.failureCount, failures: failures,
            head: LogPoint(position: state.head, digest: state.headDigest),
            host: keyed("drill/host", Array(Host.name.utf8)), lineage: state.lineage, member: access.member.id,
            packs: verdict == .proven ? plan.packs.recordable : PackSet(), phases: phases,
            previous: state.drills.last { $0.isOf(system) }?.body.evidence ?? .zero,
            program: Version.text, repository: id, root: snapshot.body.disclosure,
            rpoSeconds: isClockRight ? Int(age) : 0,
            sample: .init(
                hundredths: plan.scope == .whole ? 10_000 : max(1, Int((request.percent ?? 100) * 100)), seed: seed),
            scope: plan.scope, skipped: tally.skipped,
            snapshot: LogPoint(position: snapshot.position, digest: snapshot.id), started: started, system: system,
            total: .init(
                bytes: snapshot.body.bytes, entries: snapshot.body.entries, packs: snapshot.packs?.count ?? 0),
            verdict: verdict)
    }
}

/// Metadata that the restore could not apply. Safe from any thread; bounded.
private final class NotAppliedNotes: Sendable {
    private let notes = Mutex<Set<DrillComparison.NotApplied>>([])
    private static let countMax = 1 << 20

    func add(_ problem: MetadataProblem) {
        notes.withLock { notes in
            guard notes.count < Self.countMax else { return }
            notes.insert(DrillComparison.NotApplied(path: problem.path, kind: problem.kind))
        }
    }

    var all: Set<DrillComparison.NotApplied> { notes.withLock { $0 } }
}

/// Lets progress through and keeps messages back: a drill says what it found in its report.
private struct ProgressOnly: EventSink {
    private let events: any EventSink

    init(_ events: any EventSink) { self.events = events }

    func receive(_ event: Event) {
        if case .progress = event { events.receive(event) }
    }
}
