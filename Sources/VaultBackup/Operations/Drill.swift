/// What to drill, and how.
public struct DrillRequest: Sendable {
    /// The snapshot, as ``Snapshots/find(_:in:)`` takes it; only for a selection of one that is named.
    public var snapshot = "latest"
    /// How the snapshot is chosen.
    public var selection = DrillSelection.named
    /// The system to choose from; nil for the only one. Not for a snapshot that is named.
    public var system: String?
    /// Part of the snapshot's data to restore, in percent above 0 up to 100; nil for all of it.
    public var percent: Double?
    /// Directory in which a scratch directory is made, raw bytes.
    public var scratch: [UInt8]
    /// Most bytes that each scratch server may have on disk, as ``ScratchRequest/bytesMax``.
    public var scratchBytesMax: Int?
    /// Whether the scratch directory stays in any case.
    public var keep = false
    /// For how long it stays after a failure, or when it is kept, in seconds.
    public var keepSeconds = 7 * 86_400
    /// For how long the proof counts, in seconds.
    public var validSeconds = 90 * 86_400
    /// Whether databases are started, loaded and compared, where the snapshot has dumps. Without it such a snapshot
    /// cannot be proven.
    public var databases = true
    /// The owner's program and its arguments, which says by its exit status whether it can work with what was restored;
    /// empty for none.
    public var script: [[UInt8]] = []
    /// For how long it may run, in seconds.
    public var scriptSeconds = 3_600
    /// Whether restored files are searched for malware.
    public var malware = false
    /// A file or directory of signatures for that search; nil for those of the machine.
    public var malwareSignatures: [UInt8]?
    /// How old the data may be, in seconds; 0 for no objective.
    public var rpoSeconds = 0
    /// How long bringing it back may take, in seconds; 0 for no objective.
    public var rtoSeconds = 0
    /// Threads; 0 means one for each processor.
    public var workers = 0
    /// Gets the restored tree before it is compared: where tests change it.
    var beforeComparison: (@Sendable ([UInt8]) throws -> Void)?

    /// A drill of the latest snapshot, as a whole.
    public init(scratch: [UInt8]) { self.scratch = scratch }
}

/// What a drill did. Findings name paths: they are for who may read the snapshot.
public struct DrillReport: Sendable {
    /// What was signed.
    public var evidence: DrillEvidence
    /// SHA-256 of the stored evidence.
    public var evidenceDigest: Digest
    /// SHA-256 of the DRILL record: the id of the drill.
    public var id: Digest
    /// Position of that record.
    public var position: Int
    /// Whether there is such a record. A drill of a copy leaves none, since nothing is written into a copy; `id` is
    /// then the digest of the evidence, and `position` the head of the log.
    public var isOnRecord = true
    /// What is wrong; bounded.
    public var findings: [DrillFinding]
    /// What is no failure and should be known: sentences, which may name things; bounded.
    public var notes: [String] = []
    /// Packs that were attested by this drill and were not before.
    public var attested: Int
    /// How much of the snapshot is proven now.
    public var coverage: Coverage
    /// The scratch directory, if it was kept, and until when.
    public var kept: (path: [UInt8], until: Timestamp)?
    /// How long it took to remove the scratch directory, in milliseconds; nil when it was kept.
    public var teardownMilliseconds: Int?

    /// What it came to.
    public var verdict: DrillVerdict { evidence.verdict }
}

/// Runs restore drills: restores for real, compares by other means than those that wrote, and puts signed evidence on
/// record.
///
/// 1. Nothing is restored anywhere but in a new directory of this drill.
/// 2. `proven` is written only after every check has compared all that it had to and found it right.
/// 3. A drill that ends in any other way, by a signal or an error, leaves no evidence at all.
public enum Drill {
    /// Runs a drill. On return its evidence and its record are durable, but for a copy, which is only read.
    ///
    /// Damage makes the drill fail, it is not thrown.
    /// - Parameter copy: a copy of the repository, opened to read by the same member; content then comes from there,
    ///   and evidence and record still go into the repository. They prove packs of the copy.
    /// - Throws: ``VaultError`` when nothing can be said: `.usage`, `.notAllowed`, `.interrupted`, `.damaged` for a log
    ///   that cannot be written, `.failed` for a scratch directory that cannot be made or is too small.
    public static func run(
        _ request: DrillRequest, with access: ReadAccess, from copy: ReadAccess? = nil,
        events: any EventSink = SilentEventSink(), cancellation: Cancellation = Cancellation()
    ) throws -> DrillReport {
        let repository = access.repository
        let now = repository.clock.now()
        let state = try repository.log.refresh()
        if let refusal = state.refusalOfAnyWriting { throw refusal }
        guard access.member.may(.read) || access.member.may(.drill) else {
            throw VaultError(
                .notAllowed, "'\(access.member.name)' may not put drills on record",
                nextStep: "Use an identity with the role read or drill")
        }
        let choice = try DrillChoice(request, repository, state, now: now)
        if let copy { try check(copy, of: repository, has: choice.snapshot) }
        for path in ScratchDirectory.sweep(request.scratch, now: now) {
            events.receive(.notice("Removed \(PathText.readable(path)), which an earlier drill left"))
        }
        let scratch = try ScratchDirectory(in: request.scratch, random: repository.random)
        let run = DrillRun(
            request, access, content: copy ?? access, state, choice, scratch, started: now, events, cancellation)
        do {
            try refuse(scratch, in: repository)
            if let copy { try refuse(scratch, in: copy.repository) }
            access.putOnRecord([choice.snapshot])
            let evidence = try run.run()
            try cancellation.check()
            var report = try publish(evidence, run, access, state)
            report.notes = run.tally.notes + evidence.missedObjectives.map { $0.sentence(evidence) }
            try tearDown(scratch, request, &report, repository.clock)
            return report
        } catch {
            try? scratch.remove()
            throw error
        }
    }

    /// Throws what ``run(_:with:events:cancellation:)`` would about the snapshot, before anybody is asked for a
    /// passphrase.
    public static func checkChoice(_ request: DrillRequest, in repository: Repository) throws {
        if request.selection == .named {
            _ = try Snapshots.find(request.snapshot, in: repository)
        } else {
            _ = try DrillChoice.candidates(request, in: repository.state)
        }
    }

    /// What is restored from a copy must be the snapshot that the record will name, in the same packs.
    private static func check(_ copy: ReadAccess, of repository: Repository, has snapshot: SnapshotState) throws {
        let other = copy.repository
        let place = other.store.location
        guard other.copy != nil, other.id == repository.id, other.state.anchor == repository.state.anchor else {
            throw VaultError(
                .usage, "\(place) is no copy of repository \(repository.id.hex.prefix(8))",
                nextStep: "See 'vault copy list' for its copies")
        }
        guard let there = other.state.snapshot(snapshot.id), there.packs == snapshot.packs else {
            throw VaultError(
                .failed, "The copy at \(place) does not have snapshot \(snapshot.id.hex.prefix(8)) as it is now",
                nextStep: "Bring it up to date with 'vault copy --to DIR'")
        }
    }

    /// A restore into the repository would end badly.
    private static func refuse(_ scratch: ScratchDirectory, in repository: Repository) throws {
        guard let directory = repository.directory, try scratch.lies(in: directory) else { return }
        throw VaultError(
            .usage, "The scratch directory would lie in the repository", nextStep: "Name another place with --scratch")
    }

    private static func tearDown(
        _ scratch: ScratchDirectory, _ request: DrillRequest, _ report: inout DrillReport, _ clock: any TimeSource
    ) throws {
        let started = clock.monotonicNanoseconds()
        if request.keep || report.verdict == .failed {
            let until = Timestamp(milliseconds: clock.now().milliseconds + Int64(request.keepSeconds) * 1_000)
            try scratch.keep(until: until)
            report.kept = (scratch.path, until)
            return
        }
        do { try scratch.remove() } catch {
            throw VaultError(
                .failed, "The scratch directory \(PathText.readable(scratch.path)) cannot be removed",
                nextStep: "Remove it by hand; the drill is on record", cause: error)
        }
        report.teardownMilliseconds = Int((clock.monotonicNanoseconds() - started) / 1_000_000)
    }
}
