/// One thread of a restore: decodes segments and writes what is in them.
final class RestoreWorker {
    let run: RestoreRun
    let identifier: ChunkIdentifier
    let tree: TreeReader
    let pieces: RestorePieces
    var raw = RawBuffer(capacity: Limits.segmentBytesTarget + 4096)
    var directories: OpenDirectoryCache
    private let reader: SnapshotReader
    private let segments: SegmentReader
    /// Finds copies of what is damaged; made when the first is needed.
    private lazy var copies = reader.chunks()
    private var digests: [Digest] = []

    init(_ reader: SnapshotReader, _ run: RestoreRun) {
        self.reader = reader
        self.run = run
        segments = SegmentReader(packs: reader.access.packs)
        identifier = reader.access.identifier
        tree = TreeReader(reader.chunks())
        pieces = RestorePieces(tree: tree, reader: reader, cancellation: run.cancellation)
        directories = OpenDirectoryCache(run.target)
    }

    /// Writes everything of one segment.
    func write(_ window: RestoreWindow, _ group: Range<Int>) throws {
        try run.cancellation.check()
        let first = window.pieces[group.lowerBound]
        do {
            let layout = try segments.read(reader.pack(Int(first.ordinal)), segment: Int(first.segment), into: &raw)
            if let layout { spread(window.pieces[group], layout) }
        } catch let error as VaultError where error.code == .damaged {
            for index in group { try lose(window, window.pieces[index], error.message) }
            return
        }
        var index = group.lowerBound
        var verified: (offset: Int32, digest: Digest?) = (-1, nil)
        while index < group.upperBound {
            // Small chunks that follow each other here and in a file are written at once.
            let start = index
            digests.removeAll(keepingCapacity: true)
            while index < group.upperBound,
                index == start || window.pieces[index - 1].isFollowed(by: window.pieces[index])
            {
                let piece = window.pieces[index]
                // Sorted by offset, so the same chunk for several files stands side by side and is checked once.
                if piece.offset != verified.offset { verified = (piece.offset, digest(piece)) }
                guard let digest = verified.digest else { break }
                digests.append(digest)
                index += 1
            }
            if index > start {
                let pieces = window.pieces[start..<index]
                try write(window.files[Int(window.pieces[start].file)], pieces, content(of: pieces))
            } else {
                let piece = window.pieces[index]
                try lose(window, piece, "chunk \(piece.id) is not what its id says")
                index += 1
            }
        }
    }

    /// Puts what was read elsewhere, where chunks lie as `layout` says, to where the pieces have it. What is missing
    /// stays zero, which its id does not allow.
    private func spread(_ pieces: ArraySlice<RestorePiece>, _ layout: [ChunkID: Int]) {
        let end = pieces.map { Int($0.offset) + Int($0.length) }.max() ?? 0
        let spread = RawBuffer(capacity: max(end, 1))
        spread.base.initializeMemory(as: UInt8.self, repeating: 0, count: end)
        spread.count = end
        for piece in pieces {
            guard let offset = layout[piece.id], offset + Int(piece.length) <= raw.count else { continue }
            (spread.base + Int(piece.offset)).copyMemory(from: raw.base + offset, byteCount: Int(piece.length))
        }
        raw = spread
    }

    /// The digest of a piece; nil when it is not what its id says.
    private func digest(_ piece: RestorePiece) -> Digest? {
        guard Int(piece.offset) + Int(piece.length) <= raw.count else { return nil }
        return identifier.digest(piece.id, .data, content(piece))
    }

    private func content(_ piece: RestorePiece) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: raw.used[Int(piece.offset)..<Int(piece.offset) + Int(piece.length)])
    }

    /// The content of pieces that follow each other in the segment.
    private func content(of pieces: ArraySlice<RestorePiece>) -> UnsafeRawBufferPointer {
        let start = Int(pieces[pieces.startIndex].offset)
        return UnsafeRawBufferPointer(rebasing: raw.used[start..<start + pieces.reduce(0) { $0 + Int($1.length) }])
    }

    /// Writes pieces that follow each other in the file; `digests` holds theirs.
    private func write(
        _ file: RestoreFile, _ pieces: ArraySlice<RestorePiece>, _ bytes: UnsafeRawBufferPointer
    ) throws {
        do {
            let open = try file.file { try create(file, $0) }
            try write(bytes, to: open, at: pieces[pieces.startIndex].fileOffset)
        } catch let error as SystemError {
            try error.throwIfFatal(run.target)
            return try done(file, pieces: pieces.count, damage: "cannot be written: \(error.reason)")
        }
        file.note(pieces, digests)
        run.progress.note { file.path }
        run.progress.add(entries: 0, bytes: bytes.count)
        try done(file, pieces: pieces.count, damage: nil)
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

    /// Takes the content of a piece from another pack; what is in none is lost.
    private func lose(_ window: RestoreWindow, _ piece: RestorePiece, _ reason: String) throws {
        let place = ChunkLocation(
            ordinal: Int(piece.ordinal), segment: Int(piece.segment), offset: Int(piece.offset),
            length: Int(piece.length))
        if let bytes = try? copies.chunk(piece.id, .data, tried: [place]), bytes.count == place.length {
            return try bytes.withUnsafeBytes { content in
                digests = [SHA256.digest(content)]
                try write(window.files[Int(piece.file)], [piece], content)
            }
        }
        try done(window.files[Int(piece.file)], pieces: 1, damage: "is damaged: \(reason)")
    }

    private func done(_ file: RestoreFile, pieces: Int, damage: String?) throws {
        guard let (open, damage) = file.finish(pieces: pieces, damage: damage) else { return }
        try finish(file, open, damage)
    }
}
