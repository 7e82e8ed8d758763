/// One thread of a restore: decodes segments and writes what is in them.
final class RestoreWorker {
    let run: RestoreRun
    let identifier: ChunkIdentifier
    let tree: TreeReader
    var raw = RawBuffer(capacity: Limits.segmentBytesTarget + 4096)
    var directories: OpenDirectoryCache
    private let reader: SnapshotReader
    private let segments: SegmentReader

    init(_ reader: SnapshotReader, _ run: RestoreRun) {
        self.reader = reader
        self.run = run
        segments = SegmentReader(packs: reader.access.packs)
        identifier = reader.access.identifier
        tree = TreeReader(reader.chunks())
        directories = OpenDirectoryCache(run.target)
    }

    /// Writes everything of one segment.
    func write(_ window: RestoreWindow, _ group: Range<Int>) throws {
        try run.cancellation.check()
        let first = window.pieces[group.lowerBound]
        do {
            try segments.read(reader.pack(Int(first.ordinal)), segment: Int(first.segment), into: &raw)
        } catch let error as VaultError where error.code == .damaged {
            for index in group { try lose(window, window.pieces[index], error.message) }
            return
        }
        var index = group.lowerBound
        var verified: (offset: Int32, digest: Digest?) = (-1, nil)
        while index < group.upperBound {
            let piece = window.pieces[index]
            // Sorted by offset, so the same chunk for several files stands side by side and is checked once.
            if piece.offset != verified.offset { verified = (piece.offset, digest(piece)) }
            if let digest = verified.digest {
                try write(window.files[Int(piece.file)], piece, digest)
            } else {
                try lose(window, piece, "chunk \(piece.id) is not what its id says")
            }
            index += 1
        }
    }

    /// The digest of a piece; nil when it is not what its id says.
    private func digest(_ piece: RestorePiece) -> Digest? {
        guard Int(piece.offset) + Int(piece.length) <= raw.count else { return nil }
        let (id, digest) = identifier.id(.data, content(piece))
        return id == piece.id ? digest : nil
    }

    private func content(_ piece: RestorePiece) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: raw.used[Int(piece.offset)..<Int(piece.offset) + Int(piece.length)])
    }

    private func write(_ file: RestoreFile, _ piece: RestorePiece, _ digest: Digest) throws {
        do {
            let open = try file.file { try create(file, $0) }
            try write(content(piece), to: open, at: piece.fileOffset)
        } catch let error as SystemError {
            try error.throwIfFatal(run.target)
            return try done(file, damage: "cannot be written: \(error.reason)")
        }
        file.note(piece, digest)
        run.progress.note { file.path }
        run.progress.add(entries: 0, bytes: Int(piece.length))
        try done(file, damage: nil)
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int) throws(SystemError) {
        let pace = run.options.pace
        var done = 0
        while done < bytes.count {
            let count = pace.writeSlice(bytes.count - done)
            pace.willWrite(count)
            try file.write(at: offset + done, UnsafeRawBufferPointer(rebasing: bytes[done..<done + count]))
            if pace.write != nil { file.startWriting(at: offset + done, byteCount: count) }
            done += count
        }
    }

    private func lose(_ window: RestoreWindow, _ piece: RestorePiece, _ reason: String) throws {
        try done(window.files[Int(piece.file)], damage: "is damaged: \(reason)")
    }

    private func done(_ file: RestoreFile, damage: String?) throws {
        guard let (open, damage) = file.finish(pieces: 1, damage: damage) else { return }
        try finish(file, open, damage)
    }
}
