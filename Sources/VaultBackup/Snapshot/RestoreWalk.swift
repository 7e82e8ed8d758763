/// Walks the selected part of a snapshot: depth first, the entries of a directory by name. Two walks of one selection
/// that enter the same directories number the entries alike. One thread.
struct RestoreWalk {
    let tree: TreeReader
    let selection: RestoreSelection
    let cancellation: Cancellation
    let snapshot: SnapshotState

    /// What is done on the way. `Place` stands for a directory.
    struct Visitor<Place> {
        /// Gets each entry that is selected and each directory that only leads to others, with a number; returns the
        /// place for a directory that is to be entered.
        var visit: (_ number: Int, TreeEntry, _ isSelected: Bool, Place) throws -> Place?
        /// Is called when all entries of a directory were visited; `damage` says what is wrong, so that there may be
        /// more.
        var leave: (Place, _ damage: [String]) throws -> Void
    }

    /// Walks what is in the directory `node`, whose path in the snapshot is `path`.
    ///
    /// - Throws: ``VaultError`` `.unsupportedFormat` when there are more entries than the record of the snapshot says.
    func run<Place>(_ top: Place, node: ChunkID, path: [UInt8], _ visitor: Visitor<Place>) throws {
        let start = selection.place(path)
        guard start.verdict != .excluded else { return }
        var budget = EntryBudget(snapshot)
        var number = 0
        // Without recursion: a hostile tree may be deep.
        var open = [(place: top, node: node, selection: start)]
        while let next = open.popLast() {
            try cancellation.check()
            var children: [(place: Place, node: ChunkID, selection: RestoreSelection.Place)] = []
            var damage: [String] = []
            do {
                try tree.entries(next.node) { result in
                    let entry: TreeEntry
                    do { entry = try result.get() } catch {
                        damage.append("an entry is not valid and was left out: \(error)")
                        return
                    }
                    try budget.take()
                    let isDirectory = entry.kind == .directory
                    let own = selection.verdict(entry.name, isDirectory: isDirectory, in: next.selection)
                    guard own.verdict == .selected || own.verdict == .passage && isDirectory else { return }
                    number += 1
                    guard let place = try visitor.visit(number, entry, own.verdict == .selected, next.place),
                        let child = entry.child
                    else { return }
                    children.append((place, child.node, own))
                }
            } catch let error as VaultError where error.code == .damaged {
                damage.append(error.message)
            }
            try visitor.leave(next.place, damage)
            open += children.reversed()
        }
    }
}
