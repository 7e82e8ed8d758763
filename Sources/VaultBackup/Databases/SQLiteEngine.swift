/// SQLite, by its own shell: `sqlite3`.
struct SQLiteEngine: DatabaseEngine {
    let options: DatabaseOptions
    let clock: any TimeSource

    /// A shell on a database file, without the settings of the user.
    static func tool(_ path: [UInt8]) -> DatabaseTool {
        var tool = DatabaseTool("sqlite3", ["-init", "/dev/null", "-batch", "-bail", "-noheader", "-list"])
        tool.arguments.append(path)
        return tool
    }

    func databases(_ cancellation: Cancellation) throws -> [[UInt8]] { [] }

    func dump(_ name: [UInt8], file: [UInt8]) -> any DatabaseDump {
        SQLiteDump(path: name, file: file, options: options, clock: clock)
    }

    func globals() -> (any DatabaseDump)? { nil }
}

/// One database of SQLite as statements.
///
/// 1. One process of `sqlite3` opens a read transaction, looks at the database, and then writes the dump within it: both are
///    of one instant. Where the database has no write-ahead log, writers wait until the dump is done.
/// 2. The dump counts only if `PRAGMA integrity_check` finds nothing, the shell ends with exit status 0, and the last line is
///    `COMMIT;`: the shell writes `ROLLBACK` there after errors, and still ends with 0.
final class SQLiteDump: DatabaseDump {
    let file: [UInt8]
    private let path: [UInt8]
    private let options: DatabaseOptions
    private let clock: any TimeSource
    private let state = Monitor<State>(State())

    private struct State {
        var session: SQLSession?
        var capture: DatabaseCapture?
        /// What comes before the statements of the shell and was not handed out yet.
        var head: [UInt8] = []
        var ends = StreamEnds()
    }

    init(path: [UInt8], file: [UInt8], options: DatabaseOptions, clock: any TimeSource) {
        self.path = path
        self.file = file
        self.options = options
        self.clock = clock
    }

    private var subject: String { "the database sqlite:" + PathText.readable(path) }

    func read(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        if state.withLock({ $0.session == nil }) { try PostgresDump.explain(subject) { try start(cancellation) } }
        let (session, count) = state.withLock { state in
            let count = min(state.head.count, buffer.count)
            buffer.copyBytes(from: state.head[..<count])
            state.head.removeFirst(count)
            return (state.session, count)
        }
        guard let session else { return 0 }
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let total = count + (try session.readRest(into: rest, cancellation))
        state.withLock { $0.ends.note(UnsafeRawBufferPointer(rebasing: buffer[..<total])) }
        return total
    }

    private func start(_ cancellation: Cancellation) throws {
        guard let status = try? FileStatus.read(path, followingLinks: true), status.kind == .file, status.size > 0
        else {
            throw VaultError(.failed, "There is no such file, or it is empty")
        }
        var capture = DatabaseCapture(engine: .sqlite, name: path, file: file)
        capture.began = clock.now()
        let session = try SQLSession(SQLiteEngine.tool(path), separator: "|")
        // The transaction begins with the first look at the content.
        try session.rows(
            ".timeout 60000\nPRAGMA query_only = ON; BEGIN; SELECT count(*) FROM sqlite_schema;", cancellation)
        try SQLiteCapture(session: session, cancellation: cancellation).fill(&capture, withContent: options.capture)
        try session.send(".dump --preserve-rowids\n.quit\n")
        let head = SQLiteCapture.head(capture.facts)
        state.withLock { state in
            state.session = session
            state.capture = capture
            state.head = Array(head.utf8)
        }
    }

    func finish() throws -> DatabaseCapture {
        let state = state.withLock { $0 }
        guard let session = state.session, var capture = state.capture else {
            throw VaultError(.failed, "sqlite3 was not started")
        }
        try PostgresDump.explain(subject) {
            try session.close()
            guard state.ends.lastLine(begins: "COMMIT;") else {
                throw VaultError(.failed, "The dump ends without COMMIT: the shell could not read all of the database")
            }
        }
        capture.ended = clock.now()
        return capture
    }
}
