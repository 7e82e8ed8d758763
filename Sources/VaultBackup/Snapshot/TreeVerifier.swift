/// Walks the trees of snapshots and checks that every node and list is valid and every chunk has a place. Subtrees that
/// snapshots share are walked once. One thread.
final class TreeVerifier {
    private let reader: SnapshotReader
    private let tree: TreeReader
    private let cancellation: Cancellation

    /// Something that is wrong in a snapshot.
    struct Finding: Sendable {
        var path: [UInt8]
        var reason: String
    }

    init(_ reader: SnapshotReader, cancellation: Cancellation) {
        self.reader = reader
        tree = TreeReader(reader.chunks())
        self.cancellation = cancellation
    }

    /// Walks the snapshot; `seen` holds the directories that are known to be right, with all below them.
    func check(_ seen: inout Set<ChunkID>) throws -> [Finding] {
        var findings: [Finding] = []
        do { _ = try reader.privatePart(reader.chunks()) } catch let error as VaultError {
            findings.append(Finding(path: [], reason: error.message))
        }
        // Within one snapshot a directory that is right itself is walked once, so that a hostile tree cannot multiply;
        // by directories that are not right it can, up to the entries of the record.
        var budget = EntryBudget(reader.snapshot)
        // Places know the one above them and not their path: deep trees would make paths quadratic.
        var places: [(parent: Int, name: [UInt8])] = [(-1, [])]
        var damaged: Set<Int> = []
        var walked: [ChunkID: Int] = [:]
        var open: [(place: Int, node: ChunkID)] = [(0, reader.snapshot.body.node)]
        func add(_ place: Int, _ name: [UInt8]?, _ reason: String) {
            var names = name.map { [$0] } ?? []
            var above = place
            while above > 0 {
                names.append(places[above].name)
                above = places[above].parent
            }
            findings.append(Finding(path: Array(names.reversed().joined(separator: [0x2f])), reason: reason))
            above = place
            while above >= 0, damaged.insert(above).inserted { above = places[above].parent }
        }
        while let next = open.popLast() {
            try cancellation.check()
            guard !seen.contains(next.node), walked[next.node] == nil else { continue }
            let before = findings.count
            do {
                try tree.entries(next.node) { result in
                    let entry: TreeEntry
                    do { entry = try result.get() } catch {
                        return add(next.place, nil, "an entry is not valid: \(error)")
                    }
                    try budget.take()
                    if let reason = try content(of: entry) { add(next.place, entry.name, reason) }
                    if let child = entry.child {
                        places.append((next.place, entry.name))
                        open.append((places.count - 1, child.node))
                    }
                }
            } catch let error as VaultError where error.code == .damaged {
                add(next.place, nil, error.message)
            } catch let error as VaultError where error.code == .unsupportedFormat {
                // Of what was not walked nothing is known: no directory counts as right.
                add(0, nil, error.message)
                return findings
            }
            if findings.count == before { walked[next.node] = next.place }
        }
        for (node, place) in walked where !damaged.contains(place) { seen.insert(node) }
        return findings
    }

    private func content(of entry: TreeEntry) throws -> String? {
        var reason: String?
        var covered = 0
        func look(_ id: ChunkID, _ length: Int) {
            guard let location = reader.locate(id), location.length == length else {
                reason = "chunk \(id) is in no pack of the repository"
                return
            }
            if reader.isDamaged?(location) == true { reason = "chunk \(id) lies in a damaged segment" }
        }
        do {
            try tree.extents(of: entry) { extent in
                let (sum, isOverflow) = covered.addingReportingOverflow(extent.length ?? 0)
                guard !isOverflow else { throw VaultError(.damaged, "its extents are longer than any file can be") }
                covered = sum
                if case .chunk(let id, let length) = extent { look(id, length) }
            }
        } catch let error as VaultError where error.code == .damaged {
            return error.message
        }
        for case .chunk(let id, let length) in entry.attributes.map(\.value) { look(id, length) }
        if entry.kind == .file, entry.incomplete != .unreadable, covered != entry.size {
            return "its extents cover \(covered) of \(entry.size) bytes"
        }
        return reason
    }
}
