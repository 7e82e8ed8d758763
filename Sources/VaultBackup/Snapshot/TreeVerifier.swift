/// Walks the trees of snapshots and checks that every node and list is valid and every chunk has a place. Subtrees that snapshots share are
/// walked once. One thread.
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

    /// Walks the snapshot; `seen` holds the directories that are known to be right.
    ///
    /// - Parameter isDamaged: says of a place whether what lies there cannot be used.
    func check(_ seen: inout Set<ChunkID>, isDamaged: (ChunkLocation) -> Bool) throws -> [Finding] {
        var findings: [Finding] = []
        do { _ = try reader.privatePart(reader.chunks()) } catch let error as VaultError {
            findings.append(Finding(path: [], reason: error.message))
        }
        var open: [(path: [UInt8], node: ChunkID)] = [([], reader.snapshot.body.node)]
        while let next = open.popLast() {
            try cancellation.check()
            guard !seen.contains(next.node) else { continue }
            let before = findings.count
            do {
                try tree.entries(next.node) { result in
                    let entry: TreeEntry
                    do { entry = try result.get() } catch {
                        findings.append(Finding(path: next.path, reason: "an entry is not valid: \(error)"))
                        return
                    }
                    let path = next.path.isEmpty ? entry.name : next.path + [0x2f] + entry.name
                    if let reason = try content(of: entry, isDamaged) { findings.append(Finding(path: path, reason: reason)) }
                    if let child = entry.child { open.append((path, child.node)) }
                }
            } catch let error as VaultError where error.code == .damaged {
                findings.append(Finding(path: next.path, reason: error.message))
            }
            if findings.count == before { seen.insert(next.node) }
        }
        return findings
    }

    private func content(of entry: TreeEntry, _ isDamaged: (ChunkLocation) -> Bool) throws -> String? {
        var reason: String?
        var covered = 0
        func look(_ id: ChunkID, _ length: Int) {
            guard let location = reader.locate(id), location.length == length else {
                reason = "chunk \(id) is in no pack of the repository"
                return
            }
            if isDamaged(location) { reason = "chunk \(id) lies in a damaged segment" }
        }
        do {
            try tree.extents(of: entry) { extent in
                covered += extent.length ?? 0
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
