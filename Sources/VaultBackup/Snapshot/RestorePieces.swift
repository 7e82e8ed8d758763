/// Walks the extents of files and finds where their pieces lie.
struct RestorePieces {
    let tree: TreeReader
    let reader: SnapshotReader
    let cancellation: Cancellation

    /// Pieces of one file after which a walk looks whether the user wants it to end.
    private static let piecesPerCheck = 4096

    /// What is known of a file when all its extents have been walked.
    struct Summary {
        var count = 0
        var holeBytes = 0
        var endsInHole = true
        /// Ids of its chunks and list nodes, when they are asked for.
        var ids: [UInt8]?
    }

    /// Calls `visit` with the index of each piece of a file and with what makes it for the number that the file has in
    /// its window.
    /// - Throws: ``VaultError`` `.damaged` when they are not all there or not what the entry says.
    func walk(
        _ entry: TreeEntry, withIDs: Bool = false, _ visit: (Int, (Int32) -> RestorePiece) throws -> Void
    ) throws -> Summary {
        var summary = Summary(ids: withIDs ? [] : nil)
        var offset = 0
        var lists: [ChunkID] = []
        try tree.extents(of: entry, list: { lists.append($0) }) { extent in
            guard let length = extent.length, length <= entry.size - offset else {
                throw VaultError(.damaged, "its extents are longer than the file")
            }
            if summary.count % Self.piecesPerCheck == 0 { try cancellation.check() }
            switch extent {
            case .hole:
                summary.endsInHole = true
                summary.holeBytes += length
            case .chunk(let id, _):
                summary.endsInHole = false
                guard let location = reader.locate(id), location.length == length else {
                    throw VaultError(.damaged, "chunk \(id) is in no pack of the repository")
                }
                if summary.ids != nil { id.withUnsafeBytes { summary.ids?.append(contentsOf: $0) } }
                try visit(summary.count) { number in
                    RestorePiece(
                        id: id, ordinal: Int32(location.ordinal), segment: Int32(location.segment),
                        offset: Int32(location.offset), length: Int32(length), file: number, fileOffset: offset)
                }
                summary.count += 1
            case .run: throw VaultError(.damaged, "a run was not resolved")
            }
            offset += length
        }
        guard offset == entry.size else { throw VaultError(.damaged, "its extents are shorter than the file") }
        for list in lists { list.withUnsafeBytes { summary.ids?.append(contentsOf: $0) } }
        return summary
    }

    /// Walks a file whose pieces were all there a moment ago, when some of it may have been written.
    /// - Throws: ``VaultError`` `.damaged` that names the file when they no longer are.
    func walkAgain(_ file: RestoreFile, _ visit: (Int, (Int32) -> RestorePiece) throws -> Void) throws {
        do { _ = try walk(file.entry, visit) } catch let error as VaultError where error.code == .damaged {
            throw VaultError(
                .damaged,
                "The rest of \(PathText.readable(file.path)) is no longer in the repository: \(error.message)",
                nextStep: "Restore again, then run 'vault repair'")
        }
    }
}
