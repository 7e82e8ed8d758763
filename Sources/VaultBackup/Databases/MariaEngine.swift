/// MariaDB and MySQL, by their own client programs: `mariadb`, `mariadb-dump`.
///
/// They find server, user and password as always: option files such as `~/.my.cnf`, or the one that the options name.
struct MariaEngine: DatabaseEngine {
    let options: DatabaseOptions
    let clock: any TimeSource

    /// Databases that belong to the server.
    static let systemDatabases: Set<String> = ["information_schema", "performance_schema", "mysql", "sys"]
    /// All databases.
    static let listing = "SELECT HEX(SCHEMA_NAME) FROM information_schema.SCHEMATA ORDER BY 1;"

    /// A client program; the option file must come first.
    static func tool(_ program: String, _ arguments: [String], _ options: DatabaseOptions) -> DatabaseTool {
        var tool = DatabaseTool(program, arguments)
        tool.patience = options.patience
        if let file = options.defaultsFile { tool.arguments.insert(Array("--defaults-file=".utf8) + file, at: 0) }
        return tool
    }

    static func session(
        _ database: [UInt8]?, _ options: DatabaseOptions, tool change: (inout DatabaseTool) -> Void = { _ in }
    ) throws -> SQLSession {
        var tool = tool(
            "mariadb",
            [
                "--batch", "--skip-column-names", "--quick", "--unbuffered", "--no-auto-rehash", "--skip-reconnect",
                "--local-infile=0",
                "--default-character-set=utf8mb4", "--max-allowed-packet=1G",
            ], options)
        if let database { tool.arguments.append(Array("--database=".utf8) + database) }
        change(&tool)
        return try SQLSession(tool, separator: "\t")
    }

    func databases(_ cancellation: Cancellation) throws -> [[UInt8]] {
        let session = try Self.session(nil, options)
        let rows = try session.rows(Self.listing, cancellation)
        try session.close()
        return rows.compactMap { Hex.decode($0[0].text.lowercased()) }.filter {
            !Self.systemDatabases.contains($0.text)
        }
    }

    func dump(_ name: [UInt8], file: [UInt8]) -> DatabaseDump {
        let dump = MariaDump(name: name, file: file, options: options, clock: clock)
        return DatabaseDump(of: "the database " + DatabaseName(.mariadb, name).readable, file: file) {
            try dump.start($0)
        }
    }

    /// Users and what they may do, where the user may see them.
    func globals() -> DatabaseDump? {
        guard options.globals, let session = try? Self.session(nil, options),
            (try? session.rows("SELECT COUNT(*) FROM mysql.global_priv;", Cancellation())) != nil
        else { return nil }
        try? session.close()
        let globals = MariaGlobals(options: options, clock: clock)
        return DatabaseDump(of: "the users of the MariaDB server", file: MariaGlobals.file) { _ in
            try globals.start()
        }
    }
}
