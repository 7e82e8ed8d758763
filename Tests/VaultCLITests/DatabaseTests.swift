import Foundation
import Testing
import VaultTestSupport

/// Databases of real servers, saved, checked and restored as a user does it.
@Suite(.serialized) struct DatabaseTests {
    private let user: DatabaseStage

    init() throws { user = try DatabaseStage() }

    private func json(_ outcome: Stage.Outcome) throws -> [String: Any] {
        try #require(outcome.json().last, "\(outcome.errors)")
    }

    /// Everything that a dump must bring back, in both directions of odd: names, types, missing values.
    private static let shop = #"""
        psql -qX -v ON_ERROR_STOP=1 -d shop <<'SQL'
        CREATE EXTENSION pgcrypto;
        CREATE TYPE mood AS ENUM ('sad', 'fine');
        CREATE DOMAIN positive AS int CHECK (VALUE > 0);
        CREATE TABLE plain (id serial PRIMARY KEY, name varchar(20) CHECK (name IN ('a', 'b', 'c')), f float8, r real,
            n numeric, d timestamptz, j jsonb, x bytea, m mood, p positive, a text[], double_f float8 GENERATED ALWAYS AS (f * 2) STORED);
        INSERT INTO plain (name, f, r, n, d, j, x, m, p, a) SELECT chr(97 + g % 3), random() * 1e9, random(), random()::numeric,
            '2020-01-01'::timestamptz + g * interval '1 hour', jsonb_build_object('g', g), decode(md5(g::text), 'hex'),
            'fine', g, ARRAY['x', NULL, 'y"z'] FROM generate_series(1, 2000) g;
        INSERT INTO plain (f, r) VALUES ('NaN', 'Infinity'), (NULL, NULL), (0.1 + 0.2, 1e-40);
        CREATE TABLE "odd ""name|with
        feed" ("vault row" int, "ünï" text); INSERT INTO "odd ""name|with
        feed" VALUES (1, E'back\\slash\nfeed\ttab|'), (1, E'back\\slash\nfeed\ttab|');
        CREATE TABLE nothing ();
        CREATE TABLE parts (k int, v text) PARTITION BY RANGE (k);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
        INSERT INTO parts VALUES (1, 'one'), (2, 'two');
        CREATE UNLOGGED TABLE quick AS SELECT 1 AS a;
        CREATE VIEW seen AS SELECT name, count(*) FROM plain GROUP BY 1;
        CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one;
        CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';
        CREATE INDEX ON plain (twice(id));
        SELECT lo_from_bytea(0, decode(repeat('ab', 5000), 'hex'));
        CREATE TABLE mine (a int); ALTER TABLE mine OWNER TO "clerk ""x"""; GRANT SELECT ON plain TO reader;
        SQL
        """#

    private static let roles = #"""
        psql -qX -d postgres <<'SQL' 2>/dev/null || true
        CREATE ROLE "clerk ""x""" LOGIN PASSWORD 'secret'; CREATE ROLE reader; GRANT reader TO "clerk ""x""";
        SQL
        """#

    @Test func postgresJourney() throws {
        try user.require("createdb shop\n" + Self.roles + "\n" + Self.shop)
        let saved = try json(user.shell("vault database backup postgres:shop --json"))
        let databases = try #require(saved["databases"] as? [[String: Any]])
        #expect(databases.map { $0["file"] as? String } == ["postgres-globals.sql", "postgres-shop.dump"])
        #expect(databases[1]["consistency"] as? String == "instant" && databases[1]["isCaptured"] as? Bool == true)
        // Tables, the partition that holds rows, and large objects.
        #expect(databases[1]["tables"] as? Int == 7 && (databases[1]["rows"] as? Int ?? 0) > 2000)

        let check = try user.shell("vault database check --json")
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        #expect(try json(check)["verdict"] as? String == "proven")
        let open = try user.shell(
            #"vault database open latest postgres:shop -- psql -XAtc 'SELECT count(*), current_user FROM plain'"#)
        #expect(open.status == 0 && open.output == "2003|vault_inspector\n", "\(open.output)\(open.errors)")
        #expect(try user.shell("vault database open latest -- false").status == 1)

        let restored = try user.shell("vault database restore latest postgres:shop --into shop_restored --json")
        #expect(restored.status == 0, "\(restored.output)\(restored.errors)")
        #expect(try json(restored)["verdict"] as? String == "proven")
        let owner = try user.require(
            "psql -XAtd shop_restored -c \"SELECT tableowner FROM pg_tables WHERE tablename = 'mine'\"")
        #expect(owner == "clerk \"x\"\n")

        // What must not be overwritten, and what was saved.
        try user.shell("vault database restore latest --into shop_restored").expectFailure(2, "is not empty")
        try user.shell("vault database restore latest --into shop").expectFailure(2, "is the database that was saved")
        try user.shell("PGHOST=/tmp/none vault database restore latest --into x").expectFailure(1, "/tmp/none")
        try user.require(
            "vault database restore latest --output shop.dump; pg_restore --list shop.dump | grep -q 'TABLE DATA public plain'"
        )
        try user.shell("vault database restore latest --output shop.dump").expectFailure(2, "is there already")
        #expect(try user.shell("ls $TMPDIR").output == "")
        let again = try json(user.shell("vault database backup postgres:shop --json"))
        #expect((again["newBytes"] as? Int ?? .max) < 20_000, "\(again)")
    }

    /// Whoever writes meanwhile: dump, counts and hashes are of one instant.
    @Test func postgresWhileOthersWrite() throws {
        try user.require("createdb bench; pgbench -i -q -s 2 bench 2>/dev/null")
        let outcome = try user.shell(
            """
            pgbench -n -c 4 -T 600 bench > bench.log 2>&1 & load=$!
            sleep 1; vault database backup postgres:bench --json; status=$?
            kill -0 $load && echo '{"stillWriting": true}'; kill $load; wait $load; exit $status
            """)
        #expect(outcome.status == 0 && outcome.output.contains("stillWriting"), "\(outcome.errors)")
        let check = try user.shell("vault database check latest postgres:bench --json")
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let databases = try #require(json(check)["databases"] as? [[String: Any]])
        #expect(databases[0]["tables"] as? Int == 4 && (databases[0]["rows"] as? Int ?? 0) >= 200_000)
    }

    @Test func allOfAServer() throws {
        try user.require(
            "createdb 'we/ird=host %'; PGDATABASE='we/ird=host %' psql -qX -c 'CREATE TABLE t AS SELECT 1 AS a'")
        let saved = try json(user.shell(DatabaseStage.alone + "vault database backup postgres:all --no-globals --json"))
        let names = (saved["databases"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
        #expect(names.contains("we/ird=host %") && names.contains("postgres") && !names.contains("template1"))
        let check = try user.shell("vault database check latest 'postgres:we/ird=host %' postgres:postgres --json")
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        #expect(try user.shell("vault database check latest postgres:postgres").status == 21)
    }

    @Test func mariaJourney() throws {
        try user.require(
            #"""
            mariadb --defaults-file=$MY <<'SQL'
            CREATE DATABASE wiki CHARACTER SET utf8mb4; USE wiki;
            CREATE TABLE `odd ``name` (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT, b BLOB, f FLOAT, d DOUBLE, n DECIMAL(20,5), at TIMESTAMP,
                j JSON, u INT AS (CHAR_LENGTH(t)) STORED, e ENUM('x','y'), bits BIT(7)) ENGINE=InnoDB;
            INSERT INTO `odd ``name` (t, b, f, d, n, at, j, e, bits) VALUES ('a\tb\nc''"', x'00ff27', 1.1, 2.2e100, 12345.67891, '2020-06-01 12:00:00', '{}', 'y', b'101'),
                (NULL, NULL, NULL, NULL, NULL, '2021-01-01', NULL, NULL, NULL);
            CREATE TABLE latin (v VARCHAR(20)) CHARACTER SET latin1; INSERT INTO latin VALUES ('ünï'), ('ünï');
            CREATE VIEW seen AS SELECT t FROM `odd ``name`;
            DELIMITER //
            CREATE PROCEDURE p() BEGIN SELECT 1; END//
            CREATE TRIGGER tr BEFORE INSERT ON latin FOR EACH ROW SET NEW.v = UPPER(NEW.v)//
            DELIMITER ;
            SQL
            """#)
        let saved = try user.shell("vault database backup mariadb:wiki --defaults-file $MY --json")
        #expect(saved.status == 0, "\(saved.errors)")
        let databases = try #require(json(saved)["databases"] as? [[String: Any]])
        #expect(databases.last?["consistency"] as? String == "instant" && databases.last?["tables"] as? Int == 2)
        let check = try user.shell("vault database check --json")
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let open = try user.shell(
            "vault database open latest -- sh -c 'mariadb --no-defaults -uroot -BN \"$VAULT_DATABASE\" -e \"SELECT COUNT(*) FROM latin\"'"
        )
        #expect(open.status == 0 && open.output == "2\n", "\(open.output)\(open.errors)")
        let restored = try user.shell("vault database restore latest --into wiki2 --defaults-file $MY --json")
        #expect(restored.status == 0, "\(restored.output)\(restored.errors)")
        #expect(try json(restored)["verdict"] as? String == "proven")
        try user.shell("vault database restore latest --into wiki2 --defaults-file $MY").expectFailure(2, "not empty")
        try user.shell("vault database restore latest --into wiki --defaults-file $MY")
            .expectFailure(2, "is the database that was saved")
        // The dump at the wrong place destroys nothing.
        let wrong = try user.shell(
            "vault database restore latest --output wiki.sql; mariadb --defaults-file=$MY wiki < wiki.sql")
        #expect(wrong.status != 0)
        #expect(try user.require("mariadb --defaults-file=$MY -BN wiki -e 'SELECT COUNT(*) FROM latin'") == "2\n")
    }

    @Test func mariaWhileOthersWrite() throws {
        try user.require(
            """
            mariadb --defaults-file=$MY -e 'CREATE DATABASE busy; CREATE TABLE busy.a (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT);
                CREATE TABLE busy.b LIKE busy.a; INSERT INTO busy.a (v) SELECT REPEAT(seq, 20) FROM busy.seq_1_to_30000'
            for i in $(seq 1 20000); do echo "BEGIN; INSERT INTO a (v) VALUES ($i); INSERT INTO b (v) VALUES ($i); UPDATE a SET v = $i WHERE id = $i; COMMIT;"; done > load.sql
            """)
        let outcome = try user.shell(
            """
            mariadb --defaults-file=$MY busy < load.sql & load=$!
            sleep 0.5; vault database backup mariadb:busy --no-globals --defaults-file $MY --json; status=$?
            kill -0 $load && echo '{"stillWriting": true}'; kill $load; wait $load; exit $status
            """)
        #expect(outcome.status == 0 && outcome.output.contains("stillWriting"), "\(outcome.errors)")
        let check = try user.shell("vault database check --json")
        #expect(check.status == 0, "\(check.output)\(check.errors)")
    }

    @Test func sqliteJourney() throws {
        try user.require(
            #"""
            sqlite3 app.db <<'SQL'
            PRAGMA encoding = 'UTF-16le'; PRAGMA page_size = 1024; PRAGMA auto_vacuum = 2; PRAGMA application_id = 77; PRAGMA user_version = 5;
            CREATE TABLE t (a, b TEXT, rowid); INSERT INTO t VALUES (1, 'x', 5), (2.5e300, NULL, 5), (x'00ff', 'ünï''"', 1);
            CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO w VALUES ('b', 1), ('a', 2);
            CREATE TABLE g (i INTEGER PRIMARY KEY AUTOINCREMENT, x, y AS (x * 2)); INSERT INTO g (x) VALUES (1), (2); DELETE FROM g WHERE i = 1;
            CREATE VIRTUAL TABLE ft USING fts5(body); INSERT INTO ft VALUES ('hello world');
            CREATE TRIGGER tr AFTER INSERT ON w BEGIN SELECT 1; END;
            SQL
            sqlite3 app.db 'PRAGMA journal_mode = wal' > /dev/null
            mkdir other; cp app.db other/app.db
            """#)
        let saved = try user.shell("vault database backup sqlite:$PWD/app.db sqlite:$PWD/other/app.db --json")
        #expect(saved.status == 0, "\(saved.errors)")
        let databases = try #require(json(saved)["databases"] as? [[String: Any]])
        #expect(databases.map { $0["file"] as? String } == ["sqlite-app.db-2.sql", "sqlite-app.db.sql"])
        let check = try user.shell("vault database check --json")
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let restored = try user.shell("vault database restore latest sqlite:$PWD/app.db --into $PWD/back.db --json")
        #expect(restored.status == 0, "\(restored.output)\(restored.errors)")
        let settings =
            "for p in encoding page_size auto_vacuum application_id user_version journal_mode; do sqlite3 FILE \"PRAGMA $p\"; done"
        #expect(
            try user.require(settings.replacingOccurrences(of: "FILE", with: "back.db"))
                == user.require(settings.replacingOccurrences(of: "FILE", with: "app.db")))
        #expect(try user.require("sqlite3 back.db \"SELECT count(*) FROM ft WHERE ft MATCH 'hello'\"") == "1\n")
        try user.shell("vault database restore latest sqlite:$PWD/app.db --into $PWD/app.db").expectFailure(
            2, "is there already")
        try user.shell("vault database restore latest --into $PWD/y.db").expectFailure(2, "There are 2 databases")
        try user.shell("vault database backup sqlite:$PWD/none.db").expectFailure(1, "no such file")
        #expect(try user.shell("test -e none.db").status == 1)
    }

    /// A signal in the middle of loading: nothing of it stays, and the next run does it all.
    @Test func interruptedRestoreLeavesNothing() throws {
        try user.require(
            """
            sqlite3 a.db "CREATE TABLE t (v); INSERT INTO t SELECT hex(randomblob(50)) FROM generate_series(1, 300000)"
            vault database backup sqlite:$PWD/a.db
            """)
        let outcome = try user.shell(
            """
            vault database restore latest --into $PWD/c.db & pid=$!
            for i in $(seq 1000); do [ -e c.db.vault-restoring-journal ] && break; sleep 0.01; done
            ls c.db* > seen; kill -TERM $pid; wait $pid; status=$?; ls c.db* 2>/dev/null; exit $status
            """)
        outcome.expectFailure(130, "interrupted")
        #expect(try user.require("cat seen").contains("c.db.vault-restoring"), "it was interrupted in the middle")
        #expect(outcome.output == "")
        try user.require(
            "vault database restore latest --into $PWD/c.db; sqlite3 c.db .dump > c; sqlite3 a.db .dump | cmp - c")
    }

    @Test func wrongUse() throws {
        try user.shell("vault database backup").expectFailure(2, "engine:name")
        try user.shell("vault database backup shop").expectFailure(2, "shop")
        try user.shell("vault database backup oracle:shop").expectFailure(2, "oracle")
        try user.shell("vault database backup postgres:missing").expectFailure(1, "missing")
        #expect(try user.shell("vault snapshots --json").output.contains("\"snapshots\":[]"))
        try user.require("vault backup passphrase")
        try user.shell("vault database check").expectFailure(2, "There is no database in snapshot")
        try user.shell("vault database restore latest --into x --output y").expectFailure(2, "--into")
    }
}
