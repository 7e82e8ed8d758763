import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Prune dies, fails, or meets backups, restores and other prunes in any call of the store.
@Suite(.serialized) struct PruneInterruptionTests {
    private let seed: UInt64 = 91

    /// The calls that `work` makes on a copy of the store: all in the full campaign, a sample of so many in
    /// `swift test`.
    private func points(
        _ scene: PruneScene, sample: Int = 12, _ work: (any ObjectStore) throws -> Void
    ) throws -> [Int] {
        let counting = FaultyStore(try scene.fixture.copyStore())
        try work(counting)
        let count = counting.callCount
        if CampaignScale.isFull || count <= sample { return Array(1...count) }
        return (0..<sample).map { 1 + $0 * (count - 1) / (sample - 1) }
    }

    /// Runs `body` for each point with a copy of the store and the name of a client of its own.
    private func sweep<Point: Sendable>(
        _ points: [Point], _ scene: PruneScene,
        _ body: @escaping @Sendable (Point, MemoryStore, String) throws -> [String]
    ) -> [String] {
        Sweep.run(points) { point in
            let client = "client-\(UUID().uuidString)"
            defer { _ = runProgram(["rm", "-rf", scene.fixture.directory.path + "/" + client]) }
            return try body(point, scene.fixture.copyStore(), client)
        }
    }

    /// Killed, then another backup, then a prune that goes on: nothing is lost, and nothing is left.
    @Test func killedInEveryCall() throws {
        let scene = try PruneScene(seed: seed)
        let calls = try points(scene) { try scene.prune($0, client: "count") }
        let cases = calls.flatMap { call in FaultyStore.Fault.Moment.allCases.map { (call, $0) } }
        let failures = sweep(cases, scene) { point, base, client in
            let (call, moment) = point
            var failures: [String] = []
            let store = FaultyStore(base, [.kill(in: call, moment)])
            do {
                try scene.prune(store, client: client)
                // A call whose failure is borne may be the last; and how often a pack of names is opened depends on how
                // the threads of the walk meet.
                if store.callCount < call - 24 { failures.append("it ended before that call") }
            } catch let error as VaultError {
                if error.message.isEmpty || error.nextStep.isEmpty { failures.append("not helpful: \(error)") }
            }
            let backup = try scene.fixture.backup(scene.tree, in: base, client: client)
            failures += try scene.failures(base, also: [(backup.snapshot, scene.live[1].copy)])
            try scene.prune(base, client: client)
            failures += try scene.failures(base, also: [(backup.snapshot, scene.live[1].copy)])
            // Nothing stays that the next prune would take. How many bytes that is depends on the moment: a backup
            // between COMPACT and CONDEMN may still choose the packs that were replaced.
            let left = try scene.prune(base, client: client) { $0.dryRun = true }
            if left.deleted.packs + left.compacted.packs + left.leftovers.packs + left.waiting.packs > 0 {
                failures.append("something is left to prune: \(left)")
            }
            return failures
        }
        #expect(failures == [], "seed \(seed)")
        print("prune killed: \(cases.count) points, \(failures.count) failures")
    }

    /// A whole prune, twice, before any call of a backup: the snapshot that is then acknowledged restores.
    @Test func prunedInEveryCallOfABackup() throws {
        let scene = try PruneScene(seed: seed + 1)
        let calls = try points(scene) { try scene.fixture.backup(scene.tree, in: $0, client: "count") }
        let failures = sweep(calls, scene) { call, base, client in
            let store = InterruptedStore(base, before: call) {
                for _ in 0..<2 { try scene.prune(base, client: client + "-keeper") }
            }
            let backup = try scene.fixture.backup(scene.tree, in: store, client: client)
            var failures = store.failure.map { ["prune: \($0)"] } ?? []
            failures += try scene.failures(base, also: [(backup.snapshot, scene.live[1].copy)])
            try scene.prune(base, client: client + "-keeper")
            failures += try scene.failures(base, also: [(backup.snapshot, scene.live[1].copy)])
            return failures
        }
        #expect(failures == [], "seed \(seed + 1)")
    }

    /// A backup, another prune, or both, before any call of a prune.
    @Test func othersInEveryCallOfAPrune() throws {
        let scene = try PruneScene(seed: seed + 2)
        let calls = try points(scene) { try scene.prune($0, client: "count") }
        let failures = sweep(calls, scene) { call, base, client in
            let store = InterruptedStore(base, before: call) {
                if call % 3 != 0 { try scene.fixture.backup(scene.tree, in: base, client: client) }
                if call % 3 != 1 { try scene.prune(base, client: client) }
            }
            try scene.prune(store, client: client + "-keeper")
            var failures = store.failure.map { ["in between: \($0)"] } ?? []
            failures += try scene.failures(base)
            try scene.prune(base, client: client)
            failures += try scene.failures(base)
            return failures
        }
        #expect(failures == [], "seed \(seed + 2)")
    }

    /// A restore that has read the log finds what was compacted while it ran.
    @Test func prunedInEveryCallOfARestore() throws {
        let scene = try PruneScene(seed: seed + 3)
        let (id, copy) = scene.live[0]
        let target = scene.fixture.directory.path + "/counted"
        let calls = try points(scene) {
            try scene.fixture.restore(id.hex, path: scene.tree, to: target, in: $0, client: "count")
        }
        let failures = sweep(calls, scene) { call, base, client in
            let store = InterruptedStore(base, before: call) { try scene.prune(base, client: client + "-keeper") }
            let found = try scene.fixture.differences(
                id, tree: scene.tree, expected: copy, in: store, client: client)
            return (store.failure.map { ["prune: \($0)"] } ?? []) + (found.isEmpty ? [] : [found])
        }
        #expect(failures == [], "seed \(seed + 3)")
    }

    /// An audit finds no damage in what was taken away while it ran.
    @Test func prunedInEveryCallOfAnAudit() throws {
        let scene = try PruneScene(seed: seed + 5)
        let calls = try points(scene, sample: 20) {
            _ = try Audit.run(AuditRequest(), $0, client: scene.fixture.client("count"))
        }
        let failures = sweep(calls, scene) { call, base, client in
            let store = InterruptedStore(base, before: call) { try scene.prune(base, client: client) }
            let report = try Audit.run(AuditRequest(), store, client: scene.fixture.client(client + "-auditor")).report
            return (store.failure.map { ["prune: \($0)"] } ?? [])
                + report.findings.filter { $0.verdict == .damaged }.map(\.text)
        }
        #expect(failures == [], "seed \(seed + 5)")
    }

    /// The store fails in any call, for ever: the error helps, and the next prune completes.
    @Test func failingInEveryCall() throws {
        let scene = try PruneScene(seed: seed + 4)
        let calls = try points(scene, sample: 10) { try scene.prune($0, client: "count") }
        let failures = sweep(calls, scene) { call, base, client in
            let kind: StorageError.Kind = [.noSpace, .io, .outcomeUnknown][call % 3]
            let moment: FaultyStore.Fault.Moment = call % 2 == 0 ? .beforeEffect : .afterEffect
            var failures: [String] = []
            do {
                try scene.prune(
                    FaultyStore(base, [.from(call, moment, StorageError(kind, "injected"))]), client: client)
            } catch let error as VaultError {
                if error.message.isEmpty || error.nextStep.isEmpty { failures.append("not helpful: \(error)") }
            }
            failures += try scene.failures(base)
            try scene.prune(base, client: client)
            return failures + (try scene.failures(base))
        }
        #expect(failures == [], "seed \(seed + 4)")
    }
}
