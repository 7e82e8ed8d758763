/// What a restore of a database did.
public struct DatabaseRestoreResult: Sendable {
    /// What was noted of it when it was saved.
    public var capture: DatabaseCapture
    /// What the restored database has against that; nil when it went into a file.
    public var comparison: CaptureComparison?
    /// Roles, and accounts of MariaDB, that were missing on the server and were made.
    public var roles: Int
    /// Rights of those accounts that could not be given, since what they name is not there.
    public var rightsLeftOut: Int
    /// Processes that loaded it.
    public var jobs: Int
    /// Bytes of the dump.
    public var bytes: Int
    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64
}

/// Restores databases.
public enum DatabaseRestore {
    /// Loads a dump into a database that is empty or not there yet, on the server that the engine's own programs find; then
    /// compares it with what was noted.
    ///
    /// - Parameter name: the database, or the path of a new file for SQLite.
    /// - Parameter parallel: how several processes load it, where the engine has that; nil for one. See ``ParallelLoading``.
    /// - Throws: ``VaultError`` `.usage` when the target holds anything, or is the very database that was saved.
    public static func run(
        _ snapshot: SnapshotDatabases, _ capture: DatabaseCapture, into name: [UInt8], options: DatabaseOptions,
        parallel: ParallelLoading? = nil, cancellation: Cancellation = Cancellation()
    ) throws -> DatabaseRestoreResult {
        let started = snapshot.clock.monotonicNanoseconds()
        let target: any DatabaseTarget =
            switch capture.engine {
            case .postgres: PostgresTarget(name: name, options: options, cancellation: cancellation)
            case .mariadb: MariaTarget(name: name, options: options, cancellation: cancellation)
            case .sqlite: SQLiteTarget(path: name, options: options, cancellation: cancellation)
            }
        let users = options.accounts ? try users(snapshot, capture) : nil
        let shown = DatabaseName(capture.engine, name).readable
        var jobs = 1
        if let parallel {
            jobs =
                target is PostgresTarget
                ? try parallel.jobs(byteCount: snapshot.byteCounts()[capture.file] ?? 0)
                : try parallel.one(for: shown, "which is not of PostgreSQL", nextStep: "Leave out --jobs")
        }
        if try !target.prepare(capture), jobs > 1, let parallel {
            jobs = try parallel.one(
                for: shown, "which was there before",
                nextStep: "Name a database that is not there yet, or leave out --jobs")
        }
        var roles = 0
        if options.globals, let globals = snapshot.globals(for: capture) {
            roles = try target.loadGlobals { try snapshot.read(globals, cancellation, $0) }
        }
        var bytes = 0
        let dump: DumpBytes = { body in
            try snapshot.read(capture, cancellation) {
                bytes += $0.count
                try body($0)
            }
        }
        if jobs > 1, let parallel, let target = target as? PostgresTarget {
            try target.load(capture, jobs: jobs, in: parallel.scratch, dump)
        } else {
            try target.load(capture, dump)
        }
        var accounts = AccountsLoaded()
        if let target = target as? MariaTarget, let users {
            accounts = try target.loadAccounts { try snapshot.read(users, cancellation, $0) }
        }
        let comparison =
            options.capture
            ? CaptureComparison(noted: capture, found: try target.capture(capture)) : nil
        return DatabaseRestoreResult(
            capture: capture, comparison: comparison, roles: roles + accounts.made,
            rightsLeftOut: accounts.rightsLeftOut, jobs: jobs, bytes: bytes,
            nanoseconds: snapshot.clock.monotonicNanoseconds() - started)
    }

    private static func users(_ snapshot: SnapshotDatabases, _ capture: DatabaseCapture) throws -> DatabaseCapture {
        guard capture.engine == .mariadb else {
            throw VaultError(
                .usage, "\(DatabaseName(capture.engine, capture.name).readable) is no database of MariaDB",
                nextStep: "Leave out --users: roles of PostgreSQL are made without it")
        }
        guard let users = snapshot.globals(for: capture) else {
            throw VaultError(
                .usage, "The snapshot has no users of the MariaDB server",
                nextStep: "Leave out --users, or name a snapshot that was made by a user who may read them")
        }
        return users
    }

    /// Writes a dump as it was saved into a new file, which is whole or absent. Returns its bytes.
    /// - Throws: ``VaultError`` `.usage` when there is something of that name.
    public static func write(
        _ snapshot: SnapshotDatabases, _ capture: DatabaseCapture, to path: [UInt8],
        cancellation: Cancellation = Cancellation()
    ) throws -> Int {
        guard try FileStatus.readIfPresent(path) == nil else {
            throw VaultError(
                .usage, "\(PathText.readable(path)) is there already", nextStep: "Name a file that is not there yet")
        }
        var bytes = 0
        var failure: (any Error)?
        do {
            try AtomicFile.write(path) { file throws(SystemError) in
                do {
                    try snapshot.read(capture, cancellation) {
                        bytes += $0.count
                        try file.write($0)
                    }
                } catch let error as SystemError { throw error } catch {
                    failure = error
                    throw SystemError(errno: 5, operation: "write", path: path)
                }
            }
        } catch {
            if let failure { throw failure }
            throw VaultError(
                .failed, "\(PathText.readable(path)) cannot be written", nextStep: "Name another place", cause: error)
        }
        return bytes
    }
}
