/// Reads a restored tree back and compares it with the snapshot: another walk, and digests of what the disk gives. It
/// shares nothing with the writing but the confinement to the target.
final class RestoreVerifier {
    private let run: RestoreRun
    private let reader: SnapshotReader
    private let right = Monitor(0)
    private let progress: RestoreCounters

    /// A file or link to be read back.
    private struct Item: Sendable {
        var directory: RestoreTarget.Directory
        var entry: TreeEntry
    }

    private static let batchMax = 4096

    init(_ reader: SnapshotReader, _ run: RestoreRun, events: any EventSink) {
        self.reader = reader
        self.run = run
        progress = RestoreCounters(events: events, step: .verify)
    }

    /// How many entries were compared and found right.
    var rightCount: Int { right.withLock { $0 } }

    /// Compares everything that was restored from `path`; what differs becomes a problem of the run.
    ///
    /// - Parameter skipped: numbers, in the walk, of what was not restored.
    func check(_ path: [UInt8], skipped: Set<Int>, entries: Int, bytes: Int) throws {
        progress.setTotals(entries: entries, bytes: bytes)
        let tree = TreeReader(reader.chunks())
        let top = RestoreTarget.Directory(nil)
        var batch: [Item] = []
        var node = reader.snapshot.body.node
        if !path.isEmpty {
            let entry = try tree.entry(at: path, below: node)
            guard let child = entry.child else {
                if !skipped.contains(1) { try read([Item(directory: top, entry: entry)]) }
                return
            }
            node = child.node
        }
        let walk = RestoreWalk(
            tree: tree, selection: run.options.selection, cancellation: run.cancellation, snapshot: reader.snapshot)
        try walk.run(
            top, node: node, path: path,
            .init(
                visit: { number, entry, isSelected, directory in
                    guard !skipped.contains(number) else { return nil }
                    if isSelected { batch.append(Item(directory: directory, entry: entry)) }
                    if batch.count == Self.batchMax {
                        try self.read(batch)
                        batch = []
                    }
                    return entry.kind == .directory
                        ? RestoreTarget.Directory(directory, entry.name) : nil
                }, leave: { _, _ in }))
        try read(batch)
    }

    private func read(_ items: [Item]) throws {
        let stack = WorkStack<Item>()
        stack.push(items.reversed())
        let count = run.options.workers > 0 ? run.options.workers : Host.processorCount
        let run = run
        let reader = reader
        let right = right
        let progress = progress
        try Thread.runAll(count) { _ in
            let comparison = RestoreComparison(reader, run)
            try stack.work { item in
                try run.cancellation.check()
                progress.note { item.directory.path(of: item.entry.name) }
                if let difference = try comparison.difference(item.entry, in: item.directory) {
                    run.problems.add(
                        item.directory.path(of: item.entry.name), "is not as in the snapshot: \(difference)")
                } else {
                    right.withLock { $0 += 1 }
                }
                progress.add(entries: 1, bytes: item.entry.contentBytes)
            }
        }
    }
}

/// Compares single entries with what is in the target. One thread each.
private final class RestoreComparison {
    private let run: RestoreRun
    private let tree: TreeReader
    private var directories: OpenDirectoryCache
    private var buffer = RawBuffer(capacity: Limits.segmentBytesTarget)

    init(_ reader: SnapshotReader, _ run: RestoreRun) {
        self.run = run
        tree = TreeReader(reader.chunks())
        directories = OpenDirectoryCache(run.target)
    }

    /// In what the target differs; nil when it does not.
    func difference(_ entry: TreeEntry, in directory: RestoreTarget.Directory) throws -> String? {
        do {
            let place = try directories.open(directory)
            let status = try FileStatus.read(at: place, entry.name)
            guard status.kind.rawValue == entry.kind.rawValue else { return "it is something else" }
            if let target = entry.linkTarget {
                return try DirectoryEntries.linkTarget(at: place, entry.name) == target ? nil : "it points elsewhere"
            }
            guard entry.kind == .file else { return nil }
            let file = try OpenFile.openForReading(at: place, entry.name)
            // What is on the disk counts, not what is still in memory.
            file.adviseDontNeed()
            return try difference(entry, file)
        } catch let error as SystemError {
            return error.reason
        } catch let error as VaultError where error.code == .damaged {
            return error.message
        }
    }

    private func difference(_ entry: TreeEntry, _ file: OpenFile) throws -> String? {
        guard try file.status().size == UInt64(entry.size) else { return "its size is another" }
        guard let wanted = entry.digest else { return "the snapshot has no digest of it" }
        var whole = SHA256()
        var list = SHA256()
        var offset = 0
        try tree.extents(of: entry) { extent in
            var writer = ByteWriter(capacity: 48)
            switch extent {
            case .hole(let length):
                var zeros = SHA256()
                guard try read(file, offset, length, { $0.allSatisfy { $0 == 0 } }, &whole, &zeros) else {
                    throw VaultError(.damaged, "there is data in a hole")
                }
                writer.u8(0)
                writer.u64(length)
                writer.raw(Digest.zero)
                offset += length
            case .chunk(_, let length):
                var chunk = SHA256()
                _ = try read(file, offset, length, { _ in true }, &whole, &chunk)
                writer.u8(1)
                writer.u64(length)
                writer.raw(chunk.finish())
                offset += length
            case .run: throw VaultError(.damaged, "a run was not resolved")
            }
            list.update(writer.bytes)
        }
        let digest = wanted.kind == 1 ? whole.finish() : list.finish()
        return digest == wanted.digest ? nil : "its content has another digest"
    }

    /// Reads a range, a buffer at a time; returns whether `isRight` said so of all of it.
    private func read(
        _ file: OpenFile, _ start: Int, _ length: Int, _ isRight: (UnsafeRawBufferPointer) -> Bool,
        _ whole: inout SHA256,
        _ part: inout SHA256
    ) throws -> Bool {
        var done = 0
        while done < length {
            try run.cancellation.check()
            let wanted = run.options.pace.readSlice(min(buffer.capacity, length - done))
            buffer.count = try file.read(
                at: start + done, into: UnsafeMutableRawBufferPointer(start: buffer.base, count: wanted))
            run.options.pace.didRead(buffer.count)
            guard buffer.count > 0 else { throw VaultError(.damaged, "it ends too early") }
            guard isRight(buffer.used) else { return false }
            whole.update(buffer.used)
            part.update(buffer.used)
            done += buffer.count
        }
        return true
    }
}
