import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Repair dies or fails in any call of the store: nothing that could be read before is lost, and the next one
/// completes.
@Suite(.serialized) struct RepairInterruptionTests {
    private let scene: RepairScene
    private let base: MemoryStore
    private let later: Digest

    /// Lost packs of the only snapshot, marked, and a backup that stored their content again.
    init() throws {
        scene = try RepairScene(seed: 302)
        base = try scene.fixture.copyStore()
        try PruneScene.forget([scene.older.id], scene.fixture.open(base, client: "keeper"), scene.fixture.person)
        for (number, name) in try scene.packs(.data, in: base).enumerated() {
            try RepairScene.damage(base, name, flippingAt: number == 0 ? 40_000 : nil)
        }
        try scene.repair(base) { ($0.applies, $0.readsData) = (true, true) }
        later = try scene.backup(in: base)
    }

    private func sweep(_ fault: @escaping @Sendable (Int) -> FaultyStore.Fault) throws -> [String] {
        let counting = FaultyStore(try RepositoryFixture.copy(base))
        try scene.repair(counting, client: "count")
        let count = counting.callCount
        let sample = CampaignScale.isFull ? count : min(count, 24)
        let points = (0..<sample).map { 1 + $0 * (count - 1) / max(1, sample - 1) }
        return Sweep.run(points) { call in
            let client = "client-\(UUID().uuidString)"
            defer { _ = runProgram(["rm", "-rf", scene.fixture.directory.path + "/" + client]) }
            let store = try RepositoryFixture.copy(base)
            var failures: [String] = []
            do { try scene.repair(FaultyStore(store, [fault(call)]), client: client) } catch let error as VaultError {
                if error.message.isEmpty || error.nextStep.isEmpty { failures.append("not helpful: \(error)") }
            }
            failures += [try scene.differences(scene.newer, in: store)].filter { !$0.isEmpty }
            // On the machine of the repair, where it is seen that its process is gone.
            try scene.prune(store, client: client)
            let report = try scene.repair(store, client: client)
            if !report.isWhole { failures.append("not whole: \(report.damaged)") }
            try PruneScene.forget([later], scene.fixture.open(store, client: client), scene.fixture.person)
            try scene.prune(store, client: client)
            failures += [try scene.differences(scene.newer, in: store)].filter { !$0.isEmpty }
            return failures + (try scene.fixture.verify(store, client: client).findings)
        }
    }

    @Test func killedInEveryCall() throws {
        let failures = try sweep { .kill(in: $0, $0 % 2 == 0 ? .beforeEffect : .afterEffect) }
        #expect(failures == [])
    }

    @Test func failingInEveryCall() throws {
        let failures = try sweep { call in
            let kind: StorageError.Kind = [.noSpace, .io, .outcomeUnknown][call % 3]
            return .from(call, call % 2 == 0 ? .beforeEffect : .afterEffect, StorageError(kind, "injected"))
        }
        #expect(failures == [])
    }
}
