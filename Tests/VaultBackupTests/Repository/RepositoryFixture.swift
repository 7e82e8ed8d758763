import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// A repository for tests, with folders of its own and the identities of a person and a machine unlocked.
final class RepositoryFixture: Sendable {
    let directory: TemporaryDirectory
    let store: any ObjectStore
    let created: Initialise.Result
    let person: Identity
    let machine: Identity

    /// Makes a repository in memory, or in `directory/store`.
    init(local: Bool = false, systems: [String] = ["*"]) throws {
        directory = try TemporaryDirectory()
        store = local ? try LocalStore.create(at: directory.bytes("store")) : MemoryStore()
        let passphrase = SecretBytes(Array(Self.passphrase.utf8))
        let request = Initialise.Request(
            location: directory.bytes("store"), personName: "Ada", machineName: "server", systems: systems)
        created = try Initialise.run(
            request, passphrase: passphrase, client: Self.client(directory, "first"), store: store, createOnly: .works,
            cost: 1 << 15)
        person = try IdentitySource.load(created.personFile).unlock { passphrase }
        machine = try IdentitySource.load(created.machineFile).unlock { passphrase }
    }

    static let passphrase = "correct horse battery staple"

    private static func client(_ directory: TemporaryDirectory, _ name: String) -> Client {
        Client(
            folders: LocalFolders(config: directory.bytes(name + "/config"), cache: directory.bytes(name + "/cache")))
    }

    /// A client with folders of its own.
    func client(_ name: String = "first") -> Client { Self.client(directory, name) }

    /// Opens the repository anew, in `store` or in its own.
    func open(_ store: (any ObjectStore)? = nil, client: String = "first") throws -> Repository {
        let client = self.client(client)
        return try Repository.open(store: store ?? self.store, anchor: created.anchor, folders: client.folders)
    }

    /// Backs up `paths` as the machine, with two workers as on the smallest machines.
    @discardableResult
    func backup(
        _ paths: String..., in store: (any ObjectStore)? = nil, client: String = "first", system: String = "server",
        options: BackupOptions = BackupOptions(), events: any EventSink = SilentEventSink()
    ) throws -> BackupResult {
        let access = try WriteAccess(try open(store, client: client), machine)
        var request = BackupRequest(paths: paths.map { Array($0.utf8) }, system: system)
        request.options = options
        if request.options.workers == 0 { request.options.workers = 2 }
        return try Backup.run(request, with: access, events: events)
    }

    /// Restores `path` of a snapshot as the person into the new folder `target`.
    @discardableResult
    func restore(
        _ snapshot: String, path: String = "", to target: String, in store: (any ObjectStore)? = nil,
        client: String = "reader"
    ) throws -> RestoreResult {
        let access = try ReadAccess(try open(store, client: client), person)
        var request = RestoreRequest(try SnapshotPath(Array("\(snapshot):/\(path)".utf8)), target: Array(target.utf8))
        request.options.workers = 2
        return try Restore.run(request, with: access)
    }

    /// Restores `tree` from a snapshot and says what differs from the tree at `expected`; empty when nothing does.
    func differences(
        _ snapshot: Digest, tree: String, expected: String, in store: (any ObjectStore)? = nil,
        client: String = "reader"
    ) throws -> String {
        let target = directory.path + "/restore-\(UUID().uuidString)"
        let result = try restore(snapshot.hex, path: tree, to: target, in: store, client: client)
        defer { _ = runProgram(["rm", "-rf", target]) }
        let problems =
            result.problems.map { "\(PathText.readable($0.path)): \($0.reason)\n" }.joined()
            + result.notApplied.map { "\($0.kind): \($0.first)\n" }.joined()
        return problems + compareTrees(expected, target)
    }

    /// Everything checked, with the person's keys unless `withKeys` is false.
    func verify(_ store: (any ObjectStore)? = nil, client: String = "reader", withKeys: Bool = true) throws
        -> VerifyReport
    {
        let repository = try open(store, client: client)
        var request = VerifyRequest(readDataPercent: 100)
        request.workers = 2
        return try Verify.run(request, repository, with: withKeys ? try ReadAccess(repository, person) : nil)
    }

    /// A store in memory with the same objects.
    func copyStore() throws -> MemoryStore { try Self.copy(store) }

    static func copy(_ store: any ObjectStore) throws -> MemoryStore {
        let copy = MemoryStore()
        for name in try objects(store) { _ = try copy.put(name, try #require(try store.get(name))) }
        return copy
    }

    /// Names of all objects, in order.
    static func objects(_ store: any ObjectStore) throws -> [ObjectName] {
        try ["log", "packs", "index", "sets"].flatMap { try store.list($0).map(\.name) }.sorted()
    }
}
