import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// What is noted of rows, held against the same numbers as the server itself makes them.
@Suite struct DatabaseRowTests {
    private let user: DatabaseStage

    init() throws { user = try DatabaseStage() }

    /// The digest of the rows in a file, which come in pieces of `size` bytes.
    private func digest<Row: RowHash>(_ file: String, _ hash: Row.Type, pieces size: Int) throws -> RowSums {
        let stored = try #require(FileManager.default.contents(atPath: user.stage.path + "/" + file))
        let bytes = stored + Data("end\n".utf8)
        var rows = RowStream<Row>(endingWith: Array("end".utf8))
        var isOver = false
        for start in stride(from: 0, to: bytes.count, by: size) {
            #expect(!isOver)
            isOver = try Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { try rows.take($0) }
        }
        #expect(isOver)
        return rows.sums
    }

    private func expect<Row: RowHash>(_ file: String, _ hash: Row.Type, _ numbers: String) throws {
        let expected = SHA256.digest(Array(numbers.replacing("\n", with: "").replacing("|", with: "\n").utf8))
        for size in [1, 7, 4096, 300_001, 1 << 30] where size > 1 || numbers.hasPrefix("9|") {
            let sums = try digest(file, hash, pieces: size)
            #expect(sums.digest == expected && "\(sums.rows)" == numbers.prefix { $0 != "|" }, "pieces of \(size)")
        }
    }

    private static let odd = #"""
        INSERT INTO odd VALUES (1, NULL), (2, 'NULL'), (3, ''), (4, E'\\N'), (5, E'a\tb\nc\rd\\e\\\\'), (6, E'\b\f\v\x01'),
            (7, 'end'), (8, E'\\'), (9, 'Trần "Thị" (Bình), 1');
        """#

    @Test func postgresRows() throws {
        try user.require(
            """
            createdb rows; psql -qX -v ON_ERROR_STOP=1 -d rows <<'SQL'
            CREATE TABLE odd (a int, b text); \(Self.odd)
            CREATE TABLE long AS SELECT g AS a, repeat(E'\\\\x\\\\\\\\', 100000) AS b FROM generate_series(1, 2) g;
            CREATE TABLE none (a int); CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES;
            CREATE TABLE many AS SELECT g AS a, decode(md5(g::text), 'hex') AS b FROM generate_series(1, 20000) g;
            SQL
            """)
        for table in ["odd", "long", "none", "bare", "many"] {
            let name = Array("public.\(table)".utf8)
            try user.stage.write("copy.sql", String(decoding: PostgresSQL.content(name), as: UTF8.self))
            let numbers = try user.require(
                """
                psql -qXAt -v ON_ERROR_STOP=1 -d rows -c "$SETTINGS" -f copy.sql > rows
                psql -qXAt -d rows -c "$SETTINGS SELECT count(*), coalesce(sum(('x' || substr(h, 1, 16))::bit(64)::bigint), 0),
                    coalesce(sum(('x' || substr(h, 17, 16))::bit(64)::bigint), 0) FROM
                    (SELECT encode(sha256(textsend(ROW(r.*)::text)), 'hex') AS h FROM public.\(table) AS r) AS hashes"
                """.replacing("$SETTINGS", with: PostgresSQL.settings))
            try expect("rows", PostgresRowHash.self, numbers)
        }
    }

    @Test func mariaRows() throws {
        try user.require(
            #"""
            mariadb --defaults-file=$MY <<'SQL'
            CREATE DATABASE odd_rows; USE odd_rows; CREATE TABLE odd (a INT, b LONGBLOB);
            INSERT INTO odd VALUES (1, NULL), (2, 'NULL'), (3, ''), (4, '\\N'), (5, 'a\tb\nc\rd\\e\\\\'), (6, '\b\0\x1a'),
                (7, 'end'), (8, '\\'), (9, 'Trần "Thị" (Bình), 1');
            CREATE TABLE wide AS SELECT seq AS a, REPEAT('\\x\\\\\t', 100000) AS b FROM seq_1_to_2;
            CREATE TABLE none (a INT); CREATE TABLE many AS SELECT seq AS a, UNHEX(MD5(seq)) AS b FROM seq_1_to_20000;
            SQL
            """#)
        for table in ["odd", "wide", "none", "many"] {
            let columns = ["a", "b"].prefix(table == "none" ? 1 : 2)
            let statement = MariaCapture.content(Array(table.utf8), columns.map { Array($0.utf8) })
            try user.stage.write("copy.sql", String(decoding: statement, as: UTF8.self))
            let hashes = columns.map { "IFNULL(SHA2(CAST(\($0) AS BINARY), 256), '-')" }.joined(separator: ", ")
            let numbers = try user.require(
                """
                mariadb --defaults-file=$MY -BN --quick odd_rows < copy.sql > rows
                mariadb --defaults-file=$MY -BN odd_rows -e "SELECT CONCAT_WS('|', COUNT(*),
                    IFNULL(SUM(CAST(CONV(SUBSTR(h, 1, 16), 16, 10) AS UNSIGNED)), 0),
                    IFNULL(SUM(CAST(CONV(SUBSTR(h, 17, 16), 16, 10) AS UNSIGNED)), 0))
                    FROM (SELECT SHA2(CONCAT_WS(',', '', \(hashes)), 256) AS h FROM \(table)) AS hashes"
                """)
            try expect("rows", MariaRowHash.self, numbers)
        }
    }

    /// What no client writes is no row.
    @Test func otherLinesAreRefused() {
        for line in [#"a\qb"#, #"a\"#, #"\N"#] { expectRefused(line, PostgresRowHash.self) }
        for line in ["", "0", "2\ta", "\ta", "0\ta\t", "0\ta\t1", "00\ta", #"0\ta\q"#.replacing(#"\t"#, with: "\t")] {
            expectRefused(line, MariaRowHash.self)
        }
    }

    private func expectRefused<Row: RowHash>(_ line: String, _ hash: Row.Type) {
        var rows = RowStream<Row>(endingWith: Array("end".utf8))
        let error = #expect(throws: VaultError.self, "\(line)") {
            try Array((line + "\nend\n").utf8).withUnsafeBytes { try rows.take($0) }
        }
        #expect(error?.code == .failed)
    }
}
