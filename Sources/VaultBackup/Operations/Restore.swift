/// What to restore, and where to.
public struct RestoreRequest: Sendable {
    /// A snapshot, or a part of it.
    public var what: SnapshotPath
    /// A new or an empty directory, raw bytes.
    public var target: [UInt8]
    /// Threads; 0 means one for each processor.
    public var workers = 0

    /// A request; see the properties.
    public init(_ what: SnapshotPath, target: [UInt8]) {
        self.what = what
        self.target = target
    }
}

/// What a restore did.
public struct RestoreResult: Sendable {
    /// The snapshot.
    public var snapshot: Digest
    /// Entries in the part that was asked for.
    public var entries: Int
    /// Bytes of content in it.
    public var bytes: Int
    /// What is damaged, missing or could not be written. Not empty means that the restore is not complete.
    public var problems: [Problem]
    /// How many problems there were; the list is bounded.
    public var problemCount: Int
    /// Metadata that could not be applied.
    public var notApplied: [Problem]
    /// How much metadata could not be applied.
    public var notAppliedCount: Int
    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64
}

/// Restores snapshots.
public enum Restore {
    /// Restores content and metadata into a new or empty directory. Every chunk is checked against its id before it is written.
    ///
    /// Damage is named by path and does not stop the rest.
    /// - Throws: ``VaultError`` when nothing can be restored or the target cannot be written any more.
    public static func run(
        _ request: RestoreRequest, with access: ReadAccess, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> RestoreResult {
        let clock = access.repository.clock
        let started = clock.monotonicNanoseconds()
        let snapshot = try Snapshots.find(request.what.snapshot, in: access.repository.state)
        let problems = ProblemNotes(events: events)
        let index = try SnapshotReader.index(access, of: [snapshot]) { events.receive(.warning($0.message)) }
        let reader = SnapshotReader(access, snapshot, index: index)
        let target = try RestoreTarget(request.target)
        for sentence in access.repository.damage { problems.add([], sentence) }
        let notes = ProblemNotes()
        let metadata = MetadataWriter(notes: notes)
        let planner = RestorePlanner(reader, target, problems: problems, cancellation: cancellation)
        let progress = BackupCounters(events: events)
        let workerCount = request.workers > 0 ? request.workers : Host.processorCount
        let workers = (0..<workerCount).map { _ in
            RestoreWorker(
                reader, target, metadata: metadata, problems: problems, cancellation: cancellation, progress: progress)
        }
        try planner.plan(request.what.path) { try execute($0, workers) }
        try link(planner, target, problems)
        try finishDirectories(planner, target, metadata, problems, reader)
        return RestoreResult(
            snapshot: snapshot.id, entries: planner.entryCount, bytes: planner.byteCount, problems: problems.listed,
            problemCount: problems.count, notApplied: notes.listed, notAppliedCount: notes.count,
            nanoseconds: clock.monotonicNanoseconds() - started)
    }

    private enum Step: Sendable {
        case segment(Range<Int>)
        case empty(Int)
        case special(Int)
    }

    private static func execute(_ window: RestoreWindow, _ workers: [RestoreWorker]) throws {
        var window = window
        var steps = window.sortedGroups().map { Step.segment($0) }
        steps += window.files.indices.filter { window.files[$0].pieceCount == 0 }.map { .empty($0) }
        steps += window.specials.indices.map { .special($0) }
        let stack = WorkStack<Step>()
        // The stack gives the last first; packs are to be read from the front.
        stack.push(steps.reversed())
        let sorted = window
        let boxes = Monitor(workers)
        try Thread.runAll(workers.count) { number in
            let worker = boxes.withLock { $0[number] }
            try stack.work { step in
                switch step {
                case .segment(let group): try worker.run(sorted, group)
                case .empty(let index): try worker.makeEmpty(sorted.files[index])
                case .special(let index): try worker.make(sorted.specials[index].entry, in: sorted.specials[index].directory)
                }
            }
        }
    }

    private static func link(_ planner: RestorePlanner, _ target: RestoreTarget, _ problems: ProblemNotes) throws {
        var to = OpenDirectoryCache(target)
        var from = OpenDirectoryCache(target)
        for link in planner.links {
            do {
                try DirectoryEntries.makeLink(
                    from: try from.open(link.first.directory), link.first.entry.name, to: try to.open(link.directory),
                    link.entry.name)
            } catch let error as SystemError {
                try error.throwIfFatal()
                problems.add(link.directory.path(of: link.entry.name), "cannot be linked: \(error.reason)")
            }
        }
    }

    /// Times and modes of directories come last, the innermost first: what is made in a directory changes them.
    private static func finishDirectories(
        _ planner: RestorePlanner, _ target: RestoreTarget, _ metadata: MetadataWriter, _ problems: ProblemNotes,
        _ reader: SnapshotReader
    ) throws {
        let tree = TreeReader(reader.chunks())
        for directory in planner.directories.reversed() {
            guard let entry = directory.entry else { continue }
            do {
                metadata.apply(entry, to: try target.open(directory), path: directory.path) { try tree.data($0) }
            } catch let error as SystemError {
                problems.add(directory.path, "cannot be finished: \(error.reason)")
            }
        }
    }
}
