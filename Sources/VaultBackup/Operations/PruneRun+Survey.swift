extension PruneRun {
    /// A pack that is used in part.
    struct Candidate: Sendable {
        let ordinal: Int
        let length: Int
        /// Bytes of it that nothing uses, reckoned from the number of its segments.
        let unused: Int
    }

    /// What is used, and which packs are to be compacted.
    struct Survey {
        let state: RepositoryState
        let usage: PackUsage
        /// What is used within segments; nil when nobody may look.
        let chunks: UsedChunks?
        let chosen: [Candidate]
        /// What stays unused when these are compacted.
        let unused: Int
        let liveIDs: [Digest]

        init(
            state: RepositoryState, usage: PackUsage, chunks: UsedChunks?, chosen: [Candidate], unused: Int
        ) {
            self.state = state
            self.usage = usage
            self.chunks = chunks
            self.chosen = chosen
            self.unused = unused
            liveIDs = Self.liveIDs(state)
        }

        private static func liveIDs(_ state: RepositoryState) -> [Digest] {
            state.snapshots.filter(\.isLive).map(\.id)
        }

        /// Whether in a later state the same snapshots are live, and the packs to compact are as they were.
        func holds(in later: RepositoryState, for bins: [Bin]) -> Bool {
            liveIDs == Self.liveIDs(later)
                && bins.allSatisfy {
                    $0.old.ordinals.allSatisfy { !later.packs[$0].isCondemned && !later.packs[$0].isSwept }
                }
        }
    }

    /// - Parameter state: what is surveyed; the log as it is now, if not given.
    func survey(_ state: RepositoryState? = nil) throws -> Survey? {
        let state = state ?? repository.log.state
        var unknown = 0
        guard
            let usage = try PackUsage(
                state, store: store, keys: access.keys, packs: access.packs, unknown: { _ in unknown += 1 })
        else { return nil }
        // What another prune takes away while this one looks is not missing: this survey will not be carried out.
        if unknown > 0, try repository.log.refresh().head == state.head {
            warn(
                "\(unknown) segment maps are missing or damaged, so all of the packs of their snapshots counts as used")
        }
        let chunks = try usedChunks(state)
        let live = state.usedPacks ?? PackSet()
        var candidates: [Candidate] = []
        var total = 0
        for ordinal in live.ordinals where ordinal < state.packs.count {
            let pack = state.packs[ordinal]
            total += pack.pack.length
            guard !pack.isSwept, !isHeld(pack), !(state.sessions[pack.session]?.isOpen ?? false) else { continue }
            let unused = Self.unused(ordinal, pack.pack, usage, chunks)
            guard unused > 0 else { continue }
            candidates.append(Candidate(ordinal: ordinal, length: pack.pack.length, unused: unused))
        }
        let (chosen, rest) = Self.choose(
            candidates, unusedMax: request.maxUnused.byteCount(of: total), repackMax: request.maxRepackBytes)
        report.unusedInPart = rest
        return Survey(state: state, usage: usage, chunks: chunks, chosen: chosen, unused: rest)
    }

    /// What the live snapshots use within segments; nil when this member may not read, or when something cannot be
    /// read: then whole segments count.
    private func usedChunks(_ state: RepositoryState) throws -> UsedChunks? {
        guard request.thinsSegments, let reading = access.reading else { return nil }
        do {
            let most = request.workers > 0 ? request.workers : Host.processorCount
            return try UsedChunks(
                reading, state.snapshots.filter(\.isLive), workers: max(1, min(most, store.capabilities.parallelCalls)),
                cancellation: cancellation)
        } catch let error as VaultError where error.code == .damaged || error.code == .unsupportedFormat {
            // What another prune takes away while this one looks is not damaged.
            if try repository.log.refresh().head == state.head {
                warn("\(error.message), so sparse segments stay as they are")
            }
            return nil
        }
    }

    /// Bytes of a pack that nothing uses, reckoned from the raw bytes of its segments or, where nothing is known of
    /// those, from their number.
    private static func unused(_ ordinal: Int, _ pack: CommittedPack, _ usage: PackUsage, _ chunks: UsedChunks?) -> Int
    {
        var (total, used) = (0, 0)
        for segment in 0..<pack.segments {
            guard let share = chunks?.share(ordinal, segment: segment) else {
                let dead = pack.segments - usage.usedCount(ordinal)
                return pack.length / pack.segments * dead
            }
            total += share.total
            guard usage.isUsed(ordinal, segment: segment) else { continue }
            // What is not thinned frees nothing.
            used += share.used * 100 < share.total * Survey.denseShare ? share.used : share.total
        }
        return total == 0 ? 0 : Int(Double(pack.length) * Double(total - used) / Double(total))
    }

    /// The packs to compact, sparsest first and older ones before newer ones, until no more than `unusedMax` bytes stay
    /// unused or `repackMax` would be exceeded; and the bytes that stay unused.
    static func choose(
        _ candidates: [Candidate], unusedMax: Int, repackMax: Int?
    ) -> (chosen: [Candidate], unused: Int) {
        var unused = candidates.reduce(0) { $0 + $1.unused }
        var budget = repackMax ?? .max
        var chosen: [Candidate] = []
        let sorted = candidates.sorted {
            let (l, r) = ($0.unused * $1.length, $1.unused * $0.length)
            return l != r ? l > r : $0.ordinal < $1.ordinal
        }
        for candidate in sorted where unused > unusedMax && candidate.length <= budget {
            chosen.append(candidate)
            unused -= candidate.unused
            budget -= candidate.length
        }
        return (chosen.sorted { $0.ordinal < $1.ordinal }, unused)
    }
}
