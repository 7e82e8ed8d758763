internal import Synchronization

/// A directory on its way into the snapshot: listed by one worker, its files read by several, finished by whoever comes
/// last.
///
/// Its descriptor stays open until it is finished; in a deep tree only those of the last 128 and of each 64th, and the
/// others are opened again from there when the walk comes back to them, so that depth does not cost descriptors.
///
/// `@unchecked Sendable`: `parent` is written in init and in deinit only; `status`, `listing`, `cached` and what the
/// exclusion rules say are written by the worker that lists the directory, before it hands out any task that refers to
/// them; results are behind a lock.
final class DirectoryJob: TreePlace, @unchecked Sendable {
    /// What became of an entry of the listing. Those that were read are large and held apart, so that the others, of
    /// which a directory may have a million, take a word each.
    enum Result: Sendable {
        case pending
        /// As the scan cache has it, at this place.
        case cached(Int)
        indirect case fresh(FreshEntry)
        indirect case child(ChildResult)
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

    private(set) var parent: DirectoryJob?
    /// 0 for `/`.
    let depth: Int
    let indexInParent: Int
    let name: [UInt8]
    let pathHash: UInt64
    /// What belongs to the snapshot below it.
    let selection: SourceTree.Node
    /// Files to put into it that are not on disk.
    let streams: [StreamSource]

    private let handle = Mutex<OpenFile?>(nil)
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
    /// Names from `/` to this directory; nil for `/` itself and when there are no rules.
    var names: PathChain?

    private let results = Mutex<[Result]>([])
    private let pendingCount = Atomic<Int>(1)

    /// A directory below `parent`, or `/`.
    init(
        parent: DirectoryJob?, indexInParent: Int, name: [UInt8], pathHash: UInt64, selection: SourceTree.Node,
        streams: [StreamSource] = []
    ) {
        self.parent = parent
        depth = parent.map { $0.depth + 1 } ?? 0
        self.indexInParent = indexInParent
        self.name = name
        self.pathHash = pathHash
        self.selection = selection
        self.streams = streams
    }

    // One after the other: releasing a deep tree at once would nest as deep.
    deinit {
        DeepChain.release(&parent) { link in
            defer { link.parent = nil }
            return link.parent
        }
    }

    private static let openDepthMax = 256
    private static let openNearMax = 128
    private static let openInterval = 64

    /// Keeps the descriptor for those who need it.
    func keep(_ file: OpenFile) { handle.withLock { $0 = file } }

    /// Lets go of the descriptor.
    func close() { handle.withLock { $0 = nil } }

    /// Lets go of the descriptor of a directory far above when the tree is deep; those near are needed soon.
    func closeFarAbove() {
        guard depth > Self.openDepthMax + Self.openNearMax else { return }
        var place = self
        for _ in 0..<Self.openNearMax { if let above = place.parent { place = above } }
        if place.depth % Self.openInterval != 0 { place.close() }
    }

    /// The directory, opened again if it was closed, with those on the way, which are next. - Precondition: it has been
    /// listed.
    /// - Throws: ``SystemError`` `ENOENT` when something else is there now.
    func open() throws(SystemError) -> OpenFile {
        var closed: [DirectoryJob] = []
        var place = self
        var found = handle.withLock { $0 }
        while found == nil {
            guard let above = place.parent else { throw SystemError.notThere(path) }
            closed.append(place)
            place = above
            found = above.handle.withLock { $0 }
        }
        guard var file = found else { throw SystemError.notThere(path) }
        while let job = closed.popLast() {
            file = try OpenFile.openDirectory(at: file, job.name)
            let now = try file.status()
            guard let status = job.status, (now.device, now.inode) == (status.device, status.inode) else {
                throw SystemError.notThere(job.path)
            }
            job.keep(file)
        }
        return file
    }

    /// The job for the directory at a place of the listing; nil when it does not belong to the snapshot.
    ///
    /// - Parameter isVirtual: whether a file system is mounted on an entry that is not to be entered.
    func child(
        _ index: Int, oneFileSystem: Bool, pathHash: UInt64, isVirtual: (_ name: [UInt8]) -> Bool
    ) -> DirectoryJob? {
        guard let listing, let childStatus = listing.entries[index].status else { return nil }
        let name = listing.name(of: listing.entries[index])
        guard var selection = selection.isSource ? selection : selection.children[name] else { return nil }
        if self.selection.isSource, childStatus.device != status?.device, oneFileSystem || isVirtual(name) {
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
