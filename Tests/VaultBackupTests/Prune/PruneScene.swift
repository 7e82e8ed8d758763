import Foundation
import Synchronization
import VaultTestSupport

@testable import VaultBackup

/// A repository whose history leaves something to prune: packs that nothing uses, and packs used in part.
final class PruneScene: Sendable {
    let fixture: RepositoryFixture
    let tree: String
    /// Live snapshots with copies of the tree as it was.
    let live: [(id: Digest, copy: String)]
    let forgotten: [Digest]

    /// Length of a file of which at least one whole segment holds nothing else, wherever segments begin.
    static let fileBytes = 2 * Limits.segmentBytesTarget + 200_000

    /// A backup of something else, which is forgotten, so that whole packs are unused; then three of a tree of which
    /// each backup finds one large file replaced. The first of these snapshots, or the first two, are forgotten.
    init(seed: UInt64, local: Bool = false, forgetting count: Int = 1) throws {
        let fixture = try RepositoryFixture(local: local)
        let tree = fixture.directory.path + "/tree"
        self.fixture = fixture
        self.tree = tree
        var random = SeededGenerator(seed: seed)
        func write(_ path: String, _ bytes: Int = PruneScene.fileBytes) throws {
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(random.bytes(bytes)).write(to: URL(fileURLWithPath: path))
        }
        // One worker, so that the files of a backup share a pack.
        var alone = BackupOptions()
        alone.workers = 1
        let other = fixture.directory.path + "/other"
        try write(other + "/file", 100_000)
        let unused = try fixture.backup(other, system: "other").snapshot
        for k in 0..<3 { try write(tree + "/file-\(k)") }
        var all: [(id: Digest, copy: String)] = []
        for round in 0..<3 {
            if round > 0 {
                try write(tree + "/file-\(round)")
                try write(tree + "/later-\(round)", 200_000)
            }
            let copy = fixture.directory.path + "/copy-\(round)"
            try copyTree(tree, to: copy)
            all.append((try fixture.backup(tree, options: alone).snapshot, copy))
        }
        live = Array(all.dropFirst(count))
        forgotten = ([unused] + all.prefix(count).map(\.id)).sorted()
        try Self.forget(forgotten, fixture.open(client: "keeper"), fixture.person)
    }

    /// As administrators order it: the rule of routine does not apply.
    static func forget(_ ids: [Digest], _ repository: Repository, _ person: Identity) throws {
        let signer = Signer(member: person.id, seed: person.secrets.ed25519Seed)
        let order = Order.forget(ForgetBody(snapshots: ids))
        let proposal = try repository.log.publish(.propose(ProposeBody(order: order)), by: signer)
        _ = try repository.log.publish(.approve(ApproveBody(proposal: proposal.digest)), by: signer)
    }

    /// Prunes as the person, compacting all there is.
    @discardableResult
    func prune(
        _ store: (any ObjectStore)? = nil, client: String = "keeper", _ change: (inout PruneRequest) -> Void = { _ in }
    ) throws -> PruneReport {
        var request = PruneRequest()
        request.maxUnused = .bytes(0)
        request.keepUnfinished = 0
        change(&request)
        return try Prune.run(request, with: MaintainAccess(try fixture.open(store, client: client), fixture.person))
    }

    /// What is wrong: snapshots that do not restore exactly, and what a verification with keys finds.
    func failures(_ store: (any ObjectStore)? = nil, also: [(id: Digest, copy: String)] = []) throws -> [String] {
        let reader = "reader-\(UUID().uuidString)"
        defer { _ = runProgram(["rm", "-rf", fixture.directory.path + "/" + reader]) }
        let wrong = try (live + also).map {
            try fixture.differences($0.id, tree: tree, expected: $0.copy, in: store, client: reader)
        }
        return try wrong.filter { !$0.isEmpty } + fixture.verify(store, client: reader).findings
    }

    /// Stored bytes of packs.
    static func packBytes(_ store: any ObjectStore) throws -> Int {
        try store.list("packs").reduce(0) { $0 + $1.byteCount }
    }
}

/// A store in which something else happens before call N.
final class InterruptedStore: ObjectStore {
    private let base: any ObjectStore
    private let action: @Sendable () throws -> Void
    private let number: Int
    private let state = Mutex<(calls: Int, failure: String?)>((0, nil))

    init(_ base: any ObjectStore, before number: Int, _ action: @escaping @Sendable () throws -> Void) {
        self.base = base
        self.number = number
        self.action = action
    }

    /// What went wrong in between.
    var failure: String? { state.withLock { $0.failure } }

    private func count() {
        let isIt = state.withLock { state in
            state.calls += 1
            return state.calls == number
        }
        guard isIt else { return }
        do { try action() } catch { state.withLock { $0.failure = "\(error)" } }
    }

    var capabilities: StoreCapabilities { base.capabilities }
    var location: String { base.location }

    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        count()
        return try base.put(name, bytes)
    }

    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? {
        count()
        return try base.get(name)
    }

    func read(
        _ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) -> Int? {
        count()
        return try base.read(name, offset: offset, into: buffer)
    }

    func size(_ name: ObjectName) throws(StorageError) -> Int? {
        count()
        return try base.size(name)
    }

    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] {
        count()
        return try base.list(folder)
    }

    func delete(_ name: ObjectName) throws(StorageError) {
        count()
        try base.delete(name)
    }
}
