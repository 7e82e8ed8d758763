internal import Foundation
internal import Synchronization
public import VaultBackup

/// The contract of ``ObjectStore`` as checks, one for each sentence that can be observed from outside. (What survives a
/// power loss is looked at per store, in the order of its system calls.)
public enum ObjectStoreConformance: String, Sendable, CaseIterable {
    case storesUnlessPresent = "Stores bytes under a name unless an object of that name exists"
    case existsChangesNothing = "On .exists nothing was changed; the existing object may hold other bytes"
    case oneWriterWins = "Of several writers of one name exactly one gets .created"
    case getIsWholeOrNil = "get: the whole object; nil when there is none"
    case staysVisible = "An object seen once stays visible"
    case readsUntilFullOrEnd = "read: until the buffer is full or the object ends; nil when there is no such object"
    case sizeOrNil = "size: length of the object in bytes; nil when there is none"
    case listsFolder = "list: names and lengths of the objects in a folder"
    case deleteRemoves = "delete: removes an object; succeeds when there is none"
    case nameIsFreeAfterDelete = "A name is free again after its object was removed"
    case emptyObject = "An object of length 0 is an object"
    case largeObject = "A large object comes back as it was"
    case callsInParallel = "All calls may be made from several threads at once"

    /// A sentence of the contract that a store breaks.
    public struct Violation: Error, CustomStringConvertible {
        /// The sentence, and what was seen.
        public let description: String
    }

    /// Runs this check against an empty store.
    public func check(_ store: any ObjectStore) throws {
        switch self {
        case .storesUnlessPresent: try checkStoring(store)
        case .existsChangesNothing: try checkExists(store)
        case .oneWriterWins: try checkOneWriterWins(store)
        case .getIsWholeOrNil: try checkGet(store)
        case .staysVisible: try checkStaysVisible(store)
        case .readsUntilFullOrEnd: try checkRead(store)
        case .sizeOrNil: try checkSize(store)
        case .listsFolder: try checkList(store)
        case .deleteRemoves: try checkDelete(store)
        case .nameIsFreeAfterDelete: try checkNameIsFree(store)
        case .emptyObject: try checkEmpty(store)
        case .largeObject: try checkLarge(store)
        case .callsInParallel: try checkParallel(store)
        }
    }

    func require(_ condition: Bool, _ seen: @autoclosure () -> String) throws {
        if !condition { throw Violation(description: "\(rawValue): \(seen())") }
    }

    /// A name by content whose digest is made up of `number`; stores do not look at the digest.
    static func name(_ kind: ObjectName.Kind, _ number: Int) -> ObjectName {
        let hex = String(UInt64(truncatingIfNeeded: number) &* 0x9e37_79b9_7f4a_7c15, radix: 16)
        let padded = String(repeating: "0", count: 16 - hex.count) + hex
        return .content(kind, Digest(hex: String(repeating: padded, count: 4)) ?? .zero)
    }

    static func content(_ count: Int, _ seed: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: seed) | 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    /// Runs `body` on `count` threads that begin at the same moment, and waits for all.
    public static func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let gate = DispatchSemaphore(value: 0)
        let done = DispatchGroup()
        for k in 0..<count {
            done.enter()
            Thread.detachNewThread {
                gate.wait()
                body(k)
                done.leave()
            }
        }
        for _ in 0..<count { gate.signal() }
        done.wait()
    }
}
