internal import Synchronization

/// One run of repair.
///
/// 1. A pack is taken out of the sets of snapshots only when each chunk that they use of it has been read in another.
/// 2. Nothing is deleted but packs that the log lets go, and nothing is replaced but by the bytes that its name says.
final class RepairRun {
    let request: RepairRequest
    let access: MaintainAccess
    let reader: ReadAccess
    let repository: Repository
    let events: any EventSink
    let cancellation: Cancellation
    var report = RepairReport()
    /// What is wrong, by ordinal.
    private(set) var damage: [Int: PackVerifier.Damage] = [:]
    // Packs that were read from beginning to end and are right.
    private var verified: Set<Int> = []

    /// How often packs that turn out to be damaged lead to another look.
    private static let roundsMax = 8

    init(
        _ request: RepairRequest, _ access: MaintainAccess, _ reader: ReadAccess, _ events: any EventSink,
        _ cancellation: Cancellation
    ) {
        self.request = request
        self.access = access
        self.reader = reader
        repository = access.repository
        self.events = events
        self.cancellation = cancellation
    }

    func run() throws -> RepairReport {
        let state = try repository.log.refresh()
        if let refusal = repository.state.refusalOfAnyWriting ?? state.refusalOfAnyWriting { throw refusal }
        if let damaged = try Verify.checkLog(repository).first(where: \.kind.isDamage) {
            throw VaultError(
                .damaged, "Record \(damaged.position) of the log is damaged: \(damaged.reason)",
                nextStep: "Put it back from a copy of the repository, with 'vault repair --from DIR --apply'")
        }
        if request.applies, let refusal = repository.log.refusal { throw refusal }
        report.snapshots = state.liveSnapshots.count
        report.strays = try strays(state)
        try inspect(state)
        if let copy = request.copy { try fetch(from: copy, state) }
        try rebuildMaps(state)
        let mended = report.fetched + report.rebuilt
        report.objects += Verify.checkObjects(repository, state).filter { sentence in
            !mended.contains { sentence.hasPrefix($0) }
        }
        var plan = try plan(state)
        // What was read in order to rely on it may be damaged as well.
        var rounds = 0
        while try !verify(plan.reliesOn, state) {
            rounds += 1
            guard rounds < Self.roundsMax else {
                throw VaultError(
                    .damaged, "More and more packs turn out to be damaged",
                    nextStep: "Run the command again with --read-data, which reads all of them first")
            }
            plan = try self.plan(state)
        }
        note(plan, state)
        if request.applies {
            try apply(plan, state)
            report.isApplied = true
        }
        return report
    }

    // MARK: Looking

    private func inspect(_ state: RepositoryState) throws {
        let ordinals = state.packs.indices.filter { !state.packs[$0].isSwept }
        report.packs = ordinals.count
        for item in PackScan.absences(ordinals, state, repository.store) { damage[item.ordinal] = item }
        // Of what the log calls lost it is not known which segments are right.
        try read(ordinals.filter { damage[$0] == nil && (request.readsData || state.packs[$0].lost != nil) }, state)
        for ordinal in ordinals where damage[ordinal] == nil && !verified.contains(ordinal) {
            try cancellation.check()
            do { _ = try reader.packs.directory(of: state.packs[ordinal].description) } catch let error as VaultError
                where error.code == .damaged
            {
                damage[ordinal] = PackVerifier.Damage(ordinal: ordinal, segments: nil, reason: error.message)
            }
        }
    }

    /// Reads packs from beginning to end; false when one is damaged.
    @discardableResult
    private func read(_ ordinals: [Int], _ state: RepositoryState) throws -> Bool {
        guard !ordinals.isEmpty else { return true }
        let found = try PackScan.run(
            ordinals, state, repository.store, access: reader, workers: request.workers, events: events, cancellation)
        for item in found { damage[item.ordinal] = item }
        verified.formUnion(Set(ordinals).subtracting(found.map(\.ordinal)))
        report.packsRead += ordinals.count
        return found.isEmpty
    }

    private func verify(_ ordinals: Set<Int>, _ state: RepositoryState) throws -> Bool {
        try read(ordinals.subtracting(verified).sorted(), state)
    }

    /// What a copy has put right.
    func forget(damageOf ordinal: Int) {
        damage[ordinal] = nil
        verified.insert(ordinal)
    }

    // MARK: Deciding

    /// What becomes of the damaged packs.
    struct Plan {
        /// Moves of a COMPACT record, by the damaged pack.
        var moves: [Int: CompactBody.Move] = [:]
        /// Packs that are replaced altogether.
        var replaced: Set<Int> = []
        /// Live snapshots that use a damaged pack.
        var users: [Int: [SnapshotState]] = [:]
        /// Packs that hold parts of a damaged one, by that.
        var found: [Int: Set<Int>] = [:]
        /// Packs that must be right for this plan to be.
        var reliesOn: Set<Int> = []
        var losses: [RepairReport.Loss] = []
        var lossCount = 0
    }

    private func plan(_ state: RepositoryState) throws -> Plan {
        var plan = Plan()
        guard !damage.isEmpty else { return plan }
        let index = index(state)
        var usages: [Digest: RepairUsage] = [:]
        for snapshot in state.liveSnapshots {
            let used = damage.keys.filter { snapshot.packs?.contains($0) ?? true }
            guard !used.isEmpty else { continue }
            let usage = RepairUsage(reader, snapshot, index, damage)
            try usage.walk(cancellation)
            usages[snapshot.id] = usage
            plan.reliesOn.formUnion(usage.reliesOn)
            plan.lossCount += usage.losses.count
            plan.losses += usage.losses.prefix(RepairReport.lossesMax - plan.losses.count)
            for ordinal in used { plan.users[ordinal, default: []].append(snapshot) }
        }
        for ordinal in damage.keys.sorted() { decide(ordinal, usages, state, &plan) }
        return plan
    }

    private func decide(_ ordinal: Int, _ usages: [Digest: RepairUsage], _ state: RepositoryState, _ plan: inout Plan) {
        let users = plan.users[ordinal] ?? []
        let own = users.compactMap { usages[$0.id] }
        let found = own.reduce(into: Set<Int>()) { $0.formUnion($1.found) }
        plan.found[ordinal] = found
        // A set that is not known cannot be changed.
        let isReplaceable = !users.isEmpty && users.allSatisfy { $0.packs != nil }
        if isReplaceable, own.allSatisfy({ $0.losses.isEmpty && !$0.stranded.contains(ordinal) }),
            let any = own.first?.anyGood
        {
            let new = found.isEmpty ? [any] : found.sorted()
            plan.moves[ordinal] = CompactBody.Move(old: PackSet([ordinal]), new: PackSet(new))
            plan.replaced.insert(ordinal)
        } else if state.packs[ordinal].lost == nil || !found.isEmpty {
            let new = found.union([ordinal]).sorted()
            plan.moves[ordinal] = CompactBody.Move(old: PackSet([ordinal]), new: PackSet(new))
        }
    }

    /// The index of all packs, from their directories and not from any cache.
    func index(_ state: RepositoryState) -> ChunkIndex {
        var index = ChunkIndex.open(folder: nil, repository: repository.id)
        var batch: [(ordinal: Int, directory: PackDirectory)] = []
        var chunkCount = 0
        for ordinal in state.packs.indices where !state.packs[ordinal].isSwept {
            if let item = damage[ordinal], item.segments == nil { continue }
            guard let directory = try? reader.packs.directory(of: state.packs[ordinal].description) else { continue }
            batch.append((ordinal, directory))
            chunkCount += directory.chunks.count
            if chunkCount > 1 << 20 {
                index = index.adding(batch)
                (batch, chunkCount) = ([], 0)
            }
        }
        return index.adding(batch)
    }

    private func note(_ plan: Plan, _ state: RepositoryState) {
        report.losses = plan.losses
        report.lossCount = plan.lossCount
        for (ordinal, item) in damage.sorted(by: { $0.key < $1.key }) {
            let users = plan.users[ordinal] ?? []
            report.damaged.append(
                RepairReport.Pack(
                    name: state.packs[ordinal].pack.name, reason: item.reason, snapshots: users.map(\.id),
                    outcome: users.isEmpty ? .unused : plan.replaced.contains(ordinal) ? .replaced : .lost,
                    found: plan.found[ordinal]?.count ?? 0))
        }
    }
}
