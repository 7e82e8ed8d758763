import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A repository with two snapshots of a tree, of which the older one has a file that the source has no more.
final class RepairScene: Sendable {
    let fixture: RepositoryFixture
    let tree: String
    let older: (id: Digest, copy: String)
    let newer: (id: Digest, copy: String)

    init(seed: UInt64) throws {
        let fixture = try RepositoryFixture()
        let folder = fixture.directory.path
        let tree = folder + "/tree"
        var random = SeededGenerator(seed: seed)
        func write(_ name: String, _ bytes: Int) throws {
            let path = tree + "/" + name
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(random.bytes(bytes)).write(to: URL(fileURLWithPath: path))
        }
        for name in ["a/one", "a/two", "b/three", "stays"] { try write(name, 400_000) }
        try write("only-old", 300_000)
        older = (try Self.backup(fixture, tree), folder + "/older")
        try copyTree(tree, to: folder + "/older")
        try FileManager.default.removeItem(atPath: tree + "/only-old")
        try write("b/new", 200_000)
        newer = (try Self.backup(fixture, tree), folder + "/newer")
        try copyTree(tree, to: folder + "/newer")
        self.fixture = fixture
        self.tree = tree
    }

    /// One worker, so that the files of a backup share a pack.
    private static func backup(
        _ fixture: RepositoryFixture, _ tree: String, in store: (any ObjectStore)? = nil, client: String = "first"
    ) throws -> Digest {
        var alone = BackupOptions()
        alone.workers = 1
        return try fixture.backup(tree, in: store, client: client, options: alone).snapshot
    }

    func backup(in store: any ObjectStore, client: String = "first") throws -> Digest {
        try Self.backup(fixture, tree, in: store, client: client)
    }

    /// The packs of a class that the older snapshot uses.
    func packs(_ packClass: PackClass, in store: any ObjectStore) throws -> [ObjectName] {
        let state = try fixture.open(store, client: "looker").state
        let set = try #require(state.snapshots.first?.packs)
        return set.ordinals.map { state.packs[$0].pack }.filter { $0.packClass == packClass }
            .map { .content(.packs, $0.name) }
    }

    @discardableResult
    func repair(
        _ store: any ObjectStore, client: String = "keeper",
        _ change: (inout RepairRequest) -> Void = { $0.applies = true }
    ) throws -> RepairReport {
        var request = RepairRequest()
        request.workers = 2
        change(&request)
        let repository = try fixture.open(store, client: client)
        return try Repair.run(
            request, with: MaintainAccess(repository, fixture.person), reader: ReadAccess(repository, fixture.person))
    }

    @discardableResult
    func prune(_ store: any ObjectStore, client: String = "keeper", reads: Bool = true) throws -> PruneReport {
        var request = PruneRequest()
        request.maxUnused = .bytes(0)
        request.keepUnfinished = 0
        let repository = try fixture.open(store, client: client)
        return try Prune.run(request, with: MaintainAccess(repository, fixture.person, reads: reads))
    }

    /// What differs in the restored snapshot, judged by rsync; empty when nothing does.
    func differences(_ snapshot: (id: Digest, copy: String), in store: any ObjectStore) throws -> String {
        let reader = "reader-\(UUID().uuidString)"
        defer { _ = runProgram(["rm", "-rf", fixture.directory.path + "/" + reader]) }
        return try fixture.differences(snapshot.id, tree: tree, expected: snapshot.copy, in: store, client: reader)
    }

    /// Takes an object away, or changes one byte of it.
    static func damage(_ store: any ObjectStore, _ name: ObjectName, flippingAt place: Int? = nil) throws {
        var bytes = try #require(try store.get(name))
        try store.delete(name)
        guard let place else { return }
        bytes[place < 0 ? bytes.count + place : min(place, bytes.count / 2)] ^= 1
        _ = try store.put(name, bytes)
    }
}
