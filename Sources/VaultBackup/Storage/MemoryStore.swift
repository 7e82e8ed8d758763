internal import Synchronization

/// A store in memory: what an audit bundle is opened into, and for tests of programs that embed the engine. Nothing
/// survives the object.
public final class MemoryStore: ObjectStore {
    private let objects = Mutex<[ObjectName: [UInt8]]>([:])

    /// An empty store, which messages call `location`.
    public init(location: String = "memory") { self.location = location }

    /// Create-only puts work; any number of calls may run at once.
    public var capabilities: StoreCapabilities { StoreCapabilities(createOnly: .works, parallelCalls: 8) }

    /// What messages call it.
    public let location: String

    /// See ``ObjectStore``. Throws nothing.
    public func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        let copy = Array(bytes)
        return objects.withLock { objects in
            if objects[name] != nil { return .exists }
            objects[name] = copy
            return .created
        }
    }

    /// See ``ObjectStore``. Throws nothing.
    public func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? { objects.withLock { $0[name] } }

    /// See ``ObjectStore``. Throws nothing.
    public func read(
        _ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) -> Int? {
        precondition(offset >= 0, "an offset is not negative")
        guard let object = objects.withLock({ $0[name] }) else { return nil }
        let part = object.dropFirst(offset).prefix(buffer.count)
        buffer.copyBytes(from: part)
        return part.count
    }

    /// See ``ObjectStore``. Throws nothing.
    public func size(_ name: ObjectName) throws(StorageError) -> Int? { objects.withLock { $0[name]?.count } }

    /// See ``ObjectStore``. Throws nothing.
    public func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] {
        objects.withLock { objects in
            objects.compactMap { name, bytes in
                name.text.hasPrefix(folder + "/") ? (name: name, byteCount: bytes.count) : nil
            }
        }
    }

    /// See ``ObjectStore``. Throws nothing.
    public func delete(_ name: ObjectName) throws(StorageError) { objects.withLock { $0[name] = nil } }
}
