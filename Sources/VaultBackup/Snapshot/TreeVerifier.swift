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
    ///
    /// - Parameter isDamaged: says of a place whether what lies there cannot be used.
    func check(_ seen: inout Set<ChunkID>, isDamaged: (ChunkLocation) -> Bool) throws -> [Finding] {
        var findings: [Finding] = []
        do { _ = try reader.privatePart(reader.chunks()) } catch let error as VaultError {
            findings.append(Finding(path: [], reason: error.message))
        }
        // Within one snapshot a directory that is right itself is walked once, so that a hostile tree cannot multiply.
        var walked: [ChunkID: [UInt8]] = [:]
        var open: [(path: [UInt8], node: ChunkID)] = [([], reader.snapshot.body.node)]
        while let next = open.popLast() {
            try cancellation.check()
            guard !seen.contains(next.node), walked[next.node] == nil else { continue }
            let before = findings.count
            do {
                try tree.entries(next.node) { result in
                    let entry: TreeEntry
                    do { entry = try result.get() } catch {
                        findings.append(Finding(path: next.path, reason: "an entry is not valid: \(error)"))
                        return
                    }
                    let path = next.path.isEmpty ? entry.name : next.path + [0x2f] + entry.name
                    if let reason = try content(of: entry, isDamaged) {
                        findings.append(Finding(path: path, reason: reason))
                    }
                    if let child = entry.child { open.append((path, child.node)) }
                }
            } catch let error as VaultError where error.code == .damaged {
                findings.append(Finding(path: next.path, reason: error.message))
            }
            if findings.count == before { walked[next.node] = next.path }
        }
        let damaged = Self.foldersAbove(findings)
        for (node, path) in walked where !damaged.contains(path) { seen.insert(node) }
        return findings
    }

    /// The paths of all directories above what was found.
    private static func foldersAbove(_ findings: [Finding]) -> Set<[UInt8]> {
        var result: Set<[UInt8]> = []
        for finding in findings {
            var path = finding.path[...]
            while result.insert(Array(path)).inserted, let slash = path.lastIndex(of: 0x2f) { path = path[..<slash] }
            result.insert([])
        }
        return result
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
