internal import Synchronization

/// What one snapshot uses of damaged packs, and where else that is: found by walking its whole tree.
final class RepairUsage {
    private let reader: ReadAccess
    private let snapshot: SnapshotState
    private let index: ChunkIndex
    private let damage: [Int: PackVerifier.Damage]

    /// Packs outside its set that hold chunks it needs and that are in no good pack of the set.
    private(set) var found: Set<Int> = []
    /// Damaged packs with good segments that hold chunks which are nowhere else.
    private(set) var stranded: Set<Int> = []
    /// Packs that hold chunks which damaged ones may also have.
    private(set) var reliesOn: Set<Int> = []
    /// A pack that is right and that it uses.
    private(set) var anyGood: Int?
    /// What is nowhere.
    private(set) var losses: [RepairReport.Loss] = []

    init(
        _ reader: ReadAccess, _ snapshot: SnapshotState, _ index: ChunkIndex, _ damage: [Int: PackVerifier.Damage]
    ) {
        self.reader = reader
        self.snapshot = snapshot
        self.index = index
        self.damage = damage
    }

    private struct Noted {
        var good: Set<Int> = []
        var doubled: Set<Int> = []
        var stranded: Set<Int> = []
    }

    /// Walks the tree.
    func walk(_ cancellation: Cancellation) throws {
        let noted = Mutex(Noted())
        let index = self.index
        let damage = self.damage
        let places = PackDamage(Array(damage.values))
        let opened = SnapshotReader(
            reader, snapshot, index: index, whole: WholeIndex(index), lost: Set(damage.keys),
            isDamaged: { places.covers($0) },
            note: { id, place in
                guard let place else { return }
                let isDamaged = damage[place.ordinal] != nil
                let isDoubled = !isDamaged && index.place(of: id, where: { damage[$0.ordinal] != nil }) != nil
                noted.withLock { noted in
                    if isDamaged {
                        if !places.covers(place) { noted.stranded.insert(place.ordinal) }
                    } else {
                        noted.good.insert(place.ordinal)
                        if isDoubled { noted.doubled.insert(place.ordinal) }
                    }
                }
            })
        // What is right in another snapshot may be so by packs that this one does not have.
        var seen: Set<ChunkID> = []
        losses = try TreeVerifier(opened, cancellation: cancellation).check(&seen).map {
            RepairReport.Loss(snapshot: snapshot.id, path: $0.path, reason: $0.reason)
        }
        let result = noted.withLock { $0 }
        found = result.good.filter { !(snapshot.packs?.contains($0) ?? true) }
        stranded = result.stranded
        reliesOn = found.union(result.doubled)
        anyGood = result.good.filter { snapshot.packs?.contains($0) ?? false }.min() ?? result.good.min()
    }
}
