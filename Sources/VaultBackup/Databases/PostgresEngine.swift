/// PostgreSQL, by its own client programs: `psql`, `pg_dump`, `pg_dumpall`.
///
/// They find server, user and password as always: `PGHOST`, `PGPORT`, `PGUSER`, `PGSERVICE`, `PGPASSFILE`, `~/.pgpass`.
struct PostgresEngine: DatabaseEngine {
    let options: DatabaseOptions
    let clock: any TimeSource

    /// A client program that works on one database. The name goes by a variable: as an argument it could be taken for
    /// connection settings.
    static func tool(_ program: String, _ arguments: [String], database: [UInt8]?) -> DatabaseTool {
        var tool = DatabaseTool(program, arguments)
        tool.variables = [Array("PGAPPNAME=vault".utf8)]
        if let database { tool.variables.append(Array("PGDATABASE=".utf8) + database) }
        return tool
    }

    /// A connection to a database, with everything pinned that changes the text of a value.
    static func session(_ database: [UInt8]?, tool change: (inout DatabaseTool) -> Void = { _ in }) throws -> SQLSession
    {
        var tool = tool(
            "psql",
            [
                "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password", "--set=ON_ERROR_STOP=1",
                "--field-separator=|", "--pset=null=",
            ],
            database: database)
        change(&tool)
        return try SQLSession(tool, separator: "|")
    }

    /// The database to ask about others.
    static var maintenanceDatabase: [UInt8]? {
        Host.environmentValue("PGDATABASE") == nil && Host.environmentValue("PGSERVICE") == nil
            ? Array("postgres".utf8) : nil
    }

    func databases(_ cancellation: Cancellation) throws -> [[UInt8]] {
        let session = try Self.session(Self.maintenanceDatabase)
        let rows = try session.rows(
            PostgresSQL.settings + PostgresSQL.databases, cancellation)
        try session.close()
        return rows.compactMap { Hex.decode($0[0].text) }
    }

    func dump(_ name: [UInt8], file: [UInt8]) -> any DatabaseDump {
        PostgresDump(name: name, file: file, options: options, clock: clock)
    }

    func globals() -> (any DatabaseDump)? { options.globals ? PostgresGlobals(clock: clock) : nil }

    /// File of the roles.
    static let globalsFile = Array("postgres-globals.sql".utf8)
}

/// The roles of a server, their memberships and settings, and tablespaces, as statements.
///
/// Passwords of roles are in it, as the server keeps them (hashes), where the user may read them: without them nobody could
/// log in to what is restored.
final class PostgresGlobals: DatabaseDump {
    let file = PostgresEngine.globalsFile
    private let clock: any TimeSource
    private let state = Monitor<State>(State())

    private struct State {
        var tool: RunningTool?
        var ends = StreamEnds()
        var began = Timestamp(milliseconds: 0)
        var facts: [String: String] = [:]
    }

    init(clock: any TimeSource) { self.clock = clock }

    func read(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        let tool = try state.withLock { state in
            if let tool = state.tool { return tool }
            state.began = clock.now()
            let database = PostgresEngine.maintenanceDatabase
            let session = try PostgresEngine.session(database)
            let row = try session.rows("SELECT rolsuper FROM pg_roles WHERE rolname = current_user;", cancellation)
            try session.close()
            let maySeePasswords = row.first?.first?.text == "t"
            state.facts["passwords"] = maySeePasswords ? "yes" : "no"
            var arguments = ["--globals-only", "--no-password"]
            if !maySeePasswords { arguments.append("--no-role-passwords") }
            let tool = try PostgresEngine.tool("pg_dumpall", arguments, database: database).start()
            state.tool = tool
            return tool
        }
        let count = try tool.read(into: buffer, cancellation)
        state.withLock { $0.ends.note(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        return count
    }

    func finish() throws -> DatabaseCapture {
        let state = state.withLock { $0 }
        guard let tool = state.tool else { throw VaultError(.failed, "pg_dumpall was not started") }
        try PostgresDump.explain("the roles of the PostgreSQL server") {
            try tool.confirm()
            guard state.ends.endsWith("PostgreSQL database cluster dump complete") else {
                throw tool.failure(nil, "What pg_dumpall wrote has no end")
            }
        }
        var capture = DatabaseCapture(engine: .postgres, name: [], file: file)
        capture.began = state.began
        capture.ended = clock.now()
        capture.facts = state.facts
        return capture
    }
}
