extension RepositoryState {
    /// The snapshot with this id; nil when there is none. As a rule a new one is wanted, so the search begins at the
    /// end.
    public func snapshot(_ id: Digest) -> SnapshotState? { snapshots.last { $0.id == id } }

    /// The condition that a DRILL record does not meet; nil when it is effective.
    func unmetCondition(of body: DrillBody) -> UnmetCondition? {
        guard let snapshot = snapshot(body.snapshot) else { return .noSnapshot(body.snapshot) }
        // Before its packs are looked at one by one, so that a hostile set of huge runs costs nothing.
        if let ordinal = absent(body.packs) { return .packNotThere(ordinal: ordinal) }
        guard let own = snapshot.packs else { return nil }
        return body.packs.ordinals.first { !own.contains($0) }.map { .packNotInSnapshot(ordinal: $0) }
    }

    /// The condition that an ACCESS record does not meet; nil when it is effective.
    func unmetCondition(of body: AccessBody) -> UnmetCondition? {
        // Most name one, and a new one: no need to gather all.
        guard body.snapshots.count > 4 else {
            return body.snapshots.first { id in !snapshots.reversed().contains { $0.id == id } }
                .map { .noSnapshot($0) }
        }
        let known = Set(snapshots.map(\.id))
        return body.snapshots.first { !known.contains($0) }.map { .noSnapshot($0) }
    }

    /// A pack of the set that is not committed, or swept; nil when there is none.
    func absent(_ set: PackSet) -> Int? {
        if let last = set.last, last >= packs.count { return last }
        return set.ordinals.first { packs[$0].isSwept }
    }
}
