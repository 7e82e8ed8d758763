/// Which chunks the live snapshots use: found by walking their trees, which takes READ. Each directory is walked once,
/// however many snapshots have it. Memory: one bit for each chunk, and the number of used bytes of each segment.
final class UsedChunks {
    private var marks: ChunkMarks
    /// By the ordinal of the pack, then by segment; shorter where nothing is known.
    private var shares: [[Share]]

    /// Raw bytes of a segment, and how many of them are used.
    struct Share {
        var total = 0
        var used = 0
    }

    /// Walks the trees of snapshots.
    ///
    /// - Parameter workers: threads that do; each has marks of its own.
    /// - Throws: ``VaultError`` when anything cannot be read or is not valid: then nothing is known.
    init(
        _ access: ReadAccess, _ snapshots: [SnapshotState], workers: Int = 1, cancellation: Cancellation
    ) throws {
        var damage: VaultError?
        let index = try SnapshotReader.index(access, of: snapshots) { damage = damage ?? $0 }
        if let damage { throw damage }
        let walk = TreeWalk(access, snapshots, index, cancellation)
        marks = ChunkMarks(index)
        for found in try walk.marks(workers) { marks.formUnion(found) }
        shares = []
        marks.visit { location, isUsed in
            let missing = location.ordinal + 1 - shares.count
            if missing > 0 { shares += repeatElement([], count: missing) }
            let short = location.segment + 1 - shares[location.ordinal].count
            if short > 0 { shares[location.ordinal] += repeatElement(Share(), count: short) }
            shares[location.ordinal][location.segment].total += location.length
            if isUsed { shares[location.ordinal][location.segment].used += location.length }
        }
    }

    /// The chunks of a segment that are used, by their numbers in the directory.
    func used(_ directory: PackDirectory, _ segment: Int) -> [Int] {
        directory.segments[segment].chunks.filter { marks.contains(directory.chunks[$0].id) }
    }

    /// How much of a segment is used; nil when nothing is known of it.
    func share(_ ordinal: Int, segment: Int) -> Share? {
        guard ordinal < shares.count, segment < shares[ordinal].count, shares[ordinal][segment].total > 0 else {
            return nil
        }
        return shares[ordinal][segment]
    }
}

/// A walk through the trees of snapshots by several threads.
private final class TreeWalk: Sendable {
    struct Directory: Sendable {
        let snapshot: Int
        let node: ChunkID
    }

    private let access: ReadAccess
    private let index: ChunkIndex
    private let readers: [SnapshotReader]
    private let cancellation: Cancellation
    private let open = WorkStack<Directory>()
    private let walked = Monitor<Set<ChunkID>>([])

    init(_ access: ReadAccess, _ snapshots: [SnapshotState], _ index: ChunkIndex, _ cancellation: Cancellation) {
        self.access = access
        self.index = index
        self.cancellation = cancellation
        readers = snapshots.map { SnapshotReader(access, $0, index: index) }
    }

    /// What the threads have marked.
    func marks(_ workers: Int) throws -> [ChunkMarks] {
        // The newest is taken first: what is newest lies closest together.
        open.push(readers.indices.map { Directory(snapshot: $0, node: readers[$0].snapshot.body.node) })
        let marks = Monitor<[ChunkMarks]>([])
        try Thread.runAll(readers.isEmpty ? 0 : workers) { number in
            let walker = TreeWalker(self.access, self.readers, self.index)
            if number == 0 { try walker.markPrivateParts() }
            try self.open.work { directory in
                try self.cancellation.check()
                guard self.walked.withLock({ $0.insert(directory.node).inserted }) else { return }
                let children = try walker.walk(directory.node, of: directory.snapshot)
                self.open.push(children.map { Directory(snapshot: directory.snapshot, node: $0) })
            }
            marks.withLock { $0.append(walker.marks) }
        }
        return marks.withLock { $0 }
    }
}

/// What one thread of a walk has.
private final class TreeWalker {
    private(set) var marks: ChunkMarks
    private let readers: [SnapshotReader]
    private var reader: SnapshotReader
    private var missing: ChunkID?
    private var tree: TreeReader?

    // Directories that changed on many days lie in as many segments, most of them small.
    private static let segmentsMax = 64
    private static let segmentBytesMax = 16 << 20

    /// - Precondition: there is a reader.
    init(_ access: ReadAccess, _ readers: [SnapshotReader], _ index: ChunkIndex) {
        marks = ChunkMarks(index)
        self.readers = readers
        reader = readers[0]
        let chunks = ChunkReader(
            packs: access.packs, identifier: access.identifier, decodedMax: Self.segmentsMax,
            decodedBytesMax: Self.segmentBytesMax
        ) { [unowned self] id, tried in
            // Nodes and lists are marked when they are read.
            mark(id)
            return reader.locate(id, tried: tried).map { (self.reader.pack($0.ordinal), $0) }
        }
        tree = TreeReader(chunks)
    }

    private func mark(_ id: ChunkID) { if !marks.mark(id) { missing = id } }

    private func checkMissing() throws {
        if let missing { throw VaultError(.damaged, "Chunk \(missing) is in no pack of the repository") }
    }

    func markPrivateParts() throws {
        for reader in readers { mark(reader.snapshot.body.privatePart) }
        try checkMissing()
    }

    /// Marks what the entries of a directory use, and returns the directories among them.
    func walk(_ node: ChunkID, of snapshot: Int) throws -> [ChunkID] {
        guard let tree else { return [] }
        reader = readers[snapshot]
        var children: [ChunkID] = []
        try tree.entries(node) { result in
            let entry: TreeEntry
            do { entry = try result.get() } catch {
                throw VaultError(.damaged, "An entry of directory node \(node) is not valid", cause: error)
            }
            try tree.extents(of: entry) { if case .chunk(let id, _) = $0 { mark(id) } }
            for case .chunk(let id, _) in entry.attributes.map(\.value) { mark(id) }
            if let child = entry.child { children.append(child.node) }
        }
        try checkMissing()
        return children
    }
}
