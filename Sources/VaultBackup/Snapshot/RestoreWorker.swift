/// One thread of a restore: decodes segments and writes what is in them.
final class RestoreWorker {
    private let reader: SnapshotReader
    private let metadata: MetadataWriter
    private let problems: ProblemNotes
    private let cancellation: Cancellation
    private let segments: SegmentReader
    private let identifier: ChunkIdentifier
    private let tree: TreeReader
    private var raw = RawBuffer(capacity: Limits.segmentBytesTarget + 4096)
    private var directories: OpenDirectoryCache
    private let progress: BackupCounters

    init(
        _ reader: SnapshotReader, _ target: RestoreTarget, metadata: MetadataWriter, problems: ProblemNotes,
        cancellation: Cancellation, progress: BackupCounters
    ) {
        self.reader = reader
        self.metadata = metadata
        self.problems = problems
        self.cancellation = cancellation
        self.progress = progress
        segments = SegmentReader(packs: reader.access.packs)
        identifier = reader.access.identifier
        tree = TreeReader(reader.chunks())
        directories = OpenDirectoryCache(target)
    }

    /// Writes everything of one segment.
    func run(_ window: RestoreWindow, _ group: Range<Int>) throws {
        try cancellation.check()
        let first = window.pieces[group.lowerBound]
        do {
            try segments.read(reader.pack(Int(first.ordinal)), segment: Int(first.segment), into: &raw)
        } catch let error as VaultError where error.code == .damaged {
            for index in group { try lose(window, window.pieces[index], error.message) }
            return
        }
        var index = group.lowerBound
        var verified: (offset: Int32, isRight: Bool) = (-1, false)
        while index < group.upperBound {
            let piece = window.pieces[index]
            // Sorted by offset, so the same chunk for several files stands side by side and is checked once.
            if piece.offset != verified.offset { verified = (piece.offset, isRight(piece)) }
            if verified.isRight {
                try write(window.files[Int(piece.file)], piece)
            } else {
                try lose(window, piece, "chunk \(piece.id) is not what its id says")
            }
            index += 1
        }
    }

    private func isRight(_ piece: RestorePiece) -> Bool {
        guard Int(piece.offset) + Int(piece.length) <= raw.count else { return false }
        return identifier.id(.data, content(piece)).id == piece.id
    }

    private func content(_ piece: RestorePiece) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: raw.used[Int(piece.offset)..<Int(piece.offset) + Int(piece.length)])
    }

    private func write(_ file: RestoreFile, _ piece: RestorePiece) throws {
        do {
            let open = try file.file { try create(file) }
            try open.write(at: piece.fileOffset, content(piece))
        } catch let error as SystemError {
            try error.throwIfFatal()
            return try done(file, damage: "cannot be written: \(error.reason)")
        }
        progress.add(entries: 0, bytes: Int(piece.length))
        try done(file, damage: nil)
    }

    private func lose(_ window: RestoreWindow, _ piece: RestorePiece, _ reason: String) throws {
        try done(window.files[Int(piece.file)], damage: reason)
    }

    private func done(_ file: RestoreFile, damage: String?) throws {
        guard let (open, damage) = file.finish(pieces: 1, damage: damage) else { return }
        try finish(file, open, damage)
    }

    /// Makes a file that has no piece: it is empty or one hole.
    func makeEmpty(_ file: RestoreFile) throws {
        do {
            try finish(file, try create(file), nil)
        } catch let error as SystemError {
            try error.throwIfFatal()
            problems.add(file.path, "cannot be made: \(error.reason)")
        }
    }

    private func create(_ file: RestoreFile) throws -> OpenFile {
        try OpenFile.open(
            at: try directories.open(file.directory), file.entry.name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
    }

    private func finish(_ file: RestoreFile, _ open: OpenFile?, _ damage: String?) throws {
        if let damage { problems.add(file.path, "is damaged: \(damage)") }
        if file.entry.incomplete == .changedWhileRead { problems.note(file.path, "changed while it was backed up") }
        guard let open else { return }
        do {
            if file.needsLength { try open.truncate(to: file.entry.size) }
            metadata.apply(file.entry, to: open, path: file.path) { try self.tree.data($0) }
            try open.close()
        } catch {
            try error.throwIfFatal()
            problems.add(file.path, "cannot be written: \(error.reason)")
        }
        progress.add(entries: 1, bytes: 0)
    }

    /// Makes a link, device, fifo or socket.
    func make(_ entry: TreeEntry, in directory: RestoreTarget.Directory) throws {
        do {
            let open = try directories.open(directory)
            if let target = entry.linkTarget {
                try DirectoryEntries.makeSymbolicLink(to: target, at: open, entry.name)
            } else {
                guard let kind = FileStatus.Kind(rawValue: entry.kind.rawValue) else { return }
                try DirectoryEntries.makeSpecial(
                    kind, major: entry.device?.major ?? 0, minor: entry.device?.minor ?? 0, at: open, entry.name, mode: 0o600)
            }
            metadata.apply(entry, at: open, path: directory.path(of: entry.name))
            progress.add(entries: 1, bytes: 0)
        } catch let error as SystemError {
            try error.throwIfFatal()
            problems.add(directory.path(of: entry.name), "cannot be made: \(error.reason)")
        }
    }
}
