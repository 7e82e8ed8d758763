/// SQLite, by its own shell: `sqlite3`.
struct SQLiteEngine: DatabaseEngine {
    let options: DatabaseOptions
    let clock: any TimeSource

    /// A shell on a database file, without the settings of the user.
    static func tool(_ path: [UInt8], _ options: DatabaseOptions) -> DatabaseTool {
        var tool = DatabaseTool("sqlite3", ["-init", "/dev/null", "-batch", "-bail", "-noheader", "-list"])
        tool.arguments.append(path)
        tool.patience = options.patience
        return tool
    }

    func databases(_ cancellation: Cancellation) throws -> [[UInt8]] { [] }

    func dump(_ name: [UInt8], file: [UInt8]) -> DatabaseDump {
        let dump = SQLiteDump(path: name, file: file, options: options, clock: clock)
        return DatabaseDump(of: "the database " + DatabaseName(.sqlite, name).readable, file: file) {
            try dump.start($0)
        }
    }

    func globals() -> DatabaseDump? { nil }
}

/// One database of SQLite as statements.
///
/// 1. One process of `sqlite3` opens a read transaction, looks at the database, and then writes the dump within it: both are
///    of one instant. Where the database has no write-ahead log, writers wait until the dump is done.
/// 2. The dump counts only if `PRAGMA integrity_check` finds nothing, the shell ends with exit status 0, and the last line is
///    `COMMIT;`: the shell writes `ROLLBACK` there after errors, and still ends with 0.
struct SQLiteDump: Sendable {
    let path: [UInt8]
    let file: [UInt8]
    let options: DatabaseOptions
    let clock: any TimeSource

    func start(_ cancellation: Cancellation) throws -> DatabaseDump.Running {
        guard let status = try? FileStatus.read(path, followingLinks: true), status.kind == .file, status.size > 0
        else {
            throw VaultError(.failed, "There is no such file, or it is empty")
        }
        var capture = DatabaseCapture(engine: .sqlite, name: path, file: file)
        capture.began = clock.now()
        let session = try SQLSession(SQLiteEngine.tool(path, options), separator: "|")
        try session.rows(".timeout 60000\n" + SQLiteCapture.begin, cancellation)
        try SQLiteCapture(session: session, cancellation: cancellation).fill(&capture, withContent: options.capture)
        try session.send(".dump --preserve-rowids\n.quit\n")
        let noted = capture
        let head = Array(SQLiteCapture.head(noted.facts).utf8)
        return DatabaseDump.Running(head: head, read: { try session.readRest(into: $0, $1) }) { ends, _ in
            try session.close()
            guard ends.lastLine(begins: "COMMIT;") else {
                throw VaultError(.failed, "The dump ends without COMMIT: the shell could not read all of the database")
            }
            var capture = noted
            capture.ended = clock.now()
            return capture
        }
    }
}
