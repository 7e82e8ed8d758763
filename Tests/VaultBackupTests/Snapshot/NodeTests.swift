import Testing
import VaultTestSupport

@testable import VaultBackup

/// Long lists of extents and large directories come back through the reader.
@Suite struct NodeTests {
    private func id(_ bytes: [UInt8]) -> ChunkID { ChunkID(SHA256.digest(bytes)) }

    @Test func extentListsComeBack() throws {
        let fixture = try RepositoryFixture()
        let made = try HandmadeSnapshot(fixture)
        var lists: [(entry: TreeEntry, extents: [Extent])] = []
        for count in [1, 2, 7, 8, 9, 10, 63, 500, 4095, 4096, 4097, 20_000, 100_000] {
            var collector = ExtentCollector()
            var extents: [Extent] = []
            for number in 0..<count {
                if number % 10 == 3 {
                    try collector.add(hole: number + 1) { try made.add(.extentList, $0) }
                    extents.append(.hole(length: number + 1))
                } else {
                    let id = Sample.chunkID(number)
                    try collector.add(chunk: id, length: 100 + number % 7, digest: .zero) {
                        try made.add(.extentList, $0)
                    }
                    extents.append(.chunk(id: id, length: 100 + number % 7))
                }
            }
            var entry = made.entry("list-\(count)", .file)
            try collector.finish(&entry) { try made.add(.extentList, $0) }
            #expect(entry.size == extents.reduce(0) { $0 + ($1.length ?? 0) })
            #expect((entry.extentList == nil) == (count <= Limits.inlineExtentsMax))
            lists.append((entry, extents))
        }
        let snapshot = try made.commit(try made.leaf([]))
        let access = try ReadAccess(try fixture.open(), fixture.person)
        let state = try Snapshots.find(snapshot.hex, in: access.repository.state)
        let index = try SnapshotReader.index(access, of: [state]) { Issue.record($0) }
        let reader = SnapshotReader(access, state, index: index)
        let tree = TreeReader(reader.chunks())
        for (entry, extents) in lists {
            var found: [Extent] = []
            try tree.extents(of: entry) { found.append($0) }
            #expect(found == extents, "\(extents.count)")
        }
    }

    /// Content digests of the second implementation.
    @Test func contentDigests() throws {
        for one in try FormatVectors.cases("extents.json", "content digest") {
            var collector = ExtentCollector()
            for item in try #require(one.input["extents"] as? [Any]) {
                if let hole = (item as? [String: Any])?["hole"] as? Int {
                    try collector.add(hole: hole) { id($0) }
                } else {
                    let bytes = try #require(Hex.decode(item as? String ?? "x"))
                    try collector.add(chunk: id(bytes), length: bytes.count, digest: SHA256.digest(bytes)) { id($0) }
                }
            }
            var entry = TreeEntry(
                name: [1], kind: .file, mode: 0, owner: 0, group: 0, mtimeSeconds: 0, mtimeNanoseconds: 0)
            try collector.finish(&entry) { id($0) }
            let digest = try #require(entry.digest)
            #expect(Hex.encode([digest.kind] + digest.digest.bytes) == one.outText, "\(one.name)")
        }
    }

    private func fifo(_ name: String, _ seconds: Int) -> TreeEntry {
        var entry = TreeEntry(
            name: Array(name.utf8), kind: .fifo, mode: 0o644, owner: 0, group: 0, mtimeSeconds: Int64(seconds),
            mtimeNanoseconds: 0)
        entry.ownerName = Array("root".utf8)
        entry.groupName = Array("root".utf8)
        return entry
    }

    @Test func aDirectoryIsCutAsTheSecondImplementationCutsIt() throws {
        let one = try FormatVectors.cases("tree.json", "a directory cut into nodes")[0]
        let dedup = try one.secret("dd")
        let identifier = ChunkIdentifier(dedupSecret: dedup, repository: testRepository)
        let entries = (0..<5000).map { fifo("file-" + String(String($0 + 100_000).dropFirst()), $0) }
        var nodes: [String] = []
        let result = try DirectoryNodeBuilder(dedupSecret: dedup, repository: testRepository).build(entries) { bytes in
            let id = bytes.withUnsafeBytes { identifier.id(.directoryNode, $0).id }
            nodes.append("\(bytes.count) \(id)")
            return id
        }
        let output = try #require(one.output as? [String: Any])
        let expected = try #require(output["nodes"] as? [[String: Any]]).map {
            "\($0["bytes"] ?? "") \($0["id"] ?? "")"
        }
        #expect(Set(nodes) == Set(expected))
        #expect(result.disclosure.hex == output["disclosureRoot"] as? String)
    }

    @Test func oneRenameInALargeDirectoryChangesFewNodes() throws {
        let builder = DirectoryNodeBuilder(
            dedupSecret: SecretBytes([UInt8](repeating: 9, count: 32)), repository: testRepository)
        func nodes(_ entries: [TreeEntry]) throws -> Set<ChunkID> { Set(try builder.build(entries) { id($0) }.nodes) }
        var random = SplitMix(seed: 81)
        let names = Set((0..<20_000).map { _ in "scan-\(random.next() % 1_000_000_000).pdf" }).sorted {
            Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
        }
        let before = try nodes(names.map { fifo($0, 5) })
        #expect(before.count > 20)
        for round in 0..<5 {
            var renamed = names
            renamed[Int(random.next() % UInt64(names.count))] = "renamed-\(random.next()).pdf"
            renamed.sort { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            let after = try nodes(renamed.map { fifo($0, 5) })
            // The node that lost the name, the one that got it, and the node above them.
            #expect(after.subtracting(before).count <= 4, "round \(round)")
        }
    }
}
