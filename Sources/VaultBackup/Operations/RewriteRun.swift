/// One run of sealing anew.
///
/// 1. A pack is replaced only after the packs in its place have been read back from the store and hold every chunk of
///    every segment that a snapshot uses of it, under keys of the epoch in force.
/// 2. Each batch is a session of its own and complete in itself, so that a run that was killed is no harm.
final class RewriteRun {
    private let prune: PruneRun
    private let access: MaintainAccess
    private let repository: Repository
    private var report: RewriteReport
    /// Packs that are not tried again.
    private var settled: Set<Int> = []

    /// Old packs that one session replaces: what the disk must have room for.
    private static let packsPerBatch = 8
    private static let conflictsMax = 5
    private static let noRoom = "There is no room to seal more packs anew"

    init(_ prune: PruneRun) {
        self.prune = prune
        access = prune.access
        repository = prune.repository
        report = RewriteReport(epoch: prune.access.keys.epoch)
    }

    /// A pack to be replaced, and what goes into those that take its place.
    private struct Job {
        let source: MoveSource
        let places: [Int]
        var plans: [MovedPackPlan]
    }

    func run() throws -> RewriteReport {
        var state = try prune.checkedState()
        try prune.closeDeadSessions(state)
        // What a run that was killed had swept.
        try prune.deleteSwept(state, prune.inventory())
        var conflicts = 0
        while true {
            try prune.cancellation.check()
            state = try repository.log.refresh()
            guard state.keyring.epoch == report.epoch else {
                throw VaultError(
                    .sessionConflict, "The keys of the repository have changed meanwhile",
                    nextStep: "Run the same command again: it goes on with the new keys")
            }
            guard let survey = try survey(state) else { break }
            do {
                if try !work(survey) { break }
            } catch let error as VaultError where error.code == .failed && conflicts < Self.conflictsMax {
                // A prune was faster with one of these packs.
                conflicts += 1
            }
        }
        try takeAwayRest()
        repository.keepReserve()
        repository.advancePin()
        return try finished(repository.log.state)
    }

    /// Takes away the packs of earlier keys that nothing uses any more: a run that was killed may have replaced them.
    private func takeAwayRest() throws {
        let state = try repository.log.refresh()
        let old = PackSet(state.packs.indices.filter { !state.packs[$0].isSwept && isOld(state.packs[$0]) })
        try prune.condemn(prune.wanted(state.condemnable(old), state))
        try prune.sweepAndDelete(old)
    }

    private func survey(_ state: RepositoryState) throws -> PruneRun.Survey? {
        guard
            let usage = try PackUsage(
                state, store: repository.store, keys: access.keys, packs: access.packs, unknown: { _ in })
        else {
            prune.warn("The pack set of a snapshot is missing, so nothing was sealed anew")
            return nil
        }
        return PruneRun.Survey(state: state, usage: usage, chunks: nil, chosen: [], unused: 0)
    }

    /// Batch after batch, until snapshots come or go or nothing is left; false when nothing is left.
    private func work(_ survey: PruneRun.Survey) throws -> Bool {
        let isNamed = try prune.namer(survey.state)
        var jobs: [Job] = []
        for ordinal in candidates(survey.state) {
            try prune.cancellation.check()
            if let job = try job(ordinal, survey, isNamed) { jobs.append(job) }
            guard jobs.count == Self.packsPerBatch else { continue }
            guard try carryOut(&jobs, survey) else { return true }
        }
        return try !carryOut(&jobs, survey)
    }

    /// Carries out the jobs; false, with nothing done, when what is used has to be asked again.
    private func carryOut(_ jobs: inout [Job], _ survey: PruneRun.Survey) throws -> Bool {
        guard !jobs.isEmpty else { return true }
        var isDone = false
        defer {
            if !isDone { settled.subtract(jobs.map(\.source.ordinal)) }
            jobs = []
        }
        let now = try repository.log.refresh()
        let isSame =
            now.snapshots.filter(\.isLive).map(\.id) == survey.liveIDs
            && jobs.allSatisfy { !now.packs[$0.source.ordinal].isCondemned && !now.packs[$0.source.ordinal].isSwept }
        guard isSame else { return false }
        try reseal(jobs, survey, basis: now.head)
        isDone = true
        return true
    }

    /// Packs that snapshots use and that may be sealed to earlier keys.
    private func candidates(_ state: RepositoryState) -> [Int] {
        (state.usedPacks ?? PackSet()).ordinals.filter { ordinal in
            guard ordinal < state.packs.count, !settled.contains(ordinal) else { return false }
            let pack = state.packs[ordinal]
            return !pack.isSwept && pack.lost == nil && isOld(pack)
                && !(state.sessions[pack.session]?.isOpen ?? false)
        }
    }

    /// An ordinary pack has the keys of its epoch; a moved one may have earlier ones, which its header tells.
    private func isOld(_ pack: PackState) -> Bool { pack.pack.epoch < report.epoch || pack.isMoved }

    /// What is to be done with a pack; nil when nothing is, or nothing can be.
    private func job(
        _ ordinal: Int, _ survey: PruneRun.Survey, _ isNamed: @escaping @Sendable (Digest) -> Bool
    ) throws -> Job? {
        let pack = survey.state.packs[ordinal]
        settled.insert(ordinal)
        guard let source = try prune.source(ordinal, pack) else { return nil }
        guard source.header.stanzas.contains(where: { $0.epoch < report.epoch }) else { return nil }
        let places = source.directory.segments.indices.filter { survey.usage.isUsed(ordinal, segment: $0) }
        guard !places.isEmpty else { return nil }
        var job = Job(source: source, places: places, plans: [])
        for place in places {
            let chunks = Array(source.directory.segments[place].chunks)
            if job.plans.last == nil || !job.plans[job.plans.count - 1].add(source, place: place, keeping: chunks) {
                var plan = MovedPackPlan(pack.pack.packClass, isNamed: isNamed)
                guard plan.add(source, place: place, keeping: chunks) else {
                    prune.warn("A segment of pack \(pack.pack.name.hex.prefix(8)) does not fit into a pack of its own")
                    return nil
                }
                job.plans.append(plan)
            }
        }
        return job
    }

    private func reseal(_ jobs: [Job], _ survey: PruneRun.Survey, basis: Int) throws {
        guard let session = try MaintenanceSession.openIfRoom(access) else { return prune.warn(Self.noRoom) }
        var done: [(old: PackSet, count: Int)] = []
        var (resealed, stored) = (PackCount(), PackCount())
        do {
            let outcomes = try PackMover.move(
                jobs.flatMap(\.plans), access, session, request: prune.request, prune.cancellation)
            var next = 0
            for job in jobs {
                let own = Array(outcomes[min(next, outcomes.count)..<min(next + job.plans.count, outcomes.count)])
                next += job.plans.count
                for (ordinal, error) in own.flatMap(\.damaged) { try prune.noteDamage(of: ordinal, error) }
                if own.contains(where: { !$0.hasRoom }) { prune.warn(Self.noRoom) }
                let packs = own.compactMap(\.pack)
                guard packs.count == job.plans.count, own.allSatisfy(\.damaged.isEmpty) else { continue }
                try checkCoverage(job, packs.map(\.description))
                for pack in packs {
                    session.note(pack)
                    stored.add(pack.length)
                }
                done.append((PackSet([job.source.ordinal]), packs.count))
                resealed.add(job.source.pack.length)
            }
            guard !done.isEmpty else { return session.abort() }
            guard try session.compact(basis: basis, groups: done) else { return prune.warn(Self.noRoom) }
        } catch {
            session.abort()
            throw error
        }
        report.resealed += resealed
        report.stored += stored
        prune.events.receive(.progress(.counting(packs: report.resealed)))
        try prune.takeAway(PackSet(done.flatMap(\.old.ordinals).sorted()))
    }

    /// The last look before a pack is replaced, at what is stored.
    private func checkCoverage(_ job: Job, _ new: [PackReader.Description]) throws {
        let packs = access.packs
        var found: [Int: [ChunkID]] = [:]
        for description in new {
            let (header, directory) = try packs.parts(of: description)
            for (number, segment) in directory.segments.enumerated() {
                guard header.stanzas[segment.stanza].epoch == report.epoch else { continue }
                for origin in directory.origins[number] where directory.sources[origin.source] == job.source.pack.name {
                    found[origin.place] = directory.chunks[segment.chunks].map(\.id)
                }
            }
        }
        for place in job.places {
            let wanted = job.source.directory.chunks[job.source.directory.segments[place].chunks].map(\.id)
            guard found[place] == wanted else {
                throw VaultError(
                    .damaged,
                    "Sealing anew was stopped: segment \(place) of pack \(job.source.pack.name.hex.prefix(8)) is not in "
                        + "the packs that were to replace it; no pack was replaced",
                    nextStep: "Run vault verify --read-data, and report this as a defect of the program")
            }
        }
    }

    /// Counts what remains of earlier keys.
    private func finished(_ state: RepositoryState) throws -> RewriteReport {
        var report = report
        let used = state.usedPacks
        for (ordinal, pack) in state.packs.enumerated() where !pack.isSwept {
            if pack.isCondemned {
                report.waiting.add(pack.pack.length)
            } else if used?.contains(ordinal) ?? true {
                guard isOld(pack), try isSealedToEarlierKeys(pack) else { continue }
                report.left.add(pack.pack.length)
                if state.sessions[pack.session]?.isOpen ?? false { report.isSessionOpen = true }
            } else if isOld(pack) {
                report.unused.add(pack.pack.length)
            }
        }
        report.deleted = prune.report.deleted
        report.warnings = prune.report.warnings
        return report
    }

    private func isSealedToEarlierKeys(_ pack: PackState) throws -> Bool {
        guard pack.isMoved else { return true }
        do {
            return try access.packs.parts(of: pack.description).header.stanzas.contains { $0.epoch < report.epoch }
        } catch let error as VaultError where error.code == .damaged {
            return true
        }
    }
}

extension Progress {
    fileprivate static func counting(packs: PackCount) -> Progress {
        var progress = Progress()
        progress.unit = .packs
        (progress.entries, progress.bytes) = (packs.packs, packs.bytes)
        return progress
    }
}
