/// How to compare a snapshot with the disk.
public struct DiskComparisonOptions: Sendable {
    /// Read every file and compare its content. Without it a file of the same size and time counts as the same, any
    /// other as modified.
    public var readsContent = false
    /// Also visit entries in which nothing but metadata differs: mode, owner, time, extended attributes; file flags are
    /// not compared.
    public var withMetadata = true

    /// The defaults.
    public init() {}
}

extension Difference {
    /// Compares a directory of a snapshot with one on disk, which is the second tree. Content is compared by ids, so
    /// nothing of it is read from the repository.
    ///
    /// Above the sources of the snapshot only what leads to them is looked at. What cannot be read on disk is a problem
    /// of the result.
    /// - Throws: ``VaultError`` `.usage` when one of them is no directory, and what `visit` throws.
    public static func run(
        _ before: SnapshotPath, against directory: [UInt8], with access: ReadAccess,
        options: DiskComparisonOptions = DiskComparisonOptions(), cancellation: Cancellation = Cancellation(),
        _ visit: (EntryChange) throws -> Void
    ) throws -> DifferenceResult {
        let snapshot = try Snapshots.find(before.snapshot, in: access.repository.state)
        var run = DifferenceRun(withMetadata: options.withMetadata, cancellation: cancellation)
        var unusable: [VaultError] = []
        let index = try SnapshotReader.index(access, of: [snapshot]) { unusable.append($0) }
        for error in unusable { run.note([], error) }
        let reader = SnapshotReader(access, snapshot, index: index)
        let chunks = reader.chunks()
        var node = snapshot.body.node
        if !before.path.isEmpty {
            guard let child = try TreeReader(chunks).entry(at: before.path, below: node).child else {
                throw VaultError(
                    .usage, "/\(PathText.readable(before.path)) is no directory in the snapshot",
                    nextStep: "Name the directory that it is in")
            }
            node = child.node
        }
        // When nobody can tell what the sources were, everything counts as one.
        var sources: [[UInt8]] = [[]]
        do { sources = try reader.privatePart(chunks).paths } catch let error as VaultError { run.note([], error) }
        let top: OpenFile
        do { top = try OpenFile.openDirectory(directory, followingLinks: true) } catch {
            throw VaultError(
                .usage, "The directory \(PathText.readable(directory)) cannot be read", nextStep: "Check the path",
                cause: error)
        }
        var walk = DiskWalk(
            chunks: chunks, sources: sources.map { $0.first == 0x2f ? Array($0.dropFirst()) : $0 },
            comparison: DiskComparison(
                TreeReader(chunks), identifier: access.identifier, readsContent: options.readsContent,
                cancellation: cancellation),
            directories: OpenDirectoryCache(root: top), budget: EntryBudget(snapshot), run: run)
        try walk.compare(before.path, node, visit)
        return walk.run.finished
    }
}

/// Walks a directory of a snapshot and one on disk side by side.
private struct DiskWalk {
    let chunks: ChunkReader
    /// Paths of the snapshot's sources, without the leading slash.
    let sources: [[UInt8]]
    let comparison: DiskComparison
    var directories: OpenDirectoryCache
    var budget: EntryBudget
    var run: DifferenceRun

    /// A directory still to be compared: its path in the snapshot, its place below the top on disk, and on which sides
    /// it is.
    private struct Pair {
        var path: [UInt8]
        var below: RestoreTarget.Directory
        var node: ChunkID?
        var isOnDisk: Bool
    }

    mutating func compare(
        _ path: [UInt8], _ node: ChunkID, _ visit: (EntryChange) throws -> Void
    ) throws {
        // Depth first without recursion: a tree may be deep.
        var open = [Pair(path: path, below: RestoreTarget.Directory(nil), node: node, isOnDisk: true)]
        while let next = open.popLast() {
            try run.cancellation.check()
            var children: [Pair] = []
            do {
                let directory = next.isOnDisk ? try directories.open(next.below) : nil
                try compare(next, directory, &children, visit)
            } catch let error as VaultError where error.code == .damaged {
                run.note(next.path, error)
            } catch let error as SystemError {
                run.note(next.path, "cannot be read: \(error.reason)")
            }
            open += children.reversed()
        }
    }

    private mutating func compare(
        _ pair: Pair, _ directory: OpenFile?, _ children: inout [Pair], _ visit: (EntryChange) throws -> Void
    ) throws {
        var invalid: [FormatError] = []
        let cursor = DirectoryCursor(pair.node, chunks) { invalid.append($0) }
        let listing = try directory.map { try DirectoryListing.read($0) }
        var disk = (listing?.entries ?? [])[...]
        var stored = try cursor.next()
        while stored != nil || !disk.isEmpty {
            let found = disk.first.flatMap { entry in listing.map { (name: $0.name(of: entry), entry: entry) } }
            if let entry = stored, found.map({ !$0.name.lexicographicallyPrecedes(entry.name) }) ?? true {
                let same = found?.name == entry.name ? found?.entry.status : nil
                if found?.name == entry.name { disk.removeFirst() }
                try visitPair(pair, entry, same, directory, &children, visit)
                stored = try cursor.next()
            } else if let found {
                disk.removeFirst()
                guard let status = found.entry.status else { continue }
                try visitNew(pair, comparison.entry(found.name, status), &children, visit)
            }
        }
        for error in invalid { run.note(pair.path, VaultError(.damaged, "an entry is not valid: \(error)")) }
    }

    /// An entry of the snapshot, and what is on disk under its name.
    private mutating func visitPair(
        _ pair: Pair, _ entry: TreeEntry, _ status: FileStatus?, _ directory: OpenFile?, _ children: inout [Pair],
        _ visit: (EntryChange) throws -> Void
    ) throws {
        try budget.take()
        let path = TreePath.join(pair.path, entry.name)
        // What is in a directory that could not be read when it was backed up is not new.
        let isDirectory = status?.kind == .directory && entry.incomplete != .unreadable
        if entry.child != nil || isDirectory {
            children.append(
                Pair(
                    path: path, below: RestoreTarget.Directory(pair.below, entry.name), node: entry.child?.node,
                    isOnDisk: isDirectory))
        }
        guard let status, let directory else {
            return try run.report(EntryChange(path: path, kind: .removed, before: entry), visit)
        }
        if entry.incomplete == .unreadable {
            return run.note(path, "cannot be compared: it could not be read when it was backed up")
        }
        var found = comparison.entry(entry.name, status)
        do {
            if let kind = try comparison.difference(entry, &found, at: directory),
                kind != .metadata || isInSources(path)
            {
                try run.report(EntryChange(path: path, kind: kind, before: entry, after: found), visit)
            }
        } catch let error as VaultError where error.code == .damaged {
            run.note(path, error)
        } catch let error as SystemError {
            run.note(path, "cannot be read: \(error.reason)")
        }
    }

    /// An entry that is on disk only.
    private mutating func visitNew(
        _ pair: Pair, _ entry: TreeEntry, _ children: inout [Pair], _ visit: (EntryChange) throws -> Void
    ) throws {
        let path = TreePath.join(pair.path, entry.name)
        guard isInSources(path) else { return }
        try run.report(EntryChange(path: path, kind: .added, after: entry), visit)
        if entry.kind == .directory {
            children.append(
                Pair(path: path, below: RestoreTarget.Directory(pair.below, entry.name), node: nil, isOnDisk: true))
        }
    }

    /// Whether a path is a source, or below one. Without sources, as for a snapshot of a stream, nothing is.
    private func isInSources(_ path: [UInt8]) -> Bool {
        sources.contains { source in
            source.isEmpty || path.starts(with: source) && (path.count == source.count || path[source.count] == 0x2f)
        }
    }
}
