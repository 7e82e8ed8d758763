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

    /// Without room for a record of compaction, and with nothing laid aside for it, there is none, which is said. All
    /// that needs no compaction is done, and later runs go on.
    @Test(arguments: ["open", "progress", "compact"]) func noRoomForARecord(_ kind: String) throws {
        let scene = try PruneScene(seed: 93)
        let copy = try scene.fixture.copyStore()
        let small = SmallStore(copy, packBytesMax: .max, refuses: kind)
        let report = try scene.prune(small, client: "full")
        #expect(small.refusedCount > 0)
        #expect(report.warnings == ["There is no room to compact more packs"])
        #expect(report.moved.packs == 0 && report.deleted.packs > 0)
        #expect(try scene.failures(copy) == [])
        let next = try scene.prune(copy, client: "full")
        #expect(next.moved.packs > 0 && next.warnings == [] && next.waiting.packs == 0)
        // What was stored and never named is gone.
        #expect(try PruneScene.packBytes(copy) == next.after.bytes)
        #expect(try scene.failures(copy) == [])
    }
}

/// A store whose packs must not come to more than so many bytes, or that has no room for records of a kind.
private final class SmallStore: ObjectStore {
    private let base: MemoryStore
    private let packBytesMax: Int
    private let kind: String?
    private let refused = Mutex(0)

    init(_ base: MemoryStore, packBytesMax: Int, refuses kind: String? = nil) {
        self.base = base
        self.packBytesMax = packBytesMax
        self.kind = kind
    }

    /// How many objects found no room.
    var refusedCount: Int { refused.withLock { $0 } }

    var capabilities: StoreCapabilities { base.capabilities }
    var location: String { base.location }

    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        if let kind, let signed = try? SignedRecord(decoding: Array(bytes)), signed.record.body.kind == kind {
            refused.withLock { $0 += 1 }
            throw StorageError(.noSpace, "the store is full")
        }
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
