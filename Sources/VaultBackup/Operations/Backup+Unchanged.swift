/// The last snapshot of a set of sources by this client. The log does not say which sources a snapshot is of, and a
/// writer cannot read the private part that does, so its id is kept beside the scan cache, with a digest of its
/// sources. Losing it means one snapshot that could have been left out.
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

    /// The last snapshot, if it is still in the log and its sources have this digest: then it holds the same entries
    /// with the same content. Directories that only lead to a source may differ.
    func find(_ sources: Digest, _ system: String, _ access: WriteAccess) -> Found? {
        guard let kept = read(), kept.sources == sources,
            let snapshot = access.repository.state.snapshot(kept.id), snapshot.writer == access.member.id,
            snapshot.isOf(system), snapshot.packs != nil
        else { return nil }
        return Found(id: snapshot.id, position: snapshot.position, isEarlier: true)
    }

    /// How much the last run had to do, as the log says of its snapshot; nil when nothing is known.
    func totals(_ access: WriteAccess) -> ExpectedTotals? {
        guard let kept = read(), let body = access.repository.state.snapshot(kept.id)?.body else { return nil }
        return ExpectedTotals(entries: body.entries, bytes: body.bytes)
    }

    private func read() -> (id: Digest, sources: Digest)? {
        guard let path, let bytes = try? AtomicFile.read(path, byteCountMax: 2 * Digest.byteCount),
            let id = Digest(Array(bytes.prefix(Digest.byteCount))),
            let sources = Digest(Array(bytes.dropFirst(Digest.byteCount)))
        else { return nil }
        return (id, sources)
    }

    /// Called before a newer snapshot is published: whatever happens then, a power loss too, this one is not taken for
    /// the last.
    func forget() {
        guard let path, (try? DirectoryEntries.remove(at: nil, path)) != nil else { return }
        try? OpenFile.openDirectory(PathBytes.split(path).parent, followingLinks: true).synchronize()
    }

    /// Keeps the id of a snapshot that is in the log.
    func remember(_ id: Digest, _ sources: Digest) {
        if let path { try? AtomicFile.write(path, id.bytes + sources.bytes) }
    }
}
