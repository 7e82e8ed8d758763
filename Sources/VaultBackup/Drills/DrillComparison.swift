/// Walks what a drill restored and compares it with the snapshot, from the disk's side: every name that is there, and
/// every name that is missing. It shares with the restore that wrote it only the system calls.
final class DrillComparison {
    private let reader: SnapshotReader
    private let tree: TreeReader
    private let plan: DrillPlan
    private let root: ConfinedDirectory
    private let tally: DrillTally
    private let notApplied: Set<NotApplied>
    private let cancellation: Cancellation
    private let progress: RestoreCounters
    private var links = LinkGroups()
    private var challenge: ChallengeDraw
    private let workers: Int
    private let known: Set<[UInt8]>
    private var sealedSeen: Set<[UInt8]> = []

    /// Metadata that the restore said it could not apply.
    struct NotApplied: Hashable, Sendable {
        var path: [UInt8]
        var kind: MetadataProblem.Kind
    }

    /// An entry that is there, to be compared.
    struct Item: Sendable {
        var directory: [UInt8]
        var entry: TreeEntry
        var status: FileStatus

        var path: [UInt8] { TreePath.join(directory, entry.name) }
    }

    private static let batchMax = 4_096

    /// - Parameter known: paths of entries that the restore said it could not write.
    init(
        _ reader: SnapshotReader, _ plan: DrillPlan, tree path: [UInt8], known: Set<[UInt8]>,
        notApplied: Set<NotApplied>, nonce: Digest,
        tally: DrillTally, workers: Int, events: any EventSink, cancellation: Cancellation
    ) throws {
        self.reader = reader
        self.plan = plan
        self.tally = tally
        self.known = known
        self.notApplied = notApplied
        self.cancellation = cancellation
        self.workers = workers > 0 ? workers : Host.processorCount
        tree = TreeReader(reader.chunks())
        root = ConfinedDirectory(root: try OpenFile.openDirectory(path))
        progress = RestoreCounters(events: events)
        challenge = ChallengeDraw(nonce: nonce)
    }

    /// Compares everything, and returns the files that the challenge takes.
    func run(rootEntry: TreeEntry?) throws -> ChallengeDraw {
        progress.setTotals(entries: plan.chosen.entries, bytes: plan.chosen.bytes)
        var batch: [Item] = []
        if let rootEntry {
            tally.expect(.metadata)
            let status = try root.root.status()
            try MetadataComparison(tree, notApplied, tally).compareRoot(rootEntry, status, root.root)
        }
        var open: [(path: [UInt8], node: ChunkID?)] = [([], reader.snapshot.body.node)]
        while let next = open.popLast() {
            try cancellation.check()
            for (item, child) in try list(next.path, next.node) {
                if item.entry.kind == .directory { open.append((item.path, child)) }
                batch.append(item)
            }
            if batch.count >= Self.batchMax {
                try compare(batch)
                batch = []
            }
        }
        try compare(batch)
        links.finish(tally)
        for path in plan.sealed.keys where !sealedSeen.contains(path) {
            tally.expect(.sealedSample)
            tally.fail(.sealedSample, path, "was read a second time at the backup, but is no restored file")
        }
        return challenge
    }

    /// Holds the names of one directory against those of the snapshot; returns what is in both.
    private func list(_ path: [UInt8], _ node: ChunkID?) throws -> [(Item, ChunkID?)] {
        let listing: DirectoryListing
        do { listing = try DirectoryListing.read(try root.openDirectory(path)) } catch {
            tally.fail(.restore, path, "cannot be listed: \(error.reason)")
            return []
        }
        var found: [(Item, ChunkID?)] = []
        var isExpected = [Bool](repeating: false, count: listing.entries.count)
        var isComplete = true
        if let node {
            do {
                try tree.entries(node) { result in
                    guard case .success(let entry) = result else { return isComplete = false }
                    let full = TreePath.join(path, entry.name)
                    guard plan.includes(full) else { return }
                    let place = listing.index(of: entry.name)
                    if let place { isExpected[place] = true }
                    if let item = take(entry, path, full, place.flatMap { listing.entries[$0].status }) {
                        found.append((item, entry.child?.node))
                    }
                }
            } catch let error as VaultError where error.code == .damaged {
                // The plan has named it already.
                isComplete = false
            }
        }
        guard isComplete else { return found }
        for (index, entry) in listing.entries.enumerated() where !isExpected[index] {
            let name = listing.name(of: entry)
            tally.fail(.restore, TreePath.join(path, name), "is not in the snapshot")
        }
        return found
    }

    /// Looks at one entry of the snapshot and what has its name; returns what is left to compare.
    private func take(_ entry: TreeEntry, _ directory: [UInt8], _ path: [UInt8], _ status: FileStatus?) -> Item? {
        if entry.incomplete == .unreadable {
            tally.skip(.incomplete)
            if entry.kind != .directory {
                if status != nil { tally.fail(.restore, path, "is there, although it is not in the backup") }
                return nil
            }
        }
        let isDevice = entry.kind == .characterDevice || entry.kind == .blockDevice
        if isDevice, status == nil, Host.effectiveUser != 0 {
            tally.skip(.device)
            return nil
        }
        tally.expect(.restore)
        guard let status else {
            if !known.contains(path) { tally.fail(.restore, path, "is missing") }
            return nil
        }
        tally.compared(.restore)
        let item = Item(directory: directory, entry: entry, status: status)
        tally.expect(.metadata)
        guard status.kind.rawValue == entry.kind.rawValue else {
            tally.fail(.metadata, path, "is something else than in the snapshot")
            return nil
        }
        if entry.kind != .directory { links.note(item, tally) }
        if entry.kind == .file {
            if entry.size > 0 { tally.expect(.content) }
            if plan.sealed[path] != nil {
                sealedSeen.insert(path)
                tally.expect(.sealedSample)
            }
            challenge.offer(item)
        }
        return item
    }

    private func compare(_ items: [Item]) throws {
        let stack = WorkStack<Item>()
        stack.push(items.reversed())
        let (reader, plan, root, tally, notApplied) = (reader, plan, root, tally, notApplied)
        let (progress, cancellation) = (progress, cancellation)
        try Thread.runAll(workers) { _ in
            let comparison = EntryComparison(reader, plan, root, notApplied, tally, cancellation)
            try stack.work { item in
                try cancellation.check()
                tally.add(bytes: try comparison.compare(item))
                progress.add(entries: 1, bytes: item.entry.contentBytes)
            }
        }
    }
}
