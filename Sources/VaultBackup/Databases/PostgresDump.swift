internal import Synchronization

/// One database of PostgreSQL in the custom format of `pg_dump`, uncompressed.
///
/// 1. A session of `psql` opens a transaction and exports its snapshot; `pg_dump` works on that snapshot, and so do the
///    queries of the capture, in that transaction. All three see the same instant, whoever writes meanwhile.
/// 2. The dump counts only if `pg_dump` ends with exit status 0 and its output begins as an archive does.
final class PostgresDump: DatabaseDump {
    let file: [UInt8]
    private let name: [UInt8]
    private let options: DatabaseOptions
    private let clock: any TimeSource
    private let state = Mutex(State())

    private struct State {
        var running: Running?
        var ends = StreamEnds()
        /// Set when the stream has ended.
        var result: Result<DatabaseCapture, any Error>?
    }

    private struct Running {
        var session: SQLSession
        var dump: RunningTool
        var capture: Aside<DatabaseCapture>
    }

    init(name: [UInt8], file: [UInt8], options: DatabaseOptions, clock: any TimeSource) {
        self.name = name
        self.file = file
        self.options = options
        self.clock = clock
    }

    /// For messages.
    private var subject: String { "the database postgres:" + PathText.readable(name) }

    func read(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        let running = try state.withLock { state in
            if let running = state.running { return running }
            let running = try start(cancellation)
            state.running = running
            return running
        }
        let count = try running.dump.read(into: buffer, cancellation)
        state.withLock { $0.ends.note(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        if count < buffer.count {
            // Not only when all other databases are done: the transaction keeps the server from tidying up.
            let ends = state.withLock { $0.ends }
            let result = Result { try end(running, ends, cancellation) }
            state.withLock { $0.result = result }
        }
        return count
    }

    private func start(_ cancellation: Cancellation) throws -> Running {
        try Self.explain(subject) {
            let began = clock.now()
            let session = try PostgresEngine.session(name)
            try session.rows(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;" + PostgresSQL.settings, cancellation)
            // A service file may name another database, and is stronger than the variable that we set.
            let found = try session.rows(
                "SELECT encode(textsend(current_database()::text), 'hex');", cancellation
            ).first?.first.flatMap { Hex.decode($0.text) }
            guard found == name else {
                throw VaultError(
                    .failed, "The connection leads to the database \(PathText.readable(found ?? []))",
                    nextStep: "Take 'dbname' out of the service file")
            }
            let id = try session.rows("SELECT pg_export_snapshot();", cancellation).first?.first?.text ?? ""
            guard !id.isEmpty,
                id.utf8.allSatisfy({ $0 == 0x2d || (0x30...0x39).contains($0) || (0x41...0x46).contains($0) })
            else { throw VaultError(.failed, "The server exports no snapshot of its state") }
            let dump = try PostgresEngine.tool(
                "pg_dump",
                ["--format=custom", "--compress=0", "--no-password", "--lock-wait-timeout=300000", "--snapshot=\(id)"],
                database: name
            ).start()
            let (name, file, clock, options) = (name, file, clock, options)
            let capture = try Aside {
                var capture = DatabaseCapture(engine: .postgres, name: name, file: file)
                capture.began = began
                try PostgresCapture(session: session, cancellation: cancellation).fill(
                    &capture, withContent: options.capture)
                capture.ended = clock.now()
                return capture
            }
            return Running(session: session, dump: dump, capture: capture)
        }
    }

    /// The transaction stays open until `pg_dump` has ended: nobody else keeps the snapshot for it before it has begun.
    private func end(
        _ running: Running, _ ends: StreamEnds, _ cancellation: Cancellation
    ) throws -> DatabaseCapture {
        try Self.explain(subject) {
            let captured = Result { try running.capture.value() }
            try running.dump.confirm()
            guard ends.head.starts(with: Array("PGDMP".utf8)) else {
                throw running.dump.failure(nil, "What pg_dump wrote is no archive")
            }
            let capture = try captured.get()
            try running.session.rows("COMMIT;", cancellation)
            try running.session.close()
            return capture
        }
    }

    func finish() throws -> DatabaseCapture {
        guard let result = state.withLock({ $0.result }) else {
            throw VaultError(.failed, "The dump of \(subject) was not read to its end")
        }
        return try result.get()
    }

    /// Says of what a failure is.
    static func explain<R>(_ subject: String, _ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as VaultError where error.code == .failed {
            let cause = (error.cause as? VaultError).map { "\(error.message): \($0.message)" } ?? error.message
            throw VaultError(
                .failed,
                "\(subject.prefix(1).uppercased() + subject.dropFirst()) cannot be saved, so there is no snapshot",
                nextStep:
                    "Check with the database's own client, as the same user and with the same variables, that it is "
                    + "there and may be read, and run the backup again",
                cause: VaultError(.failed, cause))
        }
    }
}
