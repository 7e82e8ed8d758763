import Foundation
import Synchronization
import VaultTestSupport

@testable import VaultBackup

/// Runs the same check for many points of failure, on two threads, and collects what went wrong.
enum Sweep {
    /// Runs `body` for every item. A hang is reported after `secondsMax` with the items that were being worked on.
    static func run<Item: Sendable>(
        _ items: [Item], secondsMax: Int = 900, _ body: @escaping @Sendable (Item) throws -> [String]
    ) -> [String] {
        let queue = Mutex(items[...])
        let failures = Mutex<[String]>([])
        let running = Mutex<[Int: String]>([:])
        let group = DispatchGroup()
        for number in 0..<2 {
            group.enter()
            Foundation.Thread.detachNewThread {
                while let item = queue.withLock({ $0.popFirst() }) {
                    running.withLock { $0[number] = "\(item)" }
                    do {
                        let found = try body(item)
                        failures.withLock { $0 += found.map { "\(item): \($0)" } }
                    } catch { failures.withLock { $0.append("\(item): \(error)") } }
                }
                running.withLock { $0[number] = nil }
                group.leave()
            }
        }
        if group.wait(timeout: .now() + .seconds(secondsMax)) == .timedOut {
            queue.withLock { $0 = [] }
            failures.withLock {
                $0.append("no end after \(secondsMax) seconds in \(running.withLock { $0.values.sorted() })")
            }
        }
        return failures.withLock { $0 }
    }
}

/// A repository before a backup, and what must be true of it after that backup failed somewhere.
final class InterruptedBackup: Sendable {
    let fixture: RepositoryFixture
    let tree: TestTree
    /// Snapshots that were acknowledged before, with a copy of the tree as it was.
    let earlier: [(id: Digest, copy: String)]
    /// The store as it was before the backup that is to fail.
    let before: MemoryStore

    /// A tree of `fileCount` files, backed up `earlierCount` times with changes between.
    init(seed: UInt64, fileCount: Int, largeBytes: Int, earlierCount: Int) throws {
        fixture = try RepositoryFixture()
        var builder = TreeBuilder(seed: seed)
        builder.fileCount = fileCount
        builder.largeBytes = largeBytes
        var tree = try builder.build(at: fixture.directory.bytes("tree"))
        var mutator = TreeMutator(seed: seed)
        var earlier: [(id: Digest, copy: String)] = []
        for number in 0..<earlierCount {
            let copy = fixture.directory.path + "/copy-\(number)"
            try copyTree(tree.path, to: copy)
            earlier.append((try fixture.backup(tree.path).snapshot, copy))
            try mutator.mutate(&tree, count: 2)
        }
        self.tree = tree
        self.earlier = earlier
        before = try fixture.copyStore()
    }

    /// Number of store calls of a backup that does not fail.
    func callCount() throws -> Int {
        let store = FaultyStore(try RepositoryFixture.copy(before))
        try fixture.backup(tree.path, in: store, client: "count-\(UUID().uuidString)")
        return store.callCount
    }

    /// Lets a backup fail as `fault` says, heals the store, and returns what is wrong then.
    func check(_ fault: FaultyStore.Fault, restoringAll: Bool) throws -> [String] {
        let base = try RepositoryFixture.copy(before)
        let client = "client-\(UUID().uuidString)"
        defer { _ = runProgram(["rm", "-rf", fixture.directory.path + "/" + client]) }
        var failures: [String] = []
        var acknowledged: Digest?
        do {
            acknowledged = try fixture.backup(tree.path, in: FaultyStore(base, [fault]), client: client).snapshot
        } catch let error as VaultError {
            if error.message.isEmpty || error.nextStep.isEmpty { failures.append("not helpful: \(error)") }
        } catch {
            failures.append("no VaultError: \(error)")
        }
        // A new process: fresh objects on what the store holds now, with the files that the client left behind.
        let found = Snapshots.list(try fixture.open(base, client: client)).map(\.id)
        let known = earlier.map(\.id)
        if Array(found.prefix(known.count)) != known { failures.append("an earlier snapshot is gone") }
        let extra = found.dropFirst(known.count)
        if extra.count > 1 { failures.append("\(extra.count) snapshots of one backup") }
        if let acknowledged, Array(extra) != [acknowledged] { failures.append("the acknowledged snapshot is gone") }
        if restoringAll { failures += try differences(earlier + extra.map { ($0, tree.path) }, base) }
        let rerun = try fixture.backup(tree.path, in: base, client: client)
        failures += try differences([(rerun.snapshot, tree.path)], base)
        failures += try fixture.verify(base, client: client).findings
        return failures
    }

    private func differences(_ snapshots: [(id: Digest, copy: String)], _ store: MemoryStore) throws -> [String] {
        try snapshots.map {
            try fixture.differences(
                $0.id, tree: tree.path, expected: $0.copy, in: store, client: "reader-\(UUID().uuidString)")
        }.filter { !$0.isEmpty }
    }
}
