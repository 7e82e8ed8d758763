/// Named, immutable objects. A store knows names and bytes, nothing of what they mean.
///
/// Every sentence of this contract is a test in `ObjectStoreConformance`, which every store passes. All calls may be
/// made from several threads at once. Calls block; they belong on the engine's own threads.
public protocol ObjectStore: Sendable {
    /// What this store can promise.
    var capabilities: StoreCapabilities { get }

    /// Where the store is, for messages.
    var location: String { get }

    /// Stores `bytes` under `name` unless an object of that name exists.
    ///
    /// On return of `.created` the bytes and the name survive a power loss. On `.exists` nothing was changed; the
    /// existing object may hold other bytes, and survives a power loss as well. After a thrown error the object is
    /// wholly there or wholly absent, and the same call may be made again, unless the error says that the outcome is
    /// unknown: then read the name to learn it. Of several writers of one name exactly one gets `.created`.
    func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult

    /// The whole object; nil when there is none. An object seen once stays visible.
    func get(_ name: ObjectName) throws(StorageError) -> [UInt8]?

    /// Reads from `offset` until `buffer` is full or the object ends, and returns the number of bytes read, never less
    /// than is there; nil when there is no such object.
    func read(_ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int?

    /// Length of the object in bytes; nil when there is none.
    func size(_ name: ObjectName) throws(StorageError) -> Int?

    /// Names and lengths of the objects in a folder (`log`, `packs`, `index`, `sets`), in no order. Advice only: an
    /// object may be missing that was written meanwhile. Files that are no objects are left out.
    func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)]

    /// Removes an object; succeeds when there is none. On return the removal survives a power loss.
    func delete(_ name: ObjectName) throws(StorageError)

    /// Removes objects; those that are not there count as removed. On return all removals survive a power loss; after
    /// a thrown error some of them do, and the same call may be made again.
    func delete(_ names: [ObjectName]) throws(StorageError)
}

/// What happened to a put.
public enum PutResult: Sendable, Equatable {
    /// The object was written.
    case created
    /// An object of this name was there before; nothing was changed.
    case exists
}

/// What a store can promise.
public struct StoreCapabilities: Sendable, Equatable {
    /// Whether putting an existing name is refused even among several writers.
    public var createOnly: CreateOnly
    /// How many calls are worth making at once.
    public var parallelCalls: Int

    /// What a probe found out about create-only puts.
    public enum CreateOnly: String, Sendable {
        /// Works among any number of writers.
        case works
        /// Holds for one writer only.
        case singleWriter
        /// Does not hold: no repository can live here.
        case unfit
    }

    /// Capabilities as given.
    public init(createOnly: CreateOnly, parallelCalls: Int) {
        self.createOnly = createOnly
        self.parallelCalls = parallelCalls
    }
}

/// Why a store could not do as asked.
public struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Classes of failure that callers treat differently.
    public enum Kind: String, Sendable {
        /// No space, or a quota is used up.
        case noSpace
        /// The store is read-only.
        case readOnly
        /// The store refuses this user.
        case permission
        /// The folder of the store is not there.
        case notFound
        /// Reading or writing failed.
        case io
        /// The call may or may not have had its effect.
        case outcomeUnknown
    }

    /// The class of the failure.
    public let kind: Kind
    /// What failed, on what.
    public let description: String

    /// Makes an error; see the properties.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

extension ObjectStore {
    /// Removes objects one after another; see ``delete(_:)-([ObjectName])``.
    public func delete(_ names: [ObjectName]) throws(StorageError) {
        for name in names { try delete(name) }
    }

    /// Stores `bytes` under `name` unless it exists; see ``put(_:_:)-(ObjectName,UnsafeRawBufferPointer)``.
    public func put(_ name: ObjectName, _ bytes: [UInt8]) throws(StorageError) -> PutResult {
        let result: Result<PutResult, StorageError> = bytes.withUnsafeBytes { buffer in
            do throws(StorageError) { return .success(try put(name, buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
