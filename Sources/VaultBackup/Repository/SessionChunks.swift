internal import Synchronization

/// The ids of the chunks that this session has taken in, so that nothing is uploaded twice. Safe from any thread.
final class SessionChunks: Sendable {
    private final class Shard: Sendable {
        let ids = Mutex<Set<ChunkID>>([])
    }

    private let shards = (0..<64).map { _ in Shard() }

    /// Notes an id; true when it is new.
    func insert(_ id: ChunkID) -> Bool {
        shards[Int(id.prefix >> 58)].ids.withLock { $0.insert(id).inserted }
    }

    /// Whether the id has been noted.
    func contains(_ id: ChunkID) -> Bool {
        shards[Int(id.prefix >> 58)].ids.withLock { $0.contains(id) }
    }
}
