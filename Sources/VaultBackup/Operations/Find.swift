/// What to look for, and where.
public struct FindRequest: Sendable {
    /// Patterns; an entry is wanted when one of them matches.
    public var patterns: [PathPattern]
    /// Only this snapshot, as ``Snapshots/find(_:in:)`` takes it; nil for all.
    public var snapshot: String?
    /// Only snapshots of this system; nil for all.
    public var system: String?
    /// Only entries modified at or after this moment.
    public var newer: Timestamp?
    /// Only entries modified before this moment.
    public var older: Timestamp?
    /// Only files with so many bytes.
    public var size: ClosedRange<Int>?
    /// Only entries of these kinds; empty for all.
    public var kinds: Set<EntryKind> = []

    /// A request for entries in all snapshots; see the properties.
    public init(_ patterns: [PathPattern]) { self.patterns = patterns }
}

/// An entry that was found, and the snapshots that have it.
public struct FoundEntry: Sendable {
    /// Path from `/`, without the leading slash.
    public var path: [UInt8]
    /// The entry as it is in all these snapshots; of a directory what is in it may differ.
    public var entry: TreeEntry
    /// The first snapshot with it, in the order of the log.
    public var first: SnapshotInfo
    /// The last one.
    public var last: SnapshotInfo
    /// How many snapshots have it; the snapshots between the first and the last need not all.
    public var snapshotCount: Int
}

/// What a search found.
public struct FindResult: Sendable {
    /// Each distinct entry once, by path, the earlier state first.
    public var entries: [FoundEntry]
    /// Snapshots searched.
    public var snapshotCount: Int
    /// Directories read; those that snapshots share are read once.
    public var directoryCount: Int
    /// What could not be read, a sentence each; not empty means that there may be more to find.
    public var damage: [String]
}

/// Finds entries by name, path, time, size and kind in all snapshots.
public enum Find {
    /// Searches. The cost is that of reading each distinct directory once.
    /// - Throws: ``VaultError`` `.usage` when there is no such snapshot. Damage is part of the result.
    public static func run(
        _ request: FindRequest, with access: ReadAccess, cancellation: Cancellation = Cancellation()
    ) throws -> FindResult {
        let state = access.repository.state
        var snapshots = state.liveSnapshots
        if let snapshot = request.snapshot { snapshots = [try Snapshots.find(snapshot, in: state)] }
        snapshots = snapshots.filter { $0.isOf(request.system) }
        // A damaged log may have lost snapshots.
        var damage = access.repository.damage
        var found = FoundEntries()
        if let pattern = request.patterns.first(where: \.isIncluding) {
            throw VaultError(
                .usage, "The pattern '\(PathText.readable(pattern.text))' takes back what is found",
                nextStep: "Write '\\!' for a name that begins with '!'")
        }
        let search = TreeSearch(request.patterns, cancellation: cancellation) { request.isWanted($0) }
        if !snapshots.isEmpty {
            let index = try SnapshotReader.index(access, of: snapshots) { damage.append($0.message) }
            for (number, snapshot) in snapshots.enumerated() {
                let tree = TreeReader(SnapshotReader(access, snapshot, index: index).chunks())
                do {
                    try search.search(snapshot, tree, damage: { damage.append($0.message) }) { path, entry in
                        found.add(path, entry, snapshot: number)
                    }
                } catch let error as VaultError where error.code == .unsupportedFormat {
                    damage.append(error.message)
                }
            }
        }
        return FindResult(
            entries: found.sorted.map {
                FoundEntry(
                    path: $0.path, entry: $0.entry, first: Snapshots.info(snapshots[$0.first], state),
                    last: Snapshots.info(snapshots[$0.last], state), snapshotCount: $0.count)
            }, snapshotCount: snapshots.count, directoryCount: search.nodeCount, damage: damage)
    }
}

extension FindRequest {
    /// Whether an entry that a pattern means is wanted.
    func isWanted(_ entry: TreeEntry) -> Bool {
        if !kinds.isEmpty, !kinds.contains(entry.kind) { return false }
        if let size, entry.kind != .file || !size.contains(entry.size) { return false }
        if let newer, Self.isBefore(entry, newer) { return false }
        if let older, !Self.isBefore(entry, older) { return false }
        return true
    }

    private static func isBefore(_ entry: TreeEntry, _ time: Timestamp) -> Bool {
        let (seconds, milliseconds) = time.milliseconds.quotientAndRemainder(dividingBy: 1000)
        if entry.mtimeSeconds != seconds { return entry.mtimeSeconds < seconds }
        return Int64(entry.mtimeNanoseconds) < milliseconds * 1_000_000
    }
}

/// Distinct entries, each with the snapshots that have it.
private struct FoundEntries {
    struct Item {
        var path: [UInt8]
        var entry: TreeEntry
        var first: Int
        var last: Int
        var count: Int
    }

    private struct Key: Hashable {
        var path: [UInt8]
        var entry: [UInt8]
    }

    private var items: [Item] = []
    private var places: [Key: Int] = [:]

    /// Notes that a snapshot has an entry; snapshots come in the order of the log.
    mutating func add(_ path: [UInt8], _ entry: TreeEntry, snapshot: Int) {
        var own = entry
        // What changes below a directory makes it no other directory.
        own.child = nil
        let key = Key(path: path, entry: own.encoded())
        if let place = places[key] {
            items[place].last = snapshot
            items[place].count += 1
        } else {
            places[key] = items.count
            items.append(Item(path: path, entry: entry, first: snapshot, last: snapshot, count: 1))
        }
    }

    var sorted: [Item] {
        items.sorted { l, r in
            l.path == r.path ? l.first < r.first : HardLinks.isBefore(l.path, r.path)
        }
    }
}
