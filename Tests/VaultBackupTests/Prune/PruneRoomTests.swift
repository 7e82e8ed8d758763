import Foundation
import Synchronization
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Prune where the store has room for little or nothing besides what it holds.
@Suite struct PruneRoomTests {
    /// With room for the largest of the packs that compaction stores, all of them find their place one after another,
    /// since what each replaces goes before the next one comes. Where none fits, that is said, and nothing else is.
    @Test func roomForOnePackIsEnough() throws {
        let scene = try PruneScene(seed: 91)
        let known = Set(try scene.fixture.store.list("packs").map(\.name))
        let before = try PruneScene.packBytes(scene.fixture.store)
        let roomy = try scene.fixture.copyStore()
        let whole = try scene.prune(roomy, client: "roomy")
        let moved = try roomy.list("packs").filter { !known.contains($0.name) }.map(\.byteCount)
        let (smallest, largest) = (try #require(moved.min()), try #require(moved.max()))
        try #require(moved.count > 1 && whole.moved.packs == moved.count)
        // What nothing uses is gone before anything is stored.
        let kept = before - whole.unused.bytes
        for (number, room) in [0, smallest - 1, largest, moved.reduce(0, +)].enumerated() {
            let copy = try scene.fixture.copyStore()
            let small = SmallStore(copy, packBytesMax: kept + room)
            let report = try scene.prune(small, client: "client-\(number)")
            let isEnough = room >= largest
            #expect(report.warnings == (isEnough ? [] : ["There is no room to compact more packs"]), "\(room)")
            #expect(report.moved.packs == (isEnough ? moved.count : 0), "\(room)")
            #expect(try PruneScene.packBytes(copy) == report.after.bytes, "\(room)")
            #expect(small.refusedCount == 0 || room < moved.reduce(0, +), "\(room)")
            #expect(try scene.failures(copy) == [], "\(room)")
        }
    }
}

/// A store whose packs must not come to more than so many bytes.
private final class SmallStore: ObjectStore {
    private let base: MemoryStore
    private let packBytesMax: Int
    private let refused = Mutex(0)

    init(_ base: MemoryStore, packBytesMax: Int) {
        self.base = base
        self.packBytesMax = packBytesMax
    }

    /// How many packs found no room.
    var refusedCount: Int { refused.withLock { $0 } }

    var capabilities: StoreCapabilities { base.capabilities }
    var location: String { base.location }

    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        guard name.text.hasPrefix("packs/") else { return try base.put(name, bytes) }
        let isTooMuch: Bool = try refused.withLock { refused throws(StorageError) in
            let total = try base.list("packs").reduce(bytes.count) { $0 + $1.byteCount }
            if total > packBytesMax { refused += 1 }
            return total > packBytesMax
        }
        if isTooMuch { throw StorageError(.noSpace, "the store is full") }
        return try base.put(name, bytes)
    }

    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? { try base.get(name) }

    func read(
        _ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) -> Int? { try base.read(name, offset: offset, into: buffer) }

    func size(_ name: ObjectName) throws(StorageError) -> Int? { try base.size(name) }

    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] { try base.list(folder) }

    func delete(_ name: ObjectName) throws(StorageError) { try base.delete(name) }
}
