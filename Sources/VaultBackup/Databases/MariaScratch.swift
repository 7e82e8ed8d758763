/// A server of MariaDB for a short time.
final class MariaScratch: ScratchServer {
    private(set) var notes: [String] = []
    private let place: ScratchPlace
    private let home: [UInt8]
    private var server: RunningTool?

    init(_ place: ScratchPlace) throws {
        self.place = place
        home = try place.makeHome("mariadb")
        try start()
    }

    deinit { stop() }

    private func path(_ name: String) -> [UInt8] { PathBytes.join(home, Array(name.utf8)) }

    /// A program; none of them reads an option file.
    private func tool(_ program: String, _ arguments: [String]) -> DatabaseTool {
        var tool = place.tool(
            program, ["--no-defaults"] + arguments,
            environment: [Array("HOME=".utf8) + home, Array("TMPDIR=".utf8) + home])
        if program.hasPrefix("mariadb-install") || program.hasPrefix("mariadbd") {
            tool.arguments.append(Array("--datadir=".utf8) + path("data"))
        } else {
            tool.arguments += [Array("--socket=".utf8) + path("s"), Array("--user=root".utf8)]
        }
        return tool
    }

    private func start() throws {
        let install = tool(
            "mariadb-install-db",
            ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", "--cross-bootstrap"])
        _ = try install.output(place.cancellation)
        var mariadbd = tool(
            "mariadbd",
            [
                "--skip-networking", "--skip-log-bin", "--innodb-buffer-pool-size=64M",
                "--innodb-flush-log-at-trx-commit=0",
                "--skip-innodb-doublewrite", "--max-connections=10", "--event-scheduler=OFF", "--local-infile=0",
                "--max-allowed-packet=1G", "--key-buffer-size=8M", "--performance-schema=OFF",
            ])
        mariadbd.arguments += [
            Array("--socket=".utf8) + path("s"), Array("--pid-file=".utf8) + path("pid"),
            Array("--tmpdir=".utf8) + home,
            Array("--secure-file-priv=".utf8) + path("data"),
        ]
        let server = try mariadbd.start()
        self.server = server
        for _ in 0..<600 {
            try place.cancellation.check()
            if (try? tool("mariadb-admin", ["--silent", "ping"]).output(place.cancellation)) != nil { return }
            try server.expectRunning()
            SystemClock.pause(milliseconds: 50)
        }
        throw server.failure(nil, "The scratch server of MariaDB does not begin to answer")
    }

    private func session(_ database: [UInt8]?) throws -> SQLSession {
        try MariaEngine.session(database, DatabaseOptions()) { tool in
            let confined = self.tool("mariadb", [])
            tool.arguments = confined.arguments + tool.arguments
            tool.prefix = confined.prefix
            tool.watch = confined.watch
            tool.environment = confined.environment
        }
    }

    /// Users are of the server as a whole; a failure says so, and the databases are loaded all the same.
    func loadGlobals(_ bytes: DumpBytes) throws {
        // The dump turns the anonymous root of this server into one with a password.
        notes.append("The users of the server were not loaded: the scratch server has only its own")
    }

    func load(_ capture: DatabaseCapture, _ bytes: DumpBytes) throws {
        let session = try session(nil)
        try session.rows(MariaText.create(capture.name, capture.facts), place.cancellation)
        try session.close()
        var client = tool("mariadb", MariaText.loading)
        client.arguments.append(Array("--database=".utf8) + capture.name)
        client.hasInput = true
        try MariaText.load(client, capture, bytes, place.cancellation)
    }

    func capture(_ capture: DatabaseCapture) throws -> DatabaseCapture {
        try MariaCapture.found(capture, as: capture.name, by: session(capture.name), place.cancellation)
    }

    func variables(_ capture: DatabaseCapture) -> [[UInt8]] {
        [
            Array("MYSQL_UNIX_PORT=".utf8) + path("s"), Array("VAULT_DATABASE=".utf8) + capture.name,
            // An option file of the user could lead elsewhere, and has the wrong password.
            Array("MYSQL_HOME=".utf8) + home, Array("USER=root".utf8),
        ]
    }

    func hint(_ capture: DatabaseCapture) -> String {
        "mariadb --no-defaults --socket=\(PathText.readable(path("s"))) --user=root '\(PathText.readable(capture.name))'"
    }

    func stop() {
        server?.end()
        server = nil
    }
}

/// Statements and arguments for loading dumps of MariaDB.
enum MariaText {
    /// Arguments of the client that loads a dump.
    static let loading = [
        "--batch", "--skip-column-names", "--no-auto-rehash", "--skip-reconnect", "--local-infile=0",
        "--default-character-set=utf8mb4", "--max-allowed-packet=1G",
    ]

    /// The statement that makes a database with the settings of an old one.
    static func create(_ name: [UInt8], _ facts: [String: String]) -> [UInt8] {
        func word(_ name: String) -> [UInt8] {
            Array(
                (facts[name] ?? "").utf8.filter {
                    ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a || $0 == 0x5f
                        || (0x30...0x39).contains($0)
                })
        }
        var text = Array("CREATE DATABASE ".utf8) + MariaCapture.quoted(name)
        let (encoding, collation) = (word("encoding"), word("collation"))
        if !encoding.isEmpty { text += Array(" CHARACTER SET ".utf8) + encoding }
        if !collation.isEmpty { text += Array(" COLLATE ".utf8) + collation }
        return text + Array(";\n".utf8)
    }

    /// Feeds a dump to a client and makes sure that the dump has an end, which the client does not.
    static func load(
        _ tool: DatabaseTool, _ capture: DatabaseCapture, _ bytes: DumpBytes, _ cancellation: Cancellation
    ) throws {
        try DatabaseLoading.explain(DatabaseName(capture.engine, capture.name).readable) {
            let client = try tool.start()
            var ends = StreamEnds()
            try bytes {
                ends.note($0)
                try client.feed($0, cancellation)
            }
            try client.finish(cancellation)
            guard ends.isWholeMariaDump else {
                throw VaultError(.failed, "The dump has no end: its last line does not say that it is complete")
            }
        }
    }
}
