/// A database to restore into: empty, or not there yet.
protocol DatabaseTarget {
    /// Looks at the target and makes it if it is missing. Returns whether it made it.
    /// - Throws: ``VaultError`` `.usage` when it holds anything, or is the database that the capture is of.
    func prepare(_ capture: DatabaseCapture) throws -> Bool
    /// Makes the roles that are missing on the server, and returns how many; those that are there stay as they are.
    func loadGlobals(_ bytes: DumpBytes) throws -> Int
    /// Loads the dump; ends at the first error.
    func load(_ capture: DatabaseCapture, _ bytes: DumpBytes) throws
    /// Looks at the database in the same way as at the backup.
    func capture(_ capture: DatabaseCapture) throws -> DatabaseCapture
}

/// A database of the server of PostgreSQL that its programs find by themselves.
struct PostgresTarget: DatabaseTarget {
    let name: [UInt8]
    let options: DatabaseOptions
    let cancellation: Cancellation

    var shown: String { "postgres:" + PathText.readable(name) }

    func session(_ database: [UInt8]?) throws -> SQLSession {
        try PostgresEngine.session(database) { $0.patience = options.patience }
    }

    func prepare(_ capture: DatabaseCapture) throws -> Bool {
        let session = try self.session(PostgresEngine.maintenanceDatabase)
        let query =
            "SELECT count(*) FROM pg_database WHERE textsend(datname::text) = decode('\(Hex.encode(name))', 'hex');"
        let rows = try session.rows(PostgresSQL.settings + query, cancellation)
        if rows.first?.first?.text == "0" {
            try session.rows(PostgresText.create(name, capture.facts, collation: true), cancellation)
            try session.close()
            return true
        }
        try session.close()
        try expectEmpty(capture)
        return false
    }

    private func expectEmpty(_ capture: DatabaseCapture) throws {
        var here = DatabaseCapture(engine: .postgres, name: name, file: capture.file)
        let session = try self.session(name)
        try session.rows("BEGIN READ ONLY;" + PostgresSQL.settings, cancellation)
        try PostgresCapture(session: session, cancellation: cancellation).fill(&here, withContent: false)
        if name == capture.name, let server = here.facts["server"], server == capture.facts["server"] {
            throw VaultError(
                .usage, "\(shown) is the database that was saved",
                nextStep: "Restore into a new one, look at it, and give it the old name then (ALTER DATABASE … RENAME)")
        }
        let contents = try session.rows(PostgresSQL.contents, cancellation).compactMap { Hex.decode($0[0].text) }
        guard contents.isEmpty else {
            let some = contents.prefix(3).map(PathText.readable).joined(separator: ", ")
            throw VaultError(
                .usage, "\(shown) is not empty: it has \(some)\(contents.count > 3 ? " and more" : "")",
                nextStep: "Name a database that is empty or not there yet")
        }
        guard here.facts["encoding"] == capture.facts["encoding"] else {
            throw VaultError(
                .usage,
                "\(shown) has the encoding \(here.facts["encoding"] ?? "?"), not \(capture.facts["encoding"] ?? "?")",
                nextStep: "Name a database that is not there yet: it is made with the right one")
        }
        try session.close()
    }

    func loadGlobals(_ bytes: DumpBytes) throws -> Int {
        let session = try self.session(PostgresEngine.maintenanceDatabase)
        let rows = try session.rows(
            PostgresSQL.settings + "SELECT encode(textsend(quote_ident(rolname)), 'hex') FROM pg_roles;", cancellation)
        try session.close()
        let known = Set(rows.compactMap { Hex.decode($0[0].text) })
        var tool = PostgresEngine.tool(
            "psql", ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--output=/dev/null"],
            database: PostgresEngine.maintenanceDatabase)
        tool.hasInput = true
        tool.patience = options.patience
        var made = 0
        let lines = StatementFilter { line in
            guard let role = PostgresRoles.role(of: line) else { return false }
            guard !known.contains(role) else { return false }
            if line.starts(with: Array("CREATE ROLE ".utf8)) { made += 1 }
            return true
        }
        let psql = try tool.start()
        try DatabaseLoading.explain("the roles of the server") {
            try bytes { try lines.pass($0) { try psql.feed($0, cancellation) } }
            try lines.end { try psql.feed($0, cancellation) }
            try psql.finish(cancellation)
        }
        return made
    }

    /// The program that loads. - Parameter arguments: besides those that it always has.
    func loader(_ arguments: [String]) -> DatabaseTool {
        // It names what it does, so that it is not silent while it builds indexes.
        var tool = PostgresEngine.tool(
            "pg_restore", ["--exit-on-error", "--no-tablespaces", "--no-password", "--verbose"] + arguments,
            database: nil)
        tool.arguments.append(Array("--dbname=".utf8) + PostgresText.connection(to: name))
        tool.patience = options.patience
        return tool
    }

    func load(_ capture: DatabaseCapture, _ bytes: DumpBytes) throws {
        var tool = loader(["--single-transaction"])
        tool.hasInput = true
        let restore = try tool.start()
        try DatabaseLoading.explain(shown) {
            try bytes { try restore.feed($0, cancellation) }
            try restore.finish(cancellation)
        }
    }

    func capture(_ capture: DatabaseCapture) throws -> DatabaseCapture {
        try PostgresCapture.found(capture, as: name, by: session(name), cancellation)
    }
}

/// Reads the statements that `pg_dumpall --globals-only` writes, one on each line.
enum PostgresRoles {
    /// The role that a statement makes, changes or grants to, as it is written there; nil for any other line.
    static func role(of line: [UInt8]) -> [UInt8]? {
        for start in ["CREATE ROLE ", "ALTER ROLE "] where line.starts(with: Array(start.utf8)) {
            return identifier(line.dropFirst(start.utf8.count))
        }
        // GRANT a TO b …: what b may is b's.
        guard line.starts(with: Array("GRANT ".utf8)) else { return nil }
        let granted = identifier(line.dropFirst(6))
        let rest = line.dropFirst(6 + granted.count)
        guard rest.starts(with: Array(" TO ".utf8)) else { return nil }
        return identifier(rest.dropFirst(4))
    }

    private static func identifier(_ text: ArraySlice<UInt8>) -> [UInt8] {
        guard text.first == 0x22 else { return Array(text.prefix { $0 != 0x20 && $0 != 0x3b }) }
        var end = text.startIndex + 1
        while end < text.endIndex {
            if text[end] == 0x22 {
                guard end + 1 < text.endIndex, text[end + 1] == 0x22 else { break }
                end += 1
            }
            end += 1
        }
        return Array(text[text.startIndex..<min(end + 1, text.endIndex)])
    }
}
