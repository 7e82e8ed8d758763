/// Notes what is in a database of MariaDB, by queries in a transaction that is open.
struct MariaCapture: CaptureQueries {
    let session: SQLSession
    let cancellation: Cancellation

    /// Pins what changes the text of a value, and begins the transaction.
    static let begin = """
        SET SESSION sql_mode = '', time_zone = '+00:00', wait_timeout = 31536000, net_write_timeout = 86400;
        SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
        START TRANSACTION WITH CONSISTENT SNAPSHOT;
        """

    /// What tells one server from another.
    static let server = "@@server_id, HEX(@@hostname), HEX(@@datadir)"

    /// Parts of the structure, each a value of a row; expressions that the server rewrites are not in it.
    private static let structure = [
        line(
            "column", "COLUMNS", "TABLE_SCHEMA",
            [
                "TABLE_NAME", "ORDINAL_POSITION", "COLUMN_NAME", "COLUMN_TYPE",
                "IS_NULLABLE", "COLUMN_DEFAULT", "COLLATION_NAME", "EXTRA",
            ]),
        line("table", "TABLES", "TABLE_SCHEMA", ["TABLE_NAME", "TABLE_TYPE", "ENGINE", "TABLE_COLLATION"]),
        line(
            "index", "STATISTICS", "TABLE_SCHEMA",
            [
                "TABLE_NAME", "INDEX_NAME", "NON_UNIQUE", "SEQ_IN_INDEX",
                "COLUMN_NAME", "SUB_PART", "INDEX_TYPE",
            ]),
        line(
            "key", "REFERENTIAL_CONSTRAINTS", "CONSTRAINT_SCHEMA",
            [
                "TABLE_NAME", "CONSTRAINT_NAME",
                "REFERENCED_TABLE_NAME", "UPDATE_RULE", "DELETE_RULE",
            ]),
        line(
            "routine", "ROUTINES", "ROUTINE_SCHEMA",
            [
                "ROUTINE_NAME", "ROUTINE_TYPE", "DTD_IDENTIFIER",
                "SHA2(ROUTINE_DEFINITION, 256)",
            ]),
        line(
            "trigger", "TRIGGERS", "TRIGGER_SCHEMA",
            [
                "TRIGGER_NAME", "EVENT_OBJECT_TABLE", "ACTION_TIMING",
                "EVENT_MANIPULATION", "SHA2(ACTION_STATEMENT, 256)",
            ]),
        line("event", "EVENTS", "EVENT_SCHEMA", ["EVENT_NAME", "EVENT_TYPE"]),
    ]

    private static func line(_ kind: String, _ view: String, _ schema: String, _ values: [String]) -> String {
        let quoted = values.map { "QUOTE(\($0))" }.joined(separator: ", ")
        return """
            SELECT SHA2(CONCAT_WS('|', '\(kind)', \(quoted)), 256) AS line FROM information_schema.\(view)
            WHERE \(schema) = DATABASE()
            """
    }

    /// Fills in version, facts, and unless told otherwise structure and tables.
    func fill(_ capture: inout DatabaseCapture, withContent: Bool) throws {
        let facts = try session.rows(
            """
            SELECT VERSION(), DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, \(Self.server)
            FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE();
            """, cancellation)
        guard let row = facts.first, row.count == 6 else {
            throw VaultError(.failed, "The server does not describe the database")
        }
        capture.version = row[0].text
        capture.facts["encoding"] = row[1].text
        capture.facts["collation"] = row[2].text
        capture.facts["server"] = row[3...].map(\.text).joined(separator: "-")
        let tables = try session.rows(
            """
            SELECT HEX(TABLE_NAME), IFNULL(ENGINE, '') FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()
            AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY CAST(TABLE_NAME AS BINARY);
            """, cancellation)
        let engines = Set(tables.map { $0.count > 1 ? $0[1].text : "" })
        capture.facts["engines"] = engines.sorted().joined(separator: ", ")
        if !engines.isSubset(of: ["InnoDB"]) { capture.consistency = .window }
        guard withContent else { return }
        guard tables.count <= DatabaseCapture.tablesMax else {
            throw VaultError(
                .failed, "There are more than \(DatabaseCapture.tablesMax) tables", nextStep: "Add --no-capture")
        }
        let lines = try session.rows(
            Self.structure.joined(separator: "\nUNION ALL\n") + "\nORDER BY line;", cancellation)
        capture.schema = SHA256.digest(lines.flatMap { ($0.first ?? []) + [0x0a] })
        let columns = try columns()
        for row in tables {
            guard let name = Hex.decode(row[0].text.lowercased()) else { continue }
            capture.tables.append(try table(name, columns[name] ?? []))
        }
    }

    /// Columns of each table whose values are in a dump: not those that the server fills for versions of rows.
    private func columns() throws -> [[UInt8]: [[UInt8]]] {
        let rows = try session.rows(
            """
            SELECT HEX(TABLE_NAME), HEX(COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
            AND IFNULL(GENERATION_EXPRESSION, '') NOT IN ('ROW START', 'ROW END') ORDER BY TABLE_NAME, ORDINAL_POSITION;
            """, cancellation)
        var columns: [[UInt8]: [[UInt8]]] = [:]
        for row in rows where row.count == 2 {
            guard let table = Hex.decode(row[0].text.lowercased()), let name = Hex.decode(row[1].text.lowercased())
            else {
                continue
            }
            columns[table, default: []].append(name)
        }
        return columns
    }

    private func table(_ name: [UInt8], _ columns: [[UInt8]]) throws -> DatabaseCapture.Table {
        let sums = try session.sums(Self.content(name, columns), MariaRowHash.self, cancellation)
        return DatabaseCapture.Table(name: name, rows: sums.rows, content: sums.digest)
    }

    /// The rows of a table, as ``MariaRowHash`` takes them.
    static func content(_ table: [UInt8], _ columns: [[UInt8]]) -> [UInt8] {
        // The client writes NULL as it writes a text of these letters, so a field of its own tells them apart.
        let values = columns.map { column in
            let quoted = quoted(column)
            return quoted + Array(" IS NULL, CAST(".utf8) + quoted + Array(" AS BINARY)".utf8)
        }
        return Array("SELECT ".utf8) + values.joined(separator: [0x2c]) + Array(" FROM ".utf8) + quoted(table) + [0x3b]
    }

    static func quoted(_ name: [UInt8]) -> [UInt8] {
        [0x60] + name.flatMap { $0 == 0x60 ? [0x60, 0x60] : [$0] } + [0x60]
    }
}
