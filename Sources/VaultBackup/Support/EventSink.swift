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
    /// Files and directories done.
    public var entries = 0
    /// Content bytes done.
    public var bytes = 0
    /// Entries in all, if known.
    public var totalEntries: Int?
    /// Bytes in all, if known.
    public var totalBytes: Int?
    /// Bytes written to the store.
    public var storedBytes = 0

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
