/// Notes what is in a database of SQLite, by queries in a transaction that is open.
struct SQLiteCapture: CaptureQueries {
    let session: SQLSession
    let cancellation: Cancellation

    /// Begins the transaction, with the first look at the content.
    static let begin = "PRAGMA query_only = ON; BEGIN; SELECT count(*) FROM sqlite_schema;"

    /// Settings that are in the head of a database file, and not in what the shell dumps.
    private static let settings = [
        "encoding", "page_size", "auto_vacuum", "application_id", "user_version", "journal_mode",
    ]

    /// Fills in version, facts, and unless told otherwise structure and tables.
    /// - Throws: ``VaultError`` also when the database is damaged.
    func fill(_ capture: inout DatabaseCapture, withContent: Bool) throws {
        capture.version = try value("SELECT sqlite_version();")
        for name in Self.settings { capture.facts[name] = try value("PRAGMA \(name);") }
        // The status is 0 even for damage, and quick_check misses some of it.
        let check = try session.rows("PRAGMA integrity_check(5);", cancellation)
        guard check == [[Array("ok".utf8)]] else {
            let first = check.prefix(2).map { PathText.readable(Array($0.joined(separator: [0x7c]))) }
            throw VaultError(.failed, "The database is damaged: \(first.joined(separator: "; "))")
        }
        guard withContent else { return }
        let schema = """
            SELECT hex(sha3_query('SELECT type, name, tbl_name, sql FROM sqlite_schema
            WHERE name NOT LIKE ''sqlite^_%'' ESCAPE ''^'' ORDER BY 1, 2, 3, 4', 256));
            """
        capture.schema = Digest(hex: try value(schema).lowercased())
        let tables = try session.rows(
            """
            SELECT wr, name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')
            AND name NOT LIKE 'sqlite^_%' ESCAPE '^';
            """, cancellation)
        guard tables.count <= DatabaseCapture.tablesMax else {
            throw VaultError(
                .failed, "There are more than \(DatabaseCapture.tablesMax) tables", nextStep: "Add --no-capture")
        }
        for row in tables {
            guard row.count >= 2 else { continue }
            // As text: the digits would be those of the database's own encoding, which may be UTF-16.
            let name = Array(row[1...].joined(separator: [0x7c]))
            capture.tables.append(try table(name, hasRowNumbers: row[0].text == "0"))
        }
        capture.tables.sort { $0.name.lexicographicallyPrecedes($1.name) }
        guard capture.schema != nil else {
            throw VaultError(.failed, "sqlite3 does not tell the structure of the database")
        }
    }

    /// Rows in the order of their keys: a query hash has an order, and this one survives a dump.
    private func table(_ name: [UInt8], hasRowNumbers: Bool) throws -> DatabaseCapture.Table {
        let columns = try session.rows(
            Array("SELECT pk, name FROM pragma_table_xinfo(".utf8) + Self.literal(name) + Array(") ORDER BY pk;".utf8),
            cancellation
        ).filter { $0.count >= 2 }.map { row in
            (name: Array(row[1...].joined(separator: [0x7c])), key: row[0].text)
        }
        let numbers = ["rowid", "_rowid_", "oid"].first { number in
            !columns.contains { $0.name.text.lowercased() == number }
        }
        let keys = columns.filter { $0.key != "0" }.map(\.name)
        let order = hasRowNumbers ? numbers.map { [Array($0.utf8)] } ?? [] : keys.map(Self.quoted)
        var query = Array("SELECT * FROM ".utf8) + Self.quoted(name)
        if !order.isEmpty { query += Array(" ORDER BY ".utf8) + order.joined(separator: [0x2c]) }
        var statement = Array("SELECT count(*), (SELECT hex(sha3_query(".utf8) + Self.literal(query)
        statement += Array(", 256))) FROM ".utf8) + Self.quoted(name) + [0x3b]
        let row = try session.rows(statement, cancellation).first ?? []
        guard row.count == 2, let rows = Int(row[0].text), let content = Digest(hex: row[1].text.lowercased()) else {
            throw VaultError(.failed, "The rows of \(PathText.readable(name)) cannot be read")
        }
        return DatabaseCapture.Table(name: name, rows: rows, content: content)
    }

    private static func literal(_ text: [UInt8]) -> [UInt8] {
        [0x27] + text.flatMap { $0 == 0x27 ? [0x27, 0x27] : [$0] } + [0x27]
    }

    private static func quoted(_ name: [UInt8]) -> [UInt8] {
        [0x22] + name.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
    }

    private func value(_ query: String) throws -> String {
        try session.rows(query, cancellation).first?.first?.text ?? ""
    }

    /// Statements that give a new database the settings of the old one, before anything is in it.
    static func head(_ facts: [String: String]) -> String {
        let known = ["UTF-8", "UTF-16le", "UTF-16be"]
        let encoding = facts["encoding"].flatMap { known.contains($0) ? $0 : nil } ?? "UTF-8"
        func number(_ name: String) -> Int { Int(facts[name] ?? "") ?? 0 }
        return """
            PRAGMA encoding = '\(encoding)';
            PRAGMA page_size = \(number("page_size"));
            PRAGMA auto_vacuum = \(number("auto_vacuum"));
            PRAGMA application_id = \(number("application_id"));
            PRAGMA user_version = \(number("user_version"));

            """
    }
}
