internal import Synchronization

/// A directory on its way into the snapshot, window by window of its names: one worker lists a window, several read its
/// files, and whoever comes last puts it together and goes on with the next. So a directory of millions of entries is
/// never held whole; all but its names.
///
/// Its descriptor stays open until it is finished; in a deep tree only those of the last 128 and of each 64th, and the
/// others are opened again from there when the walk comes back to them, so that depth does not cost descriptors.
///
/// `@unchecked Sendable`: `parent` is written in init and in deinit only; everything else that changes is touched by one
/// worker at a time: by the one that lists a window, before it hands out any task of it, then by the one that finished
/// the last task of that window. The descriptor is behind a lock.
final class DirectoryJob: TreePlace, @unchecked Sendable {
    private(set) var parent: DirectoryJob?
    /// The part of the directory above that it is in; nil for `/`.
    let window: DirectoryWindow?
    /// 0 for `/`.
    let depth: Int
    /// Its place in that part.
    let indexInParent: Int
    let name: [UInt8]
    let pathHash: UInt64
    /// What belongs to the snapshot below it.
    let selection: SourceTree.Node
    /// Files to put into it that are not on disk.
    let streams: [StreamSource]

    private let handle = Mutex<OpenFile?>(nil)
    var status: FileStatus?
    /// All its names.
    var listed = DirectoryNames([])
    /// How many of them have been handed out.
    var listedCount = 0
    /// The only entries to be kept, where a tag says so.
    var onlyNames: Set<[UInt8]>?
    /// What is not worth keeping, where the directory is known for that.
    var cacheContent: WellKnownCaches.Content?
    var cached: CachedEntries?
    /// What the windows so far come to.
    var assembly = DirectoryAssembly()

    /// Number of the last exclusion rule about the directory or one above it, as ``ExclusionRules`` counts; 0 when
    /// there is none.
    var rule = 0
    /// Names from `/` to this directory; nil for `/` itself and when there are no rules.
    var names: PathChain?

    /// A directory below `parent`, or `/`.
    init(
        parent: DirectoryJob?, window: DirectoryWindow?, indexInParent: Int, name: [UInt8], pathHash: UInt64,
        selection: SourceTree.Node, streams: [StreamSource] = []
    ) {
        self.parent = parent
        self.window = window
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

    /// The job for the directory at a place of a window; nil when it does not belong to the snapshot.
    ///
    /// - Parameter isVirtual: whether a file system is mounted on an entry that is not to be entered.
    func child(
        _ window: DirectoryWindow, _ index: Int, oneFileSystem: Bool, pathHash: UInt64,
        isVirtual: (_ name: [UInt8]) -> Bool
    ) -> DirectoryJob? {
        guard let childStatus = window.entries[index].status else { return nil }
        let name = window.name(index)
        guard var selection = selection.isSource ? selection : selection.children[name] else { return nil }
        if self.selection.isSource, childStatus.device != status?.device, oneFileSystem || isVirtual(name) {
            // The mount point itself belongs to this file system; what is mounted there does not.
            selection = SourceTree.Node(isSource: false, children: [:])
        }
        let child = DirectoryJob(
            parent: self, window: window, indexInParent: index, name: name, pathHash: pathHash, selection: selection)
        if !window.rules.isEmpty { child.rule = window.rules[index] }
        return child
    }
}
