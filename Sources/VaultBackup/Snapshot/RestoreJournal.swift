internal import Synchronization

/// What a restore does, or would do, with one entry of the target.
public struct RestoreChange: Sendable, Equatable {
    /// What happens.
    public enum Action: String, Sendable, CaseIterable {
        /// It was not there.
        case create
        /// It was there and is replaced, or put right in content or metadata.
        case change
        /// It is not in the snapshot and goes away.
        case remove
        /// It stays as it is: it is right, or is not to be overwritten.
        case keep
    }

    /// Path below the target.
    public var path: [UInt8]
    /// What happens.
    public var action: Action
    /// What the entry is in the snapshot, or for one that is removed, in the target.
    public var kind: EntryKind
    /// Bytes of content that are written, removed or kept.
    public var bytes: Int
}

/// How many entries something happened to, and how many bytes of content that was.
public struct RestoreCount: Sendable, Equatable {
    /// Entries.
    public var entries = 0
    /// Bytes of content.
    public var bytes = 0
}

/// Counts what a restore does and tells it to whoever wants to know. Safe from any thread.
final class RestoreJournal: Sendable {
    private struct Counts {
        var created = RestoreCount(), changed = RestoreCount(), removed = RestoreCount(), kept = RestoreCount()

        // A dictionary would cost a hash for each entry.
        subscript(action: RestoreChange.Action) -> RestoreCount {
            get {
                switch action {
                case .create: created
                case .change: changed
                case .remove: removed
                case .keep: kept
                }
            }
            set {
                switch action {
                case .create: created = newValue
                case .change: changed = newValue
                case .remove: removed = newValue
                case .keep: kept = newValue
                }
            }
        }
    }

    private let counts = Mutex(Counts())
    private let tell: (@Sendable (RestoreChange) -> Void)?

    init(_ tell: (@Sendable (RestoreChange) -> Void)?) { self.tell = tell }

    /// Notes one entry.
    func add(_ action: RestoreChange.Action, _ kind: EntryKind, bytes: Int = 0, path: @autoclosure () -> [UInt8]) {
        counts.withLock { counts in
            counts[action].entries += 1
            // What a hostile tree claims may be more than a number can hold.
            let (sum, isOverflow) = counts[action].bytes.addingReportingOverflow(bytes)
            counts[action].bytes = isOverflow ? .max : sum
        }
        tell?(RestoreChange(path: path(), action: action, kind: kind, bytes: bytes))
    }

    /// What happened so often.
    func count(_ action: RestoreChange.Action) -> RestoreCount { counts.withLock { $0[action] } }
}
