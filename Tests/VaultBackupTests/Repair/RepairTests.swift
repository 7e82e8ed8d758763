import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// What is lost is named, stored again by the next backup, and found by earlier snapshots from then on.
@Suite(.serialized) struct RepairTests {
    private let scene: RepairScene
    private let store: MemoryStore

    init() throws {
        scene = try RepairScene(seed: 301)
        store = try scene.fixture.copyStore()
    }

    @Test func nothingToRepair() throws {
        let head = try scene.fixture.open(store).state.head
        let report = try scene.repair(store)
        #expect(report.isWhole && report.damaged.isEmpty && report.packs > 3)
        #expect(try scene.fixture.open(store).state.head == head, "a repository that is whole is not written")
    }

    /// Packs of content are gone: after a backup, earlier snapshots restore but for what no source has.
    @Test func missingPacksHeal() throws {
        for name in try scene.packs(.data, in: store) { try RepairScene.damage(store, name) }
        let plan = try scene.repair(store) { _ in }
        #expect(!plan.isWhole && plan.lossCount > 0 && plan.damaged.allSatisfy { $0.outcome == .lost })
        #expect(plan.damaged.allSatisfy { $0.snapshots.contains(scene.older.id) })
        #expect(try scene.differences(scene.older, in: store) != "")
        let applied = try scene.repair(store)
        #expect(!applied.isWhole && applied.lossCount == plan.lossCount)
        let later = (id: try scene.backup(in: store), copy: scene.newer.copy)
        #expect(try scene.differences(later, in: store) == "")
        #expect(try scene.differences(scene.newer, in: store) == "", "all of it is in the source")
        let lost = try scene.differences(scene.older, in: store)
        #expect(lost.contains("only-old") && !lost.contains("stays"), "\(lost)")
        let repaired = try scene.repair(store)
        #expect(repaired.losses.map(\.snapshot) == [scene.older.id])
        #expect(repaired.losses.allSatisfy { $0.path.suffix(8) == Array("only-old".utf8)[...] })
        // The old snapshot, whose loss nobody can heal, goes: then everything is right without exception.
        try PruneScene.forget([scene.older.id], scene.fixture.open(store, client: "keeper"), scene.fixture.person)
        try scene.prune(store)
        #expect(try scene.fixture.verify(store).findings == [])
        #expect(try scene.differences(scene.newer, in: store) == "")
    }

    /// Directories of a snapshot are made by no later backup: it is named as lost, and later ones are not touched by it.
    @Test func missingNamesAreNamed() throws {
        for name in try scene.packs(.names, in: store) { try RepairScene.damage(store, name) }
        let applied = try scene.repair(store)
        #expect(applied.losses.contains { $0.snapshot == scene.older.id } && !applied.isWhole)
        let later = (id: try scene.backup(in: store), copy: scene.newer.copy)
        #expect(try scene.differences(later, in: store) == "")
        let keeper = try scene.fixture.open(store, client: "keeper")
        try PruneScene.forget([scene.older.id, scene.newer.id].sorted(), keeper, scene.fixture.person)
        try scene.prune(store)
        #expect(try scene.fixture.verify(store).findings == [])
        #expect(try scene.differences(later, in: store) == "")
    }

    /// What heals a snapshot stays when the backup that brought it is forgotten and pruned.
    @Test(arguments: [nil, 40_000] as [Int?])
    func healedForGood(_ place: Int?) throws {
        // The older snapshot has what the newer one does not: without it all is in the source.
        try PruneScene.forget([scene.older.id], scene.fixture.open(store, client: "keeper"), scene.fixture.person)
        for name in try scene.packs(.data, in: store) {
            try RepairScene.damage(store, name, flippingAt: place)
        }
        let first = try scene.repair(store) { ($0.applies, $0.readsData) = (true, true) }
        #expect(!first.isWhole && first.damaged.contains { $0.outcome == .lost })
        let later = try scene.backup(in: store)
        #expect(try scene.differences(scene.newer, in: store) == "", "found by the ids of chunks")
        // Without keys to read, prune keeps what may be needed; with them it gives it to the snapshot.
        let held = try scene.prune(store, reads: false)
        #expect(held.warnings.contains { $0.contains("may hold parts of them") }, "\(held.warnings)")
        #expect(try scene.differences(scene.newer, in: store) == "")
        try scene.prune(store)
        #expect(try scene.fixture.verify(store).findings == [])
        try PruneScene.forget([later], scene.fixture.open(store, client: "keeper"), scene.fixture.person)
        for _ in 0..<2 { try scene.prune(store) }
        #expect(try scene.differences(scene.newer, in: store) == "")
        #expect(try scene.fixture.verify(store).findings == [])
        #expect(try scene.repair(store).isWhole)
    }

    /// A pack that is damaged in one segment and still readable in others is not given up for less.
    @Test func goodSegmentsStay() throws {
        let name = try #require(try scene.packs(.data, in: store).first)
        try RepairScene.damage(store, name, flippingAt: -200)
        let before = try scene.differences(scene.older, in: store)
        #expect(before == "", "only the end of the pack is damaged: \(before)")
        let report = try scene.repair(store) { ($0.applies, $0.readsData) = (true, true) }
        #expect(report.damaged.map(\.outcome) == [.lost], "\(report.damaged)")
        #expect(try store.get(name) != nil)
        #expect(try scene.differences(scene.older, in: store) == before)
        _ = try scene.backup(in: store)
        try scene.repair(store)
        // What only the old snapshot needs is still read where it lies.
        #expect(try scene.differences(scene.older, in: store) == "")
        #expect(try store.get(name) != nil)
    }

    @Test func whoMay() throws {
        let repository = try scene.fixture.open(store)
        #expect(throws: VaultError.self) { try MaintainAccess(repository, scene.fixture.machine) }
        // Missing altogether, the log says it too.
        let record = ObjectName.record(2)
        try RepairScene.damage(store, record)
        let refused = #expect(throws: VaultError.self) { try scene.repair(store, client: "fresh") { _ in } }
        #expect(refused?.code == .damaged && refused?.nextStep.isEmpty == false)
    }

    /// A writer chooses the packs that compaction has made, not those that they replace.
    @Test func replacedPacksAreChosenNoMore() throws {
        let state = try scene.fixture.open(store).state
        var changed = state
        let old = try #require(state.usedPacks.map { Array($0.ordinals) }?.first)
        let session = try #require(SessionID([UInt8](repeating: 7, count: 16)))
        #expect(state.isEligible(old, for: scene.fixture.machine.id))
        let move = CompactBody.Move(old: PackSet([old]), new: PackSet([old, old + 1]))
        changed.compact(CompactBody(basis: state.head, moves: [move], session: session), at: state.head + 1)
        #expect(!changed.isEligible(old, for: scene.fixture.machine.id) && changed.packs[old].lost == state.head + 1)
        #expect(changed.isEligible(old + 1, for: scene.fixture.machine.id))
        #expect(changed.packs[old + 1].vouchedBy == scene.fixture.machine.id, "who vouches does not change")
        let mended = try #require(changed.snapshots.first)
        #expect(mended.isMended && mended.packs?.contains(old + 1) == true)
        #expect(try StateCache.decode(StateCache.encode(changed)) == changed)
    }
}
