/// One snapshot, opened to read: finds chunks, preferring the copies that the snapshot was made with. Safe from any
/// thread.
final class SnapshotReader: Sendable {
    let access: ReadAccess
    let snapshot: SnapshotState
    private let index: ChunkIndex
    private let packs: [PackState]
    private let isPreferred: [Bool]

    /// Opens a snapshot with the index of all packs, from ``index(_:unusable:)``.
    init(_ access: ReadAccess, _ snapshot: SnapshotState, index: ChunkIndex) {
        self.access = access
        self.snapshot = snapshot
        self.index = index
        packs = access.repository.state.packs
        var isPreferred = [Bool](repeating: snapshot.packs == nil, count: packs.count)
        for range in snapshot.packs?.runs ?? [] {
            for ordinal in range.clamped(to: 0..<packs.count) { isPreferred[ordinal] = true }
        }
        self.isPreferred = isPreferred
    }

    /// The index of the packs of some snapshots. Packs whose directory is damaged are handed to `unusable`; what only
    /// they hold cannot be found.
    static func index(
        _ access: ReadAccess, of snapshots: [SnapshotState], unusable: @escaping (VaultError) -> Void
    ) throws -> ChunkIndex {
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
    func locate(_ id: ChunkID) -> ChunkLocation? {
        index.find(id) { self.isPreferred[$0] } ?? index.find(id) { $0 < self.packs.count && !self.packs[$0].isSwept }
    }

    /// What is known of a pack.
    func pack(_ ordinal: Int) -> PackReader.Description { packs[ordinal].description }

    /// A reader of nodes and lists for one thread.
    ///
    /// - Parameter note: gets the id of each chunk before it is read.
    func chunks(_ note: @escaping (ChunkID) -> Void = { _ in }) -> ChunkReader {
        ChunkReader(packs: access.packs, identifier: access.identifier) { id in
            note(id)
            return self.locate(id).map { (self.pack($0.ordinal), $0) }
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
