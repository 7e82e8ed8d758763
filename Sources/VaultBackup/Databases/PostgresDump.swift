/// One database of PostgreSQL in the custom format of `pg_dump`, uncompressed.
///
/// 1. A session of `psql` opens a transaction and exports its snapshot; `pg_dump` works on that snapshot, and so do the
///    queries of the capture, in that transaction. All three see the same instant, whoever writes meanwhile.
/// 2. The dump counts only if `pg_dump` ends with exit status 0 and its output begins as an archive does.
struct PostgresDump: Sendable {
    let name: [UInt8]
    let file: [UInt8]
    let options: DatabaseOptions
    let clock: any TimeSource

    func start(_ cancellation: Cancellation) throws -> DatabaseDump.Running {
        let began = clock.now()
        let session = try PostgresEngine.session(name) { $0.patience = options.patience }
        try session.rows(PostgresCapture.begin, cancellation)
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
        var tool = PostgresEngine.tool(
            "pg_dump",
            ["--format=custom", "--compress=0", "--no-password", "--lock-wait-timeout=300000", "--snapshot=\(id)"],
            database: name)
        tool.patience = options.patience
        let dump = try tool.start()
        let capture = try Aside(cancellation) { cancellation in
            var capture = DatabaseCapture(engine: .postgres, name: name, file: file)
            capture.began = began
            try PostgresCapture(session: session, cancellation: cancellation).fill(
                &capture, withContent: options.capture)
            capture.ended = clock.now()
            return capture
        }
        return DatabaseDump.Running(read: { try dump.read(into: $0, $1) }) { ends, cancellation in
            // The transaction stays open until `pg_dump` has ended: nobody else keeps the snapshot for it before it has
            // begun.
            let captured = Result { try capture.value() }
            try dump.confirm(cancellation)
            guard ends.head.starts(with: Array("PGDMP".utf8)) else {
                throw dump.failure(nil, "What pg_dump wrote is no archive")
            }
            let capture = try captured.get()
            try session.rows("COMMIT;", cancellation)
            try session.close()
            return capture
        }
    }
}

/// The roles of a server, their memberships and settings, and tablespaces, as statements.
///
/// Passwords of roles are in it, as the server keeps them (hashes), where the user may read them: without them nobody could
/// log in to what is restored.
struct PostgresGlobals: Sendable {
    let options: DatabaseOptions
    let clock: any TimeSource

    /// File of the roles.
    static let file = Array("postgres-globals.sql".utf8)

    func start(_ cancellation: Cancellation) throws -> DatabaseDump.Running {
        let began = clock.now()
        let database = PostgresEngine.maintenanceDatabase
        let session = try PostgresEngine.session(database) { $0.patience = options.patience }
        let row = try session.rows("SELECT rolsuper FROM pg_roles WHERE rolname = current_user;", cancellation)
        try session.close()
        let maySeePasswords = row.first?.first?.text == "t"
        var arguments = ["--globals-only", "--no-password"]
        if !maySeePasswords { arguments.append("--no-role-passwords") }
        var program = PostgresEngine.tool("pg_dumpall", arguments, database: database)
        program.patience = options.patience
        let tool = try program.start()
        return DatabaseDump.Running(read: { try tool.read(into: $0, $1) }) { ends, cancellation in
            try tool.confirm(cancellation)
            guard ends.endsWith("PostgreSQL database cluster dump complete") else {
                throw tool.failure(nil, "What pg_dumpall wrote has no end")
            }
            var capture = DatabaseCapture(engine: .postgres, name: [], file: Self.file)
            capture.began = began
            capture.ended = clock.now()
            capture.facts["passwords"] = maySeePasswords ? "yes" : "no"
            return capture
        }
    }
}
