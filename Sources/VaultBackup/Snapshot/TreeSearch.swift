/// Searches the trees of many snapshots for entries. One thread.
///
/// What a directory holds depends on its node alone, so each node is read and searched once, in whatever snapshot and
/// at whatever path it is met first; what was found below it is remembered. Only where the path decides too is a node
/// searched once for each path.
final class TreeSearch {
    /// Says whether an entry is wanted. The path is empty unless the search is by path.
    typealias Test = (_ path: [UInt8], _ entry: TreeEntry) -> Bool

    private let isByPath: Bool
    private let cancellation: Cancellation
    private let isWanted: Test
    private var records: [Record] = []
    private var known: [Key: Int] = [:]

    /// Nodes searched so far.
    private(set) var nodeCount = 0

    /// What a searched directory holds: entries that are wanted, and directories with such entries below them.
    private struct Record {
        var found: [TreeEntry] = []
        var children: [(name: [UInt8], record: Int)] = []
        var isEmpty: Bool { found.isEmpty && children.isEmpty }
    }

    private struct Key: Hashable {
        var node: ChunkID
        var path: [UInt8]
    }

    /// A directory that is being searched: what is found so far, and the directories in it that are still to be
    /// searched.
    private struct Frame {
        var key: Key
        var name: [UInt8]
        var path: [UInt8]
        var record = Record()
        var left: [(name: [UInt8], node: ChunkID)] = []
    }

    /// - Parameter isByPath: whether `isWanted` looks at paths.
    init(isByPath: Bool, cancellation: Cancellation, isWanted: @escaping Test) {
        self.isByPath = isByPath
        self.cancellation = cancellation
        self.isWanted = isWanted
    }

    /// Searches below the directory `node` and visits what is wanted, in the order of the tree.
    ///
    /// - Parameter damage: gets what cannot be read; the search goes on.
    func search(
        _ node: ChunkID, at path: [UInt8], _ tree: TreeReader, damage: (VaultError) -> Void,
        _ visit: (_ path: [UInt8], _ entry: TreeEntry) throws -> Void
    ) throws {
        let record = try record(node, path, tree, damage)
        // Depth first without recursion: a hostile tree may be deep.
        var open = [(path: path, record: record)]
        while let next = open.popLast() {
            try cancellation.check()
            for entry in records[next.record].found { try visit(TreePath.join(next.path, entry.name), entry) }
            for child in records[next.record].children.reversed() {
                open.append((TreePath.join(next.path, child.name), child.record))
            }
        }
    }

    private func key(_ node: ChunkID, _ path: [UInt8]) -> Key { Key(node: node, path: isByPath ? path : []) }

    /// The record of a directory, searched now if it is not known.
    private func record(
        _ node: ChunkID, _ path: [UInt8], _ tree: TreeReader, _ damage: (VaultError) -> Void
    ) throws -> Int {
        if let record = known[key(node, path)] { return record }
        var frames = [try frame(node, [], path, tree, damage)]
        while let last = frames.indices.last {
            if let child = frames[last].left.popLast() {
                let path = isByPath ? TreePath.join(frames[last].path, child.name) : []
                if let record = known[key(child.node, path)] {
                    if !records[record].isEmpty { frames[last].record.children.append((child.name, record)) }
                } else {
                    frames.append(try frame(child.node, child.name, path, tree, damage))
                }
                continue
            }
            let done = frames.removeLast()
            known[done.key] = records.count
            records.append(done.record)
            if let parent = frames.indices.last, !done.record.isEmpty {
                frames[parent].record.children.append((done.name, records.count - 1))
            }
        }
        return records.count - 1
    }

    /// Reads a directory.
    private func frame(
        _ node: ChunkID, _ name: [UInt8], _ path: [UInt8], _ tree: TreeReader, _ damage: (VaultError) -> Void
    ) throws -> Frame {
        try cancellation.check()
        nodeCount += 1
        var frame = Frame(key: key(node, path), name: name, path: path)
        do {
            try tree.entries(node) { result in
                let entry: TreeEntry
                do { entry = try result.get() } catch {
                    damage(VaultError(.damaged, "An entry of directory node \(node) is not valid", cause: error))
                    return
                }
                if isWanted(isByPath ? TreePath.join(path, entry.name) : [], entry) { frame.record.found.append(entry) }
                if let child = entry.child { frame.left.append((entry.name, child.node)) }
            }
        } catch let error as VaultError where error.code == .damaged { damage(error) }
        // The last is taken first.
        frame.left.reverse()
        return frame
    }
}
