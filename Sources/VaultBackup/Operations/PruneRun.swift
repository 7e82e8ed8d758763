/// One run of prune. Everything is decided from the log as replayed a moment ago; what that log does not allow is
/// refused by the log itself, so that nothing here has to be exclusive.
final class PruneRun {
    let request: PruneRequest
    let access: MaintainAccess
    let repository: Repository
    let store: any ObjectStore
    let events: any EventSink
    let cancellation: Cancellation
    var report = PruneReport()
    /// Position from which on packs stay, because they may hold what is lost elsewhere; nil for no reason to.
    var heldFrom: Int?

    init(
        _ request: PruneRequest, _ access: MaintainAccess, _ events: any EventSink, _ cancellation: Cancellation
    ) {
        self.request = request
        self.access = access
        repository = access.repository
        store = repository.store
        self.events = events
        self.cancellation = cancellation
    }

    /// What is in the store, by name.
    struct Inventory {
        var packs: [Digest: Int] = [:]
        var sets: [Digest: Int] = [:]
        // What has been deleted since.
        mutating func forget(_ digest: Digest) {
            packs[digest] = nil
            sets[digest] = nil
        }
    }

    func run() throws -> PruneReport {
        // Listed before the log is read: what is listed and was written by a session that has ended will be named no
        // more.
        var inventory = try inventory()
        var state = try checkedState()
        count(state, inventory)
        // Deleting first what earlier runs have swept makes room on a full disk.
        try deleteSwept(state, inventory)
        try deleteLeftovers(state, &inventory)
        try closeDeadSessions(state)
        if report.closedSessions > 0 { try deleteLeftovers(checkedState(), &inventory) }
        try mendLosses(inventory)
        state = repository.log.state
        try condemn(wanted(state.condemnable(), state))
        // What is used is found out meanwhile; nothing is stored before the room is there.
        try compact(try deleting(sweep()) { try plan() })
        try deleteLostMaps(inventory)
        noteWaiting(repository.log.state, inventory)
        repository.keepReserve()
        repository.advancePin()
        return report
    }

    func inventory() throws -> Inventory {
        do throws(StorageError) {
            return Inventory(packs: try sizes("packs"), sets: try sizes("sets"))
        } catch {
            throw VaultError(.storage, "The store cannot be listed", nextStep: error.nextStep, cause: error)
        }
    }

    private func sizes(_ folder: String) throws(StorageError) -> [Digest: Int] {
        var sizes: [Digest: Int] = [:]
        for (name, byteCount) in try store.list(folder) {
            if let digest = name.contentDigest { sizes[digest] = byteCount }
        }
        return sizes
    }

    /// The newest state, all of whose records survive a power loss: a deletion must not outlive the record that allows
    /// it.
    func checkedState() throws -> RepositoryState {
        let state = try repository.log.refresh()
        if let refusal = repository.state.refusalOfAnyWriting ?? state.refusalOfAnyWriting { throw refusal }
        guard request.dryRun || repository.log.reader.makeDurable(state.head) else {
            throw VaultError(
                .storage, "The log cannot be made durable, so nothing is deleted",
                nextStep: "Check the store, then run the same command again")
        }
        return state
    }

    func count(_ state: RepositoryState, _ inventory: Inventory) {
        report.snapshots.live = state.liveSnapshots.count
        report.snapshots.forgotten = state.snapshots.count - report.snapshots.live
        let used = state.usedPacks
        for (ordinal, pack) in state.packs.enumerated() where inventory.packs[pack.pack.name] != nil {
            report.before.add(pack.pack.length)
            if let used, !used.contains(ordinal) { report.unused.add(pack.pack.length) }
        }
        if used == nil {
            report.warnings.append("The pack set of a snapshot is missing, so every pack counts as used")
        }
    }

    /// Without the packs of backups that did not end and may go on.
    func wanted(_ set: PackSet, _ state: RepositoryState) -> PackSet {
        let now = repository.clock.now().milliseconds
        var kept = PackCount()
        let wanted = set.ordinals.filter { ordinal in
            let pack = state.packs[ordinal]
            if isHeld(pack) { return false }
            guard let session = state.sessions[pack.session], session.end != .snapshot,
                session.purpose != .maintenance,
                // A clock that was ahead makes nothing younger than new.
                max(0, now - session.lastTime.milliseconds) < Int64(request.keepUnfinished) * 1_000,
                !state.snapshots.contains(where: {
                    $0.position > session.opened && $0.writer == session.writer
                        && $0.body.system.hasSameBytes(as: session.system)
                })
            else { return true }
            kept.add(pack.pack.length)
            return false
        }
        report.unfinished = kept
        return PackSet(wanted)
    }

    /// Publishes a record; on a full disk with the space that is kept for this.
    func publish(_ body: RecordBody) throws {
        report.requests.writes += 1
        _ = try repository.publishUsingReserve(body, by: access.signer, keepsRest: false)
    }

    /// The open sessions that have been silent for so long that they may be closed.
    func silentSessions(_ state: RepositoryState) -> [SessionState] {
        let now = repository.clock.now().milliseconds
        return state.openSessions.filter { now - $0.lastTime.milliseconds > Int64($0.silence) * 1_000 }
    }

    /// Closes sessions that nobody goes on with.
    func closeDeadSessions(_ state: RepositoryState) throws {
        for session in silentSessions(state) {
            do {
                try publish(.expire(ExpireBody(session: session.id)))
                report.closedSessions += 1
            } catch let error as VaultError where error.code == .sessionConflict {
                // It has spoken, or has been closed, meanwhile.
            }
        }
        report.closedSessions += try SessionLock.abortDead(repository, by: access.member.id) { try publish($0) }
    }

    /// Publishes a record. That another prune has done the same at this moment is no failure.
    private func publishUnlessDone(_ body: RecordBody) throws {
        do { try publish(body) } catch let error as VaultError where error.code == .failed {
            try repository.log.refresh()
        }
    }

    /// Condemns packs.
    func condemn(_ packs: PackSet) throws {
        for part in packs.recordableParts() { try publishUnlessDone(.condemn(PruneBody(packs: part))) }
    }

    /// What may be swept now, without packs that may hold what is lost elsewhere.
    func sweepable(_ state: RepositoryState, _ candidates: PackSet? = nil) -> PackSet {
        PackSet(state.sweepable(candidates).ordinals.filter { !isHeld(state.packs[$0]) })
    }

    /// Sweeps what may be swept of these packs, and deletes it if its time has come.
    func sweepAndDelete(_ candidates: PackSet) throws { try delete(sweep(candidates)) }

    /// Sweeps what may be swept, of these packs or of all, and returns what may be deleted.
    func sweep(_ candidates: PackSet? = nil) throws -> [PackState] {
        let packs = sweepable(repository.log.state, candidates)
        for part in packs.recordableParts() { try publishUnlessDone(.sweep(PruneBody(packs: part))) }
        let state = repository.log.state
        guard !packs.isEmpty else { return [] }
        // Another prune may have published it, and have been killed before it was durable.
        guard repository.log.reader.makeDurable(state.head) else { return [] }
        return packs.ordinals.filter { state.packs[$0].isSwept }.map { state.packs[$0] }.filter { isDue($0) }
    }

    func isDue(_ pack: PackState) -> Bool {
        guard let time = pack.swept, request.delay > 0 else { return pack.isSwept }
        return repository.clock.now().milliseconds - time.milliseconds >= Int64(request.delay) * 1_000
    }

    /// Counts what stays although nothing uses it. What an earlier run has deleted is in no inventory.
    func noteWaiting(_ state: RepositoryState, _ inventory: Inventory) {
        for pack in state.packs where pack.isCondemned && !pack.isSwept { report.waiting.add(pack.pack.length) }
        for pack in state.packs where pack.isSwept && !isDue(pack) && inventory.packs[pack.pack.name] != nil {
            report.delayed.add(pack.pack.length)
        }
        if report.waiting.packs > 0 { report.sessions = openSessions(state) }
    }

    /// What clocks may differ by, and nobody needs to know.
    private static let aheadMilliseconds: Int64 = 3_600_000

    private func openSessions(_ state: RepositoryState) -> [String] {
        let now = repository.clock.now()
        return state.openSessions.map { session in
            let name = state.nameOfMember(session.writer)
            let phrase =
                "\(session.purpose.rawValue) of '\(session.system)' by '\(name)', last heard of \(session.lastTime)"
            // Its silence counts from then on only.
            guard session.lastTime.milliseconds - now.milliseconds > Self.aheadMilliseconds else { return phrase }
            return phrase + ", by a clock that was ahead: the next backup there ends it, and revoking '\(name)' does"
        }
    }
}

extension PackSet {
    /// The set in parts that fit into a record each.
    func recordableParts() -> [PackSet] {
        guard !isEmpty else { return [] }
        if isRecordable { return [self] }
        // A run takes at most 18 bytes.
        let runsMax = 7_000
        return stride(from: 0, to: runs.count, by: runsMax).map { start in
            var part = PackSet()
            for run in runs[start..<min(start + runsMax, runs.count)] { part.append(run) }
            return part
        }
    }
}
