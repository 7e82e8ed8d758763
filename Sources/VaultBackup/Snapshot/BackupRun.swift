/// Runs the threads of one backup inside an open session, up to the point where everything is in the store and named in
/// the log.
final class BackupRun {
    private let access: WriteAccess
    private let session: WriteSession?
    private let context: BackupContext
    private let workers: [BackupWorker]
    private let expected: ExpectedTotals?

    /// Bytes of finished packs that may wait for the store.
    private static let uploadBytesMax = 64 << 20

    /// What a finished run knows.
    struct Outcome {
        var root: DirectoryWindow.ChildResult
        var used: UsedSegments
        var problems: [Problem]
        var problemCount: Int
        var progress: Progress
        var newBytes: Int
        var leftOut: Int
        /// What the second reading found.
        var sample: [PrivatePart.SampledFile]
    }

    /// - Parameter session: what to store in; without one nothing is stored, and nothing kept for the next run.
    init(
        access: WriteAccess, session: WriteSession?, index: ChunkIndex, eligible: [Bool], options: BackupOptions,
        ownFolders: [OwnFolder], cachePath: [UInt8]?, expected: ExpectedTotals?, events: any EventSink,
        cancellation: Cancellation
    ) throws {
        self.expected = expected
        self.access = access
        self.session = session
        let repository = access.repository
        let keyring = repository.state.keyring
        let sealing = SealingContext(
            repository: repository.id, session: session?.id ?? SessionID(from: repository.random),
            epoch: access.keys.epoch, group: access.member.group,
            readKey: access.readKey, indexKey: access.index, random: repository.random, level: options.compression)
        let workerCount = options.workers > 0 ? options.workers : Host.processorCount
        let keys = ScanKeys(dedupSecret: access.dedup, repository: repository.id)
        let now = repository.clock.now().milliseconds
        context = BackupContext(
            BackupContext.Parts(
                index: index, eligible: eligible,
                identifier: ChunkIdentifier(dedupSecret: access.dedup, repository: repository.id), sealing: sealing,
                filesCutter: try Self.cutter(access, keyring.filesChunkAverage),
                databaseCutter: try Self.cutter(access, keyring.databaseChunkAverage),
                nodeBuilder: DirectoryNodeBuilder(dedupSecret: access.dedup, repository: repository.id),
                cache: ScanCache(path: cachePath, repository: repository.id, keys: keys),
                cacheWriter: session == nil
                    ? nil
                    : cachePath.flatMap {
                        ScanCacheWriter(path: $0, repository: repository.id, random: repository.random)
                    },
                journal: session == nil
                    ? nil
                    : cachePath.map {
                        ScanJournal(path: $0 + Array(".journal".utf8), isFresh: options.ignoreScanCache)
                    },
                restored: options.ignoreScanCache || cachePath == nil
                    ? nil : repository.folders.cache(of: repository.id, "scan").map { RestoredCache(folder: $0) },
                options: options, ownFolders: ownFolders, isDryRun: session == nil, events: events,
                random: repository.random, cancellation: cancellation,
                dataBuffers: BufferPool(
                    count: workerCount + 1, capacity: Limits.dataPackBytes + Limits.segmentBytesMax),
                namesBuffers: BufferPool(count: 2, capacity: Limits.namesPackBytes + Limits.segmentBytesMax),
                segmentBuffers: BufferPool(
                    count: 2 * workerCount,
                    capacity: max(
                        Limits.databaseSegmentBytesTarget, options.segmentBytes,
                        4 * max(keyring.filesChunkAverage, keyring.databaseChunkAverage))),
                uploads: BoundedQueue(bytesMax: Self.uploadBytesMax),
                scanStart: FileStatus.Time(seconds: now / 1000, nanoseconds: UInt32(now % 1000) * 1_000_000)))
        let context = context
        workers = (0..<workerCount).map { _ in BackupWorker(context) }
    }

    private static func cutter(_ access: WriteAccess, _ average: Int) throws -> Cutter {
        guard let parameters = CutParameters(average: average) else {
            throw VaultError(
                .unsupportedFormat, "The keyring asks for chunks of \(average) bytes, which this program cannot cut")
        }
        return Cutter(
            parameters: parameters,
            gearTable: CutKeys.gearTable(cutSecret: access.cut, repository: access.repository.id),
            sipKey: CutKeys.sipKey(cutSecret: access.cut, repository: access.repository.id))
    }

    /// Backs up `sources` and `streams`.
    func run(_ sources: SourceTree, streams: [StreamSource]) throws -> Outcome {
        uploaders = try startUploaders()
        let counting = startCounting(sources)
        defer { counting?.stop() }
        let sample: [PrivatePart.SampledFile]
        do {
            try work(sources, streams)
            sample =
                try context.secondReading?.read(context.options.pace, context.cancellation) {
                    context.problems.add($0, $1)
                } ?? []
        } catch {
            abandon(error)
            throw uploadError.withLock { $0 } ?? error
        }
        if let text = context.selector.databases.sqliteWarning { context.events.receive(.warning(text)) }
        guard let root = context.rootResult else {
            throw VaultError(.failed, "The top directory was not completed")
        }
        var used = UsedSegments()
        for worker in workers { used.formUnion(worker.used) }
        return Outcome(
            root: root, used: used, problems: context.problems.listed, problemCount: context.problems.count,
            progress: context.counters.progress, newBytes: context.counters.newByteCount,
            leftOut: context.counters.leftOutCount, sample: sample)
    }

    /// Stores the private part and waits until everything is in the store and named in the log. Returns the id of the
    /// private part.
    func finish(_ privatePart: PrivatePart) throws -> ChunkID {
        do {
            let id = try workers[0].addNames(.privatePart, privatePart.encode())
            try context.namesPacker.finish()
            context.uploads.close()
            for thread in uploaders { thread.join() }
            uploaders = []
            if let error = uploadError.withLock({ $0 }) { throw error }
            try session?.publishProgress()
            return id
        } catch {
            abandon(error)
            throw error
        }
    }

    /// Ends the threads of a run that will not become a snapshot. The old scan cache stays, and the journal tells the
    /// next run what needs no rereading.
    func abandon(_ error: any Error) {
        context.uploads.fail(error)
        for thread in uploaders { thread.join() }
        uploaders = []
        context.journal?.flush()
    }

    /// Digest of the sources as they are in the snapshot; nil when some of it was not in the repository before.
    var knownSources: Digest? { context.sources.hasNewChunks ? nil : sources }

    /// Digest of the sources as they are in the snapshot.
    var sources: Digest { context.sources.digest }

    /// Ends a run that leads to no snapshot. Packs that are full go to the store; what is still open is dropped.
    func discard() {
        context.uploads.close()
        for thread in uploaders { thread.join() }
        uploaders = []
    }

    /// What the private part added to the use of earlier packs.
    var lateUse: UsedSegments { workers[0].used }

    /// Bytes given to the store.
    var storedBytes: Int { context.counters.progress.storedBytes }

    /// Keeps what was seen for the next run.
    func keepScanCache() {
        context.cacheWriter?.finish()
        context.journal?.remove()
        context.restored?.removeWalked()
    }

    /// Notes something that is missing in the sources.
    func note(_ path: [UInt8], _ reason: String) { context.problems.add(path, reason) }

    private var uploaders: [Thread] = []
    private let uploadError = Monitor<(any Error)?>(nil)

    private func work(_ sources: SourceTree, _ streams: [StreamSource]) throws {
        let keys = context.cache.keys
        let root = DirectoryJob(
            parent: nil, window: nil, indexInParent: 0, name: [], pathHash: keys.path(0, 0), selection: sources.root,
            streams: streams)
        context.startListings(1)
        context.stack.push([.directory(root)])
        let boxes = Monitor(workers)
        try Thread.runAll(workers.count) { number in
            // Each thread takes a worker of its own.
            let worker = boxes.withLock { $0[number] }
            try worker.run()
        }
        let rests = workers.flatMap { $0.takeRests() }
        let collector = workers.first(where: \.hasOpenPack) ?? workers[0]
        for worker in workers where worker !== collector { try worker.finish(rests: []) }
        try collector.finish(rests: rests)
    }

    /// Tells the user what to expect; returns what counts it, if nothing is known.
    private func startCounting(_ sources: SourceTree) -> SourceCounting? {
        guard context.options.estimatesTotals, !sources.paths.isEmpty else { return nil }
        if let expected {
            context.counters.setTotals(entries: expected.entries, bytes: expected.bytes, isEstimate: true)
            return nil
        }
        let silent = EntrySelector(
            options: context.options, ownFolders: context.selector.ownFolders, events: SilentEventSink())
        return SourceCounting(sources, silent, context.counters, context.cancellation)
    }

    private func startUploaders() throws(VaultError) -> [Thread] {
        guard let session else { return [] }
        let context = context
        let store = access.repository.store
        let failure = uploadError
        let upload: @Sendable () -> Void = {
            while let pack = context.uploads.pop() {
                do {
                    _ = try store.put(.content(.packs, pack.name), pack.buffer.used)
                    context.counters.add(storedBytes: pack.buffer.count)
                    // What is in packs that the log names need not be read again after a kill.
                    if try session.didStore(pack) { context.journal?.flush() }
                    (pack.packClass == .data ? context.dataBuffers : context.namesPacker.pool).give(pack.buffer)
                } catch {
                    let known = Self.describe(error, pack)
                    failure.withLock { if $0 == nil { $0 = known } }
                    context.uploads.fail(known)
                    context.dataBuffers.fail(known)
                    context.namesPacker.pool.fail(known)
                    context.stack.fail(known)
                    return
                }
            }
        }
        // One is needed; of the others as many as there may be.
        return [try Thread(upload)] + Thread.started(min(store.capabilities.parallelCalls, 4) - 1) { _ in upload() }
    }

    private static func describe(_ error: any Error, _ pack: FinishedPack) -> any Error {
        guard let error = error as? StorageError else { return error }
        return VaultError(storing: "pack \(pack.name.hex.prefix(16))", error)
    }
}
