/// Takes in the extents of a file as they come and makes its digest and, when there are many, the nodes of its list.
///
/// Memory is bounded: full nodes are stored at once, and only their ids are kept.
struct ExtentCollector {
    private var first: [Extent] = []
    private var open: [Extent] = []
    private var openBytes = 0
    private var levels: [[ExtentListNode.Child]] = []
    private var digester = ContentDigester()
    private var isList = false

    /// Items after which a node ends whatever the ids say.
    private static let itemsMax = 4096

    /// Adds a chunk with the SHA-256 of its content.
    mutating func add(
        chunk id: ChunkID, length: Int, digest: Digest, store: ([UInt8]) throws -> ChunkID
    ) throws {
        digester.add(chunk: digest, length: length)
        try add(.chunk(id: id, length: length), length, store)
    }

    /// Adds a hole.
    mutating func add(hole length: Int, store: ([UInt8]) throws -> ChunkID) throws {
        digester.add(hole: length)
        try add(.hole(length: length), length, store)
    }

    private mutating func add(_ extent: Extent, _ length: Int, _ store: ([UInt8]) throws -> ChunkID) throws {
        if !isList {
            first.append(extent)
            guard first.count > Limits.inlineExtentsMax else { return }
            isList = true
            let extents = first
            first = []
            for extent in extents { try addToList(extent, extent.length ?? 0, store) }
            return
        }
        try addToList(extent, length, store)
    }

    private mutating func addToList(_ extent: Extent, _ length: Int, _ store: ([UInt8]) throws -> ChunkID) throws {
        open.append(extent)
        openBytes += length
        var isCut = false
        if case .chunk(let id, _) = extent { isCut = id.prefix & 63 == 0 }
        if isCut || open.count == Self.itemsMax { try closeLeaf(store) }
    }

    private mutating func closeLeaf(_ store: ([UInt8]) throws -> ChunkID) throws {
        guard !open.isEmpty else { return }
        let id = try store(ExtentListNode.leaf(open).encode())
        let child = ExtentListNode.Child(id: id, byteCount: openBytes, itemCount: open.count)
        open = []
        openBytes = 0
        try add(child, level: 1, store)
    }

    private mutating func add(_ child: ExtentListNode.Child, level: Int, _ store: ([UInt8]) throws -> ChunkID) throws {
        if levels.count < level { levels.append([]) }
        levels[level - 1].append(child)
        if child.id.prefix >> 8 & 63 == 0 || levels[level - 1].count == Self.itemsMax { try close(level: level, store) }
    }

    private mutating func close(level: Int, _ store: ([UInt8]) throws -> ChunkID) throws {
        let children = levels[level - 1]
        // A node with one child would add nothing.
        guard children.count > 1, level < Limits.nodeLevelsMax else { return }
        let id = try store(ExtentListNode.inner(level: level, children).encode())
        levels[level - 1] = []
        let child = ExtentListNode.Child(
            id: id, byteCount: children.reduce(0) { $0 + $1.byteCount },
            itemCount: children.reduce(0) { $0 + $1.itemCount })
        try add(child, level: level + 1, store)
    }

    /// Ends the file: puts digest, and extents or list, into `entry`.
    mutating func finish(_ entry: inout TreeEntry, store: ([UInt8]) throws -> ChunkID) throws {
        entry.size = digester.byteCount
        entry.digest = digester.finish()
        guard isList else {
            entry.extents = first
            return
        }
        try closeLeaf(store)
        var level = 1
        while level < levels.count || levels[level - 1].count > 1 {
            // What is left on a level moves up, as one node or, when it is a single child, as it is.
            if levels[level - 1].count > 1 {
                try close(level: level, store)
            } else if let child = levels[level - 1].first {
                levels[level - 1] = []
                try lift(child, from: level, store)
            }
            level += 1
        }
        entry.extentList = levels[level - 1][0].id
    }

    private mutating func lift(
        _ child: ExtentListNode.Child, from level: Int, _ store: ([UInt8]) throws -> ChunkID
    ) throws {
        // All nodes of a node's children have one level: wrap the single child so that it fits.
        let id = try store(ExtentListNode.inner(level: level, [child]).encode())
        if levels.count < level + 1 { levels.append([]) }
        levels[level].append(ExtentListNode.Child(id: id, byteCount: child.byteCount, itemCount: child.itemCount))
    }
}
