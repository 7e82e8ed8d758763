/// One database of MariaDB as statements.
///
/// 1. All tables are locked against writing for the moment in which `mariadb-dump` and the session of the capture both begin
///    their transactions: both then see the same instant. Without the right to lock (`RELOAD`), or when it takes more than
///    ten seconds, dump and capture are of two moments, and the capture says `window`. Tables that know no transactions
///    make it a window too.
/// 2. The dump counts only if `mariadb-dump` ends with exit status 0 and its last line says that it is complete.
/// 3. It drops and creates no database and drops no table: loaded in the wrong place it can only fail.
struct MariaDump: Sendable {
    let name: [UInt8]
    let file: [UInt8]
    let options: DatabaseOptions
    let clock: any TimeSource

    /// Bytes of a dump that cannot all be its heading, which is written before the transaction begins.
    private static let headingBytesMax = 2_048

    func start(_ cancellation: Cancellation) throws -> DatabaseDump.Running {
        let began = clock.now()
        let lock = try? MariaEngine.session(nil, options)
        let isLocked =
            (try? lock?.rows(
                "SET SESSION lock_wait_timeout = 10; FLUSH TABLES WITH READ LOCK;", cancellation)) != nil
        let session = try MariaEngine.session(name, options)
        try session.rows(MariaCapture.begin, cancellation)
        var tool = MariaEngine.tool(
            "mariadb-dump",
            [
                "--single-transaction", "--quick", "--routines", "--events", "--triggers", "--hex-blob",
                "--skip-dump-date",
                "--skip-add-drop-table", "--skip-add-locks", "--default-character-set=utf8mb4",
                "--max-allowed-packet=1G",
            ], options)
        tool.arguments += [Array("--".utf8), name]
        let dump = try tool.start()
        let head = try beginning(dump, cancellation)
        if isLocked {
            try lock?.rows("UNLOCK TABLES;", cancellation)
            try lock?.close()
        }
        let capture = try Aside(cancellation) { cancellation in
            var capture = DatabaseCapture(engine: .mariadb, name: name, file: file)
            capture.began = began
            capture.consistency = isLocked ? .instant : .window
            try MariaCapture(session: session, cancellation: cancellation).fill(&capture, withContent: options.capture)
            capture.ended = clock.now()
            return capture
        }
        return DatabaseDump.Running(head: head, read: { try dump.read(into: $0, $1) }) { ends, cancellation in
            let captured = Result { try capture.value() }
            try dump.confirm(cancellation)
            guard ends.isWholeMariaDump else { throw dump.failure(nil, "What mariadb-dump wrote has no end") }
            let capture = try captured.get()
            try session.close()
            return capture
        }
    }

    /// Reads until there is more than the heading: then the transaction of the dump has begun.
    private func beginning(_ dump: RunningTool, _ cancellation: Cancellation) throws -> [UInt8] {
        var head: [UInt8] = []
        while head.count < Self.headingBytesMax {
            let count = try withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { block in
                // Others wait for the lock meanwhile, so this is not worth the patience of a dump.
                let count = try dump.readSome(into: block, cancellation, seconds: options.patience.start)
                head += block[..<count]
                return count
            }
            if count == 0 { break }
        }
        return head
    }
}

/// The users of a server and their rights, as statements. Passwords are in it as the server keeps them (hashes).
struct MariaGlobals: Sendable {
    let options: DatabaseOptions
    let clock: any TimeSource

    /// File of the users.
    static let file = Array("mariadb-globals.sql".utf8)

    func start() throws -> DatabaseDump.Running {
        let began = clock.now()
        let tool = try MariaEngine.tool(
            "mariadb-dump", ["--system=users", "--skip-dump-date"], options
        ).start()
        return DatabaseDump.Running(read: { try tool.read(into: $0, $1) }) { ends, cancellation in
            try tool.confirm(cancellation)
            guard ends.isWholeMariaDump else { throw tool.failure(nil, "What mariadb-dump wrote has no end") }
            var capture = DatabaseCapture(engine: .mariadb, name: [], file: Self.file)
            capture.began = began
            capture.ended = clock.now()
            return capture
        }
    }
}

extension StreamEnds {
    /// Whether the last line is that of a whole dump of MariaDB.
    var isWholeMariaDump: Bool { lastLine(begins: "-- Dump completed") }
}
