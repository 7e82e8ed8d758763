/// Looks at what is there already, and puts right what needs no content.
extension RestoreWorker {
    /// Looks at a file of the window that is there already.
    func inspect(_ window: RestoreWindow, _ inspection: RestoreInspection) throws -> RestoreInspection.Outcome {
        try run.cancellation.check()
        let file = window.files[inspection.file]
        let outcome: RestoreInspection.Outcome
        do { outcome = try look(file, window, inspection) } catch let error as SystemError {
            // What cannot even be looked at is made anew; if that is not possible either, it will be said then.
            try error.throwIfFatal(run.target)
            outcome = .replace
        }
        switch outcome {
        case .right:
            file.markRight()
            run.progress.add(entries: 1, bytes: file.entry.size)
        case .patch(let wanted, let byteCount, let device, let inode):
            run.journal.add(.change, .file, bytes: byteCount, path: file.path)
            run.progress.add(entries: 0, bytes: file.entry.size - byteCount)
            file.expect(.patch(device: device, inode: inode), wanted)
        case .replace:
            run.journal.add(.change, .file, bytes: file.entry.size, path: file.path)
            run.noteReplaced(file.entry)
        }
        return outcome
    }

    private func look(
        _ file: RestoreFile, _ window: RestoreWindow, _ inspection: RestoreInspection
    ) throws -> RestoreInspection.Outcome {
        let open = try OpenFile.openForReading(at: try directories.open(file.directory), file.entry.name)
        let status = try open.status()
        guard status.kind == .file else { return .replace }
        let deviation = run.metadata.deviation(file.entry, open, status) { try self.tree.data($0) }
        if run.options.verifyExisting {
            guard let wrong = try wrongPieces(open, file, window, inspection) else { return .replace }
            if !wrong.pieces.isEmpty || status.size != UInt64(file.entry.size) {
                // A file that others can write or read, or that has another name, is not the place for this content.
                guard status.linkCount == 1, deviation.isDisjoint(with: [.owner, .mode]),
                    run.metadata.isPrivileged || status.mode & 0o200 != 0 && status.owner == run.metadata.user
                else { return .replace }
                return .patch(
                    wrong.pieces, byteCount: wrong.byteCount, device: status.device, inode: status.inode)
            }
        }
        if deviation.isEmpty {
            run.journal.add(.keep, .file, bytes: file.entry.size, path: file.path)
            return .right
        }
        // Metadata belongs to all names of a file, and the others may be outside of the target.
        if status.linkCount > 1 { return .replace }
        run.journal.add(.change, .file, path: file.path)
        if !run.options.dryRun {
            run.metadata.correct(file.entry, deviation, of: open, path: file.path, flags: !file.isLinked) {
                try self.tree.data($0)
            }
        }
        return .right
    }

    /// The pieces whose content is not in the file; nil when there is something where a hole is to be.
    private func wrongPieces(
        _ open: OpenFile, _ file: RestoreFile, _ window: RestoreWindow, _ inspection: RestoreInspection
    ) throws -> (pieces: RangeSet<Int>, byteCount: Int)? {
        var wrong: (pieces: RangeSet<Int>, byteCount: Int) = (RangeSet(), 0)
        var offset = 0
        var hasWrongHole = false
        try eachPiece(of: file, window, inspection) { index, piece in
            if hasWrongHole { return }
            guard try isZero(open, offset..<piece.fileOffset) else {
                hasWrongHole = true
                return
            }
            let length = Int(piece.length)
            if raw.capacity < length { raw = RawBuffer(capacity: length) }
            raw.count = try open.read(
                at: piece.fileOffset, into: UnsafeMutableRawBufferPointer(start: raw.base, count: length))
            run.options.pace.didRead(raw.count)
            if raw.count != length || !identifier.isRight(piece.id, .data, raw.used) {
                wrong.pieces.insert(contentsOf: index..<index + 1)
                wrong.byteCount += length
            }
            offset = piece.fileOffset + length
        }
        return try !hasWrongHole && isZero(open, offset..<file.entry.size) ? wrong : nil
    }

    /// Calls `visit` with each piece of a file and its index.
    private func eachPiece(
        of file: RestoreFile, _ window: RestoreWindow, _ inspection: RestoreInspection,
        _ visit: (Int, RestorePiece) throws -> Void
    ) throws {
        guard let range = inspection.pieces else {
            return try pieces.walkAgain(file) { index, piece in
                try run.cancellation.check()
                try visit(index, piece(0))
            }
        }
        for (index, piece) in window.pieces[range].enumerated() {
            try run.cancellation.check()
            try visit(index, piece)
        }
    }

    /// Whether there are only zeros, or the end of the file, in a range.
    private func isZero(_ open: OpenFile, _ range: Range<Int>) throws -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound, let data = try open.nextData(from: offset), data < range.upperBound {
            let count = try open.read(
                at: data,
                into: UnsafeMutableRawBufferPointer(start: raw.base, count: min(raw.capacity, range.upperBound - data)))
            run.options.pace.didRead(count)
            if count == 0 { return true }
            raw.count = count
            guard raw.used.allSatisfy({ $0 == 0 }) else { return false }
            offset = data + count
        }
        return true
    }

    /// Keeps a link, device, fifo or socket that is right, and makes any other.
    func inspect(_ special: RestoreSpecial) throws {
        let entry = special.entry
        let path = special.directory.path(of: entry.name)
        var isRight = false
        do {
            let directory = try directories.open(special.directory)
            let status = try FileStatus.read(at: directory, entry.name)
            isRight =
                status.kind.rawValue == entry.kind.rawValue
                && run.metadata.deviation(entry, at: directory, status) { try self.tree.data($0) }.isEmpty
            if let target = entry.linkTarget {
                isRight = try isRight && DirectoryEntries.linkTarget(at: directory, entry.name) == target
            }
            if let device = entry.device {
                isRight = isRight && device == (status.deviceMajor, status.deviceMinor)
            }
        } catch let error as SystemError { try error.throwIfFatal(run.target) }
        run.journal.add(isRight ? .keep : .change, entry.kind, path: path)
        if !isRight { run.noteReplaced(entry) }
        if isRight || run.options.dryRun { run.progress.add(entries: 1, bytes: 0) } else { try make(special) }
    }
}
