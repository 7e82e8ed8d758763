/// A database file of SQLite for a short time; there is no server.
final class SQLiteScratch: ScratchServer {
    private(set) var notes: [String] = []
    private let place: ScratchPlace
    private let home: [UInt8]

    init(_ place: ScratchPlace) throws {
        self.place = place
        home = try place.makeHome("sqlite")
    }

    /// The file of a database.
    private func path(_ capture: DatabaseCapture) -> [UInt8] {
        PathBytes.join(
            home, Array(Hex.encode(Array(SHA256.digest(capture.file).bytes.prefix(4))).utf8) + Array(".db".utf8))
    }

    /// A shell that takes no commands but statements, and is confined.
    private func tool(_ capture: DatabaseCapture) -> DatabaseTool {
        let shell = SQLiteEngine.tool(path(capture), DatabaseOptions())
        var tool = place.tool("sqlite3", environment: [Array("HOME=".utf8) + home])
        tool.arguments = [Array("-safe".utf8)] + shell.arguments
        return tool
    }

    func loadGlobals(_ bytes: DumpBytes) throws {}

    func load(_ capture: DatabaseCapture, _ bytes: DumpBytes) throws {
        var tool = tool(capture)
        tool.hasInput = true
        try SQLiteLoading.load(tool, capture, bytes, place.cancellation)
    }

    func capture(_ capture: DatabaseCapture) throws -> DatabaseCapture {
        var found = DatabaseCapture(engine: .sqlite, name: capture.name, file: capture.file)
        let session = try SQLSession(tool(capture), separator: "|")
        try session.rows(SQLiteCapture.begin, place.cancellation)
        do {
            try SQLiteCapture(session: session, cancellation: place.cancellation).fill(&found, withContent: true)
        } catch let error as VaultError where error.code == .failed && !Silence.isReason(of: error) {
            throw VaultError(
                .drillFailed, "The restored database cannot be read",
                nextStep: "Try another snapshot of 'vault snapshots'", cause: error)
        }
        try session.close()
        return found
    }

    func variables(_ capture: DatabaseCapture) -> [[UInt8]] { [Array("VAULT_DATABASE=".utf8) + path(capture)] }

    func hint(_ capture: DatabaseCapture) -> String { "sqlite3 \(PathText.readable(path(capture)))" }

    func stop() {}
}

/// Loads dumps of SQLite.
enum SQLiteLoading {
    /// Feeds a dump to a shell on a new file, and makes sure that the dump has an end: the shell takes one that was cut
    /// off, undoes its transaction, and ends with 0.
    static func load(
        _ tool: DatabaseTool, _ capture: DatabaseCapture, _ bytes: DumpBytes, _ cancellation: Cancellation
    ) throws {
        try DatabaseLoading.explain(DatabaseName(capture.engine, capture.name).readable) {
            let shell = try tool.start()
            var ends = StreamEnds()
            try bytes {
                ends.note($0)
                try shell.feed($0, cancellation)
            }
            guard ends.lastLine(begins: "COMMIT;") else {
                throw VaultError(.failed, "The dump has no end: its last line is not COMMIT")
            }
            if capture.facts["journal_mode"] == "wal" {
                try Array("PRAGMA journal_mode = wal;\n".utf8).withUnsafeBytes { try shell.feed($0, cancellation) }
            }
            try shell.finish(cancellation)
        }
    }
}
