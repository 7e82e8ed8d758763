/// Lists what is in a snapshot.
public enum Listing {
    /// Visits the entry at a path and, if it is a directory, what is in it; with `recursive` everything below.
    ///
    /// - Parameter visit: gets the path from `/` without the leading slash, and the entry.
    /// - Throws: ``VaultError`` `.usage` when there is no such path, `.damaged` when nodes cannot be read (after
    ///   visiting the others).
    public static func run(
        _ what: SnapshotPath, recursive: Bool, with access: ReadAccess,
        _ visit: (_ path: [UInt8], _ entry: TreeEntry) throws -> Void
    ) throws {
        let state = access.repository.state
        let snapshot = try Snapshots.find(what.snapshot, in: state)
        var damage: VaultError?
        let index = try SnapshotReader.index(access, of: [snapshot]) { damage = $0 }
        let reader = SnapshotReader(access, snapshot, index: index)
        let tree = TreeReader(reader.chunks())
        var node = snapshot.body.node
        if !what.path.isEmpty {
            let entry = try tree.entry(at: what.path, below: node)
            guard let child = entry.child else { return try visit(what.path, entry) }
            node = child.node
        }
        var budget = EntryBudget(snapshot)
        // Depth first without recursion: a hostile tree may be deep.
        var open: [(path: [UInt8], node: ChunkID)] = [(what.path, node)]
        while let next = open.popLast() {
            var children: [(path: [UInt8], node: ChunkID)] = []
            do {
                try tree.entries(next.node) { result in
                    let entry: TreeEntry
                    do { entry = try result.get() } catch {
                        damage = VaultError(
                            .damaged, "An entry of /\(PathText.readable(next.path)) is not valid", cause: error)
                        return
                    }
                    try budget.take()
                    let path = TreePath.join(next.path, entry.name)
                    try visit(path, entry)
                    if recursive, let child = entry.child { children.append((path, child.node)) }
                }
            } catch let error as VaultError where error.code == .damaged {
                damage = error
            }
            open += children.reversed()
        }
        if let damage { throw damage }
    }
}
