internal import Synchronization

/// A piece of work of a backup.
enum BackupTask: Sendable {
    /// List a directory.
    case directory(DirectoryJob)
    /// Read some of its entries.
    case entries(DirectoryJob, DirectoryWindow, [Int])
    /// List its next entries.
    case window(DirectoryJob)
    /// Make its nodes: all hard links are known.
    case complete(DirectoryJob)
    /// Compress and seal a segment that another worker collected.
    case segment(RawBuffer, [PackBuilder.Piece])
    /// Take in a stream as an entry of the top directory.
    case stream(DirectoryJob, DirectoryWindow, Int, StreamSource)
}

/// Bytes that come from somewhere else than a file.
struct StreamSource: Sendable {
    /// Name of the file in the snapshot.
    var name: [UInt8]
    /// Reads until the buffer is full or the stream ends; fewer bytes mean the end. A wait ends when the work is
    /// cancelled.
    var read: @Sendable (UnsafeMutableRawBufferPointer, Cancellation) throws -> Int
}

/// What all workers of one backup share.
final class BackupContext: Sendable {
    let index: ChunkIndex
    /// By ordinal: whether chunks of the pack may be used again.
    let eligible: [Bool]
    let sessionChunks = SessionChunks()
    let identifier: ChunkIdentifier
    let sealing: SealingContext
    let filesCutter: Cutter
    let databaseCutter: Cutter
    let nodeBuilder: DirectoryNodeBuilder
    let cache: ScanCache
    let cacheWriter: ScanCacheWriter?
    let journal: ScanJournal?
    let restored: RestoredCache?
    let options: BackupOptions
    let selector: EntrySelector
    /// Whether everything is done but storing.
    let isDryRun: Bool
    let events: any EventSink
    let cancellation: Cancellation
    /// Names packs are filled by all workers together, so that a small backup makes one, not one for each worker.
    let namesPacker: NamesPacker
    let dataBuffers: BufferPool
    let segmentBuffers: BufferPool
    let uploads: BoundedQueue<FinishedPack>
    /// Entries that changed at or after this moment may change again without a trace in their times.
    let scanStart: FileStatus.Time

    let stack = WorkStack<BackupTask>()
    let hardLinks = HardLinks()
    let sources = SourceDigest()
    let problems: ProblemList
    /// Nil when nothing is to be stored.
    let secondReading: SecondReading?
    let userNames = UserNames()
    let counters: BackupCounters
    private let outstandingListings = Atomic<Int>(0)
    /// Nil once all is listed.
    private let waitingForLinks = Mutex<[DirectoryJob]?>([])
    private let root = Mutex<DirectoryWindow.ChildResult?>(nil)

    init(_ parts: Parts) {
        index = parts.index
        eligible = parts.eligible
        identifier = parts.identifier
        sealing = parts.sealing
        filesCutter = parts.filesCutter
        databaseCutter = parts.databaseCutter
        nodeBuilder = parts.nodeBuilder
        cache = parts.cache
        cacheWriter = parts.cacheWriter
        journal = parts.journal
        restored = parts.restored
        options = parts.options
        selector = EntrySelector(options: parts.options, ownFolders: parts.ownFolders, events: parts.events)
        isDryRun = parts.isDryRun
        events = parts.events
        cancellation = parts.cancellation
        dataBuffers = parts.dataBuffers
        segmentBuffers = parts.segmentBuffers
        uploads = parts.uploads
        scanStart = parts.scanStart
        problems = ProblemList(events: parts.events)
        let isSampled = !parts.isDryRun && parts.options.secondReading
        secondReading = isSampled ? SecondReading(random: parts.random) : nil
        counters = BackupCounters(events: parts.events)
        namesPacker = NamesPacker(
            context: parts.sealing, pool: parts.namesBuffers, uploads: parts.uploads,
            segmentBytes: parts.options.segmentBytes)
    }

    /// What a context is made of.
    struct Parts {
        var index: ChunkIndex
        var eligible: [Bool]
        var identifier: ChunkIdentifier
        var sealing: SealingContext
        var filesCutter: Cutter
        var databaseCutter: Cutter
        var nodeBuilder: DirectoryNodeBuilder
        var cache: ScanCache
        var cacheWriter: ScanCacheWriter?
        var journal: ScanJournal?
        var restored: RestoredCache?
        var options: BackupOptions
        var ownFolders: [OwnFolder]
        var isDryRun: Bool
        var events: any EventSink
        var random: any RandomSource
        var cancellation: Cancellation
        var dataBuffers: BufferPool
        var namesBuffers: BufferPool
        var segmentBuffers: BufferPool
        var uploads: BoundedQueue<FinishedPack>
        var scanStart: FileStatus.Time
    }

    /// Whether a pack's chunks may be used again.
    func isEligible(_ ordinal: Int) -> Bool { ordinal < eligible.count && eligible[ordinal] }

    /// Notes directories that are about to be listed.
    func startListings(_ count: Int) { outstandingListings.add(count, ordering: .relaxed) }

    /// Notes that a directory has been listed; after the last one, the directories that wait for hard links go on.
    func endListing() {
        guard outstandingListings.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        let jobs = waitingForLinks.withLock { jobs in
            defer { jobs = nil }
            return jobs
        }
        stack.push((jobs ?? []).map { .complete($0) })
    }

    /// Lets a directory wait until all hard links are known; false when they are.
    func waitForLinks(_ job: DirectoryJob) -> Bool {
        waitingForLinks.withLock { jobs in
            jobs?.append(job)
            return jobs != nil
        }
    }

    /// Takes the finished top directory.
    func finishRoot(_ result: DirectoryWindow.ChildResult) { root.withLock { $0 = result } }

    /// The finished top directory.
    var rootResult: DirectoryWindow.ChildResult? { root.withLock { $0 } }
}

/// Counters of a running backup. Safe from any thread.
final class BackupCounters: Sendable {
    private let entries = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let openBytes = Atomic<Int>(0)
    private let newBytes = Atomic<Int>(0)
    private let leftOut = Atomic<Int>(0)
    private let stored = Atomic<Int>(0)
    private let totals = Mutex<Totals?>(nil)
    private let current = CurrentPath()
    private let unit: Progress.Unit
    private let events: any EventSink

    private struct Totals {
        var entries: Int
        var bytes: Int
        var isEstimate: Bool
    }

    init(events: any EventSink, unit: Progress.Unit = .entries) {
        self.events = events
        self.unit = unit
    }

    /// Says how much there is to do, or probably is.
    func setTotals(entries: Int, bytes: Int, isEstimate: Bool) {
        totals.withLock { $0 = Totals(entries: entries, bytes: bytes, isEstimate: isEstimate) }
    }

    /// Notes a file that is about to be read.
    func note(size: UInt64, path: () -> [UInt8]) { current.note(size: size, path) }

    /// Adds entries that are done, and their bytes.
    func add(entries newEntries: Int, bytes count: Int) {
        entries.add(newEntries, ordering: .relaxed)
        bytes.wrappingAdd(count, ordering: .relaxed)
        report()
    }

    /// Notes bytes of a file that is being read: they show as progress until the file is done and counted as a whole.
    func note(openBytes count: Int) {
        openBytes.add(count, ordering: .relaxed)
        if count > 0 { report() }
    }

    /// Adds bytes of chunks that were not in the repository before.
    func add(newBytes count: Int) { newBytes.add(count, ordering: .relaxed) }

    /// Adds bytes that the store has taken.
    func add(storedBytes count: Int) {
        stored.add(count, ordering: .relaxed)
        report()
    }

    /// Notes entries that are left out.
    func add(leftOut count: Int) { leftOut.add(count, ordering: .relaxed) }

    /// Entries that are left out; what is in a directory that is left out does not count.
    var leftOutCount: Int { leftOut.load(ordering: .relaxed) }

    /// Bytes of chunks that were not in the repository before.
    var newByteCount: Int { newBytes.load(ordering: .relaxed) }

    /// Where the work stands.
    var progress: Progress {
        var progress = Progress()
        progress.entries = entries.load(ordering: .relaxed)
        progress.bytes = bytes.load(ordering: .relaxed)
        progress.storedBytes = stored.load(ordering: .relaxed)
        progress.unit = unit
        return progress
    }

    private func report() {
        var shown = progress
        shown.bytes += openBytes.load(ordering: .relaxed)
        if let totals = totals.withLock({ $0 }) {
            (shown.totalEntries, shown.totalBytes) = (totals.entries, totals.bytes)
            shown.isEstimate = totals.isEstimate
        }
        shown.path = current.path
        events.receive(.progress(shown))
    }
}
