internal import Synchronization

/// A walk through the trees of all live snapshots, on a thread of its own, while something else reads packs.
final class TreeCheck: Sendable {
    private static let pathsNamedMax = 100

    private let access: ReadAccess
    private let state: RepositoryState
    private let damage: [PackVerifier.Damage]
    private let events: LateEventSink
    private let cancellation: Cancellation
    private let outcome = Monitor<Result<[String], any Error>?>(nil)
    private let thread = Mutex<Thread?>(nil)

    /// Begins the walk.
    ///
    /// - Parameter damage: what is known to be wrong with packs. What is found out later is unknown to it.
    /// - Parameter events: gets the progress once somebody waits for the end.
    init(
        _ access: ReadAccess, _ state: RepositoryState, _ damage: [PackVerifier.Damage], _ events: any EventSink,
        _ cancellation: Cancellation
    ) {
        self.access = access
        self.state = state
        self.damage = damage
        self.events = LateEventSink(events)
        self.cancellation = cancellation
        thread.withLock { $0 = try? Thread { self.run() } }
    }

    private func run() {
        let result = Result { try Self.findings(access, state, damage, events, cancellation) }
        outcome.withLock { $0 = result }
    }

    /// Waits for the end, and returns what is wrong, a sentence each. - Precondition: called once.
    func findings() throws -> [String] {
        events.begin()
        // Without a thread it is done here.
        if let thread = thread.withLock({ $0.take() }) { thread.join() } else { run() }
        return try outcome.withLock { $0 }?.get() ?? []
    }

    /// Walks the trees on this thread; what is wrong, a sentence each.
    static func findings(
        _ access: ReadAccess, _ state: RepositoryState, _ damage: [PackVerifier.Damage], _ events: any EventSink,
        _ cancellation: Cancellation
    ) throws -> [String] {
        let byOrdinal = PackDamage(damage)
        var seen: Set<ChunkID> = []
        var named = 0
        // What is wrong with a directory has been said, or shows as chunks that are nowhere.
        let unusable = ProblemNotes()
        let snapshots = state.liveSnapshots
        let index = try SnapshotReader.index(access, of: snapshots) { unusable.add([], $0.message) }
        var sentences = unusable.listed.map(\.reason)
        let whole = WholeIndex(access)
        let progress = BackupCounters(events: events, unit: .snapshots)
        progress.setTotals(entries: snapshots.count, bytes: 0, isEstimate: false)
        for snapshot in snapshots {
            defer { progress.add(entries: 1, bytes: 0) }
            let reader = SnapshotReader(
                access, snapshot, index: index, whole: whole, isDamaged: { byOrdinal.covers($0) })
            for finding in try TreeVerifier(reader, cancellation: cancellation).check(&seen) {
                named += 1
                guard named <= pathsNamedMax else { continue }
                sentences.append(
                    "Snapshot \(snapshot.id.hex.prefix(8)): /\(PathText.readable(finding.path)): \(finding.reason)")
            }
        }
        if named > pathsNamedMax { sentences.append("\(named - pathsNamedMax) more paths are affected") }
        return sentences
    }
}

/// Passes events on from some moment, so that of two things that are done at once only one speaks.
private final class LateEventSink: EventSink {
    private let base: any EventSink
    private let hasBegun = Atomic(false)

    init(_ base: any EventSink) { self.base = base }

    func begin() { hasBegun.store(true, ordering: .relaxed) }

    func receive(_ event: Event) {
        if hasBegun.load(ordering: .relaxed) { base.receive(event) }
    }
}
