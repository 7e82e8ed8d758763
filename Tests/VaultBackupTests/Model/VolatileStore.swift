@testable import VaultBackup

/// A store in memory in which a record whose writer was killed, or got no reply, can be seen and yet be gone after a
/// power loss, as between naming and synchronising on a disk. A put that is answered makes it and all before it
/// durable, also one that finds the object there.
final class VolatileStore: ObjectStore {
    private let base = MemoryStore()
    private let durable: Monitor<(head: Int, unconfirmed: Set<Int>)>

    /// A store with these objects, all durable.
    init(_ objects: [(name: ObjectName, bytes: [UInt8])]) throws {
        durable = Monitor((objects.compactMap(\.name.recordPosition).max() ?? -1, []))
        for object in objects { _ = try base.put(object.name, object.bytes) }
    }

    var capabilities: StoreCapabilities { StoreCapabilities(createOnly: .works, parallelCalls: 1) }
    var location: String { base.location }

    /// The power fails: records that nothing vouches for are gone. Returns how many.
    func losePower() throws -> Int {
        let lost = durable.withLock { durable in
            defer { durable.unconfirmed = [] }
            return durable.unconfirmed.filter { $0 > durable.head }
        }
        for position in lost { try base.delete(.record(position)) }
        return lost.count
    }

    /// A put that was cut off when everybody could see the object.
    func putWithoutSync(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        let result = try base.put(name, bytes)
        if let position = name.recordPosition, result == .created {
            durable.withLock { _ = $0.unconfirmed.insert(position) }
        }
    }

    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        let result = try base.put(name, bytes)
        if let position = name.recordPosition { durable.withLock { $0.head = max($0.head, position) } }
        return result
    }

    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? { try base.get(name) }

    func read(_ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int?
    {
        try base.read(name, offset: offset, into: buffer)
    }

    func size(_ name: ObjectName) throws(StorageError) -> Int? { try base.size(name) }

    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] { try base.list(folder) }

    func delete(_ name: ObjectName) throws(StorageError) { try base.delete(name) }
}
