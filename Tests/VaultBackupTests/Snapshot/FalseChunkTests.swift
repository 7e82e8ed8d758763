import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A writer with valid keys seals content under the id of other content. It opens as what was sealed; that it is not what
/// its id says, only the id can tell.
@Suite struct FalseChunkTests {
    private let fixture: RepositoryFixture
    private let made: HandmadeSnapshot
    private let target: String

    init() throws {
        fixture = try RepositoryFixture()
        made = try HandmadeSnapshot(fixture)
        target = fixture.directory.path + "/target"
    }

    private func access() throws -> ReadAccess { try ReadAccess(try fixture.open(client: "reader"), fixture.person) }

    private func expectFound() throws {
        let findings = try fixture.verify().findings
        #expect(findings.contains { $0.contains("holds other content than chunk") }, "\(findings)")
    }

    @Test func contentOfAFile() throws {
        let (right, wrong) = (Array("right".utf8), Array("false".utf8))
        let id = try made.add(.data, wrong, as: made.id(.data, right))
        var entry = made.file("f", size: right.count, extents: [.chunk(id: id, length: right.count)])
        entry.digest = ContentDigest(kind: 1, digest: SHA256.digest(right))
        let snapshot = try made.commit(try made.leaf([entry, try made.file("good", "kept")]))
        let result = try fixture.restore(snapshot.hex, to: target)
        #expect(result.problems.map { String(decoding: $0.path, as: UTF8.self) } == ["f"])
        #expect(FileManager.default.contents(atPath: target + "/f") != Data(wrong))
        #expect(FileManager.default.contents(atPath: target + "/good") == Data("kept".utf8))
        var seen: [UInt8] = []
        let path = try SnapshotPath(Array("\(snapshot.hex):/f".utf8))
        let reader = try access()
        let refused = #expect(throws: VaultError.self) { try Content.read(path, with: reader) { seen += $0 } }
        #expect(refused?.code == .damaged && seen.isEmpty)
        try expectFound()
    }

    /// Names of another directory, in the place of one.
    @Test func aDirectory() throws {
        let wanted = DirectoryNode.encode(level: 0, count: 0, items: [])
        let trap = made.leafBytes([try made.file("planted", "trap")])
        let node = try made.add(.directoryNode, trap, as: made.id(.directoryNode, wanted))
        let snapshot = try made.commit(try made.leaf([made.directory("d", node), try made.file("good", "kept")]))
        var seen: [String] = []
        let what = try SnapshotPath(Array(snapshot.hex.utf8))
        let reader = try access()
        let refused = #expect(throws: VaultError.self) {
            try Listing.run(what, recursive: true, with: reader) { path, _ in
                seen.append(String(decoding: path, as: UTF8.self))
            }
        }
        #expect(refused?.code == .damaged, "\(refused as Any)")
        #expect(seen == ["d", "good"])
        let result = try fixture.restore(snapshot.hex, to: target)
        #expect(result.problems.map { String(decoding: $0.path, as: UTF8.self) } == ["d"])
        #expect(!FileManager.default.fileExists(atPath: target + "/d/planted"))
        try expectFound()
    }

    /// Bytes with which a pack is padded: only its name tells that they have changed.
    @Test func bytesThatNothingNeeds() throws {
        var random = SeededGenerator(seed: 92)
        let chunk = try made.add(.data, random.bytes(100_000))
        _ = try made.commit(
            try made.leaf([made.file("f", size: 100_000, extents: [.chunk(id: chunk, length: 100_000)])]))
        let (name, byteCount) = try #require(try fixture.store.list("packs").max { $0.byteCount < $1.byteCount })
        var padding = 0
        for byte in stride(from: byteCount - 1, to: byteCount - 2_048, by: -32) {
            let store = try Damage(name: name, kind: .flipped(byte: byte)).apply(to: fixture.store)
            let findings = try fixture.verify(store).findings
            #expect(!findings.isEmpty, "byte \(byte) of \(byteCount)")
            if findings.contains(where: { $0.contains("but every segment is right") }) { padding += 1 }
            #expect(try !fixture.verify(store, withKeys: false).findings.isEmpty, "byte \(byte) of \(byteCount)")
        }
        #expect(padding > 0)
    }
}
