import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Segments of which little is used shrink to that, where the maintainer may read.
@Suite struct ThinningTests {
    private let fixture: RepositoryFixture
    private let tree: String
    private let last: Digest

    /// Two backups of thirty files that share a segment, of which five stay what they are; the first is forgotten.
    init() throws {
        fixture = try RepositoryFixture()
        tree = fixture.directory.path + "/tree"
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
        var random = SeededGenerator(seed: 75)
        var alone = BackupOptions()
        alone.workers = 1
        var ids: [Digest] = []
        for round in 0..<2 {
            for number in 0..<30 where round == 0 || number % 6 != 0 {
                try Data(random.bytes(20_000)).write(to: URL(fileURLWithPath: tree + "/file-\(number)"))
            }
            ids.append(try fixture.backup(tree, options: alone).snapshot)
        }
        last = ids[1]
        try PruneScene.forget([ids[0]], fixture.open(client: "keeper"), fixture.person)
    }

    private func prune(_ store: any ObjectStore, thins: Bool, client: String? = nil) throws -> PruneReport {
        var request = PruneRequest()
        request.maxUnused = .bytes(0)
        request.thinsSegments = thins
        let repository = try fixture.open(store, client: client ?? "keeper-\(thins)")
        return try Prune.run(request, with: MaintainAccess(repository, fixture.person))
    }

    @Test func whatIsUsedStays() throws {
        let (whole, thin) = (try fixture.copyStore(), try fixture.copyStore())
        #expect(try prune(whole, thins: false).compacted.packs == 0, "the segment is used, and nobody may look into it")
        let report = try prune(thin, thins: true)
        #expect(report.compacted.packs > 0 && report.warnings.isEmpty)
        let saved = try PruneScene.packBytes(whole) - PruneScene.packBytes(thin)
        #expect(saved > 450_000, "25 files of 20,000 bytes are of no use any more, and \(saved) were saved")
        #expect(try fixture.differences(last, tree: tree, expected: tree, in: thin) == "")
        #expect(try fixture.verify(thin).findings == [])
        #expect(try prune(thin, thins: true).compacted.packs == 0)
        // Nothing is read or stored again for it.
        let next = try fixture.backup(tree, in: thin)
        #expect(next.newBytes == 0)
        #expect(try fixture.differences(next.snapshot, tree: tree, expected: tree, in: thin) == "")
    }

    /// A reader that has read the log before finds chunks by their ids where the segment has shrunk.
    @Test func readersFindWhatMoved() throws {
        let store = try fixture.copyStore()
        let reader = try ReadAccess(try fixture.open(store, client: "early"), fixture.person)
        #expect(try prune(store, thins: true).compacted.packs > 0)
        let target = fixture.directory.path + "/early-target"
        var request = RestoreRequest(
            try SnapshotPath(Array("\(last.hex):\(tree)".utf8)), target: Array(target.utf8))
        request.options.workers = 1
        let result = try Restore.run(request, with: reader)
        #expect(result.problems.isEmpty)
        #expect(compareTrees(tree, target) == "")
    }

    /// One that was about to read a segment, at a place that it knows already, finds the chunk where it is now.
    @Test func thinnedInEveryCallOfARestore() throws {
        let counted = FaultyStore(try fixture.copyStore())
        #expect(try fixture.differences(last, tree: tree, expected: tree, in: counted, client: "count") == "")
        let failures = Sweep.run(Array(1...counted.callCount)) { call in
            let base = try fixture.copyStore()
            let store = InterruptedStore(base, before: call) {
                guard try prune(base, thins: true, client: "keeper-\(call)").compacted.packs > 0 else {
                    throw VaultError(.failed, "nothing was thinned")
                }
            }
            let found = try fixture.differences(
                last, tree: tree, expected: tree, in: store, client: "reader-\(call)")
            return (store.failure.map { ["prune: \($0)"] } ?? []) + (found.isEmpty ? [] : [found])
        }
        #expect(failures == [])
    }

    /// What cannot be read is no reason to lose anything: segments are moved whole, or not at all.
    @Test func damageStopsThinning() throws {
        let store = OverlayStore(try fixture.copyStore())
        let state = try fixture.open(store, client: "look").state
        let names = try #require(state.packs.indices.last { state.packs[$0].pack.packClass == .names })
        let name = ObjectName.content(.packs, state.packs[names].pack.name)
        var bytes = try #require(try store.get(name))
        bytes[PackLayout.headerBytes + 40] ^= 1
        store.set(name, bytes)
        let report = try prune(store, thins: true)
        #expect(report.compacted.packs == 0)
        #expect(report.warnings.contains { $0.contains("sparse segments stay as they are") }, "\(report.warnings)")
    }
}
