extension RepairRun {
    // What fits into one record: they must be in one, since the sets they change must be as they were when it was
    // decided.
    private static let moveBytesMax = 600_000

    /// Says in the log what is lost and what takes its place, and takes away what nothing uses any more.
    func apply(_ plan: Plan, _ state: RepositoryState) throws {
        defer { repository.keepReserve() }
        let moves = Self.fitting(plan.moves)
        if moves.count < plan.moves.count {
            report.warnings.append(
                "Only \(moves.count) of \(plan.moves.count) packs fit into one record: run the same command again")
        }
        if !moves.isEmpty {
            try cancellation.check()
            let session = try MaintenanceSession(access, usesReserve: true)
            do {
                try session.replace(basis: state.head, moves)
            } catch {
                session.abort()
                throw error
            }
        }
        let prune = PruneRun(PruneRequest(), access, events, cancellation)
        try prune.takeAway(PackSet(plan.replaced.intersection(moves.flatMap(\.old.ordinals)).sorted()))
        rebuildIndex()
        repository.advancePin()
    }

    private static func fitting(_ moves: [Int: CompactBody.Move]) -> [CompactBody.Move] {
        var bytes = 0
        return moves.sorted { $0.key < $1.key }.map(\.value).filter { move in
            bytes += 2 * (move.old.encode().count + move.new.encode().count) + 20
            return bytes <= moveBytesMax
        }
    }

    /// The local index is made anew from the directories of packs: what it says of lost ones is of no use.
    private func rebuildIndex() {
        guard let folder = repository.folders.cache(of: repository.id, "index") else { return }
        ChunkIndex.clear(folder: folder)
        let packs = repository.state.packs
        _ = try? repository.chunkIndex(
            packs: reader.packs, isWanted: { !packs[$0].isSwept && packs[$0].lost == nil }, unusable: { _, _ in })
    }
}

extension PruneRun {
    /// Condemns and sweeps these packs as far as the log allows it now, and deletes them; the rest is for prune.
    func takeAway(_ packs: PackSet) throws {
        guard !packs.isEmpty else { return }
        try condemn(repository.log.state.condemnable(packs))
        try sweepAndDelete(packs)
    }
}
