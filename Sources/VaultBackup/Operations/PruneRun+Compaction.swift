extension PruneRun {
    /// Moved packs that one session stores. The packs that it replaces are deleted while the next one works, so the disk
    /// must have room for twice as many.
    private static let packsPerSession = 4
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
        var due: [PackState] = []
        try compact(plan, &due)
        try delete(due)
    }

    /// - Parameter due: packs that were replaced, and are to be deleted yet.
    private func compact(_ plan: (survey: Survey, bins: [Bin])?, _ due: inout [PackState]) throws {
        guard var (survey, bins) = plan else { return }
        func planAnew() throws {
            if let next = try self.plan() { (survey, bins) = next } else { bins = [] }
        }
        var conflicts = 0
        while !bins.isEmpty {
            try cancellation.check()
            let state = try repository.log.refresh()
            if !survey.holds(in: state, for: bins) {
                // Snapshots or packs came or went: what is used is asked again. What has been compacted stays so.
                try planAnew()
                continue
            }
            let batch = Array(bins.prefix(Self.packsPerSession))
            bins.removeFirst(batch.count)
            let packs = due
            due = []
            do {
                let hasRoom = try deleting(packs) { try compact(batch, survey, basis: state.head, &due) }
                guard !hasRoom else { continue }
                guard !packs.isEmpty || !due.isEmpty else { return warn("There is no room to compact more packs") }
                // With these deleted there may be.
                try delete(due)
                due = []
                try planAnew()
            } catch let error as VaultError where error.code == .failed && conflicts < Self.conflictsMax {
                // Another prune was faster with one of these packs.
                conflicts += 1
                try planAnew()
            }
        }
    }

    /// Stores moved packs and puts them in the place of their sources; false when there is no room for all of them.
    ///
    /// - Parameter due: gets the packs that may be deleted then.
    func compact(_ bins: [Bin], _ survey: Survey, basis: Int, _ due: inout [PackState]) throws -> Bool {
        guard let session = try MaintenanceSession.openIfRoom(access) else { return false }
        report.requests.writes += 1
        var moves: [PackSet] = []
        var (moved, compacted) = (PackCount(), PackCount())
        var hasRoom = true
        do {
            let outcomes = try PackMover.move(bins.map(\.plan), access, session, request: request, cancellation)
            for (bin, outcome) in zip(bins, outcomes) {
                report.requests.reads += outcome.reads
                for (ordinal, error) in outcome.damaged { try noteDamage(of: ordinal, error) }
                if !outcome.hasRoom { hasRoom = false }
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
            // Where there is no room for its records, the next prune takes away what was stored.
            guard try session.compact(basis: basis, moves) else { return false }
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
        due = try sweep()
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
