extension PruneRun {
    /// A pack that is used in part.
    struct Candidate: Sendable {
        let ordinal: Int
        let length: Int
        /// Bytes of it that nothing uses, reckoned from the number of its segments.
        let unused: Int
    }

    /// Moved packs that one session stores before packs are deleted again: what the disk must have room for.
    private static let packsPerSession = 8
    /// How often others may be faster before this is given up.
    private static let conflictsMax = 5

    /// Puts the used segments of sparse packs together, and takes the sparse packs away.
    func compact() throws {
        guard var survey = try survey() else { return }
        var bins = try fill(survey)
        var conflicts = 0
        while !bins.isEmpty {
            try cancellation.check()
            let state = try repository.log.refresh()
            if !survey.holds(in: state, for: bins) {
                // Snapshots or packs came or went: what is used is asked again. What has been compacted stays so.
                guard let next = try self.survey() else { return }
                survey = next
                bins = try fill(survey)
                continue
            }
            let batch = Array(bins.prefix(Self.packsPerSession))
            bins.removeFirst(batch.count)
            do {
                guard try compact(batch, survey, basis: state.head) else { return }
            } catch let error as VaultError where error.code == .failed && conflicts < Self.conflictsMax {
                // Another prune was faster with one of these packs.
                conflicts += 1
                guard let next = try self.survey() else { return }
                survey = next
                bins = try fill(survey)
            }
        }
    }

    /// What is used, and which packs are to be compacted.
    struct Survey {
        let state: RepositoryState
        let usage: PackUsage
        let chosen: [Candidate]
        /// What stays unused when these are compacted.
        let unused: Int
        let liveIDs: [Digest]

        init(state: RepositoryState, usage: PackUsage, chosen: [Candidate], unused: Int) {
            self.state = state
            self.usage = usage
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

    func survey() throws -> Survey? {
        let state = repository.log.state
        var unknown = 0
        guard
            let usage = try PackUsage(
                state, store: store, keys: access.keys, packs: access.packs, unknown: { _ in unknown += 1 })
        else { return nil }
        if unknown > 0 {
            warn(
                "\(unknown) segment maps are missing or damaged, so all of the packs of their snapshots counts as used")
        }
        let live = state.usedPacks ?? PackSet()
        var candidates: [Candidate] = []
        var total = 0
        for ordinal in live.ordinals where ordinal < state.packs.count {
            let pack = state.packs[ordinal]
            total += pack.pack.length
            let used = usage.usedCount(ordinal)
            guard used < pack.pack.segments, !pack.isSwept, !(state.sessions[pack.session]?.isOpen ?? false) else {
                continue
            }
            let unused = pack.pack.length / pack.pack.segments * (pack.pack.segments - used)
            candidates.append(Candidate(ordinal: ordinal, length: pack.pack.length, unused: unused))
        }
        let (chosen, rest) = Self.choose(
            candidates, unusedMax: request.maxUnused.byteCount(of: total), repackMax: request.maxRepackBytes)
        report.unusedInPart = rest
        return Survey(state: state, usage: usage, chosen: chosen, unused: rest)
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

    /// Stores moved packs, puts them in the place of their sources and takes these away; false when there is no room.
    func compact(_ bins: [Bin], _ survey: Survey, basis: Int) throws -> Bool {
        let session = try MaintenanceSession(access)
        report.requests.writes += 1
        var moves: [PackSet] = []
        var (moved, compacted) = (PackCount(), PackCount())
        var hasRoom = true
        do {
            for bin in bins {
                guard let (pack, damaged) = try build(bin.plan, session) else { continue }
                do { try session.store(pack) } catch let error as VaultError where error.isNoSpace {
                    warn("There is no room to compact more packs")
                    hasRoom = false
                    break
                }
                report.requests.writes += 1
                moved.add(pack.buffer.count)
                let old = bin.old.subtracting(damaged)
                moves.append(old)
                for ordinal in old.ordinals { compacted.add(repository.log.state.packs[ordinal].pack.length) }
            }
            guard !moves.isEmpty else {
                session.abort()
                return hasRoom
            }
            try checkCoverage(
                zip(moves, session.packs).map { Replacement(old: $0, new: $1.description) }, survey)
            try session.compact(basis: basis, moves)
            report.requests.writes += 2
            report.moved += moved
            report.compacted += compacted
        } catch {
            session.abort()
            throw error
        }
        try condemn(repository.log.state.condemnable(PackSet(moves)))
        try sweepAndDelete()
        return hasRoom
    }

    /// Builds a moved pack. Sources that are damaged are left as they are: nobody could tell any more, without keys,
    /// that what was copied from them is damaged.
    private func build(
        _ plan: MovedPackPlan, _ session: MaintenanceSession
    ) throws -> (pack: FinishedPack, damaged: PackSet)? {
        var plan = plan
        var left: [Int] = []
        while !plan.isEmpty {
            var damaged: MoveSource?
            do {
                let pack = try plan.build(
                    repository: repository.id, session: session.id, epoch: session.epoch, indexKey: access.index
                ) { source in
                    try cancellation.check()
                    do { return try read(source) } catch let error as VaultError where error.code == .damaged {
                        damaged = source
                        throw error
                    }
                }
                return (pack, PackSet(left))
            } catch let error as VaultError where damaged != nil {
                guard let damaged else { throw error }
                try noteDamage(of: damaged.ordinal, error)
                left.append(damaged.ordinal)
                plan = plan.removing(damaged)
            }
        }
        return nil
    }

    /// Says it once, however often what is used is asked again.
    private func warn(_ sentence: String) {
        if !report.warnings.contains(sentence) { report.warnings.append(sentence) }
    }

    func noteDamage(of ordinal: Int, _ error: VaultError) throws {
        // What another prune has taken away is not damaged.
        guard try !repository.log.refresh().packs[ordinal].isSwept else { return }
        warn("\(error.message); it is left as it is")
    }

    private func read(_ source: MoveSource) throws -> UnsafeRawBufferPointer {
        let length = source.pack.length
        if self.source.capacity < length { self.source = RawBuffer(capacity: length) }
        self.source.count = length
        try access.packs.read(
            source.pack, offset: 0, into: UnsafeMutableRawBufferPointer(start: self.source.base, count: length))
        report.requests.reads += 1
        guard SHA256.digest(self.source.used) == source.pack.name else {
            throw PackReader.damaged(source.pack.name, "holds other bytes than its name says")
        }
        return self.source.used
    }
}
