import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct ConformanceTests {
    @Test(arguments: ObjectStoreConformance.allCases) func memory(_ check: ObjectStoreConformance) throws {
        try check.check(MemoryStore())
    }

    @Test(arguments: ObjectStoreConformance.allCases) func local(_ check: ObjectStoreConformance) throws {
        let temporary = try TemporaryDirectory()
        try check.check(try LocalStore.create(at: temporary.bytes("store")))
        #expect(try leftovers(temporary.path + "/store").isEmpty)
    }

    @Test(arguments: ObjectStoreConformance.allCases)
    func localWithoutUnnamedFiles(_ check: ObjectStoreConformance) throws {
        let temporary = try TemporaryDirectory()
        try check.check(try LocalStore(path: temporary.bytes(), unnamedFiles: false))
        #expect(try leftovers(temporary.path).isEmpty)
    }

    @Test(arguments: ObjectStoreConformance.allCases) func decorated(_ check: ObjectStoreConformance) throws {
        try check.check(FaultyStore(MemoryStore()))
    }

    /// Two openings of one folder stand for two processes.
    @Test func twoOpeningsOfOneFolder() throws {
        let temporary = try TemporaryDirectory()
        let first = try LocalStore.create(at: temporary.bytes())
        let second = try LocalStore.open(at: temporary.bytes())
        for position in 0..<25 {
            let results = Results()
            ObjectStoreConformance.onThreads(8) { k in
                let store = k % 2 == 0 ? first : second
                results.add((try? store.put(.record(position), [UInt8(k)])) == .created)
            }
            #expect(results.trueCount == 1)
        }
    }

    /// The suite itself must be able to fail.
    @Test func aStoreThatReplacesIsFound() {
        #expect(throws: ObjectStoreConformance.Violation.self) {
            try ObjectStoreConformance.existsChangesNothing.check(ReplacingStore())
        }
        #expect(throws: ObjectStoreConformance.Violation.self) {
            try ObjectStoreConformance.oneWriterWins.check(ReplacingStore())
        }
    }
}

/// Files below `path` whose names end in `.tmp`.
func leftovers(_ path: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter { $0.hasSuffix(".tmp") }
}

private final class Results: @unchecked Sendable {  // The lock guards the count.
    private let lock = NSLock()
    private var count = 0
    func add(_ value: Bool) { lock.withLock { if value { count += 1 } } }
    var trueCount: Int { lock.withLock { count } }
}

/// Breaks the contract: a put replaces.
private final class ReplacingStore: ObjectStore {
    private let base = MemoryStore()
    var capabilities: StoreCapabilities { base.capabilities }
    var location: String { base.location }
    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        try base.delete(name)
        _ = try base.put(name, bytes)
        return .created
    }
    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? { try base.get(name) }
    func read(
        _ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) -> Int? { try base.read(name, offset: offset, into: buffer) }
    func size(_ name: ObjectName) throws(StorageError) -> Int? { try base.size(name) }
    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] { try base.list(folder) }
    func delete(_ name: ObjectName) throws(StorageError) { try base.delete(name) }
}
