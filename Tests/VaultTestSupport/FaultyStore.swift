internal import Synchronization
public import VaultBackup

/// A store that counts and records every call and fails as told. Calls are numbered from 1.
public final class FaultyStore: ObjectStore {
    /// The calls of a store.
    public enum Operation: String, Sendable {
        case put, get, read, size, list, delete
    }

    /// One call.
    public struct Call: Sendable, Equatable, CustomStringConvertible {
        /// Its number, from 1.
        public let number: Int
        /// Which call.
        public let operation: Operation
        /// Name of the object, or the folder of `list`.
        public let subject: String
        /// Bytes given to `put` or room given to `read`, else 0.
        public let byteCount: Int

        /// Such as `3 put log/000000000/000000000000 120`.
        public var description: String { "\(number) \(operation.rawValue) \(subject) \(byteCount)" }
    }

    /// Which calls fail, and how.
    public struct Fault: Sendable {
        /// Whether the call has its effect before it fails.
        public enum Moment: Sendable, CaseIterable {
            case beforeEffect, afterEffect
        }

        let calls: ClosedRange<Int>
        let operations: Set<Operation>?
        let moment: Moment
        let error: StorageError

        /// Fails call `number`.
        public static func call(
            _ number: Int, _ moment: Moment = .beforeEffect, _ error: StorageError = StorageError(.io, "injected")
        ) -> Fault {
            Fault(calls: number...number, operations: nil, moment: moment, error: error)
        }

        /// Fails call `number` and all after it, or those of them that are one of `operations`.
        public static func from(
            _ number: Int, only operations: Set<Operation>? = nil, _ moment: Moment = .beforeEffect,
            _ error: StorageError = StorageError(.io, "injected")
        ) -> Fault {
            Fault(calls: number...Int.max, operations: operations, moment: moment, error: error)
        }

        /// As if the process ended in call `number`, before or after its effect: that call and all later ones throw
        /// ``FaultyStore/killed`` and, but for the effect of the first, do nothing.
        public static func kill(in number: Int, _ moment: Moment = .beforeEffect) -> Fault {
            Fault(calls: number...Int.max, operations: nil, moment: moment, error: FaultyStore.killed)
        }
    }

    /// A bit that is wrong in what is read, while the store below stays as it is.
    public struct BitFlip: Sendable {
        /// The object.
        public let name: ObjectName
        /// The bit, counted from the lowest of the first byte.
        public let bit: Int

        /// Names a bit.
        public init(_ name: ObjectName, bit: Int) {
            self.name = name
            self.bit = bit
        }
    }

    /// What every call throws after a kill.
    public static let killed = StorageError(.io, "the process was killed here")

    private struct State {
        var calls: [Call] = []
        var faults: [Fault]
        var flips: [BitFlip] = []
        var isDead = false
    }

    private let base: any ObjectStore
    private let state: Mutex<State>

    /// Decorates `base`.
    public init(_ base: any ObjectStore, _ faults: [Fault] = []) {
        self.base = base
        state = Mutex(State(faults: faults))
    }

    /// All calls so far, in order.
    public var calls: [Call] { state.withLock { $0.calls } }

    /// Number of calls so far.
    public var callCount: Int { state.withLock { $0.calls.count } }

    /// Adds a fault; numbers go on from the calls made.
    public func add(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }

    /// Adds a wrong bit.
    public func add(_ flip: BitFlip) { state.withLock { $0.flips.append(flip) } }

    /// Removes faults and wrong bits, and lives again. The count of calls goes on.
    public func heal() {
        state.withLock { state in
            state.faults = []
            state.flips = []
            state.isDead = false
        }
    }

    // Records the call and decides about it; then `effect` may happen.
    private func perform<R>(
        _ operation: Operation, _ subject: String, byteCount: Int = 0, _ effect: () throws(StorageError) -> R
    ) throws(StorageError) -> R {
        let (fault, isDead) = state.withLock { state -> (Fault?, Bool) in
            let call = Call(
                number: state.calls.count + 1, operation: operation, subject: subject, byteCount: byteCount)
            state.calls.append(call)
            if state.isDead { return (nil, true) }
            let fault = state.faults.first {
                $0.calls.contains(call.number) && $0.operations?.contains(operation) ?? true
            }
            if fault?.error == Self.killed { state.isDead = true }
            return (fault, false)
        }
        if isDead { throw Self.killed }
        guard let fault else { return try effect() }
        if fault.moment == .afterEffect { _ = try effect() }
        throw fault.error
    }

    // The wrong bits of an object that lie in `range` of it, relative to the start of the range.
    private func flips(_ name: ObjectName, _ range: Range<Int>) -> [(byte: Int, mask: UInt8)] {
        state.withLock { $0.flips }.filter { $0.name == name && range.contains($0.bit / 8) }
            .map { (byte: $0.bit / 8 - range.lowerBound, mask: 1 << UInt8($0.bit % 8)) }
    }

    /// What the store below says.
    public var capabilities: StoreCapabilities { base.capabilities }

    /// What the store below says.
    public var location: String { base.location }

    /// See ``ObjectStore``.
    public func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult {
        try perform(.put, name.text, byteCount: bytes.count) { () throws(StorageError) in try base.put(name, bytes) }
    }

    /// See ``ObjectStore``.
    public func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? {
        let bytes = try perform(.get, name.text) { () throws(StorageError) in try base.get(name) }
        guard var bytes else { return nil }
        for flip in flips(name, 0..<bytes.count) { bytes[flip.byte] ^= flip.mask }
        return bytes
    }

    /// See ``ObjectStore``.
    public func read(
        _ name: ObjectName, offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) -> Int? {
        let count = try perform(.read, name.text, byteCount: buffer.count) { () throws(StorageError) in
            try base.read(name, offset: offset, into: buffer)
        }
        guard let count else { return nil }
        for flip in flips(name, offset..<offset + count) { buffer[flip.byte] ^= flip.mask }
        return count
    }

    /// See ``ObjectStore``.
    public func size(_ name: ObjectName) throws(StorageError) -> Int? {
        try perform(.size, name.text) { () throws(StorageError) in try base.size(name) }
    }

    /// See ``ObjectStore``.
    public func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] {
        try perform(.list, folder) { () throws(StorageError) in try base.list(folder) }
    }

    /// See ``ObjectStore``.
    public func delete(_ name: ObjectName) throws(StorageError) {
        try perform(.delete, name.text) { () throws(StorageError) in try base.delete(name) }
    }
}
