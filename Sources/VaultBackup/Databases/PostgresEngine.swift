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
        let session = try Self.session(Self.maintenanceDatabase) { $0.patience = options.patience }
        let rows = try session.rows(
            PostgresSQL.settings + PostgresSQL.databases, cancellation)
        try session.close()
        return rows.compactMap { Hex.decode($0[0].text) }
    }

    func dump(_ name: [UInt8], file: [UInt8]) -> DatabaseDump {
        let dump = PostgresDump(name: name, file: file, options: options, clock: clock)
        return DatabaseDump(of: "the database " + DatabaseName(.postgres, name).readable, file: file) {
            try dump.start($0)
        }
    }

    func globals() -> DatabaseDump? {
        guard options.globals else { return nil }
        let globals = PostgresGlobals(options: options, clock: clock)
        return DatabaseDump(of: "the roles of the PostgreSQL server", file: PostgresGlobals.file) {
            try globals.start($0)
        }
    }
}
