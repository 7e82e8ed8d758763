internal import Synchronization

/// A drill at work: its phases, one after the other. One thread starts them.
final class DrillRun {
    let request: DrillRequest
    let access: ReadAccess
    /// Where content comes from: the repository, or a copy of it.
    let content: ReadAccess
    let state: RepositoryState
    let snapshot: SnapshotState
    let scratch: ScratchDirectory
    let started: Timestamp
    let tally = DrillTally()
    let choice: DrillChoice
    let events: any EventSink
    let cancellation: Cancellation
    let clock: any TimeSource
    /// How long each phase took, in nanoseconds.
    var times: [DrillEvidence.Phase.Name: UInt64] = [:]
    /// What was seen of the directory.
    var isolation: Set<DrillIsolation> = []
    /// What programs saw, each of them; nil before the first.
    var programs: Set<DrillIsolation>?
    /// What the restore reported.
    private var known: Set<[UInt8]> = []
    private let notApplied = NotAppliedNotes()
    private(set) var challenge: DrillChallenge
    /// Packs that were read from beginning to end and are right.
    private(set) var rightPacks = PackSet()

    init(
        _ request: DrillRequest, _ access: ReadAccess, content: ReadAccess, _ state: RepositoryState,
        _ choice: DrillChoice, _ scratch: ScratchDirectory, started: Timestamp, _ events: any EventSink,
        _ cancellation: Cancellation
    ) {
        self.request = request
        self.access = access
        self.content = content
        self.state = state
        self.choice = choice
        snapshot = choice.snapshot
        self.scratch = scratch
        self.started = started
        self.events = ProgressOnly(events)
        self.cancellation = cancellation
        clock = access.repository.clock
        challenge = DrillChallenge(bytes: 0, files: 0, nonce: .zero, response: .zero)
    }

    /// Runs all phases and returns what they came to.
    func run() throws -> DrillEvidence {
        checkClock()
        isolation = scratch.isolation()
        let (packs, dataPacks, chosen) = choosePacks()
        var plan = DrillPlan(scope: chosen == nil ? .whole : .sample, packs: packs)
        var isGoing = true
        var reader: SnapshotReader?
        var privatePart: PrivatePart?
        try phase(.open, &isGoing) {
            let index = try SnapshotReader.index(content, of: [snapshot]) { _ in }
            let opened = SnapshotReader(content, snapshot, index: index)
            reader = opened
            privatePart = try opened.privatePart(opened.chunks())
        }
        try phase(.plan, &isGoing) {
            guard let reader else { return }
            let planner = DrillPlanner(
                reader, chosen: chosen, dataPacks: dataPacks, seed: choice.seed, tally: tally,
                cancellation: cancellation)
            plan = try planner.plan(
                packs, sample: privatePart?.sample ?? [], dumps: Set((privatePart?.databases ?? []).map(\.file)))
            checkCounts(plan)
            try checkSpace(plan)
        }
        try phase(.restore, &isGoing) { try restore(plan) }
        if isGoing { try request.beforeComparison?(scratch.tree) }
        try phase(.compare, &isGoing) {
            guard let reader else { return }
            try compare(plan, reader, privatePart?.root)
        }
        let databases = DrillDatabases(self, privatePart?.databases ?? [], byteCount: plan.dumpBytes)
        if isGoing { try databases.run() } else { databases.leaveOut() }
        expectPrograms()
        try phase(.script, &isGoing) { try runScript() }
        try phase(.malware, &isGoing) { try searchMalware() }
        // Also after a failure: what is damaged is to be named.
        isGoing = true
        try phase(.packs, &isGoing) { try checkPacks(plan.packs) }
        return evidence(plan)
    }

    /// Runs a phase and takes its time. Damage in it ends the way to a proof, not the drill.
    private func phase(_ name: DrillEvidence.Phase.Name, _ isGoing: inout Bool, _ body: () throws -> Void) throws {
        let start = clock.monotonicNanoseconds()
        defer { times[name, default: 0] += clock.monotonicNanoseconds() - start }
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
            dataPacks.map { ($0, state.packs[$0].pack.length) }, percent: percent, seed: choice.seed
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
        let result = try Restore.run(wanted, with: content, events: events, cancellation: cancellation)
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
            Array(packs.ordinals), state, content.repository.store, access: content, workers: request.workers,
            events: SilentEventSink(), cancellation)
        tally.compared(.packs, packs.count)
        for item in damage { tally.fail(.packs, [], item.reason) }
        let bad = Set(damage.map(\.ordinal))
        rightPacks = PackSet(packs.ordinals.filter { !bad.contains($0) })
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
