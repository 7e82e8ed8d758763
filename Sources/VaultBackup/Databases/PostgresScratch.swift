/// A server of PostgreSQL for a short time.
final class PostgresScratch: ScratchServer {
    private(set) var notes: [String] = []
    private let place: ScratchPlace
    private let programs: PostgresPrograms
    private let home: [UInt8]
    private var server: RunningTool?
    private var hasGlobals = false

    /// The superuser of scratch servers: a name that no dump has among its roles.
    private static let superuser = "vault_inspector"

    init(_ place: ScratchPlace, _ capture: DatabaseCapture) throws {
        self.place = place
        programs = try PostgresPrograms(forDump: capture.version)
        if programs.major != PostgresPrograms.major(capture.version) {
            notes.append("The dump is of PostgreSQL \(capture.version), the scratch server of \(programs.major)")
        }
        home = try place.makeHome("postgres")
        try start()
    }

    deinit { stop() }

    private func tool(_ program: String, _ arguments: [String]) -> DatabaseTool {
        place.tool(
            programs.folder + "/" + program, arguments,
            environment: [
                Array("HOME=".utf8) + home, Array("TMPDIR=".utf8) + home, Array("PGHOST=".utf8) + home,
                Array("PGUSER=\(Self.superuser)".utf8), Array("PGCONNECT_TIMEOUT=30".utf8),
            ])
    }

    private func start() throws {
        var initdb = tool(
            "initdb", ["--auth=trust", "--username=\(Self.superuser)", "--no-sync", "--encoding=UTF8", "--locale=C"])
        initdb.arguments += [Array("--pgdata=".utf8) + PathBytes.join(home, Array("data".utf8))]
        _ = try initdb.output(place.cancellation)
        // Shared memory of parallel queries in files of its directory: they count there, and go with it.
        let settings = [
            "listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off",
            "wal_level=minimal", "max_wal_senders=0", "max_connections=12", "shared_buffers=64MB", "jit=off",
            "max_parallel_maintenance_workers=0", "log_min_messages=fatal", "log_min_error_statement=panic",
            "unix_socket_permissions=0700", "dynamic_shared_memory_type=mmap",
        ]
        var postgres = tool("postgres", settings.flatMap { ["-c", $0] })
        postgres.arguments += [
            Array("-c".utf8), Array("unix_socket_directories=".utf8) + home, Array("-D".utf8),
            PathBytes.join(home, Array("data".utf8)),
        ]
        let server = try postgres.start()
        self.server = server
        // The socket is there before connections are taken; so it is tried.
        for _ in 0..<600 {
            try place.cancellation.check()
            if (try? tool("pg_isready", ["--quiet"]).output(place.cancellation)) != nil { return }
            try server.expectRunning()
            SystemClock.pause(milliseconds: 50)
        }
        throw server.failure(nil, "The scratch server of PostgreSQL does not begin to answer")
    }

    private func session(_ database: [UInt8]) throws -> SQLSession {
        try PostgresEngine.session(database) { tool in
            let confined = self.tool("psql", [])
            tool.program = confined.program
            tool.prefix = confined.prefix
            tool.watch = confined.watch
            tool.environment = confined.environment
        }
    }

    func loadGlobals(_ bytes: DumpBytes) throws {
        var psql = tool(
            "psql", ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname=postgres", "--output=/dev/null"])
        psql.hasInput = true
        let tool = try psql.start()
        // Folders of tablespaces are those of another machine.
        let lines = StatementFilter { line in
            !["CREATE TABLESPACE ", "ALTER TABLESPACE "].contains { line.starts(with: Array($0.utf8)) }
                && !line.starts(with: Array("GRANT ".utf8), and: " ON TABLESPACE ")
        }
        try DatabaseLoading.explain("the roles of the server") {
            try bytes { try lines.pass($0) { try tool.feed($0, place.cancellation) } }
            try lines.end { try tool.feed($0, place.cancellation) }
            try tool.finish(place.cancellation)
        }
        hasGlobals = true
    }

    func load(_ capture: DatabaseCapture, _ bytes: DumpBytes) throws {
        if capture.name != Array("postgres".utf8) {
            do { try create(capture, collation: true) } catch {
                try create(capture, collation: false)
                notes.append(
                    "The collation \(capture.facts["collation"] ?? "?") is not installed here; C takes its place")
            }
        }
        var restore = tool(
            "pg_restore",
            ["--exit-on-error", "--no-tablespaces", "--no-password", "--verbose"]
                + (hasGlobals ? [] : ["--no-owner", "--no-privileges"]))
        restore.arguments.append(Array("--dbname=".utf8) + PostgresText.connection(to: capture.name))
        restore.hasInput = true
        let tool = try restore.start()
        try DatabaseLoading.explain(DatabaseName(capture.engine, capture.name).readable) {
            try bytes { try tool.feed($0, place.cancellation) }
            try tool.finish(place.cancellation)
        }
    }

    private func create(_ capture: DatabaseCapture, collation: Bool) throws {
        let session = try session(Array("postgres".utf8))
        try session.rows(PostgresText.create(capture.name, capture.facts, collation: collation), place.cancellation)
        try session.close()
    }

    func capture(_ capture: DatabaseCapture) throws -> DatabaseCapture {
        try PostgresCapture.found(capture, as: capture.name, by: session(capture.name), place.cancellation)
    }

    func variables(_ capture: DatabaseCapture) -> [[UInt8]] {
        [
            Array("PGHOST=".utf8) + home, Array("PGUSER=\(Self.superuser)".utf8),
            Array("PGDATABASE=".utf8) + capture.name,
            Array("PGPORT=5432".utf8),
        ]
    }

    func hint(_ capture: DatabaseCapture) -> String {
        "psql -h \(PathText.readable(home)) -U \(Self.superuser) '\(PathText.readable(capture.name))'"
    }

    func stop() {
        server?.end()
        server = nil
    }
}
