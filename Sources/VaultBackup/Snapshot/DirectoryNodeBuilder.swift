/// Makes the nodes of a directory from its entries (`docs/FORMAT.md`, section 9).
///
/// A directory whose entries take at most 256 KiB is one node. A larger one is cut where a keyed hash of the name says
/// so, so that adding or removing an entry changes one node and the path above it.
struct DirectoryNodeBuilder: Sendable {
    private let disclosure: Disclosure
    private let cutKeys: [MACKey]

    /// A finished directory.
    struct Result: Sendable {
        /// Every node, the top one last.
        var nodes: [ChunkID]
        /// Disclosure root of the directory.
        var disclosure: Digest
        /// The top node.
        var top: ChunkID { nodes[nodes.count - 1] }
    }

    init(dedupSecret: SecretBytes, repository: RepositoryID) {
        disclosure = Disclosure(dedupSecret: dedupSecret, repository: repository)
        cutKeys = (0..<Limits.nodeLevelsMax).map { level in
            MACKey(HKDF.derive(dedupSecret, info: Label.repository("node-cut", repository) + [UInt8(level)]))
        }
    }

    fileprivate struct Node {
        var items = ByteWriter(capacity: 4096)
        var count = 0
        var leaves: [Digest] = []
        var lastName: [UInt8] = []
        var entryCount = 0
    }

    /// Encodes `entries`, which are in order, and stores every node through `store`.
    func build(_ entries: [TreeEntry], store: ([UInt8]) throws -> ChunkID) throws -> Result {
        var stream = Stream()
        for entry in entries { try add(entry, to: &stream, store: store) }
        return try finish(&stream, store: store)
    }

    /// A directory whose entries come one after the other. At most two nodes of them are held.
    struct Stream {
        fileprivate var nodes: [ChunkID] = []
        fileprivate var children: [DirectoryNode.Child] = []
        fileprivate var open = Node()
        /// Where each entry of the open node ends, as long as all may still fit into one.
        fileprivate var ends: [(itemEnd: Int, name: [UInt8])] = []
        fileprivate var isCut = false
    }

    /// Adds the next entry, and stores the nodes that are full.
    func add(_ entry: TreeEntry, to stream: inout Stream, store: ([UInt8]) throws -> ChunkID) throws {
        let start = stream.open.items.count
        stream.open.items.u32(0)
        entry.encode(into: &stream.open.items)
        stream.open.items.patchU32(stream.open.items.count - start - 4, at: start)
        let leaf = disclosure.leaf(of: entry)
        if stream.isCut {
            if stream.open.items.count + 6 > Limits.nodeBytesTarget, start > 0 {
                let last = Array(stream.open.items.bytes[start...])
                stream.open.items.cut(to: start)
                try close(&stream, store)
                stream.open.items.raw(last)
            }
            try take(leaf, entry.name, &stream, store)
            return
        }
        stream.open.leaves.append(leaf)
        stream.ends.append((stream.open.items.count, entry.name))
        if stream.open.items.count + 6 > Limits.nodeBytesTarget { try startCutting(&stream, store) }
    }

    /// Ends the directory.
    func finish(_ stream: inout Stream, store: ([UInt8]) throws -> ChunkID) throws -> Result {
        if !stream.isCut {
            stream.open.lastName = stream.ends.last?.name ?? []
            stream.open.entryCount = stream.ends.count
        }
        if !stream.isCut || stream.open.entryCount > 0 { try close(&stream, store) }
        var (nodes, children) = (stream.nodes, stream.children)
        var level = 1
        while children.count > 1 {
            guard level < Limits.nodeLevelsMax else {
                throw VaultError(
                    .failed, "A directory has more entries than \(Limits.nodeLevelsMax) levels of nodes can hold")
            }
            children = try upperLevel(level, children, &nodes, store)
            level += 1
        }
        return Result(nodes: nodes, disclosure: children[0].disclosure)
    }

    /// The entries do not fit into one node: those so far are cut, and all that come.
    private func startCutting(_ stream: inout Stream, _ store: ([UInt8]) throws -> ChunkID) throws {
        let whole = stream.open
        let ends = stream.ends
        stream.isCut = true
        stream.ends = []
        stream.open = Node()
        var start = 0
        for (index, (end, name)) in ends.enumerated() {
            let open = stream.open.items.count
            if open > 0, open + end - start + 6 > Limits.nodeBytesTarget { try close(&stream, store) }
            stream.open.items.raw(whole.items.bytes[start..<end])
            try take(whole.leaves[index], name, &stream, store)
            start = end
        }
    }

    /// Counts an entry whose item is in the open node, which ends with it if its name says so.
    private func take(
        _ leaf: Digest, _ name: [UInt8], _ stream: inout Stream, _ store: ([UInt8]) throws -> ChunkID
    ) throws {
        stream.open.leaves.append(leaf)
        stream.open.lastName = name
        stream.open.entryCount += 1
        if isCut(0, name) { try close(&stream, store) }
    }

    private func close(_ stream: inout Stream, _ store: ([UInt8]) throws -> ChunkID) throws {
        stream.open.count = stream.open.entryCount
        stream.children.append(try finish(stream.open, level: 0, &stream.nodes, store))
        stream.open = Node()
    }

    private func upperLevel(
        _ level: Int, _ below: [DirectoryNode.Child], _ nodes: inout [ChunkID], _ store: ([UInt8]) throws -> ChunkID
    ) throws -> [DirectoryNode.Child] {
        var items = ByteWriter(capacity: below.count * 128)
        var ends: [(itemEnd: Int, name: [UInt8])] = []
        for child in below {
            child.encode(into: &items)
            ends.append((items.count, child.lastName))
        }
        func leaves(_ range: Range<Int>) -> ([Digest], Int) {
            (below[range].map { Disclosure.leaf(ofRoot: $0.disclosure) }, below[range].reduce(0) { $0 + $1.entryCount })
        }
        if items.count + 6 <= Limits.nodeBytesTarget {
            let (hashes, entryCount) = leaves(0..<below.count)
            var node = Node(count: below.count, leaves: hashes, lastName: below.last?.lastName ?? [])
            node.items = items
            node.entryCount = entryCount
            return [try finish(node, level: level, &nodes, store)]
        }
        return try cut(level: level, items.bytes, ends, &nodes, store, leaves)
    }

    private func cut(
        level: Int, _ bytes: [UInt8], _ ends: [(itemEnd: Int, name: [UInt8])], _ nodes: inout [ChunkID],
        _ store: ([UInt8]) throws -> ChunkID, _ leaves: (Range<Int>) -> ([Digest], Int)
    ) throws -> [DirectoryNode.Child] {
        var result: [DirectoryNode.Child] = []
        var first = 0
        var start = 0
        func close(_ end: Int) throws {
            guard end > first else { return }
            let (hashes, entryCount) = leaves(first..<end)
            var node = Node(count: end - first, leaves: hashes, lastName: ends[end - 1].name)
            node.items.raw(bytes[start..<ends[end - 1].itemEnd])
            node.entryCount = entryCount
            result.append(try finish(node, level: level, &nodes, store))
            start = ends[end - 1].itemEnd
            first = end
        }
        for index in ends.indices {
            if ends[index].itemEnd - start + 6 > Limits.nodeBytesTarget { try close(index) }
            if isCut(level, ends[index].name) { try close(index + 1) }
        }
        try close(ends.count)
        return result
    }

    private func isCut(_ level: Int, _ name: [UInt8]) -> Bool {
        cutKeys[level].authenticate(name).withUnsafeBytes { $0[7] } == 0
    }

    private func finish(
        _ node: Node, level: Int, _ nodes: inout [ChunkID], _ store: ([UInt8]) throws -> ChunkID
    ) throws -> DirectoryNode.Child {
        let id = try store(DirectoryNode.encode(level: level, count: node.count, items: node.items.bytes))
        nodes.append(id)
        return DirectoryNode.Child(
            lastName: node.lastName, id: id, entryCount: node.entryCount, disclosure: Disclosure.root(node.leaves))
    }
}
