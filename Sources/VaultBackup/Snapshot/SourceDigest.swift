internal import Synchronization

/// What the sources of a backup come to, without the directories that only lead to them: those change whenever
/// something beside a source comes or goes. Safe from any thread.
final class SourceDigest: Sendable {
    private let entries = Mutex<[(path: [UInt8], digest: Digest)]>([])
    private let isNew = Atomic<Bool>(false)

    /// Notes the finished entry of a source in `directory`.
    func note(_ directory: [UInt8], _ entry: TreeEntry) {
        var writer = ByteWriter(capacity: 256)
        entry.encode(into: &writer)
        let digest = SHA256.digest(writer.bytes)
        entries.withLock { $0.append((directory, digest)) }
    }

    /// Notes that a chunk was not in the repository before.
    func noteNewChunk() { isNew.store(true, ordering: .relaxed) }

    /// Whether a chunk was not in the repository before.
    var hasNewChunks: Bool { isNew.load(ordering: .relaxed) }

    /// Digest of all sources: the same for the same entries, whatever the order in which they came.
    var digest: Digest {
        let rows = entries.withLock { $0 }.map { row in
            var writer = ByteWriter(capacity: 64 + row.path.count)
            writer.lp32(row.path)
            row.digest.withUnsafeBytes { writer.raw(Array($0)) }
            return writer.bytes
        }
        return SHA256.digest(rows.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 })
    }
}
