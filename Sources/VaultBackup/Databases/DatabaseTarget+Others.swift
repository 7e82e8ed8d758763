/// A database of the server of MariaDB that its programs find by themselves.
struct MariaTarget: DatabaseTarget {
    let name: [UInt8]
    let options: DatabaseOptions
    let cancellation: Cancellation

    private var shown: String { "mariadb:" + PathText.readable(name) }

    func prepare(_ capture: DatabaseCapture) throws -> Bool {
        let session = try MariaEngine.session(nil, options)
        let isThere = try session.rows(
            "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = CAST(x'\(Hex.encode(name))' AS CHAR);",
            cancellation)
        if isThere.first?.first?.text == "0" {
            try session.rows(MariaText.create(name, capture.facts), cancellation)
            try session.close()
            return true
        }
        try session.close()
        try expectEmpty(capture)
        return false
    }

    private func expectEmpty(_ capture: DatabaseCapture) throws {
        var here = DatabaseCapture(engine: .mariadb, name: name, file: capture.file)
        let session = try MariaEngine.session(name, options)
        try session.rows(MariaCapture.begin, cancellation)
        try MariaCapture(session: session, cancellation: cancellation).fill(&here, withContent: false)
        if name == capture.name, here.facts["server"] == capture.facts["server"] {
            throw VaultError(
                .usage, "\(shown) is the database that was saved",
                nextStep: "Restore into a new one, look at it, and move its tables then (RENAME TABLE)")
        }
        let contents = try session.rows(
            """
            SELECT HEX(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() UNION ALL
            SELECT HEX(ROUTINE_NAME) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() UNION ALL
            SELECT HEX(EVENT_NAME) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() LIMIT 4;
            """, cancellation
        ).compactMap { Hex.decode($0[0].text.lowercased()) }
        guard contents.isEmpty else {
            let some = contents.prefix(3).map(PathText.readable).joined(separator: ", ")
            throw VaultError(
                .usage, "\(shown) is not empty: it has \(some)\(contents.count > 3 ? " and more" : "")",
                nextStep: "Name a database that is empty or not there yet")
        }
        try session.close()
    }

    /// Accounts come after the tables, which some of their rights name, and only if asked for: see ``loadAccounts(_:)``.
    func loadGlobals(_ bytes: DumpBytes) throws -> Int { 0 }

    func load(_ capture: DatabaseCapture, _ bytes: DumpBytes) throws {
        var tool = MariaEngine.tool("mariadb", MariaText.loading, options)
        tool.arguments.append(Array("--database=".utf8) + name)
        tool.hasInput = true
        try MariaText.load(tool, capture, bytes, cancellation)
    }

    func capture(_ capture: DatabaseCapture) throws -> DatabaseCapture {
        try MariaCapture.found(
            capture, as: name, by: MariaEngine.session(name, options), cancellation)
    }
}

/// A new file of SQLite. It gets its name when all of it is there.
struct SQLiteTarget: DatabaseTarget {
    let path: [UInt8]
    let options: DatabaseOptions
    let cancellation: Cancellation

    private var temporary: [UInt8] { path + Array(".vault-restoring".utf8) }

    func prepare(_ capture: DatabaseCapture) throws -> Bool {
        guard try FileStatus.readIfPresent(path) == nil else {
            throw VaultError(
                .usage, "\(PathText.readable(path)) is there already", nextStep: "Name a file that is not there yet")
        }
        guard try FileStatus.readIfPresent(temporary) == nil else {
            throw VaultError(
                .usage, "\(PathText.readable(temporary)) is there already, from a restore that did not end",
                nextStep: "Remove it, and run the restore again")
        }
        return true
    }

    func loadGlobals(_ bytes: DumpBytes) throws -> Int { 0 }

    func load(_ capture: DatabaseCapture, _ bytes: DumpBytes) throws {
        var tool = SQLiteEngine.tool(temporary, options)
        // No commands of the shell: only statements.
        tool.arguments.insert(Array("-safe".utf8), at: 0)
        tool.hasInput = true
        do {
            try SQLiteLoading.load(tool, capture, bytes, cancellation)
            let (folder, name) = PathBytes.split(path)
            let directory = try OpenFile.openDirectory(folder, followingLinks: true)
            let file = try OpenFile.open(temporary, .readOnly)
            try file.synchronize()
            try DirectoryEntries.renameWithoutReplacing(
                from: directory, PathBytes.split(temporary).name, to: directory, name)
            try directory.synchronize()
        } catch {
            // The client was ended within its transaction, so its journal is there too.
            for end in ["", "-journal"] { try? DirectoryEntries.remove(at: nil, temporary + Array(end.utf8)) }
            throw error
        }
    }

    func capture(_ capture: DatabaseCapture) throws -> DatabaseCapture {
        try SQLiteCapture.found(
            capture, as: path, by: SQLSession(SQLiteEngine.tool(path, options), separator: "|"), cancellation)
    }
}
