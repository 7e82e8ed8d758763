/// What to do with databases of a snapshot on scratch servers.
public struct ScratchRequest: Sendable {
    /// The databases; empty for all of the snapshot.
    public var databases: [DatabaseName] = []
    /// Where scratch directories are made.
    public var scratch: [UInt8]
    /// Most bytes that each scratch server may have on disk; nil for 8 times the dumps, or 2 GiB if that is more.
    public var bytesMax: Int?

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
    /// Whether nothing was compared because the server took too much room, or a program said nothing for too long, and
    /// was ended.
    public var wasEnded: Bool
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
            try withServer(for: first, source, request, events, cancellation) { server, place in
                for capture in captures {
                    checked.append(try check(capture, server, place, source))
                }
            }
        }
        return checked
    }

    /// Restores the database of the request, or the only one of the snapshot, and calls `body` with the running server: its
    /// variables, a command for people, the comparison.
    ///
    /// - Throws: ``VaultError`` `.notProven` when the server took too much room, also while `body` was at work.
    public static func open<R>(
        _ snapshot: SnapshotDatabases, _ request: ScratchRequest,
        events: any EventSink = SilentEventSink(), cancellation: Cancellation = Cancellation(),
        _ body: (OpenDatabase) throws -> R
    ) throws -> R {
        let capture = try snapshot.database(request.databases.first)
        let source = try snapshot.source()
        return try withServer(for: capture, source, request, events, cancellation) { server, place in
            let checked = try check(capture, server, place, source)
            if let error = place.watch.error { throw error }
            let watch = place.watch
            let open = OpenDatabase(
                checked: checked, variables: server.variables(capture), hint: server.hint(capture)
            ) { watch.error == nil }
            let result = try body(open)
            if let error = place.watch.error { throw error }
            return result
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
        for capture: DatabaseCapture, _ source: DumpSource, _ request: ScratchRequest,
        _ events: any EventSink, _ cancellation: Cancellation, _ body: (any ScratchServer, ScratchPlace) throws -> R
    ) throws -> R {
        let place = try ScratchPlace(
            in: request.scratch, byteCount: source.byteCount, bytesMax: request.bytesMax, random: source.random,
            clock: source.clock, cancellation)
        if !place.confinement.isWhole {
            events.receive(
                .warning(
                    "This machine lets nobody cut off the network for a program (unshare), so the dump could reach out "
                        + "while it is loaded"))
        }
        defer {
            do { try remove(place.directory) } catch {
                events.receive(
                    .warning("\(PathText.readable(place.directory.path)) cannot be removed: \(error)"))
            }
        }
        defer { place.watch.stop() }
        do {
            let server = try place.server(for: capture)
            defer { server.stop() }
            if let globals = source.globals(for: capture) {
                try server.loadGlobals { try source.read(globals, cancellation, $0) }
            }
            return try body(server, place)
        } catch let error as VaultError where error.code != .interrupted {
            // What was ended says many things; this is why.
            throw place.watch.error ?? error
        }
    }

    /// What was ended in the middle of its work may make one more file before it is gone.
    private static func remove(_ directory: ScratchDirectory) throws {
        for _ in 0..<removalsMax {
            if (try? directory.remove()) != nil { return }
            SystemClock.pause(milliseconds: 50)
        }
        try directory.remove()
    }

    private static let removalsMax = 20

    /// Loads a dump into a server, and compares what is there then with what was noted.
    static func check(
        _ capture: DatabaseCapture, _ server: any ScratchServer, _ place: ScratchPlace, _ source: DumpSource
    ) throws -> CheckedDatabase {
        let started = source.clock.monotonicNanoseconds()
        var loaded: UInt64?
        let comparison: CaptureComparison
        var wasEnded = false
        func unknown(_ reason: String) -> CaptureComparison {
            wasEnded = true
            return CaptureComparison(
                verdict: .notProven, tables: 0, rows: 0, differences: [reason], differenceCount: 1)
        }
        do {
            try server.load(capture) { try source.read(capture, place.cancellation, $0) }
            loaded = source.clock.monotonicNanoseconds()
            comparison = CaptureComparison(noted: capture, found: try server.capture(capture))
        } catch let error as VaultError where error.code != .interrupted && place.watch.error != nil {
            // Perhaps a bomb, perhaps only a large database: that it does not restore is not shown.
            let error = place.watch.error ?? error
            comparison = unknown("\(error.message). \(error.nextStep)")
        } catch let error as VaultError where Silence.isReason(of: error) {
            // A hang, or an index or a hash that takes longer than an hour.
            comparison = unknown(error.message + cause(of: error))
        } catch let error as VaultError where error.code == .drillFailed || error.code == .damaged {
            comparison = CaptureComparison(
                verdict: .failed, tables: 0, rows: 0, differences: [error.message + cause(of: error)],
                differenceCount: 1)
        }
        let ended = source.clock.monotonicNanoseconds()
        return CheckedDatabase(
            capture: capture, comparison: comparison, nanoseconds: ended - started,
            compareNanoseconds: ended - (loaded ?? ended), notes: server.notes,
            wasEnded: wasEnded)
    }

    private static func cause(of error: VaultError) -> String {
        (error.cause as? VaultError).map { " (\($0.message))" } ?? ""
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
    /// Whether its server still runs: it is ended when it takes too much room.
    public var isRunning: @Sendable () -> Bool

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
