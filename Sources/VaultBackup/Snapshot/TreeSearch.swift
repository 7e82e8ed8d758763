/// Searches the trees of many snapshots for entries. One thread.
///
/// What is found in a directory depends on its node and on how far the patterns have come on the way to it, so each
/// node is read and searched once for each of the few such ways, in whatever snapshot and at whatever path it is met
/// first; what was found below it is remembered.
final class TreeSearch {
    /// Says whether an entry that a pattern means is wanted.
    typealias Test = (_ entry: TreeEntry) -> Bool

    private let patterns: PathPatterns
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
        var progress: PathProgress
    }

    /// A directory that is being searched: what is found so far, and the directories in it that are still to be
    /// searched.
    private struct Frame {
        var key: Key
        var name: [UInt8]
        var record = Record()
        var left: [(name: [UInt8], key: Key)] = []
    }

    /// - Parameter isWanted: asked about each entry that one of the patterns means.
    init(_ patterns: [PathPattern], cancellation: Cancellation, isWanted: @escaping Test) {
        self.patterns = PathPatterns(patterns)
        self.cancellation = cancellation
        self.isWanted = isWanted
    }

    /// Searches a snapshot and visits what is wanted, in the order of the tree.
    ///
    /// - Parameter damage: gets what cannot be read; the search goes on.
    func search(
        _ snapshot: SnapshotState, _ tree: TreeReader, damage: (VaultError) -> Void,
        _ visit: (_ path: [UInt8], _ entry: TreeEntry) throws -> Void
    ) throws {
        // An entry that is found, and a directory that leads to one: neither can be more often than there are entries.
        var budget = EntryBudget(snapshot)
        var directories = budget
        let record = try record(Key(node: snapshot.body.node, progress: patterns.start), tree, damage)
        // Depth first without recursion: a hostile tree may be deep.
        var open: [(place: PathChain?, record: Int)] = [(nil, record)]
        while let next = open.popLast() {
            try cancellation.check()
            let record = records[next.record]
            if !record.found.isEmpty {
                let path = next.place.path
                for entry in record.found {
                    try budget.take()
                    try visit(TreePath.join(path, entry.name), entry)
                }
            }
            for child in record.children.reversed() {
                try directories.take()
                open.append((PathChain(next.place, child.name), child.record))
            }
        }
    }

    /// The record of a directory, searched now if it is not known.
    private func record(_ key: Key, _ tree: TreeReader, _ damage: (VaultError) -> Void) throws -> Int {
        if let record = known[key] { return record }
        var frames = [try frame(key, [], tree, damage)]
        while let last = frames.indices.last {
            if let child = frames[last].left.popLast() {
                if let record = known[child.key] {
                    if !records[record].isEmpty { frames[last].record.children.append((child.name, record)) }
                } else {
                    frames.append(try frame(child.key, child.name, tree, damage))
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
        _ key: Key, _ name: [UInt8], _ tree: TreeReader, _ damage: (VaultError) -> Void
    ) throws -> Frame {
        try cancellation.check()
        nodeCount += 1
        var frame = Frame(key: key, name: name)
        do {
            try tree.entries(key.node) { result in
                let entry: TreeEntry
                do { entry = try result.get() } catch {
                    damage(VaultError(.damaged, "An entry of directory node \(key.node) is not valid", cause: error))
                    return
                }
                let (progress, isMatch) = patterns.step(
                    key.progress, entry.name, isDirectory: entry.kind == .directory)
                if isMatch, isWanted(entry) { frame.record.found.append(entry) }
                if let child = entry.child {
                    frame.left.append((entry.name, Key(node: child.node, progress: progress)))
                }
            }
        } catch let error as VaultError where error.code == .damaged { damage(error) }
        // The last is taken first.
        frame.left.reverse()
        return frame
    }
}
