/// What to restore, and where to.
public struct RestoreRequest: Sendable {
    /// A snapshot, or a part of it.
    public var what: SnapshotPath
    /// With `latest`: the system that the snapshot is to be of; nil for any.
    public var system: String?
    /// With `latest`: the snapshot is the last that began at this time or before; nil for the last of all.
    public var asOf: Timestamp?
    /// Directory to restore into, raw bytes: new, or as the options allow.
    public var target: [UInt8]
    /// How to restore.
    public var options = RestoreOptions()
    /// Is told each change, and each entry that is kept; called from any thread. In a dry run these are what would be
    /// done.
    public var onChange: (@Sendable (RestoreChange) -> Void)?
    /// Is told everything that is damaged, missing or could not be written; called from any thread.
    public var onProblem: (@Sendable (Problem) -> Void)?
    /// Is told all metadata that could not be applied; called from any thread.
    public var onMetadataProblem: (@Sendable (MetadataProblem) -> Void)?

    /// A request; see the properties.
    public init(_ what: SnapshotPath, target: [UInt8]) {
        self.what = what
        self.target = target
    }
}

/// What a restore did, or in a dry run would do.
public struct RestoreResult: Sendable {
    /// The snapshot.
    public var snapshot: Digest
    /// Entries in the part that was asked for.
    public var entries: Int
    /// Bytes of content in it.
    public var bytes: Int
    /// Entries that were not there, and their content.
    public var created: RestoreCount
    /// Entries that were replaced or put right, and the content written for that.
    public var changed: RestoreCount
    /// Entries that were not in the snapshot and were removed, and their content.
    public var removed: RestoreCount
    /// Entries that were left as they are, and their content.
    public var kept: RestoreCount
    /// Entries that were read back and found right; nil when that was not asked for.
    public var verified: Int?
    /// What is damaged, missing or could not be written. Not empty means that the restore is not complete.
    public var problems: [Problem]
    /// How many problems there were; the list is bounded.
    public var problemCount: Int
    /// Metadata that could not be applied, by kind.
    public var notApplied: [MetadataSummary]
    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64

    /// How much metadata could not be applied.
    public var notAppliedCount: Int { notApplied.reduce(0) { $0 + $1.count } }
}

/// Restores snapshots.
public enum Restore {
    /// Restores content and metadata into a directory. Every chunk is checked against its id before it is written.
    ///
    /// Damage is named by path and does not stop the rest. Run again with ``OverwritePolicy/ifChanged`` after an
    /// interruption, it writes what is not there yet. On return all of it survives a power loss, unless
    /// ``RestoreOptions/synchronize`` says not to wait for that.
    /// - Throws: ``VaultError`` when nothing can be restored or the target cannot be written any more.
    public static func run(
        _ request: RestoreRequest, with access: ReadAccess, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> RestoreResult {
        let options = request.options
        try options.check()
        let clock = access.repository.clock
        let started = clock.monotonicNanoseconds()
        let snapshot = try Snapshots.find(
            request.what.snapshot, system: request.system, asOf: request.asOf, in: access.repository.state)
        let index = try SnapshotReader.index(access, of: [snapshot]) { events.receive(.warning($0.message)) }
        let reader = SnapshotReader(access, snapshot, index: index)
        let target = try RestoreTarget(request.target, options)
        let problems = ProblemNotes(events: events, tell: request.onProblem)
        for sentence in access.repository.damage { problems.add([], sentence) }
        let notes = MetadataNotes(request.onMetadataProblem)
        // The next backup must not take ids of an earlier dedup group for its own.
        let keyring = access.repository.state.keyring
        let isEarlierGroup = keyring.group(inEpoch: snapshot.body.epoch) != keyring.group.number
        let run = RestoreRun(
            options, target: target, problems: problems, journal: RestoreJournal(request.onChange),
            metadata: MetadataWriter(notes: notes, owner: options.owner, attributes: options.attributes),
            progress: RestoreCounters(events: events), cancellation: cancellation,
            protected: options.delete ? protectedDirectories(access.repository) : [],
            restored: options.dryRun || isEarlierGroup
                ? nil : RestoredEntries(target: request.target, access, isFresh: options.overwrite == nil))
        let executor = RestoreExecutor(reader, run)
        let planner = RestorePlanner(reader, run) { try executor.execute($0) }
        try planner.plan(request.what.path)
        try finish(planner, run, reader)
        var verified: Int?
        if options.verify {
            let verifier = RestoreVerifier(reader, run, events: events)
            try verifier.check(
                request.what.path, skipped: planner.skipped, entries: planner.entryCount, bytes: planner.byteCount)
            verified = verifier.rightCount
        }
        return RestoreResult(
            snapshot: snapshot.id, entries: planner.entryCount, bytes: planner.byteCount,
            created: run.journal.count(.create), changed: run.journal.count(.change),
            removed: run.journal.count(.remove),
            kept: run.journal.count(.keep), verified: verified, problems: problems.listed, problemCount: problems.count,
            notApplied: notes.summaries, nanoseconds: clock.monotonicNanoseconds() - started)
    }

    private static func finish(_ planner: RestorePlanner, _ run: RestoreRun, _ reader: SnapshotReader) throws {
        let finisher = RestoreFinisher(run, TreeReader(reader.chunks()))
        for (member, first) in planner.links { try finisher.link(member, to: first) }
        for (directory, name) in planner.deletions { try finisher.remove(name, in: directory) }
        if run.options.dryRun { return }
        for first in planner.firstMembers { try finisher.finish(first) }
        for directory in planner.directories.reversed() { try finisher.finish(directory) }
        finisher.keepLinked(planner)
        run.restored?.finish()
        if run.options.synchronize || run.options.verify { try run.target.synchronize() }
    }

    /// Directories that no restore removes: the repository, and where this client keeps pins, identities and caches.
    private static func protectedDirectories(_ repository: Repository) -> Set<HardLinks.Key> {
        let folders = [repository.folders.config, repository.folders.cache].map {
            try? FileStatus.readIfPresent($0, followingLinks: true)
        }
        return Set(
            ([repository.directory] + folders).compactMap { status in
                status.map { HardLinks.Key(device: $0.device, inode: $0.inode) }
            })
    }
}
