internal import Synchronization

/// A directory on its way into the snapshot: listed by one worker, its files read by several, finished by whoever comes
/// last.
///
/// `@unchecked Sendable`: `file`, `status`, `listing`, `cached` and what the exclusion rules say are written by the
/// worker that lists the directory, before it hands out any task that refers to them; results are behind a lock.
final class DirectoryJob: @unchecked Sendable {
    /// What became of an entry of the listing.
    enum Result: Sendable {
        case pending
        /// As the scan cache has it, at this place.
        case cached(Int)
        case fresh(FreshEntry)
        case child(ChildResult)
        /// Not in the snapshot.
        case dropped
    }

    /// What a finished directory hands to the one above it.
    struct ChildResult: Sendable {
        /// The entry, with its child nodes.
        var fresh: FreshEntry
        /// Whether it is all as the scan cache has it, node for node.
        var isUnchanged: Bool
    }

    let parent: DirectoryJob?
    let indexInParent: Int
    let name: [UInt8]
    let pathHash: UInt64
    /// What belongs to the snapshot below it.
    let selection: SourceTree.Node
    /// Files to put into it that are not on disk.
    let streams: [StreamSource]

    var file: OpenFile?
    var status: FileStatus?
    var listing: DirectoryListing?
    var nameHashes: [UInt64] = []
    var cached: ScanCache.Directory?
    /// For each entry the place in `cached` that has its name, or -1.
    var cachedPlaces: [Int] = []

    /// Number of the last exclusion rule about the directory or one above it, as ``ExclusionRules`` counts; 0 when
    /// there is none.
    var rule = 0
    /// The same for each entry of the listing; empty when there are no rules.
    var entryRules: [Int] = []
    /// Names from `/` to this directory; empty when there are no rules.
    var names: [[UInt8]] = []

    private let results = Mutex<[Result]>([])
    private let pendingCount = Atomic<Int>(1)

    /// A directory below `parent`, or `/`.
    init(
        parent: DirectoryJob?, indexInParent: Int, name: [UInt8], pathHash: UInt64, selection: SourceTree.Node,
        streams: [StreamSource] = []
    ) {
        self.parent = parent
        self.indexInParent = indexInParent
        self.name = name
        self.pathHash = pathHash
        self.selection = selection
        self.streams = streams
    }

    /// Path from `/`, without the leading slash.
    var path: [UInt8] {
        var names: [[UInt8]] = []
        var job: DirectoryJob? = self
        while let current = job, current.parent != nil {
            names.append(current.name)
            job = current.parent
        }
        return Array(names.reversed().joined(separator: [0x2f]))
    }

    /// Path of an entry.
    func path(of name: [UInt8]) -> [UInt8] {
        let own = path
        return own.isEmpty ? name : own + [0x2f] + name
    }

    /// The job for the directory at a place of the listing; nil when it does not belong to the snapshot.
    func child(_ index: Int, oneFileSystem: Bool, pathHash: UInt64) -> DirectoryJob? {
        guard let listing, let childStatus = listing.entries[index].status else { return nil }
        let name = listing.name(of: listing.entries[index])
        guard var selection = selection.isSource ? selection : selection.children[name] else { return nil }
        if oneFileSystem, self.selection.isSource, childStatus.device != status?.device {
            // The mount point itself belongs to this file system; what is mounted there does not.
            selection = SourceTree.Node(isSource: false, children: [:])
        }
        let child = DirectoryJob(
            parent: self, indexInParent: index, name: name, pathHash: pathHash, selection: selection)
        if !entryRules.isEmpty { child.rule = entryRules[index] }
        return child
    }

    /// Makes room for the results of `count` entries.
    func prepare(count: Int) {
        results.withLock { $0 = [Result](repeating: .pending, count: count) }
    }

    /// Notes the results of some entries.
    func set(_ new: [(Int, Result)]) {
        results.withLock { results in for (index, result) in new { results[index] = result } }
    }

    /// All results; they are complete once nothing is pending.
    func takeResults() -> [Result] {
        results.withLock { results in
            defer { results = [] }
            return results
        }
    }

    /// Waits for `count` more pieces of work.
    func expect(_ count: Int) { pendingCount.add(count, ordering: .relaxed) }

    /// Notes that a piece of work is done; true when it was the last.
    func finishOne() -> Bool { pendingCount.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
