/// What of a snapshot a drill restores, decided before anything is restored.
struct DrillPlan: Sendable {
    /// How much of the snapshot it is.
    var scope: DrillScope
    /// The packs that the drill is to prove.
    var packs: PackSet
    /// Paths of what is restored, and of the directories that lead there; nil when that is everything.
    var selection: (paths: Set<[UInt8]>, passages: Set<[UInt8]>)?
    /// Entries that are not in the backup, since they could not be read.
    var incomplete: Set<[UInt8]> = []
    /// Whole files that were read a second time when they were backed up.
    var sealed: [[UInt8]: Digest] = [:]
    /// Files of the top directory that are dumps of databases; every sample has them.
    var dumps: Set<[UInt8]> = []
    /// Bytes of these that were found.
    var dumpBytes = 0
    /// Entries and bytes of content of the snapshot, as the walk found them.
    var total = (entries: 0, bytes: 0)
    /// Entries and bytes of content that are restored, without what only leads there.
    var chosen = (entries: 0, bytes: 0)
    /// Bytes that the scratch directory must have room for.
    var spaceNeeded = 0

    /// Whether the entry at this path is restored.
    func includes(_ path: [UInt8]) -> Bool {
        guard let selection else { return true }
        return selection.paths.contains(path) || selection.passages.contains(path)
    }

    /// What the restore is told.
    var restoreSelection: RestoreSelection {
        selection.map { RestoreSelection(only: $0.paths) } ?? RestoreSelection()
    }
}

/// Chooses the packs of a drill.
struct PackDraw {
    /// The packs that a sample of `percent` of the snapshot's data takes: those that were never proven first, in an
    /// order that nobody can know before; then those whose proof is oldest. So samples add up to everything.
    ///
    /// - Parameter proven: for a pack, the position of the last drill that proved it; nil when none counts.
    static func choose(
        _ packs: [(ordinal: Int, length: Int)], percent: Double, seed: [UInt8], proven: (Int) -> Int?
    ) -> [Int] {
        let total = packs.reduce(0) { $0 + $1.length }
        let wanted = Double(total) * percent / 100
        let ordered = packs.map { pack in
            var writer = ByteWriter(capacity: 24)
            writer.raw(seed)
            writer.u64(pack.ordinal)
            return (pack: pack, proven: proven(pack.ordinal) ?? -1, place: SHA256.digest(writer.bytes))
        }.sorted { ($0.proven, $0.place) < ($1.proven, $1.place) }
        var chosen: [Int] = []
        var bytes = 0
        for item in ordered where chosen.isEmpty || Double(bytes) < wanted {
            chosen.append(item.pack.ordinal)
            bytes += item.pack.length
        }
        return chosen.sorted()
    }
}

/// Walks a snapshot and plans a drill of it. One thread.
final class DrillPlanner {
    private let reader: SnapshotReader
    private let tree: TreeReader
    private let chosen: Set<Int>?
    private let dataPacks: [Int]
    private let seed: [UInt8]
    private let cancellation: Cancellation
    private let tally: DrillTally

    private static let entrySpace = 4_096

    /// - Parameter chosen: the data packs of a sample, of all `dataPacks` of the snapshot; nil for everything.
    init(
        _ reader: SnapshotReader, chosen: Set<Int>?, dataPacks: [Int], seed: [UInt8], tally: DrillTally,
        cancellation: Cancellation
    ) {
        self.reader = reader
        tree = TreeReader(reader.chunks())
        self.chosen = chosen
        self.dataPacks = dataPacks
        self.seed = seed
        self.tally = tally
        self.cancellation = cancellation
    }

    /// Walks everything. What is damaged is noted as a failure, and the walk goes on.
    func plan(
        _ packs: PackSet, sample: [PrivatePart.SampledFile], dumps: Set<[UInt8]> = []
    ) throws -> DrillPlan {
        var plan = DrillPlan(scope: chosen == nil ? .whole : .sample, packs: packs)
        plan.dumps = dumps
        plan.sealed = Dictionary(sample.map { ($0.path, $0.sha256) }, uniquingKeysWith: { first, _ in first })
        if chosen != nil { plan.selection = ([], []) }
        var open: [(path: [UInt8], node: ChunkID)] = [([], reader.snapshot.body.node)]
        while let next = open.popLast() {
            try cancellation.check()
            do {
                try tree.entries(next.node) { result in
                    let entry: TreeEntry
                    do { entry = try result.get() } catch {
                        return tally.fail(.restore, next.path, "an entry is not valid: \(error)")
                    }
                    let path = TreePath.join(next.path, entry.name)
                    try take(entry, path, &plan)
                    if let child = entry.child { open.append((path, child.node)) }
                }
            } catch let error as VaultError where error.code == .damaged {
                tally.fail(.restore, next.path, error.message)
                if plan.total.entries > reader.snapshot.body.entries { throw error }
            }
        }
        return plan
    }

    private func take(_ entry: TreeEntry, _ path: [UInt8], _ plan: inout DrillPlan) throws {
        plan.total.entries += 1
        // A hostile tree can name one directory so often that no walk ends.
        guard plan.total.entries <= reader.snapshot.body.entries else {
            throw VaultError(.damaged, "The snapshot has more entries than its record says")
        }
        plan.total.bytes = plan.total.bytes.addingReportingOverflow(entry.contentBytes).partialValue
        if entry.incomplete == .unreadable { plan.incomplete.insert(path) }
        if plan.dumps.contains(path) {
            plan.dumpBytes = plan.dumpBytes.addingReportingOverflow(entry.size).partialValue
        }
        let found = try packs(of: entry, path)
        guard plan.selection == nil || isChosen(entry, path, found.packs, plan) else { return }
        plan.chosen.entries += 1
        plan.chosen.bytes = plan.chosen.bytes.addingReportingOverflow(entry.contentBytes).partialValue
        plan.spaceNeeded = plan.spaceNeeded.addingReportingOverflow(found.bytes + Self.entrySpace).partialValue
        guard plan.selection != nil else { return }
        plan.selection?.paths.insert(path)
        var above = path[...]
        while let slash = above.lastIndex(of: 0x2f) {
            above = above[..<slash]
            guard plan.selection?.passages.insert(Array(above)).inserted == true else { return }
        }
    }

    /// An entry with content belongs to the packs that its content is in; any other to a pack that its path says. So a
    /// pack stands for some of the entries of either sort, and all packs for all.
    private func isChosen(_ entry: TreeEntry, _ path: [UInt8], _ packs: Set<Int>, _ plan: DrillPlan) -> Bool {
        guard let chosen else { return true }
        if plan.sealed[path] != nil || plan.dumps.contains(path) { return true }
        if !packs.isEmpty { return !packs.isDisjoint(with: chosen) }
        guard !dataPacks.isEmpty else { return true }
        let hash = SHA256.digest(path).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self).bigEndian }
        return chosen.contains(dataPacks[Int(hash % UInt64(dataPacks.count))])
    }

    /// The packs that hold content of an entry, and its bytes outside holes.
    private func packs(of entry: TreeEntry, _ path: [UInt8]) throws -> (packs: Set<Int>, bytes: Int) {
        var packs: Set<Int> = []
        var bytes = 0
        func look(_ id: ChunkID) { if let location = reader.locate(id) { packs.insert(location.ordinal) } }
        do {
            try tree.extents(of: entry) { extent in
                guard case .chunk(let id, let length) = extent else { return }
                bytes += length
                if chosen != nil { look(id) }
            }
        } catch let error as VaultError where error.code == .damaged {
            tally.fail(.restore, path, error.message)
        }
        if chosen != nil { for case .chunk(let id, _) in entry.attributes.map(\.value) { look(id) } }
        return (packs, bytes)
    }
}
