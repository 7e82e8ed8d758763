internal import Synchronization

/// How databases are reached and how much is noted of them.
public struct DatabaseOptions: Sendable {
    /// Note rows and content of every table at the instant of the dump. It reads each table once more.
    public var capture = true
    /// Also save what belongs to a server as a whole: roles of PostgreSQL.
    public var globals = true
    /// When restoring, make the accounts of MariaDB that are missing.
    public var accounts = false
    /// Option file for the clients of MariaDB, which then read no other; nil for those that they read by themselves.
    public var defaultsFile: [UInt8]?
    /// For how long a client program may say nothing while it works, in seconds; then it is ended. While it connects
    /// that is two minutes, if this is not less.
    public var silenceSeconds = silenceSecondsDefault

    static let silenceSecondsDefault = 3_600

    var patience: Patience { Patience(start: min(Patience().start, silenceSeconds), answer: silenceSeconds) }

    /// The defaults.
    public init() {}
}

/// A kind of database: what to run to save it.
protocol DatabaseEngine: Sendable {
    /// All databases of the server that an ordinary user made.
    func databases(_ cancellation: Cancellation) throws -> [[UInt8]]
    /// The dump of one.
    func dump(_ name: [UInt8], file: [UInt8]) -> DatabaseDump
    /// The dump of what belongs to the server as a whole; nil where nothing does.
    func globals() -> DatabaseDump?
}

/// The engine that `kind` names.
func databaseEngine(_ kind: DatabaseCapture.Engine, _ options: DatabaseOptions, clock: any TimeSource)
    -> any DatabaseEngine
{
    switch kind {
    case .postgres: PostgresEngine(options: options, clock: clock)
    case .mariadb: MariaEngine(options: options, clock: clock)
    case .sqlite: SQLiteEngine(options: options, clock: clock)
    }
}

/// First and last bytes of a stream, and how many there were.
struct StreamEnds: Sendable {
    private(set) var head: [UInt8] = []
    private(set) var tail: [UInt8] = []
    private(set) var byteCount = 0
    private static let kept = 256

    mutating func note(_ bytes: UnsafeRawBufferPointer) {
        byteCount += bytes.count
        if head.count < Self.kept { head += bytes.prefix(Self.kept - head.count) }
        tail = Array((tail + bytes.suffix(Self.kept)).suffix(Self.kept))
    }

    /// Whether the last line but empty ones begins so.
    func lastLine(begins start: String) -> Bool {
        tail.split(separator: 0x0a).last?.starts(with: start.utf8) == true
    }

    /// Whether this text is near the end.
    func endsWith(_ text: String) -> Bool { String(decoding: tail, as: UTF8.self).contains(text) }
}

/// A task on a thread of its own, whose result is waited for. One whose result nobody wants any more is cancelled: it
/// would keep a transaction open on a server for hours.
final class Aside<Value: Sendable>: Sendable {
    private let thread: Thread
    private let box: Monitor<Result<Value, any Error>?>
    private let own: Cancellation
    private let isJoined = Atomic<Bool>(false)

    /// - Parameter body: gets what to look at: `cancellation`, or that its result is not wanted.
    init(_ cancellation: Cancellation, _ body: @escaping @Sendable (Cancellation) throws -> Value) throws {
        let box = Monitor<Result<Value, any Error>?>(nil)
        let own = Cancellation { cancellation.isCancelled }
        (self.box, self.own) = (box, own)
        thread = try Thread {
            let result = Result { try body(own) }
            box.withLock { $0 = result }
        }
    }

    deinit {
        own.cancel()
        join()
    }

    private func join() {
        if !isJoined.exchange(true, ordering: .relaxed) { thread.join() }
    }

    /// Waits for the end. - Precondition: called once.
    func value() throws -> Value {
        join()
        guard let result = box.withLock({ $0 }) else { throw VaultError(.failed, "A thread ended without a result") }
        return try result.get()
    }
}
