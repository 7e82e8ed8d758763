/// How files get into windows. One that has more pieces than a window holds goes through several, so that its length does
/// not matter for the memory that a restore takes.
extension RestorePlanner {
    /// Plans a file; returns whether it can be restored. Nothing of it is written before all its extents are known to
    /// be in the repository.
    func plan(file entry: TreeEntry, _ decision: RestoreDecision, in directory: RestoreTarget.Directory) throws -> Bool
    {
        let start = window.pieces.count
        let number = Int32(window.files.count)
        let pieces: RestorePieces.Summary
        do {
            pieces = try self.pieces.walk(entry, withIDs: run.restored != nil) {
                if $0 < window.piecesMax { window.pieces.append($1(number)) }
            }
        } catch let error as VaultError where error.code == .damaged {
            window.pieces.removeLast(window.pieces.count - start)
            run.problems.add(directory.path(of: entry.name), "cannot be restored: \(error.message)")
            return false
        }
        let file = RestoreFile(
            directory: directory, entry: entry, pieceCount: pieces.count, holeBytes: pieces.holeBytes,
            needsLength: pieces.endsInHole, placement: decision == .create ? .create : .replace, ids: pieces.ids)
        let isLong = pieces.count > window.piecesMax
        window.files.append(file)
        if decision == .inspect {
            if isLong { window.pieces.removeLast(window.pieces.count - start) }
            window.inspections.append(
                RestoreInspection(file: Int(number), pieces: isLong ? nil : start..<window.pieces.count))
        }
        if isLong { try planRest(of: file, isLookedAt: decision != .inspect) }
        return true
    }

    /// Goes on with a long file of which the first pieces are in a window, or with one that has to be looked at first.
    private func planRest(of file: RestoreFile, isLookedAt: Bool) throws {
        if run.options.dryRun { return }
        let first = isLookedAt ? window.piecesMax : 0
        try flushFull()
        let need = file.need
        if case .nothing = need { return }
        try pieces.walkAgain(file) { index, piece in
            guard index >= first, need.includes(index) else { return }
            if window.isFull { try flushFull() }
            if window.files.isEmpty {
                file.settle()
                window.files.append(file)
            }
            window.pieces.append(piece(0))
        }
    }
}
