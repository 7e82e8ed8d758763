internal import Synchronization

/// Something that was asked for and is not, or not exactly, in the snapshot.
public struct Problem: Sendable, Equatable {
    /// Path from `/`, without the leading slash.
    public var path: [UInt8]
    /// What happened, in a few words.
    public var reason: String

    /// A problem; see the properties.
    public init(path: [UInt8], reason: String) {
        self.path = path
        self.reason = reason
    }
}

/// The problems of a running backup. Safe from any thread; the list is bounded, the count is not.
final class ProblemList: Sendable {
    private struct State {
        var problems: [Problem] = []
        var pathBytes = 0
        var count = 0
    }

    private let state = Mutex(State())
    private let events: any EventSink
    private static let pathBytesMax = 256 << 10

    init(events: any EventSink) { self.events = events }

    /// Notes a problem and tells the user.
    func add(_ path: [UInt8], _ reason: String) {
        events.receive(.warning("/\(PathText.readable(path)): \(reason)"))
        state.withLock { state in
            state.count += 1
            state.pathBytes += path.count
            guard state.problems.count < Limits.problemsListedMax, state.pathBytes <= Self.pathBytesMax else { return }
            state.problems.append(Problem(path: path, reason: reason))
        }
    }

    /// How many there were.
    var count: Int { state.withLock { $0.count } }

    /// Those that are listed, by path.
    var listed: [Problem] { state.withLock { $0.problems }.sorted { $0.path.lexicographicallyPrecedes($1.path) } }
}

/// Things that a restore could not do, by path. Safe from any thread; the list is bounded, the count is not.
final class ProblemNotes: Sendable {
    private let state = Mutex<(notes: [Problem], count: Int)>(([], 0))
    private let events: (any EventSink)?
    private let tell: (@Sendable (Problem) -> Void)?

    /// Notes that are told to the user as they come, if `events` is given, and to `tell`.
    init(events: (any EventSink)? = nil, tell: (@Sendable (Problem) -> Void)? = nil) {
        self.events = events
        self.tell = tell
    }

    /// Tells the user something that is no problem of this run.
    func note(_ path: [UInt8], _ text: String) { events?.receive(.notice("/\(PathText.readable(path)): \(text)")) }

    /// Notes one.
    func add(_ path: [UInt8], _ reason: String) {
        events?.receive(.warning("/\(PathText.readable(path)): \(reason)"))
        tell?(Problem(path: path, reason: reason))
        state.withLock { state in
            state.count += 1
            if state.notes.count < Limits.problemsListedMax { state.notes.append(Problem(path: path, reason: reason)) }
        }
    }

    /// How many there are.
    var count: Int { state.withLock { $0.count } }

    /// Those that are listed, by path.
    var listed: [Problem] { state.withLock { $0.notes }.sorted { $0.path.lexicographicallyPrecedes($1.path) } }
}
