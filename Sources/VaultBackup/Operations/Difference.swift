/// Tells what differs between two snapshots, or between a snapshot and the disk.
public enum Difference {
    /// Compares two snapshots, or parts of them. Directories and nodes that both have are not read.
    ///
    /// Paths that are visited are those in `before`. Two files count as the same when their digests say so; a file of
    /// many chunks that was cut in another way, as a stream and as a file, has another digest.
    ///
    /// - Parameter withMetadata: also visit entries in which nothing but metadata differs.
    /// - Parameter visit: gets each difference, directories before what is in them.
    /// - Throws: ``VaultError`` `.usage` when there is no such snapshot or path, and what `visit` throws. Damage is
    ///   part of the result.
    public static func run(
        _ before: SnapshotPath, _ after: SnapshotPath, with access: ReadAccess, withMetadata: Bool = true,
        cancellation: Cancellation = Cancellation(), _ visit: (EntryChange) throws -> Void
    ) throws -> DifferenceResult {
        let state = access.repository.state
        let snapshots = try [before, after].map { try Snapshots.find($0.snapshot, in: state) }
        var run = DifferenceRun(withMetadata: withMetadata, cancellation: cancellation)
        var unusable: [VaultError] = []
        let index = try SnapshotReader.index(access, of: snapshots) { unusable.append($0) }
        for error in unusable { run.note([], error) }
        let readers = snapshots.map { SnapshotReader(access, $0, index: index).chunks() }
        let l = try Place(before.path, snapshots[0], readers[0])
        let r = try Place(after.path, snapshots[1], readers[1])
        if let left = l.entry, let right = r.entry { try run.compare(before.path, left, right, visit) }
        if (l.node == nil) != (r.node == nil), l.entry == nil || r.entry == nil {
            throw VaultError(.usage, "Only one of the two is a directory", nextStep: "Name two paths of the same kind")
        }
        var budgets = (EntryBudget(snapshots[0]), EntryBudget(snapshots[1]))
        try run.directories(before.path, l.node, r.node, readers[0], readers[1]) { l, r in
            if l { try budgets.0.take() }
            if r { try budgets.1.take() }
        } _: {
            try visit($0)
        }
        var result = run.finished
        let groups = snapshots.map { state.keyring.group(inEpoch: $0.body.epoch) }
        result.isAcrossGroups = groups[0] != groups[1]
        return result
    }

    /// A path in a snapshot: its entry, but for `/`, and its node, if it is a directory.
    private struct Place {
        var entry: TreeEntry?
        var node: ChunkID?

        init(_ path: [UInt8], _ snapshot: SnapshotState, _ chunks: ChunkReader) throws {
            if path.isEmpty {
                node = snapshot.body.node
            } else {
                entry = try TreeReader(chunks).entry(at: path, below: snapshot.body.node)
                node = entry?.child?.node
            }
        }
    }
}

/// A comparison under way.
struct DifferenceRun {
    private(set) var result = DifferenceResult()
    private let notes = ProblemNotes()
    private let withMetadata: Bool
    let cancellation: Cancellation

    init(withMetadata: Bool, cancellation: Cancellation) {
        self.withMetadata = withMetadata
        self.cancellation = cancellation
    }

    /// The result, with the problems.
    var finished: DifferenceResult {
        var result = result
        result.problems = notes.listed
        result.problemCount = notes.count
        return result
    }

    /// Notes damage.
    mutating func note(_ path: [UInt8], _ damage: VaultError) {
        result.isDamaged = true
        notes.add(path, damage.message)
    }

    /// Notes what could not be compared and is no damage.
    func note(_ path: [UInt8], _ reason: String) { notes.add(path, reason) }

    /// Visits a change and counts it.
    mutating func report(_ change: EntryChange, _ visit: (EntryChange) throws -> Void) throws {
        if change.kind == .metadata, !withMetadata { return }
        result.count(change)
        try visit(change)
    }

    /// Compares two entries of one path.
    mutating func compare(
        _ path: [UInt8], _ l: TreeEntry?, _ r: TreeEntry?, _ visit: (EntryChange) throws -> Void
    ) throws {
        let kind: EntryChange.Kind?
        switch (l, r) {
        case (let l?, let r?): kind = .between(l, r)
        case (_?, nil): kind = .removed
        case (nil, _?): kind = .added
        case (nil, nil): kind = nil
        }
        if let kind { try report(EntryChange(path: path, kind: kind, before: l, after: r), visit) }
    }

    /// Compares all that is below two directories, of which one may not be there.
    fileprivate mutating func directories(
        _ path: [UInt8], _ l: ChunkID?, _ r: ChunkID?, _ left: ChunkReader, _ right: ChunkReader,
        _ meet: (_ isLeft: Bool, _ isRight: Bool) throws -> Void, _ visit: (EntryChange) throws -> Void
    ) throws {
        // Depth first without recursion: a hostile tree may be deep.
        var open = [(path: path, l: l, r: r)]
        while let next = open.popLast() {
            try cancellation.check()
            if next.l == next.r { continue }
            var children: [(path: [UInt8], l: ChunkID?, r: ChunkID?)] = []
            var invalid: [FormatError] = []
            let cursors = (
                DirectoryCursor(next.l, left) { invalid.append($0) },
                DirectoryCursor(next.r, right) { invalid.append($0) }
            )
            do {
                try DirectoryCursor.merge(cursors.0, cursors.1) { l, r in
                    try meet(l != nil, r != nil)
                    let path = TreePath.join(next.path, l?.name ?? r?.name ?? [])
                    try compare(path, l, r, visit)
                    if l?.child != nil || r?.child != nil { children.append((path, l?.child?.node, r?.child?.node)) }
                }
            } catch let error as VaultError where error.code == .damaged {
                note(next.path, error)
            }
            for error in invalid { note(next.path, VaultError(.damaged, "an entry is not valid: \(error)")) }
            open += children.reversed()
        }
    }
}
