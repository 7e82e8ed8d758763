internal import Synchronization

/// One database of MariaDB as statements.
///
/// 1. All tables are locked against writing for the moment in which `mariadb-dump` and the session of the capture both begin
///    their transactions: both then see the same instant. Without the right to lock (`RELOAD`), or when it takes more than
///    ten seconds, dump and capture are of two moments, and the capture says `window`. Tables that know no transactions
///    make it a window too.
/// 2. The dump counts only if `mariadb-dump` ends with exit status 0 and its last line says that it is complete.
/// 3. It drops and creates no database and drops no table: loaded in the wrong place it can only fail.
final class MariaDump: DatabaseDump {
    let file: [UInt8]
    private let name: [UInt8]
    private let options: DatabaseOptions
    private let clock: any TimeSource
    private let state = Mutex(State())

    private struct State {
        var running: Running?
        /// Read from the dump and not handed out yet.
        var head: [UInt8] = []
        var ends = StreamEnds()
        var result: Result<DatabaseCapture, any Error>?
    }

    private struct Running {
        var session: SQLSession
        var dump: RunningTool
        var capture: Aside<DatabaseCapture>
    }

    /// Bytes of a dump that cannot all be its heading, which is written before the transaction begins.
    private static let headingBytesMax = 2_048

    init(name: [UInt8], file: [UInt8], options: DatabaseOptions, clock: any TimeSource) {
        self.name = name
        self.file = file
        self.options = options
        self.clock = clock
    }

    private var subject: String { "the database mariadb:" + PathText.readable(name) }

    func read(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        if state.withLock({ $0.running == nil }) { try PostgresDump.explain(subject) { try start(cancellation) } }
        let (running, count) = state.withLock { state in
            let count = min(state.head.count, buffer.count)
            buffer.copyBytes(from: state.head[..<count])
            state.head.removeFirst(count)
            return (state.running, count)
        }
        guard let running else { return 0 }
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let total = count + (try running.dump.read(into: rest, cancellation))
        let ends = state.withLock { state in
            state.ends.note(UnsafeRawBufferPointer(rebasing: buffer[..<total]))
            return state.ends
        }
        if total < buffer.count {
            let result = Result { try end(running, ends) }
            state.withLock { $0.result = result }
        }
        return total
    }

    private func start(_ cancellation: Cancellation) throws {
        let began = clock.now()
        let lock = try? MariaEngine.session(nil, defaultsFile: options.defaultsFile)
        let isLocked =
            (try? lock?.rows(
                "SET SESSION lock_wait_timeout = 10; FLUSH TABLES WITH READ LOCK;", cancellation)) != nil && lock != nil
        let session = try MariaEngine.session(name, defaultsFile: options.defaultsFile)
        try session.rows(MariaCapture.begin, cancellation)
        var tool = MariaEngine.tool(
            "mariadb-dump",
            [
                "--single-transaction", "--quick", "--routines", "--events", "--triggers", "--hex-blob",
                "--skip-dump-date",
                "--skip-add-drop-table", "--skip-add-locks", "--default-character-set=utf8mb4",
                "--max-allowed-packet=1G",
            ],
            defaultsFile: options.defaultsFile)
        tool.arguments += [Array("--".utf8), name]
        let dump = try tool.start()
        let head = try beginning(dump, cancellation)
        if isLocked {
            try lock?.rows("UNLOCK TABLES;", cancellation)
            try lock?.close()
        }
        let (name, file, clock, options) = (name, file, clock, options)
        let capture = try Aside {
            var capture = DatabaseCapture(engine: .mariadb, name: name, file: file)
            capture.began = began
            capture.consistency = isLocked ? .instant : .window
            try MariaCapture(session: session, cancellation: cancellation).fill(&capture, withContent: options.capture)
            capture.ended = clock.now()
            return capture
        }
        state.withLock { state in
            state.head = head
            state.running = Running(session: session, dump: dump, capture: capture)
        }
    }

    /// Reads until there is more than the heading: then the transaction of the dump has begun.
    private func beginning(_ dump: RunningTool, _ cancellation: Cancellation) throws -> [UInt8] {
        var head: [UInt8] = []
        while head.count < Self.headingBytesMax {
            let count = try withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { block in
                let count = try dump.readSome(into: block, cancellation)
                head += block[..<count]
                return count
            }
            if count == 0 { break }
        }
        return head
    }

    private func end(_ running: Running, _ ends: StreamEnds) throws -> DatabaseCapture {
        try PostgresDump.explain(subject) {
            let captured = Result { try running.capture.value() }
            try running.dump.confirm()
            guard ends.lastLine(begins: "-- Dump completed") else {
                throw running.dump.failure(nil, "What mariadb-dump wrote has no end")
            }
            let capture = try captured.get()
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
}
