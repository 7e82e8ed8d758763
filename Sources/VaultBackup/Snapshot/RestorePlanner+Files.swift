/// How files get into windows. One that has more pieces than a window holds goes through several, so that its length does
/// not matter for the memory that a restore takes.
extension RestorePlanner {
    /// Pieces of one file after which a walk looks whether the user wants it to end.
    private static let piecesUnchecked = 4096

    /// What is known of a file when all its extents have been walked.
    private struct Extents {
        var pieceCount = 0
        var holeBytes = 0
        var endsInHole = true
        /// Ids of its chunks and list nodes, when they are asked for.
        var ids: [UInt8]?
    }

    /// Plans a file; returns whether it can be restored. Nothing of it is written before all its extents are known to
    /// be in the repository.
    func plan(file entry: TreeEntry, _ decision: RestoreDecision, in directory: RestoreTarget.Directory) throws -> Bool
    {
        let start = window.pieces.count
        let number = Int32(window.files.count)
        // What is there already is compared as a whole.
        let piecesMax = decision == .inspect ? Int.max : window.piecesMax
        var extents = Extents(ids: run.restored == nil ? nil : [])
        do { try walk(entry, &extents) { if $0 < piecesMax { window.pieces.append($1(number)) } } } catch let error
            as VaultError where error.code == .damaged
        {
            window.pieces.removeLast(window.pieces.count - start)
            run.problems.add(directory.path(of: entry.name), "cannot be restored: \(error.message)")
            return false
        }
        if decision == .inspect {
            window.inspections.append(
                RestoreInspection(file: window.files.count, pieces: start..<window.pieces.count))
        }
        let file = RestoreFile(
            directory: directory, entry: entry, pieceCount: extents.pieceCount, holeBytes: extents.holeBytes,
            needsLength: extents.endsInHole, placement: decision == .create ? .create : .replace, ids: extents.ids)
        window.files.append(file)
        if extents.pieceCount > piecesMax, !run.options.dryRun { try planRest(of: file, from: piecesMax) }
        return true
    }

    /// Goes on with a file of which the first pieces are in a window.
    private func planRest(of file: RestoreFile, from first: Int) throws {
        var extents = Extents()
        do {
            try walk(file.entry, &extents) { index, piece in
                guard index >= first else { return }
                if window.isFull || index == first {
                    try flushFull()
                    file.settle()
                    window.files.append(file)
                }
                window.pieces.append(piece(0))
            }
        } catch let error as VaultError where error.code == .damaged {
            // A moment ago they were all there, and some of the file is written.
            throw VaultError(
                .damaged,
                "The rest of \(PathText.readable(file.path)) is no longer in the repository: \(error.message)",
                nextStep: "Restore again, then run 'vault repair'")
        }
    }

    /// Walks the extents of a file and calls `visit` with the index of each piece and with what makes it for the number
    /// that the file has in its window.
    /// - Throws: ``VaultError`` `.damaged` when they are not all there or not what the entry says.
    private func walk(
        _ entry: TreeEntry, _ extents: inout Extents, _ visit: (Int, (Int32) -> RestorePiece) throws -> Void
    ) throws {
        var offset = 0
        var lists: [ChunkID] = []
        try tree.extents(of: entry, list: { lists.append($0) }) { extent in
            guard let length = extent.length, length <= entry.size - offset else {
                throw VaultError(.damaged, "its extents are longer than the file")
            }
            if extents.pieceCount % Self.piecesUnchecked == 0 { try run.cancellation.check() }
            switch extent {
            case .hole:
                extents.endsInHole = true
                extents.holeBytes += length
            case .chunk(let id, _):
                extents.endsInHole = false
                guard let location = reader.locate(id), location.length == length else {
                    throw VaultError(.damaged, "chunk \(id) is in no pack of the repository")
                }
                if extents.ids != nil { id.withUnsafeBytes { extents.ids?.append(contentsOf: $0) } }
                try visit(extents.pieceCount) { number in
                    RestorePiece(
                        id: id, ordinal: Int32(location.ordinal), segment: Int32(location.segment),
                        offset: Int32(location.offset), length: Int32(length), file: number, fileOffset: offset)
                }
                extents.pieceCount += 1
            case .run: throw VaultError(.damaged, "a run was not resolved")
            }
            offset += length
        }
        guard offset == entry.size else { throw VaultError(.damaged, "its extents are shorter than the file") }
        for list in lists { list.withUnsafeBytes { extents.ids?.append(contentsOf: $0) } }
    }
}
