extension PruneRun {
    /// Moved packs that one session stores before packs are deleted again: what the disk must have room for.
    private static let packsPerSession = 8
    /// How often others may be faster before this is given up.
    private static let conflictsMax = 5

    /// What is used, and how the used segments of sparse packs are to be put together; nil when every pack counts as
    /// used.
    func plan() throws -> (survey: Survey, bins: [Bin])? {
        guard let survey = try survey() else { return nil }
        return (survey, try fill(survey))
    }

    /// Puts the used segments of sparse packs together, and takes the sparse packs away.
    func compact(_ plan: (survey: Survey, bins: [Bin])?) throws {
        guard var (survey, bins) = plan else { return }
        var conflicts = 0
        while !bins.isEmpty {
            try cancellation.check()
            let state = try repository.log.refresh()
            if !survey.holds(in: state, for: bins) {
                // Snapshots or packs came or went: what is used is asked again. What has been compacted stays so.
                guard let next = try self.plan() else { return }
                (survey, bins) = next
                continue
            }
            let batch = Array(bins.prefix(Self.packsPerSession))
            bins.removeFirst(batch.count)
            do {
                guard try compact(batch, survey, basis: state.head) else { return }
            } catch let error as VaultError where error.code == .failed && conflicts < Self.conflictsMax {
                // Another prune was faster with one of these packs.
                conflicts += 1
                guard let next = try self.plan() else { return }
                (survey, bins) = next
            }
        }
    }

    /// Stores moved packs, puts them in the place of their sources and takes these away; false when there is no room.
    func compact(_ bins: [Bin], _ survey: Survey, basis: Int) throws -> Bool {
        let session = try MaintenanceSession(access)
        report.requests.writes += 1
        var moves: [PackSet] = []
        var (moved, compacted) = (PackCount(), PackCount())
        var hasRoom = true
        do {
            let outcomes = try PackMover.move(bins.map(\.plan), access, session, request: request, cancellation)
            for (bin, outcome) in zip(bins, outcomes) {
                report.requests.reads += outcome.reads
                for (ordinal, error) in outcome.damaged { try noteDamage(of: ordinal, error) }
                if !outcome.hasRoom {
                    warn("There is no room to compact more packs")
                    hasRoom = false
                }
                guard let pack = outcome.pack else { continue }
                session.note(pack)
                report.requests.writes += 1
                moved.add(pack.length)
                let old = bin.old.subtracting(PackSet(outcome.damaged.map(\.ordinal)))
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
            // What this one reads another prune may have taken away, or its session: then the log has gone on.
            let isOvertaken =
                (error as? VaultError)?.code == .damaged
                && (try? repository.log.refresh()).map { $0.head > basis + 1 } ?? false
            session.abort()
            guard isOvertaken else { throw error }
            throw VaultError(
                .failed, "Another process was faster with the packs that were to be compacted",
                nextStep: "Run the same command again", cause: error)
        }
        try condemn(repository.log.state.condemnable(PackSet(moves)))
        try sweepAndDelete()
        return hasRoom
    }

    /// Says it once, however often what is used is asked again.
    func warn(_ sentence: String) {
        if !report.warnings.contains(sentence) { report.warnings.append(sentence) }
    }

    func noteDamage(of ordinal: Int, _ error: VaultError) throws {
        // What another prune has taken away is not damaged.
        guard try !repository.log.refresh().packs[ordinal].isSwept else { return }
        warn("\(error.message); it is left as it is")
    }
}
