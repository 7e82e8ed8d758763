/// Walks the tree of a snapshot. One thread each.
final class TreeReader {
    private let chunks: ChunkReader

    init(_ chunks: ChunkReader) { self.chunks = chunks }

    /// Visits the entries of a directory by name. An entry that the format does not allow is handed over as an error,
    /// and the others follow.
    /// - Throws: ``VaultError`` `.damaged` when a node cannot be read, and what `visit` throws.
    func entries(_ node: ChunkID, _ visit: (Result<TreeEntry, FormatError>) throws -> Void) throws {
        _ = try entries(node, level: nil, bounds: nil, visit)
    }

    /// Visits the entries of level 0 below a node and returns how many there are.
    ///
    /// - Parameter bounds: the name before the first one below the node, and the last one below it, as the node above
    ///   says.
    private func entries(
        _ id: ChunkID, level: Int?, bounds: (after: [UInt8], last: [UInt8])?,
        _ visit: (Result<TreeEntry, FormatError>) throws -> Void
    ) throws -> Int {
        let node: DirectoryNode
        do { node = try DirectoryNode(decoding: try chunks.chunk(id, .directoryNode)) } catch let error as FormatError {
            throw VaultError(.damaged, "Directory node \(id) is not valid", cause: error)
        }
        switch node {
        case .leaf(let entries):
            guard level == nil || level == 0 else { throw Self.wrongLevel(id) }
            if let bounds { try check(entries, bounds, id) }
            for entry in entries { try visit(entry) }
            return entries.count
        case .inner(let own, let children):
            guard level == nil || level == own else { throw Self.wrongLevel(id) }
            guard bounds == nil || children.last?.lastName == bounds?.last else { throw Self.wrongNames(id) }
            var after = bounds?.after ?? []
            var total = 0
            for child in children {
                let count = try self.entries(child.id, level: own - 1, bounds: (after, child.lastName), visit)
                guard count == child.entryCount else {
                    throw VaultError(
                        .damaged, "Directory node \(child.id) has \(count) entries instead of \(child.entryCount)")
                }
                after = child.lastName
                total += count
            }
            return total
        }
    }

    /// The names of a node lie where the node above says. Entries that are not valid have no name to look at.
    private func check(
        _ entries: [Result<TreeEntry, FormatError>], _ bounds: (after: [UInt8], last: [UInt8]), _ id: ChunkID
    ) throws {
        let names = entries.map { try? $0.get().name }
        let first = names.lazy.compactMap { $0 }.first
        let last = names.last ?? nil
        guard !names.isEmpty, first.map({ bounds.after.lexicographicallyPrecedes($0) }) ?? true,
            last == nil || last == bounds.last
        else { throw Self.wrongNames(id) }
    }

    private static func wrongNames(_ id: ChunkID) -> VaultError {
        VaultError(.damaged, "Directory node \(id) has other names than the node above it says")
    }

    private static func wrongLevel(_ id: ChunkID) -> VaultError {
        VaultError(.damaged, "Node \(id) stands on another level than its own")
    }

    /// The entry at `path`, from `/` without the leading slash; the path must not be empty.
    /// - Throws: ``VaultError`` `.usage` when there is none.
    func entry(at path: [UInt8], below root: ChunkID) throws -> TreeEntry {
        var node = root
        let names = path.split(separator: 0x2f).map { Array($0) }
        for (depth, name) in names.enumerated() {
            var found: TreeEntry?
            try entries(node) { if case .success(let entry) = $0, entry.name == name { found = entry } }
            guard let found else { break }
            if depth == names.count - 1 { return found }
            guard let child = found.child else { break }
            node = child.node
        }
        throw VaultError(
            .usage, "There is no /\(PathText.readable(path)) in the snapshot",
            nextStep: "See 'vault ls' for what is in it")
    }

    /// Visits the extents of a file in order, with lists opened and runs resolved.
    /// - Throws: ``VaultError`` `.damaged` for a list that is not valid, or does not cover the file.
    ///
    /// - Parameter list: gets the id of each list node that is read.
    func extents(
        of entry: TreeEntry, list: (ChunkID) -> Void = { _ in }, _ visit: (Extent) throws -> Void
    ) throws {
        guard let top = entry.extentList else {
            for extent in entry.extents { try resolve(extent, depth: 0, list, visit) }
            return
        }
        try items(of: top, level: nil, list, visit)
    }

    private func items(
        of id: ChunkID, level: Int?, _ list: (ChunkID) -> Void, _ visit: (Extent) throws -> Void
    ) throws {
        list(id)
        switch try listNode(id) {
        case .leaf(let extents):
            guard level == nil || level == 0 else { throw Self.wrongLevel(id) }
            for extent in extents { try resolve(extent, depth: 0, list, visit) }
        case .inner(let own, let children):
            guard level == nil || level == own else { throw Self.wrongLevel(id) }
            for child in children { try items(of: child.id, level: own - 1, list, visit) }
        }
    }

    private func resolve(
        _ extent: Extent, depth: Int, _ list: (ChunkID) -> Void, _ visit: (Extent) throws -> Void
    ) throws {
        guard case .run(let id, let first, let count) = extent else { return try visit(extent) }
        list(id)
        guard depth < Limits.runDepthMax, case .leaf(let extents) = try listNode(id), first + count <= extents.count
        else {
            throw VaultError(.damaged, "A run refers to items that list node \(id) does not have")
        }
        for extent in extents[first..<first + count] { try resolve(extent, depth: depth + 1, list, visit) }
    }

    private func listNode(_ id: ChunkID) throws -> ExtentListNode {
        do { return try ExtentListNode(decoding: try chunks.chunk(id, .extentList)) } catch let error as FormatError {
            throw VaultError(.damaged, "Extent list node \(id) is not valid", cause: error)
        }
    }

    /// The plaintext of a data chunk, for long extended attributes.
    func data(_ id: ChunkID) throws -> [UInt8] { try chunks.chunk(id, .data) }
}
