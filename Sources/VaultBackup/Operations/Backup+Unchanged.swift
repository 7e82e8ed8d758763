/// The last snapshot of a set of sources by this client. The log does not say which sources a snapshot is of, and a writer cannot read the
/// private part that does, so its id is kept beside the scan cache. Losing it means one snapshot that could have been left out.
struct LastSnapshot {
    /// A snapshot that stands for a run.
    struct Found {
        var id: Digest
        var position: Int
        /// Whether it was there before the run.
        var isEarlier: Bool
    }

    private let path: [UInt8]?

    /// - Parameter scanCache: path of the scan cache of the same system and sources; nil when there is none.
    init(scanCache: [UInt8]?) { path = scanCache.map { $0 + Array(".last".utf8) } }

    /// The last snapshot, if it is still in the log and its top directory is `node`: then it has the same entries with the same content.
    func find(_ node: ChunkID, _ system: String, _ access: WriteAccess) -> Found? {
        guard let path, let bytes = try? AtomicFile.read(path, byteCountMax: Digest.byteCount),
            bytes.count == Digest.byteCount
        else { return nil }
        let id = bytes.withUnsafeBytes { Digest($0) }
        let snapshot = access.repository.state.snapshots.last { $0.id == id }
        guard let snapshot, snapshot.writer == access.member.id, snapshot.body.system == system,
            snapshot.body.node == node, snapshot.packs != nil
        else { return nil }
        return Found(id: id, position: snapshot.position, isEarlier: true)
    }

    /// Called before a newer snapshot is published: whatever happens then, this one is not taken for the last.
    func forget() { if let path { try? DirectoryEntries.remove(at: nil, path) } }

    /// Keeps the id of a snapshot that is in the log.
    func remember(_ id: Digest) {
        if let path { try? AtomicFile.write(path, id.withUnsafeBytes { Array($0) }) }
    }
}
