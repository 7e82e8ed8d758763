/// Walks a snapshot and writes it as a tar archive. One thread.
final class TarWriter {
    private let reader: SnapshotReader
    private let chunks: ChunkReader
    private let content: FileContent
    private let problems: ProblemNotes
    private let counters: BackupCounters
    private let cancellation: Cancellation
    private let body: (UnsafeRawBufferPointer) throws -> Void
    /// First member of each hard-link group.
    private var firstOfGroup: [[UInt8]: (name: [UInt8], entry: TreeEntry)] = [:]
    private var position = 0
    private var budget: EntryBudget
    private(set) var entryCount = 0
    private(set) var byteCount = 0
    private(set) var socketCount = 0

    /// Other programs read archives in records of twenty blocks.
    private static let recordBytes = 20 * TarHeader.blockBytes

    init(
        _ reader: SnapshotReader, problems: ProblemNotes, counters: BackupCounters, cancellation: Cancellation,
        _ body: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) {
        self.reader = reader
        budget = EntryBudget(reader.snapshot)
        chunks = reader.chunks()
        content = FileContent(reader, cancellation: cancellation)
        self.problems = problems
        self.counters = counters
        self.cancellation = cancellation
        self.body = body
    }

    /// Writes the whole archive of what is at `path`.
    func write(_ path: [UInt8]) throws {
        var node = reader.snapshot.body.node
        var top: TreeEntry?
        if path.isEmpty {
            do { top = try reader.privatePart(chunks).root } catch let error as VaultError {
                problems.add([], error.message)
            }
        } else {
            let entry = try TreeReader(chunks).entry(at: path, below: node)
            guard let child = entry.child else {
                try write(entry, path, name: Self.name([], entry.name))
                return try finish()
            }
            node = child.node
            top = entry
        }
        if let top { try write(top, path, name: [0x2e]) }
        try writeDirectory(PathChain.of(path), node)
        try finish()
    }

    /// A directory under way: its path in the snapshot, its path in the archive, and what is left of it.
    private struct Directory {
        var path: PathChain?
        var below: PathChain?
        var cursor: DirectoryCursor
    }

    /// Writes what is in a directory, each directory in it followed by all that is below: programs that unpack set the
    /// times of a directory when they have left it. Without recursion: a hostile tree may be deep.
    private func writeDirectory(_ path: PathChain?, _ node: ChunkID) throws {
        var open = [directory(path, nil, node)]
        while let current = open.last {
            do {
                guard let entry = try current.cursor.next() else {
                    open.removeLast()
                    continue
                }
                try budget.take()
                try write(
                    entry, TreePath.join(current.path.path, entry.name),
                    name: Self.name(current.below.path, entry.name))
                if let child = entry.child {
                    open.append(
                        directory(
                            PathChain(current.path, entry.name), PathChain(current.below, entry.name), child.node))
                }
            } catch let error as VaultError where error.code == .damaged {
                // The cursor has gone past what cannot be read.
                problems.add(current.path.path, error.message)
            }
        }
    }

    private func directory(_ path: PathChain?, _ below: PathChain?, _ node: ChunkID) -> Directory {
        let problems = problems
        let cursor = DirectoryCursor(node, chunks) {
            problems.add(path.path, "an entry is not valid and was left out: \($0)")
        }
        return Directory(path: path, below: below, cursor: cursor)
    }

    private static func name(_ directory: [UInt8], _ name: [UInt8]) -> [UInt8] {
        [0x2e, 0x2f] + TreePath.join(directory, name)
    }

    /// Writes one member.
    private func write(_ entry: TreeEntry, _ path: [UInt8], name: [UInt8]) throws {
        try cancellation.check()
        guard let member = TarHeader.Member(entry.kind) else {
            socketCount += 1
            return
        }
        if entry.incomplete == .unreadable {
            problems.add(path, "is not in the backup: it could not be read")
            guard entry.kind == .directory else { return }
        }
        if try writeLink(entry, path, name) { return }
        do {
            if entry.kind == .file { try content.checkPresence(entry) }
        } catch let error as VaultError where error.code == .damaged {
            return problems.add(path, "is left out: \(error.message)")
        }
        if entry.incomplete == .changedWhileRead { problems.note(path, "changed while it was backed up") }
        let shown = member == .directory ? name + [0x2f] : name
        try put(TarHeader.blocks(entry, member, path: shown, attributes: attributes(entry, path)))
        if entry.kind == .file { try writeContent(entry, path) }
        entryCount += 1
        counters.add(entries: 1, bytes: 0)
        if let group = entry.hardLinkGroup, firstOfGroup[group] == nil { firstOfGroup[group] = (name, entry) }
    }

    /// Writes a further name of a file that is in the archive; false when it is not.
    private func writeLink(_ entry: TreeEntry, _ path: [UInt8], _ name: [UInt8]) throws -> Bool {
        guard let group = entry.hardLinkGroup, let first = firstOfGroup[group], first.entry.kind == entry.kind,
            first.entry.digest == entry.digest, first.entry.size == entry.size
        else { return false }
        try put(TarHeader.blocks(entry, .hardLink, path: name, hardLink: first.name, attributes: []))
        entryCount += 1
        counters.add(entries: 1, bytes: 0)
        return true
    }

    private func attributes(_ entry: TreeEntry, _ path: [UInt8]) throws -> [(name: [UInt8], value: [UInt8])] {
        var result: [(name: [UInt8], value: [UInt8])] = []
        for attribute in entry.attributes {
            do { result.append((attribute.name, try content.value(attribute))) } catch let error as VaultError
                where error.code == .damaged
            {
                problems.add(path, "attribute \(PathText.readable(attribute.name)) is left out: \(error.message)")
            }
        }
        return result
    }

    /// Writes exactly as many bytes as the header has promised.
    private func writeContent(_ entry: TreeEntry, _ path: [UInt8]) throws {
        var written = 0
        counters.note(size: UInt64(clamping: entry.size)) { path }
        do {
            try content.read(entry, written: &written) { bytes in
                try put(bytes)
                counters.add(entries: 0, bytes: bytes.count)
            }
        } catch let error as VaultError
            where error.code == .damaged
        {
            problems.add(path, "is damaged: from byte \(written) on it is zeros in the archive: \(error.message)")
            try content.zeros(entry.size - written, put)
        }
        byteCount += entry.size
        try content.zeros(TarHeader.padding(entry.size), put)
    }

    /// Ends the archive: two blocks of zeros, and as many as fill the last record.
    private func finish() throws {
        let end = 2 * TarHeader.blockBytes
        try content.zeros(end + (Self.recordBytes - (position + end) % Self.recordBytes) % Self.recordBytes, put)
    }

    private func put(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes(put) }

    private func put(_ bytes: UnsafeRawBufferPointer) throws {
        position += bytes.count
        try body(bytes)
    }
}
