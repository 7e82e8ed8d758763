/// Which chunks the live snapshots use: found by walking their trees, which takes READ. Each directory is walked once,
/// however many snapshots have it. Memory: one bit for each chunk, and the number of used bytes of each segment.
final class UsedChunks {
    private var marks: ChunkMarks
    private var tops: Set<ChunkID> = []
    private var shares: [Int: [Int: Share]] = [:]

    /// Raw bytes of a segment, and how many of them are used.
    struct Share {
        var total = 0
        var used = 0
    }

    /// Walks the trees of snapshots.
    /// - Throws: ``VaultError`` when anything cannot be read or is not valid: then nothing is known.
    init(_ access: ReadAccess, _ snapshots: [SnapshotState], cancellation: Cancellation) throws {
        var damage: VaultError?
        let index = try SnapshotReader.index(access, of: snapshots) { damage = damage ?? $0 }
        if let damage { throw damage }
        marks = ChunkMarks(index)
        // What is newest lies closest together.
        for snapshot in snapshots.reversed() {
            try walk(SnapshotReader(access, snapshot, index: index), cancellation)
        }
        tops = []
        marks.visit { location, isUsed in
            shares[location.ordinal, default: [:]][location.segment, default: Share()].total += location.length
            if isUsed { shares[location.ordinal]?[location.segment]?.used += location.length }
        }
    }

    private func walk(_ reader: SnapshotReader, _ cancellation: Cancellation) throws {
        var missing: ChunkID?
        func mark(_ id: ChunkID) { if !marks.mark(id) { missing = id } }
        // Nodes and lists are marked when they are read.
        let tree = TreeReader(reader.chunks { mark($0) })
        mark(reader.snapshot.body.privatePart)
        var open = [reader.snapshot.body.node]
        while let node = open.popLast() {
            try cancellation.check()
            guard tops.insert(node).inserted else { continue }
            try tree.entries(node) { result in
                let entry: TreeEntry
                do { entry = try result.get() } catch {
                    throw VaultError(.damaged, "An entry of directory node \(node) is not valid", cause: error)
                }
                try tree.extents(of: entry) { if case .chunk(let id, _) = $0 { mark(id) } }
                for case .chunk(let id, _) in entry.attributes.map(\.value) { mark(id) }
                if let child = entry.child { open.append(child.node) }
            }
            if let missing { throw VaultError(.damaged, "Chunk \(missing) is in no pack of the repository") }
        }
    }

    /// The chunks of a segment that are used, by their numbers in the directory.
    func used(_ directory: PackDirectory, _ segment: Int) -> [Int] {
        directory.segments[segment].chunks.filter { marks.contains(directory.chunks[$0].id) }
    }

    /// How much of a segment is used; nil when nothing is known of it.
    func share(_ ordinal: Int, segment: Int) -> Share? { shares[ordinal]?[segment] }
}
