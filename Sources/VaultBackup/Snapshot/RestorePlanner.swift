/// Walks a snapshot, makes the directories, decides what becomes of each entry, and hands out windows of files.
final class RestorePlanner {
    let tree: TreeReader
    let target: RestoreTarget
    let run: RestoreRun
    var openDirectories: OpenDirectoryCache
    let reader: SnapshotReader
    let pieces: RestorePieces
    var window: RestoreWindow
    private let execute: (RestoreWindow) throws -> Void
    /// Counts, beside the first windows, how much there is to restore in all; nil when that is known.
    private var onFirstFullWindow: (() -> RestoreCounting)?
    private var counting: RestoreCounting?

    /// A name of a file that has several, and what is there under it.
    struct LinkMember {
        var directory: RestoreTarget.Directory
        var entry: TreeEntry
        var existing: FileStatus?
    }

    /// First member of each hard-link group, and the others, which are linked when all content is there.
    private var firstOfGroup: [[UInt8]: LinkMember] = [:]
    /// First member of each hard-link group that was restored, in no order.
    var firstMembers: some Sequence<LinkMember> { firstOfGroup.values }
    private(set) var links: [(member: LinkMember, first: LinkMember)] = []
    /// All directories, each after the one it is in.
    var directories: [RestoreTarget.Directory] = []
    /// What is not in the snapshot and is to go.
    var deletions: [(directory: RestoreTarget.Directory, name: [UInt8])] = []
    /// Numbers, in the walk, of entries that were not restored.
    private(set) var skipped: Set<Int> = []
    /// Path in the snapshot of the directory that becomes the target.
    private(set) var topPath: [UInt8] = []
    private(set) var entryCount = 0
    private(set) var byteCount = 0

    /// - Parameter execute: restores a window; called whenever one is full.
    init(_ reader: SnapshotReader, _ run: RestoreRun, execute: @escaping (RestoreWindow) throws -> Void) {
        self.reader = reader
        self.run = run
        self.execute = execute
        target = run.target
        window = RestoreWindow(run.options)
        tree = TreeReader(reader.chunks())
        pieces = RestorePieces(tree: tree, reader: reader, cancellation: run.cancellation)
        openDirectories = OpenDirectoryCache(run.target)
    }

    /// Plans what is at `path`: a directory's content goes into the target, anything else becomes an entry of the
    /// target.
    func plan(_ path: [UInt8]) throws {
        var node = reader.snapshot.body.node
        var entry: TreeEntry?
        if path.isEmpty {
            entry = try rootEntry()
        } else {
            let found = try tree.entry(at: path, below: node)
            guard let child = found.child else {
                let place = try makeTop(nil)
                _ = try visit(1, found, true, place)
                return try flush()
            }
            node = child.node
            entry = found
            topPath = path
        }
        let isWhole = path.isEmpty && run.options.selection.isAll
        if isWhole { run.progress.setTotals(entries: reader.snapshot.body.entries, bytes: reader.snapshot.body.bytes) }
        let place = try makeTop(entry)
        let start = node
        onFirstFullWindow = isWhole ? nil : { [reader, run] in RestoreCounting(reader, run, node: start, path: path) }
        defer { counting?.stop() }
        let walk = RestoreWalk(
            tree: tree, selection: run.options.selection, cancellation: run.cancellation, snapshot: reader.snapshot)
        try walk.run(
            place, node: node, path: path,
            .init(
                visit: { number, entry, isSelected, place in try self.visit(number, entry, isSelected, place) },
                leave: { place, damage in try self.leave(place, damage) }))
        counting?.stop()
        if !isWhole { run.progress.setTotals(entries: entryCount, bytes: byteCount) }
        try flush()
    }

    /// Restores a window that is full; beside the first one begins the counting.
    func flushFull() throws {
        if counting == nil { counting = onFirstFullWindow?() }
        try flush()
    }

    private func flush() throws {
        guard !window.isEmpty else { return }
        let full = window
        window = RestoreWindow(run.options)
        try execute(full)
    }

    private func rootEntry() throws -> TreeEntry? {
        do { return try reader.privatePart(reader.chunks()).root } catch let error as VaultError {
            run.problems.add([], error.message)
            return nil
        }
    }

    /// Plans an entry; returns the place to go into, if it is a directory.
    private func visit(_ number: Int, _ entry: TreeEntry, _ isSelected: Bool, _ place: RestorePlace) throws
        -> RestorePlace?
    {
        if isSelected { entryCount += 1 }
        if entry.incomplete == .unreadable, entry.kind != .directory {
            place.markSeen(entry.name)
            run.problems.add(place.path(of: entry.name), "is not in the backup: it could not be read")
            skipped.insert(number)
            return nil
        }
        if entry.kind == .directory {
            let child = RestorePlace(entry: entry, parent: place)
            place.markSeen(entry.name)
            if isSelected, try make(child) == nil {
                skipped.insert(number)
                return nil
            }
            if isSelected { run.progress.add(entries: 1, bytes: 0) }
            if entry.incomplete == .unreadable {
                run.problems.add(child.path, "is not in the backup: it could not be listed")
            }
            return child
        }
        // Only a count for the user: one false size must not keep the files after it from being restored.
        let (sum, isOverflow) = byteCount.addingReportingOverflow(entry.contentBytes)
        byteCount = isOverflow ? .max : sum
        guard let directory = try make(place), let decision = try decide(entry, in: place, directory) else {
            skipped.insert(number)
            return nil
        }
        if decision == .keep {
            run.journal.add(.keep, entry.kind, bytes: entry.contentBytes, path: directory.path(of: entry.name))
            run.progress.add(entries: 1, bytes: entry.contentBytes)
            skipped.insert(number)
        } else if try add(entry, decision, in: directory, existing: place.existing(entry.name)) == false {
            skipped.insert(number)
        }
        return nil
    }

    /// Adds an entry to the window; returns whether it can be restored.
    private func add(
        _ entry: TreeEntry, _ decision: RestoreDecision, in directory: RestoreTarget.Directory, existing: FileStatus?
    ) throws -> Bool {
        if let group = entry.hardLinkGroup, let first = firstOfGroup[group], Self.isSame(first.entry, entry) {
            links.append((LinkMember(directory: directory, entry: entry, existing: existing), first))
            return true
        }
        if decision != .inspect {
            run.journal.add(
                decision == .create ? .create : .change, entry.kind, bytes: entry.contentBytes,
                path: directory.path(of: entry.name))
        }
        if entry.kind == .file {
            guard try plan(file: entry, decision, in: directory) else { return false }
        } else {
            window.specials.append(RestoreSpecial(directory: directory, entry: entry, decision: decision))
        }
        if decision == .replace { run.noteReplaced(entry) }
        if let group = entry.hardLinkGroup {
            firstOfGroup[group] = LinkMember(directory: directory, entry: entry, existing: existing)
        }
        if window.isFull { try flushFull() }
        return true
    }

    /// Whether two members of a group are what a hard link makes of them. Nothing but a hostile or damaged tree says
    /// otherwise; then each is restored as what it is.
    private static func isSame(_ a: TreeEntry, _ b: TreeEntry) -> Bool {
        a.kind == b.kind && a.digest == b.digest && a.size == b.size && a.extents == b.extents
            && a.extentList == b.extentList && a.linkTarget == b.linkTarget && a.device?.major == b.device?.major
            && a.device?.minor == b.device?.minor
    }
}
