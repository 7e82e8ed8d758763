/// Notes what is in a database of PostgreSQL, by queries in a transaction that is open.
struct PostgresCapture: CaptureQueries {
    let session: SQLSession
    let cancellation: Cancellation

    /// Begins the transaction, and pins what changes the text of a value.
    static let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;" + PostgresSQL.settings

    /// Fills in version, facts, and unless told otherwise structure and tables.
    func fill(_ capture: inout DatabaseCapture, withContent: Bool) throws {
        guard let facts = try session.rows(PostgresSQL.facts, cancellation).first, facts.count == 6 else {
            throw VaultError(.failed, "The server does not describe the database")
        }
        capture.version = facts[0].text
        capture.facts["encoding"] = facts[1].text
        capture.facts["collation"] = facts[2].text
        capture.facts["character-type"] = facts[3].text
        if !facts[4].isEmpty { capture.facts["server"] = facts[4].text }
        if let extensions = Hex.decode(facts[5].text), !extensions.isEmpty {
            capture.facts["extensions"] = PathText.readable(extensions)
        }
        guard withContent else { return }
        let rows = try session.rows(PostgresSQL.schema, cancellation)
        guard let schema = rows.first?.first.flatMap({ Digest(hex: $0.text) }) else {
            throw VaultError(.failed, "The server does not tell the structure of the database")
        }
        capture.schema = schema
        let names = try session.rows(PostgresSQL.tables, cancellation).compactMap { Hex.decode($0[0].text) }
        guard names.count < DatabaseCapture.tablesMax else {
            throw VaultError(
                .failed, "There are \(names.count) tables, and at most \(DatabaseCapture.tablesMax - 1) can be noted",
                nextStep: "Add --no-capture")
        }
        for name in names { capture.tables.append(try table(name, PostgresSQL.content(name))) }
        let large = try table(Array("\"large objects\"".utf8), PostgresSQL.largeObjects)
        if large.rows > 0 {
            capture.tables.append(large)
            capture.tables.sort { $0.name.lexicographicallyPrecedes($1.name) }
        }
    }

    private func table(_ name: [UInt8], _ query: [UInt8]) throws -> DatabaseCapture.Table {
        let sums = try session.sums(query, PostgresRowHash.self, cancellation)
        return DatabaseCapture.Table(name: name, rows: sums.rows, content: sums.digest)
    }
}
