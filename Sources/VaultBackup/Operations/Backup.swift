/// What to back up, and how.
public struct BackupRequest: Sendable {
    /// Files and directories, raw bytes.
    public var paths: [[UInt8]] = []
    /// The system that the snapshot is of.
    public var system: String
    /// Public words to find the snapshot by.
    public var tags: [String] = []
    /// The user's words, for readers only.
    public var description = ""
    /// How to treat the sources.
    public var options = BackupOptions()
    /// Streams to store as files in the top directory, beside the paths or alone: their names, and what yields them.
    var streams: [StreamSource] = []
    /// The command that a stream comes from.
    var command: [[UInt8]] = []
    /// What makes the difference between done and failed for streams, and what they are of: called when all have ended.
    var confirmStreams: (@Sendable () throws -> [DatabaseCapture])?

    /// Whether it is for streams alone.
    var isStream: Bool { paths.isEmpty && !streams.isEmpty }

    /// A request for files and directories.
    public init(paths: [[UInt8]], system: String) {
        self.paths = paths
        self.system = system
    }
}

/// What a backup did.
public struct BackupResult: Sendable {
    /// Id of the snapshot: SHA-256 of its record.
    public var snapshot: Digest
    /// Whether it is the last one, because there was nothing to add to it (``BackupOptions/skipIfUnchanged``).
    public var isUnchanged: Bool
    /// Position of its record in the log.
    public var position: Int
    /// Entries in the snapshot.
    public var entries: Int
    /// Entries that were left out by rules; what is in a directory that was left out does not count.
    public var leftOut: Int
    /// Bytes of content in the snapshot.
    public var bytes: Int
    /// Bytes of content that were not in the repository before.
    public var newBytes: Int
    /// Bytes added to the store, log and sets not counted.
    public var storedBytes: Int
    /// What is missing or not exact.
    public var problems: [Problem]
    /// How many problems there were; the list is bounded.
    public var problemCount: Int
    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64
    /// The databases whose dumps are in it.
    public var databases: [DatabaseCapture] = []
}

/// Makes snapshots.
public enum Backup {
    /// Backs up what `request` names. On return the snapshot is durable, and has been read back and replayed.
    ///
    /// - Throws: ``VaultError``. Then there is no snapshot; what was stored stays usable for the next run.
    public static func run(
        _ request: BackupRequest, with access: WriteAccess, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> BackupResult {
        let repository = access.repository
        let started = repository.clock.now()
        let startedAt = repository.clock.monotonicNanoseconds()
        let sources = try sources(of: request)
        let session = try WriteSession.open(
            access, purpose: request.isStream ? .stream : .backup, system: request.system)
        let (run, outcome): (BackupRun, BackupRun.Outcome)
        let (record, databases): (LastSnapshot.Found, [DatabaseCapture])
        do {
            run = try prepare(request, access, session, sources, events, cancellation)
            outcome = try run.run(sources, streams: request.streams)
            (record, databases) = try publish(request, access, session, sources, run, outcome, started, cancellation)
        } catch {
            session.abort()
            throw error
        }
        return BackupResult(
            snapshot: record.id, isUnchanged: record.isEarlier, position: record.position,
            entries: outcome.progress.entries, leftOut: outcome.leftOut, bytes: outcome.progress.bytes,
            newBytes: outcome.newBytes, storedBytes: run.storedBytes, problems: outcome.problems,
            problemCount: outcome.problemCount,
            nanoseconds: repository.clock.monotonicNanoseconds() - startedAt, databases: databases)
    }

    static func sources(of request: BackupRequest) throws -> SourceTree {
        guard !request.isStream else { return SourceTree() }
        let sources = try SourceTree(request.paths)
        for stream in request.streams where sources.holds(stream.name) {
            throw VaultError(
                .usage,
                "The paths to back up hold /\(PathText.readable(stream.name)), which is what the dump would be called",
                nextStep: "Rename that file, or back the database up in a snapshot of its own")
        }
        let rules = request.options.exclude
        if !rules.isEmpty {
            let isLeftOut = try sources.paths.allSatisfy {
                rules.excludes($0, isDirectory: try FileStatus.read($0).kind == .directory)
            }
            if isLeftOut {
                throw VaultError(
                    .usage, "Every path that was named is left out by a pattern",
                    nextStep: "Check the patterns and the paths")
            }
        }
        return sources
    }

    /// - Parameter session: nil when nothing is to be stored.
    static func prepare(
        _ request: BackupRequest, _ access: WriteAccess, _ session: WriteSession?, _ sources: SourceTree,
        _ events: any EventSink, _ cancellation: Cancellation
    ) throws -> BackupRun {
        let repository = access.repository
        let state = repository.state
        let eligible = usablePacks(access, state, events)
        // A pack whose directory is damaged is left out: its chunks are simply stored again.
        let index = try repository.chunkIndex(packs: access.packs, isWanted: { eligible[$0] }) { ordinal, error in
            events.receive(.warning("\(error)"))
        }
        let cache = cachePath(request, access, sources)
        let run = try BackupRun(
            access: access, session: session, index: index, eligible: eligible, options: request.options,
            ownFolders: ownFolders(repository), cachePath: cache,
            expected: LastSnapshot(scanCache: cache).totals(access), events: events, cancellation: cancellation)
        if !request.isStream {
            let mounts = SourceMounts(
                scanCache: cache, sources: sources.paths, oneFileSystem: request.options.oneFileSystem)
            let missing = mounts.missing { request.options.exclude.excludes($0, isDirectory: true) }
            for (point, reason) in missing { run.note(Array(point.dropFirst()), reason) }
            if session != nil { mounts.remember(missing: missing.map(\.point)) }
        }
        return run
    }

    /// Whether chunks in each pack may be used again: it is eligible, and lies in the store as the log says. What a
    /// lost pack held is stored anew, which also heals earlier snapshots.
    private static func usablePacks(
        _ access: WriteAccess, _ state: RepositoryState, _ events: any EventSink
    ) -> [Bool] {
        // What an earlier dedup group stored has other ids: none of it would be found, all of it would be looked at.
        let since = state.keyring.group.epoch
        var usable = state.packs.indices.map {
            state.packs[$0].pack.epoch >= since && state.isEligible($0, for: access.member.id)
        }
        guard usable.contains(true), let listed = try? access.repository.store.list("packs") else { return usable }
        let sizes = Dictionary(
            listed.map { ($0.name.contentDigest, $0.byteCount) }, uniquingKeysWith: { first, _ in first })
        var missing = 0
        for ordinal in usable.indices where usable[ordinal] {
            let pack = state.packs[ordinal].pack
            guard sizes[pack.name] != pack.length else { continue }
            usable[ordinal] = false
            missing += 1
        }
        if missing > 0 {
            events.receive(
                .warning(
                    "\(missing) packs of the repository are missing or have another length; what they held is stored "
                        + "again, as far as it is still there. Run 'vault repair' to see what else is affected"))
        }
        return usable
    }

    /// A backup that holds the repository would grow without end; the caches of this client are worth nothing
    /// elsewhere. They are told by device and inode, so that no link or mount hides them.
    private static func ownFolders(_ repository: Repository) -> [OwnFolder] {
        var folders: [OwnFolder] = []
        if let status = repository.directory {
            folders.append(OwnFolder(status, role: "the repository itself"))
        }
        if let path = repository.folders.cache(of: repository.id), let status = try? FileStatus.read(path) {
            folders.append(OwnFolder(status, role: "a cache of this program"))
        }
        return folders
    }

    /// One scan cache for each system and set of sources.
    static func cachePath(_ request: BackupRequest, _ access: WriteAccess, _ sources: SourceTree) -> [UInt8]? {
        guard !request.isStream, let folder = access.repository.folders.cache(of: access.repository.id, "scan")
        else {
            return nil
        }
        var writer = ByteWriter()
        writer.lp32(Array(request.system.utf8))
        for path in sources.paths.sorted(by: { $0.lexicographicallyPrecedes($1) }) { writer.lp32(path) }
        return PathBytes.join(folder, Array(SHA256.digest(writer.bytes).hex.prefix(32).utf8))
    }
}
