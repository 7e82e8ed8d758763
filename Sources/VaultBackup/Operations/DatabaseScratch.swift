/// What to do with databases of a snapshot on scratch servers.
public struct ScratchRequest: Sendable {
    /// The databases; empty for all of the snapshot.
    public var databases: [DatabaseName] = []
    /// Where scratch directories are made.
    public var scratch: [UInt8]

    /// A request for all databases of a snapshot.
    public init(scratch: [UInt8]) { self.scratch = scratch }
}

/// What became of a database on a scratch server.
public struct CheckedDatabase: Sendable {
    /// What was noted of it when it was saved.
    public var capture: DatabaseCapture
    /// What the restored database has against that.
    public var comparison: CaptureComparison
    /// How long loading and comparing took, in nanoseconds; the start of the server is not in it.
    public var nanoseconds: UInt64
    /// How much of that the comparison took.
    public var compareNanoseconds: UInt64
    /// What should be known of the scratch server.
    public var notes: [String]
}

/// Restores databases into scratch servers.
public enum DatabaseScratch {
    /// Restores databases of a snapshot, each in turn, into scratch servers that it starts and ends, and compares them with
    /// what was noted. Nothing of it stays.
    ///
    /// - Throws: ``VaultError``; a dump that cannot be loaded is no error but a comparison that failed.
    public static func check(
        _ snapshot: SnapshotDatabases, _ request: ScratchRequest, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> [CheckedDatabase] {
        let wanted = try wanted(snapshot, request)
        let source = try snapshot.source()
        var checked: [CheckedDatabase] = []
        for engine in DatabaseCapture.Engine.allCases {
            let captures = wanted.filter { $0.engine == engine }
            guard let first = captures.first else { continue }
            try withServer(for: first, source, request.scratch, events, cancellation) { server, _ in
                for capture in captures {
                    checked.append(try check(capture, server, source, cancellation))
                }
            }
        }
        return checked
    }

    /// Restores one database and calls `body` with the running server: its variables, a command for people, the comparison.
    public static func open<R>(
        _ snapshot: SnapshotDatabases, _ name: DatabaseName?, scratch: [UInt8],
        events: any EventSink = SilentEventSink(), cancellation: Cancellation = Cancellation(),
        _ body: (OpenDatabase) throws -> R
    ) throws -> R {
        let capture = try snapshot.database(name)
        let source = try snapshot.source()
        return try withServer(for: capture, source, scratch, events, cancellation) { server, _ in
            let checked = try check(capture, server, source, cancellation)
            return try body(
                OpenDatabase(checked: checked, variables: server.variables(capture), hint: server.hint(capture)))
        }
    }

    private static func wanted(_ snapshot: SnapshotDatabases, _ request: ScratchRequest) throws -> [DatabaseCapture] {
        let wanted =
            request.databases.isEmpty
            ? snapshot.databases : try request.databases.map { try snapshot.database($0) }
        guard !wanted.isEmpty else {
            throw VaultError(
                .notProven, "There is no database in the snapshot, only roles", nextStep: "Name another snapshot")
        }
        return wanted
    }

    /// Starts a server for dumps of the engine of `capture`, loads what belongs to the server as a whole, and calls `body`
    /// with it and with where it is. Ends the server and removes all of it.
    ///
    /// - Throws: ``VaultError`` `.drillFailed` when the roles cannot be loaded, another when there can be no server.
    static func withServer<R>(
        for capture: DatabaseCapture, _ source: DumpSource, _ scratch: [UInt8],
        _ events: any EventSink, _ cancellation: Cancellation, _ body: (any ScratchServer, ScratchPlace) throws -> R
    ) throws -> R {
        let place = try ScratchPlace(
            in: scratch, byteCount: source.byteCount, random: source.random, clock: source.clock, cancellation)
        if !place.confinement.isWhole {
            events.receive(
                .warning(
                    "This machine lets nobody cut off the network for a program (unshare), so the dump could reach out "
                        + "while it is loaded"))
        }
        defer {
            do { try place.directory.remove() } catch {
                events.receive(
                    .warning("\(PathText.readable(place.directory.path)) cannot be removed: \(error)"))
            }
        }
        let server = try place.server(for: capture)
        defer { server.stop() }
        if let globals = source.globals(for: capture) {
            try server.loadGlobals { try source.read(globals, cancellation, $0) }
        }
        return try body(server, place)
    }

    /// Loads a dump into a server, and compares what is there then with what was noted.
    static func check(
        _ capture: DatabaseCapture, _ server: any ScratchServer, _ source: DumpSource, _ cancellation: Cancellation
    ) throws -> CheckedDatabase {
        let started = source.clock.monotonicNanoseconds()
        var loaded: UInt64?
        let comparison: CaptureComparison
        do {
            try server.load(capture) { try source.read(capture, cancellation, $0) }
            loaded = source.clock.monotonicNanoseconds()
            comparison = CaptureComparison(noted: capture, found: try server.capture(capture))
        } catch let error as VaultError where error.code == .drillFailed || error.code == .damaged {
            let cause = (error.cause as? VaultError).map { " (\($0.message))" } ?? ""
            comparison = CaptureComparison(
                verdict: .failed, tables: 0, rows: 0, differences: [error.message + cause], differenceCount: 1)
        }
        let ended = source.clock.monotonicNanoseconds()
        return CheckedDatabase(
            capture: capture, comparison: comparison, nanoseconds: ended - started,
            compareNanoseconds: ended - (loaded ?? ended), notes: server.notes)
    }
}

/// A restored database on a running scratch server.
public struct OpenDatabase: Sendable {
    /// What it has against what was noted.
    public var checked: CheckedDatabase
    /// Variables by which the client programs of the engine find it, as `NAME=value`.
    public var variables: [[UInt8]]
    /// A command that opens it, for people.
    public var hint: String

    /// Runs a program that finds the database by its variables, with our input and output, and waits for its end.
    /// Variables that lead the clients of PostgreSQL elsewhere are taken away.
    ///
    /// - Returns: its exit status; 128 and the number of a signal that ended it.
    /// - Throws: ``VaultError`` when it cannot be started.
    public func run(_ program: [UInt8], _ arguments: [[UInt8]]) throws -> Int32 {
        var options = ChildProcess.Options()
        options.input = .inherited
        options.inheritsOutput = true
        options.variables = variables
        let environment = Host.environment.filter { item in
            !["PG", "MYSQL_", "MARIADB_"].contains { item.starts(with: Array($0.utf8)) }
        }
        do {
            let child = try ChildProcess.start(program, arguments, environment: environment, options: options)
            switch try child.wait() {
            case .exited(let status): return status
            case .signalled(let signal): return 128 + signal
            }
        } catch {
            throw VaultError(
                .failed, "The program \(PathText.readable(program)) cannot be started",
                nextStep: "Check its name and that it is installed", cause: error)
        }
    }
}
