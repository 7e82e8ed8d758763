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
    /// File of the users.
    static let globalsFile = Array("mariadb-globals.sql".utf8)

    /// A client program; the option file must come first.
    static func tool(_ program: String, _ arguments: [String], defaultsFile: [UInt8]?) -> DatabaseTool {
        var tool = DatabaseTool(program, arguments)
        if let defaultsFile { tool.arguments.insert(Array("--defaults-file=".utf8) + defaultsFile, at: 0) }
        return tool
    }

    static func session(
        _ database: [UInt8]?, defaultsFile: [UInt8]?, tool change: (inout DatabaseTool) -> Void = { _ in }
    ) throws -> SQLSession {
        var tool = tool(
            "mariadb",
            [
                "--batch", "--skip-column-names", "--unbuffered", "--no-auto-rehash", "--skip-reconnect",
                "--local-infile=0",
                "--default-character-set=utf8mb4", "--max-allowed-packet=1G",
            ],
            defaultsFile: defaultsFile)
        if let database { tool.arguments.append(Array("--database=".utf8) + database) }
        change(&tool)
        return try SQLSession(tool, separator: "\t")
    }

    func databases(_ cancellation: Cancellation) throws -> [[UInt8]] {
        let session = try Self.session(nil, defaultsFile: options.defaultsFile)
        let rows = try session.rows(Self.listing, cancellation)
        try session.close()
        return rows.compactMap { Hex.decode($0[0].text.lowercased()) }.filter {
            !Self.systemDatabases.contains($0.text)
        }
    }

    func dump(_ name: [UInt8], file: [UInt8]) -> any DatabaseDump {
        MariaDump(name: name, file: file, options: options, clock: clock)
    }

    /// Users and what they may do, where the user may see them.
    func globals() -> (any DatabaseDump)? {
        guard options.globals, let session = try? Self.session(nil, defaultsFile: options.defaultsFile),
            (try? session.rows("SELECT COUNT(*) FROM mysql.global_priv;", Cancellation())) != nil
        else { return nil }
        try? session.close()
        return MariaGlobals(options: options, clock: clock)
    }
}

/// The users of a server and their rights, as statements. Passwords are in it as the server keeps them (hashes).
final class MariaGlobals: DatabaseDump {
    let file = MariaEngine.globalsFile
    private let options: DatabaseOptions
    private let clock: any TimeSource
    private let state = Monitor<State>(State())

    private struct State {
        var tool: RunningTool?
        var ends = StreamEnds()
        var began = Timestamp(milliseconds: 0)
    }

    init(options: DatabaseOptions, clock: any TimeSource) {
        self.options = options
        self.clock = clock
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        let tool = try state.withLock { state in
            if let tool = state.tool { return tool }
            state.began = clock.now()
            let tool = try MariaEngine.tool(
                "mariadb-dump", ["--system=users", "--skip-dump-date"], defaultsFile: options.defaultsFile
            ).start()
            state.tool = tool
            return tool
        }
        let count = try tool.read(into: buffer, cancellation)
        state.withLock { $0.ends.note(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        return count
    }

    func finish() throws -> DatabaseCapture {
        let state = state.withLock { $0 }
        guard let tool = state.tool else { throw VaultError(.failed, "mariadb-dump was not started") }
        try PostgresDump.explain("the users of the MariaDB server") {
            try tool.confirm()
            guard state.ends.lastLine(begins: "-- Dump completed") else {
                throw tool.failure(nil, "What mariadb-dump wrote has no end")
            }
        }
        var capture = DatabaseCapture(engine: .mariadb, name: [], file: file)
        capture.began = state.began
        capture.ended = clock.now()
        return capture
    }
}
