internal import Synchronization

/// How deep to verify.
public struct VerifyRequest: Sendable {
    /// Part of the packs to read from beginning to end, in percent above 0 up to 100; nil reads none.
    public var readDataPercent: Double?
    /// Reads only packs that were not found right for so many seconds, oldest first; nil reads all.
    public var ageMaxSeconds: Int?
    /// Begins no more packs after so many seconds; nil for no end.
    public var durationMaxSeconds: Int?
    /// Threads; 0 means one for each processor.
    public var workers = 0

    /// A request for the structure only.
    public init(readDataPercent: Double? = nil) { self.readDataPercent = readDataPercent }
}

/// What a verification found.
public struct VerifyReport: Sendable {
    /// Records in the log.
    public var records = 0
    /// Snapshots.
    public var snapshots = 0
    /// Packs that are there with the right length.
    public var packs = 0
    /// Packs that were read from beginning to end.
    public var packsRead = 0
    /// Packs that were to be read and were not, because the time was up.
    public var packsLeft = 0
    /// Bytes that were read for that.
    public var bytesRead = 0
    /// Whether an identity with the role read was used: trees walked, and chunks recomputed in what was read.
    public var isContentChecked = false
    /// What is wrong, a sentence each. Empty means that all that was checked is right.
    public var findings: [String] = []
}

/// Checks repositories.
public enum Verify {
    /// Checks log, sets and presence of packs; with `access` also every tree; with `readDataPercent` the bytes of
    /// packs.
    ///
    /// - Parameter ahead: what ``opening(_:_:_:)`` found right.
    /// - Throws: ``VaultError`` when nothing can be checked. Damage is reported, not thrown.
    public static func run(
        _ request: VerifyRequest, _ repository: Repository, with access: ReadAccess?, ahead: Ahead = Ahead(),
        events: any EventSink = SilentEventSink(), cancellation: Cancellation = Cancellation()
    ) throws -> VerifyReport {
        let state = repository.state
        var report = VerifyReport()
        report.records = state.head + 1
        report.snapshots = state.liveSnapshots.count
        report.isContentChecked = access != nil
        report.findings += try checkLog(repository).map { "Record \($0.position): \($0.reason)" }
        let ordinals = state.packs.indices.filter { !state.packs[$0].isSwept }
        var damage = PackScan.absences(ordinals, state, repository.store)
        report.packs = ordinals.count - damage.count
        report.findings += checkObjects(repository, state)
        let absent = damage.map(\.ordinal)
        var walked: Result<[String], any Error>?
        if let percent = request.readDataPercent {
            access?.putOnRecord(state.liveSnapshots)
            let gone = Set(absent)
            func read() throws -> [PackVerifier.Damage] {
                try readData(
                    request, percent, of: ordinals.filter { !gone.contains($0) }, repository, access, ahead,
                    events: events, cancellation, &report)
            }
            if let access {
                let (known, late) = (damage, LateEventSink(events))
                let (trees, found) = Thread.beside({ try checkTrees(access, state, known, late, cancellation) }) {
                    defer { late.begin() }
                    return try read()
                }
                damage += try found.get()
                walked = trees
            } else {
                damage += try read()
            }
        }
        if !damage.isEmpty {
            // What a prune has taken away meanwhile is no damage.
            let now = (try? repository.newest()) ?? state
            damage.removeAll { $0.ordinal < now.packs.count && now.packs[$0.ordinal].isSwept }
        }
        for item in damage { report.findings.append(sentence(item, state)) }
        guard let access else { return report }
        // A walk that did not know of all that is damaged is made again.
        let isInformed = damage.map(\.ordinal) == absent
        report.findings +=
            try (isInformed ? walked?.get() : nil)
            ?? checkTrees(access, state, damage, events, cancellation)
        return report
    }

    /// A damaged segment map is damage although maps are only an aid to prune. Whether evidence agrees with its record
    /// is for those who ask about a drill.
    static func checkObjects(_ repository: Repository, _ state: RepositoryState) -> [String] {
        let maps = state.liveSnapshots.map { snapshot in
            // After a compaction without a new map, that of the record is still followed.
            (
                ObjectName.content(.sets, snapshot.map ?? snapshot.body.map),
                "segment map of snapshot \(snapshot.id.hex.prefix(8))"
            )
        }
        let evidence = state.drills.map {
            (ObjectName.content(.evidence, $0.body.evidence), "evidence of drill \($0.id.hex.prefix(8))")
        }
        return (maps + evidence).filter { !repository.store.isIntact($0.0) }.map { name, role in
            "\(name), the \(role), is missing or damaged"
        }
    }

    private static func readData(
        _ request: VerifyRequest, _ percent: Double, of present: [Int], _ repository: Repository,
        _ access: ReadAccess?, _ ahead: Ahead, events: any EventSink, _ cancellation: Cancellation,
        _ report: inout VerifyReport
    ) throws -> [PackVerifier.Damage] {
        let state = repository.state
        let memory = repository.verifyMemory
        var ordinals = present
        if percent < 100 {
            let wanted = max(1, Int((Double(ordinals.count) * percent / 100).rounded(.up)))
            var draws = RandomDraws(repository.random)
            ordinals = Array(ordinals.shuffled(using: &draws).prefix(wanted)).sorted()
        } else {
            ordinals = due(ordinals, request, repository, memory, withKeys: access != nil)
        }
        // Also when it is interrupted, what was read need not be read again.
        defer { memory.save { state.ordinals[$0].map { !state.packs[$0].isSwept } ?? false } }
        let started = repository.clock.monotonicNanoseconds()
        let read = Mutex((packs: 0, bytes: 0))
        let damage = try PackScan.run(
            ordinals, state, repository.store, access: access, ahead: ahead, workers: request.workers, events: events,
            cancellation,
            isTimeUp: {
                request.durationMaxSeconds.map {
                    repository.clock.monotonicNanoseconds() - started >= UInt64($0) * 1_000_000_000
                } ?? false
            },
            onRead: { ordinal, isRight in
                let pack = state.packs[ordinal].pack
                read.withLock { $0 = ($0.packs + 1, $0.bytes + pack.length) }
                memory.note(pack.name, isRight: isRight, withKeys: access != nil)
            })
        (report.packsRead, report.bytesRead) = read.withLock { $0 }
        report.packsLeft = ordinals.count - report.packsRead
        return damage
    }

    private static func sentence(_ damage: PackVerifier.Damage, _ state: RepositoryState) -> String {
        let affected = state.liveSnapshots.filter { $0.packs?.contains(damage.ordinal) ?? true }.map {
            String($0.id.hex.prefix(8))
        }
        let users = affected.isEmpty ? "no snapshot uses it" : "used by " + affected.prefix(20).joined(separator: ", ")
        return "\(damage.reason) (\(users)\(affected.count > 20 ? " and \(affected.count - 20) more" : ""))"
    }
}

/// Draws from the injected source of randomness.
private struct RandomDraws: RandomNumberGenerator {
    private let source: any RandomSource

    init(_ source: any RandomSource) { self.source = source }

    mutating func next() -> UInt64 {
        source.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
