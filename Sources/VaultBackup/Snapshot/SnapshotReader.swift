internal import Synchronization

/// One snapshot, opened to read: finds chunks, preferring the copies that the snapshot was made with. Safe from any
/// thread.
final class SnapshotReader: Sendable {
    let access: ReadAccess
    let snapshot: SnapshotState
    private let index: ChunkIndex
    private let packs: [PackState]
    private let isPreferred: [Bool]
    private let isLost: [Bool]
    /// Whether what lies in a place is known to be unusable.
    let isDamaged: (@Sendable (ChunkLocation) -> Bool)?
    private let note: (@Sendable (ChunkID, ChunkLocation?) -> Void)?
    private let whole: WholeIndex

    /// Opens a snapshot with the index of all packs, from ``index(_:of:unusable:)``.
    ///
    /// - Parameter whole: the index of all packs, for what is missing; shared by those that read several snapshots.
    /// - Parameter lost: packs to which every other place is preferred, beside those of which the log says so.
    /// - Parameter isDamaged: says of a place whether what lies there cannot be used: another is then preferred.
    /// - Parameter note: is told where each chunk was found that was asked for; from any thread.
    init(
        _ access: ReadAccess, _ snapshot: SnapshotState, index: ChunkIndex, whole: WholeIndex? = nil,
        lost: Set<Int> = [],
        isDamaged: (@Sendable (ChunkLocation) -> Bool)? = nil,
        note: (@Sendable (ChunkID, ChunkLocation?) -> Void)? = nil
    ) {
        self.access = access
        self.snapshot = snapshot
        self.index = index
        self.isDamaged = isDamaged
        self.note = note
        self.whole = whole ?? WholeIndex(access)
        let packs = access.repository.state.packs
        let isLost = packs.indices.map { packs[$0].lost != nil || lost.contains($0) }
        self.packs = packs
        self.isLost = isLost
        var isPreferred = [Bool](repeating: snapshot.packs == nil, count: packs.count)
        for range in snapshot.packs?.runs ?? [] {
            for ordinal in range.clamped(to: 0..<packs.count) { isPreferred[ordinal] = !isLost[ordinal] }
        }
        self.isPreferred = isPreferred
    }

    /// The index of the packs of some snapshots. Packs whose directory is damaged are handed to `unusable`; what only
    /// they hold cannot be found. Everything that reads content begins here, and so it is here put on record.
    static func index(
        _ access: ReadAccess, of snapshots: [SnapshotState], unusable: @escaping (VaultError) -> Void
    ) throws -> ChunkIndex {
        access.putOnRecord(snapshots)
        var failures: [VaultError] = []
        func index(_ snapshots: [SnapshotState]) throws -> ChunkIndex {
            let packs = access.repository.state.packs
            let isAll = snapshots.contains { $0.packs == nil }
            let wanted = PackSet(snapshots.compactMap(\.packs))
            failures = []
            return try access.repository.chunkIndex(
                packs: access.packs,
                isWanted: { ordinal in !packs[ordinal].isSwept && (isAll || wanted.contains(ordinal)) },
                unusable: { _, error in failures.append(error) })
        }
        let head = access.repository.state.head
        var found = try index(snapshots)
        if !failures.isEmpty, let state = try? access.repository.newest(), state.head > head {
            // A prune may have put other packs in the place of some since the log was read.
            let ids = Set(snapshots.map(\.id))
            found = try index(state.snapshots.filter { ids.contains($0.id) })
        }
        for error in failures { unusable(error) }
        return found
    }

    /// Where a chunk lies; nil when it is in no pack.
    ///
    /// A copy in a pack of the snapshot comes first, then one that was stored elsewhere, then one in a place that is
    /// lost or damaged, but for those that were tried.
    func locate(_ id: ChunkID, tried: [ChunkLocation] = []) -> ChunkLocation? {
        let found = search(id, tried)
        note?(id, found)
        return found
    }

    private func search(_ id: ChunkID, _ tried: [ChunkLocation]) -> ChunkLocation? {
        if tried.isEmpty, let found = index.find(id, isUsable: { $0 < isPreferred.count && isPreferred[$0] }),
            isDamaged?(found) != true
        {
            return found
        }
        func isThere(_ place: ChunkLocation) -> Bool {
            place.ordinal < packs.count && !packs[place.ordinal].isSwept && !tried.contains(place)
        }
        func isGood(_ place: ChunkLocation) -> Bool {
            isThere(place) && !isLost[place.ordinal] && isDamaged?(place) != true
        }
        return index.place(of: id, where: { isGood($0) && isPreferred[$0.ordinal] }) ?? index.place(
            of: id, where: isGood)
            ?? whole.index?.place(of: id, where: isGood)
            ?? index.place(of: id, where: { isThere($0) && isDamaged?($0) != true })
            ?? index.place(of: id, where: isThere)
    }

    /// What is known of a pack.
    func pack(_ ordinal: Int) -> PackReader.Description { packs[ordinal].description }

    /// A reader of nodes and lists for one thread.
    ///
    /// - Parameter note: gets the id of each chunk before it is read.
    func chunks(_ note: @escaping (ChunkID) -> Void = { _ in }) -> ChunkReader {
        ChunkReader(packs: access.packs, identifier: access.identifier) { id, tried in
            note(id)
            return self.locate(id, tried: tried).map { (self.pack($0.ordinal), $0) }
        }
    }

    /// The private part.
    func privatePart(_ chunks: ChunkReader) throws -> PrivatePart {
        let bytes = try chunks.chunk(snapshot.body.privatePart, .privatePart)
        do { return try PrivatePart(decoding: bytes) } catch {
            throw VaultError(
                .damaged, "The private part of snapshot \(snapshot.id.hex.prefix(8)) is not valid", cause: error)
        }
    }
}

/// The index of all packs of a repository, made when something is missing in those of a snapshot: it may have been
/// stored again since.
final class WholeIndex: Sendable {
    private let make: @Sendable () -> ChunkIndex?
    private let known = Mutex<ChunkIndex??>(nil)

    init(_ access: ReadAccess) {
        make = {
            let packs = access.repository.state.packs
            return try? access.repository.chunkIndex(
                packs: access.packs, isWanted: { !packs[$0].isSwept }, unusable: { _, _ in })
        }
    }

    /// One that is known already.
    init(_ index: ChunkIndex) { make = { index } }

    /// The index; nil when it cannot be had.
    var index: ChunkIndex? {
        known.withLock { known in
            if let known { return known }
            let made = make()
            known = .some(made)
            return made
        }
    }
}
