/// Something the engine has to tell while it works. The engine never prints.
public enum Event: Sendable {
    /// Work done so far; `total…` are nil while unknown.
    case progress(Progress)
    /// A source or an object that has a problem; the work goes on.
    case warning(String)
    /// One sentence about a step, for people.
    case notice(String)
}

/// Counters of a running operation.
public struct Progress: Sendable, Equatable {
    /// What ``entries`` counts.
    public enum Unit: String, Sendable, CaseIterable { case entries, packs, snapshots }

    /// Parts of an operation, each of which counts from zero.
    public enum Step: String, Sendable, CaseIterable {
        /// What the operation is for.
        case work
        /// Reading back what it wrote.
        case verify
    }

    /// The part that is under way.
    public var step = Step.work
    /// What ``entries`` and ``totalEntries`` count: files and directories, unless it says otherwise.
    public var unit = Unit.entries
    /// Files and directories done.
    public var entries = 0
    /// Content bytes done.
    public var bytes = 0
    /// Entries in all, if known.
    public var totalEntries: Int?
    /// Bytes in all, if known.
    public var totalBytes: Int?
    /// Whether the totals are only expected, such as those of the last run; the work may end before or after them.
    public var isEstimate = false
    /// Bytes written to the store.
    public var storedBytes = 0
    /// One of the files being worked on, from `/` without the leading slash, or from the target of a restore.
    public var path: [UInt8] = []

    /// All counters at zero.
    public init() {}
}

/// Receives events, from any thread.
public protocol EventSink: Sendable {
    /// Takes one event; must return quickly.
    func receive(_ event: Event)
}

/// Drops every event.
public struct SilentEventSink: EventSink {
    /// A sink that drops every event.
    public init() {}
    /// Drops the event.
    public func receive(_ event: Event) {}
}
