internal import Synchronization

extension Verify {
    private static let pathsNamedMax = 100

    /// Walks the trees of all live snapshots; what is wrong, a sentence each.
    ///
    /// - Parameter damage: what is known to be wrong with packs.
    static func checkTrees(
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
final class LateEventSink: EventSink {
    private let base: any EventSink
    private let hasBegun = Atomic(false)

    init(_ base: any EventSink) { self.base = base }

    func begin() { hasBegun.store(true, ordering: .relaxed) }

    func receive(_ event: Event) {
        if hasBegun.load(ordering: .relaxed) { base.receive(event) }
    }
}
