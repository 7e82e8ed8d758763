/// The snapshot of a drill, and how it was chosen (`docs/FORMAT.md`, section 11.1).
struct DrillChoice {
    var snapshot: SnapshotState
    var selection: DrillSelection
    /// Of how many.
    var candidates: Int
    /// Everything that this drill draws is drawn with it.
    var seed: [UInt8]

    /// Chooses by the request.
    /// - Throws: ``VaultError`` `.usage` when there is nothing to choose from, or too much.
    init(
        _ request: DrillRequest, _ repository: Repository, _ state: RepositoryState, now: Timestamp
    ) throws {
        seed = repository.random.bytes(16)
        selection = request.selection
        guard selection != .named else {
            (snapshot, candidates) = (try Snapshots.find(request.snapshot, in: state), 1)
            return
        }
        let live = try Self.candidates(request, in: state)
        candidates = live.count
        switch selection {
        case .named, .newest: snapshot = live[live.count - 1]
        case .random: snapshot = live[Self.draw(live.count, seed, repository.id)]
        case .oldestUnproven: snapshot = try Self.oldest(live, repository, state, now)
        }
    }

    /// The snapshots to choose from, the last one last; never empty.
    /// - Throws: ``VaultError`` `.usage`.
    static func candidates(_ request: DrillRequest, in state: RepositoryState) throws -> [SnapshotState] {
        let live = state.liveSnapshots.filter { $0.isOf(request.system) }
        guard let last = live.last else {
            throw VaultError(
                .usage,
                request.system.map { "There is no snapshot of the system '\($0)'" } ?? "There is no snapshot yet",
                nextStep: "See 'vault snapshots'")
        }
        guard live.allSatisfy({ $0.isOf(last.body.system) }) else {
            throw VaultError(
                .usage, "There are snapshots of several systems, and a drill is of one",
                nextStep: "Name the system with --system")
        }
        return live
    }

    /// A number below `count` that everybody can compute from the seed.
    static func draw(_ count: Int, _ seed: [UInt8], _ repository: RepositoryID) -> Int {
        let digest = SHA256.digest(Label.repository("drill/selection", repository) + seed)
        let number = digest.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(number % UInt64(count))
    }

    private static func oldest(
        _ live: [SnapshotState], _ repository: Repository, _ state: RepositoryState, _ now: Timestamp
    ) throws -> SnapshotState {
        let judge = EvidenceJudge(repository, state)
        func age(_ snapshot: SnapshotState) -> (Int, Int64) {
            let coverage = Coverage(of: snapshot, in: state, now: now, drilled: snapshot.position) { judge.counts($0) }
            return (coverage.isOldestNeverProven ? 0 : 1, coverage.oldest?.milliseconds ?? .max)
        }
        let ages = live.map(age)
        try judge.check()
        let least = ages.min { $0 < $1 }
        // Of several that are alike the last, since it has most of what is there now.
        let index = ages.lastIndex { age in least.map { age == $0 } ?? true }
        return live[index ?? live.count - 1]
    }
}
