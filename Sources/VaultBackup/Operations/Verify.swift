/// How deep to verify.
public struct VerifyRequest: Sendable {
    /// Part of the packs to read from beginning to end, in percent above 0 up to 100; nil reads none.
    public var readDataPercent: Double?
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
    /// Bytes that were read for that.
    public var bytesRead = 0
    /// Whether an identity with the role read was used: trees walked, and chunks recomputed in what was read.
    public var isContentChecked = false
    /// What is wrong, a sentence each. Empty means that all that was checked is right.
    public var findings: [String] = []
}

/// Checks repositories.
public enum Verify {
    private static let pathsNamedMax = 100

    /// Checks log, sets and presence of packs; with `access` also every tree; with `readDataPercent` the bytes of
    /// packs.
    ///
    /// - Throws: ``VaultError`` when nothing can be checked. Damage is reported, not thrown.
    public static func run(
        _ request: VerifyRequest, _ repository: Repository, with access: ReadAccess?,
        events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> VerifyReport {
        let state = repository.state
        var report = VerifyReport()
        report.records = state.head + 1
        report.snapshots = state.snapshots.count
        report.isContentChecked = access != nil
        report.findings += state.irregularities.map { "Record \($0.position): \($0.reason)" }
        var damage = try checkPresence(repository, state, &report)
        checkSets(repository, state, access, &report)
        if let percent = request.readDataPercent {
            let missing = Set(damage.filter { $0.segments == nil }.map(\.ordinal))
            damage += try readData(
                request, percent, repository, access, skipping: missing, events: events, cancellation, &report)
        }
        for item in damage { report.findings.append(sentence(item, state)) }
        if let access { try checkTrees(access, state, damage, events, cancellation, &report) }
        return report
    }

    private static func checkPresence(
        _ repository: Repository, _ state: RepositoryState, _ report: inout VerifyReport
    ) throws -> [PackVerifier.Damage] {
        var damage: [PackVerifier.Damage] = []
        for (ordinal, pack) in state.packs.enumerated() where !pack.isSwept {
            let name = ObjectName.content(.packs, pack.pack.name)
            let size: Int?
            do throws(StorageError) { size = try repository.store.size(name) } catch {
                damage.append(
                    PackVerifier.Damage(ordinal: ordinal, segments: nil, reason: "\(name) cannot be read: \(error)"))
                continue
            }
            if let size, size == pack.pack.length {
                report.packs += 1
            } else {
                let reason =
                    size.map { "\(name) has \($0) bytes instead of \(pack.pack.length)" } ?? "\(name) is missing"
                damage.append(PackVerifier.Damage(ordinal: ordinal, segments: nil, reason: reason))
            }
        }
        return damage
    }

    /// Segment maps are only an aid to prune, but a damaged one is damage all the same.
    private static func checkSets(
        _ repository: Repository, _ state: RepositoryState, _ access: ReadAccess?, _ report: inout VerifyReport
    ) {
        for snapshot in state.snapshots {
            let name = ObjectName.content(.sets, snapshot.body.map)
            let bytes = try? repository.store.get(name)
            if bytes.map({ SHA256.digest($0) }) != snapshot.body.map {
                report.findings.append(
                    "\(name), the segment map of snapshot \(snapshot.id.hex.prefix(8)), is missing or damaged")
            }
        }
    }

    private static func readData(
        _ request: VerifyRequest, _ percent: Double, _ repository: Repository, _ access: ReadAccess?,
        skipping missing: Set<Int>,
        events: any EventSink, _ cancellation: Cancellation, _ report: inout VerifyReport
    ) throws -> [PackVerifier.Damage] {
        let state = repository.state
        var ordinals = state.packs.indices.filter { !state.packs[$0].isSwept && !missing.contains($0) }
        if percent < 100 {
            let wanted = max(1, Int((Double(ordinals.count) * percent / 100).rounded(.up)))
            var draws = RandomDraws(repository.random)
            ordinals = Array(ordinals.shuffled(using: &draws).prefix(wanted)).sorted()
        }
        let damage = try PackScan.run(
            ordinals, state, repository.store, access: access, workers: request.workers, events: events, cancellation)
        report.packsRead = ordinals.count
        report.bytesRead = ordinals.reduce(0) { $0 + state.packs[$1].pack.length }
        return damage
    }

    private static func sentence(_ damage: PackVerifier.Damage, _ state: RepositoryState) -> String {
        let affected = state.snapshots.filter { $0.packs?.contains(damage.ordinal) ?? true }.map {
            String($0.id.hex.prefix(8))
        }
        let users = affected.isEmpty ? "no snapshot uses it" : "used by " + affected.prefix(20).joined(separator: ", ")
        return "\(damage.reason) (\(users)\(affected.count > 20 ? " and \(affected.count - 20) more" : ""))"
    }

    private static func checkTrees(
        _ access: ReadAccess, _ state: RepositoryState, _ damage: [PackVerifier.Damage], _ events: any EventSink,
        _ cancellation: Cancellation, _ report: inout VerifyReport
    ) throws {
        let byOrdinal = Dictionary(damage.map { ($0.ordinal, $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<ChunkID> = []
        var named = 0
        // What is wrong with a directory has been said, or shows as chunks that are nowhere.
        let unusable = ProblemNotes()
        let index = try SnapshotReader.index(access, of: state.snapshots) { unusable.add([], $0.message) }
        report.findings += unusable.listed.map(\.reason)
        let progress = BackupCounters(events: events, unit: .snapshots)
        progress.setTotals(entries: state.snapshots.count, bytes: 0, isEstimate: false)
        for snapshot in state.snapshots {
            defer { progress.add(entries: 1, bytes: 0) }
            let reader = SnapshotReader(access, snapshot, index: index)
            let findings = try TreeVerifier(reader, cancellation: cancellation).check(&seen) { location in
                guard let item = byOrdinal[location.ordinal] else { return false }
                return item.segments?.contains(location.segment) ?? true
            }
            for finding in findings {
                named += 1
                guard named <= pathsNamedMax else { continue }
                report.findings.append(
                    "Snapshot \(snapshot.id.hex.prefix(8)): /\(PathText.readable(finding.path)): \(finding.reason)")
            }
        }
        if named > pathsNamedMax { report.findings.append("\(named - pathsNamedMax) more paths are affected") }
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
