/// One snapshot, opened to read: finds chunks, preferring the copies that the snapshot was made with. Safe from any thread.
final class SnapshotReader: Sendable {
    let access: ReadAccess
    let snapshot: SnapshotState
    private let index: ChunkIndex
    private let packs: [PackState]
    private let isPreferred: [Bool]

    /// Opens a snapshot. Packs whose directory is damaged are handed to `unusable`; what only they hold cannot be found.
    init(_ access: ReadAccess, _ snapshot: SnapshotState, unusable: @escaping (VaultError) -> Void) throws {
        self.access = access
        self.snapshot = snapshot
        let state = access.repository.state
        packs = state.packs
        var isPreferred = [Bool](repeating: snapshot.packs == nil, count: packs.count)
        for ordinal in snapshot.packs?.ordinals.map({ $0 }) ?? [] where ordinal < isPreferred.count {
            isPreferred[ordinal] = true
        }
        self.isPreferred = isPreferred
        index = try access.repository.chunkIndex(packs: access.packs, isWanted: { !state.packs[$0].isSwept && isPreferred[$0] }) { _, error in
            unusable(error)
        }
    }

    /// Where a chunk lies; nil when it is in no pack.
    func locate(_ id: ChunkID) -> ChunkLocation? {
        index.find(id) { self.isPreferred[$0] } ?? index.find(id) { $0 < self.packs.count && !self.packs[$0].isSwept }
    }

    /// What is known of a pack.
    func pack(_ ordinal: Int) -> PackReader.Description { packs[ordinal].description }

    /// A reader of nodes and lists for one thread.
    func chunks() -> ChunkReader {
        ChunkReader(packs: access.packs, identifier: access.identifier) { id in
            self.locate(id).map { (self.pack($0.ordinal), $0) }
        }
    }

    /// The private part.
    func privatePart(_ chunks: ChunkReader) throws -> PrivatePart {
        let bytes = try chunks.chunk(snapshot.body.privatePart, .privatePart)
        do { return try PrivatePart(decoding: bytes) } catch {
            throw VaultError(.damaged, "The private part of snapshot \(snapshot.id.hex.prefix(8)) is not valid", cause: error)
        }
    }
}
