import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Deletions must not outlive the records that allow them.
@Suite struct PruneDurabilityTests {
    /// A prune is killed when all can see a record of it that is not durable yet. Another finds it there, deletes
    /// something, and then the power fails. What is gone must be swept by the log that is left.
    @Test func nothingIsDeletedByARecordThatMayBeLost() throws {
        let scene = try PruneScene(seed: 93)
        let objects = try RepositoryFixture.objects(scene.fixture.store).map {
            (name: $0, bytes: try #require(try scene.fixture.store.get($0)))
        }
        var (number, deletions) = (0, 0)
        while true {
            number += 1
            let store = try VolatileStore(objects)
            // Whoever opens a repository makes its log durable, so the other one has opened it before.
            let second = MortalStore(store, .afterDeletion)
            let access = try MaintainAccess(
                try scene.fixture.open(second, client: "second-\(number)"), scene.fixture.person)
            let first = MortalStore(store, .inRecord(number))
            _ = try? scene.prune(first, client: "first-\(number)")
            guard first.isDead else { break }
            _ = try? Prune.run(PruneRequest(), with: access)
            if second.isDead { deletions += 1 }
            _ = try store.losePower()
            for pack in try scene.fixture.open(store, client: "third-\(number)").state.packs where !pack.isSwept {
                let isThere = try store.size(.content(.packs, pack.pack.name)) != nil
                #expect(isThere, "a pack that is not swept is gone; killed in record \(number)")
            }
        }
        #expect(number > 4 && deletions > 4, "\(number) \(deletions)")
    }
}

/// A store whose process dies at a moment; from then on every call fails.
private final class MortalStore: ObjectStore {
    enum Moment: Equatable {
        /// While record N is stored: others see it, and it is not durable.
        case inRecord(Int)
        /// After the first deletion.
        case afterDeletion
    }

    private let base: VolatileStore
    private let moment: Moment
    private let state = Mutex<(records: Int, isDead: Bool)>((0, false))

    init(_ base: VolatileStore, _ moment: Moment) {
        self.base = base
        self.moment = moment
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    var capabilities: StoreCapabilities { base.capabilities }
    var location: String { base.location }

    private func expectLife() throws(StorageError) { if isDead { throw FaultyStore.killed } }

    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        try expectLife()
        let dies = state.withLock { state in
            guard name.recordPosition != nil else { return false }
            state.records += 1
            state.isDead = moment == .inRecord(state.records)
            return state.isDead
        }
        guard dies else { return try base.put(name, bytes) }
        try base.putWithoutSync(name, bytes)
        throw FaultyStore.killed
    }

    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? {
        try expectLife()
        return try base.get(name)
    }

    func read(
        _ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) -> Int? {
        try expectLife()
        return try base.read(name, offset: offset, into: buffer)
    }

    func size(_ name: ObjectName) throws(StorageError) -> Int? {
        try expectLife()
        return try base.size(name)
    }

    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] {
        try expectLife()
        return try base.list(folder)
    }

    func delete(_ name: ObjectName) throws(StorageError) {
        try expectLife()
        try base.delete(name)
        if moment == .afterDeletion { state.withLock { $0.isDead = true } }
    }
}
