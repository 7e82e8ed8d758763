import Synchronization

@testable import VaultBackup

/// A store whose objects can be replaced or taken away while the store below stays as it is.
final class OverlayStore: ObjectStore {
    private let base: any ObjectStore
    private let changed: Mutex<[ObjectName: [UInt8]?]>

    init(_ base: any ObjectStore, _ changed: [ObjectName: [UInt8]?] = [:]) {
        self.base = base
        self.changed = Mutex(changed)
    }

    var capabilities: StoreCapabilities { base.capabilities }
    var location: String { base.location }

    /// Replaces an object; nil takes it away.
    func set(_ name: ObjectName, _ bytes: [UInt8]?) { changed.withLock { $0[name] = .some(bytes) } }

    private func replacement(_ name: ObjectName) -> [UInt8]?? { changed.withLock { $0[name] } }

    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        if try size(name) != nil { return .exists }
        set(name, Array(bytes))
        return .created
    }

    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? {
        if let bytes = replacement(name) { return bytes }
        return try base.get(name)
    }

    func read(_ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int?
    {
        guard let replaced = replacement(name) else { return try base.read(name, offset: offset, into: buffer) }
        guard let bytes = replaced else { return nil }
        let part = bytes.dropFirst(offset).prefix(buffer.count)
        part.withUnsafeBytes { buffer.copyMemory(from: $0) }
        return part.count
    }

    func size(_ name: ObjectName) throws(StorageError) -> Int? {
        if let bytes = replacement(name) { return bytes?.count }
        return try base.size(name)
    }

    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] {
        let changed = changed.withLock { $0 }
        let kept = try base.list(folder).filter { changed[$0.name] == nil }
        let added = changed.compactMap { name, bytes in bytes.map { (name: name, byteCount: $0.count) } }
        return kept + added.filter { $0.name.text.hasPrefix(folder + "/") }
    }

    func delete(_ name: ObjectName) throws(StorageError) { set(name, nil) }
}
