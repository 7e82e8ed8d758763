import Foundation
import Testing
import VaultTestSupport

/// Dumps that are cut off, empty, changed or of a tool that failed: none becomes a snapshot that passes for a backup.
@Suite(.serialized) struct DatabaseDamageTests {
    private let user: DatabaseStage

    init() throws {
        user = try DatabaseStage()
        try user.stage.make("bin")
        try user.require(
            """
            createdb drill 2>/dev/null && psql -qXd drill -c "CREATE TABLE a AS SELECT g, repeat(md5(g::text), 3) AS needle FROM generate_series(1, 3000) g;
                CREATE TABLE b AS SELECT 'needle'::text AS v" || true
            mariadb --defaults-file=$MY -e "CREATE DATABASE IF NOT EXISTS drill; CREATE TABLE IF NOT EXISTS drill.a (v TEXT);
                CREATE TABLE IF NOT EXISTS drill.b (v TEXT); DELETE FROM drill.a; DELETE FROM drill.b;
                INSERT INTO drill.a SELECT REPEAT(seq, 20) FROM drill.seq_1_to_3000; INSERT INTO drill.b VALUES ('needle')"
            sqlite3 a.db "CREATE TABLE a (v); CREATE TABLE b (v); INSERT INTO b VALUES ('needle');
                INSERT INTO a SELECT value || hex(zeroblob(40)) FROM generate_series(1, 3000)"
            """)
    }

    /// A fault: the tool that is replaced, what the replacement does with the real one (`$REAL "$@"`), the database.
    struct Fault: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var tool: String
        var script: String
        var database: String
    }

    private static let postgres = "postgres:drill"
    private static let maria = "mariadb:drill --defaults-file $MY"
    private static let sqlite = "sqlite:$PWD/a.db"

    private static let refused = [
        Fault(
            testDescription: "pg_dump is cut and fails", tool: "pg_dump",
            script: #"$REAL "$@" | head -c 100000; exit 1"#,
            database: postgres),
        Fault(
            testDescription: "pg_dump is killed", tool: "pg_dump", script: #"$REAL "$@" | head -c 100000; kill -9 $$"#,
            database: postgres),
        Fault(testDescription: "pg_dump writes nothing", tool: "pg_dump", script: "exit 0", database: postgres),
        Fault(
            testDescription: "pg_dump says something else", tool: "pg_dump", script: "echo sorry", database: postgres),
        Fault(
            testDescription: "the roles are cut", tool: "pg_dumpall", script: #"$REAL "$@" | head -c 300"#,
            database: postgres),
        Fault(
            testDescription: "mariadb-dump fails", tool: "mariadb-dump", script: #"$REAL "$@"; exit 2"#, database: maria
        ),
        Fault(
            testDescription: "mariadb-dump is cut", tool: "mariadb-dump", script: #"$REAL "$@" | head -c 50000"#,
            database: maria),
        Fault(testDescription: "mariadb-dump writes nothing", tool: "mariadb-dump", script: "exit 0", database: maria),
        Fault(
            testDescription: "the dump of SQLite is cut", tool: "sqlite3", script: #"$REAL "$@" | sed -u 500q"#,
            database: sqlite),
        Fault(
            testDescription: "the dump of SQLite is undone", tool: "sqlite3",
            script: #"$REAL "$@" | sed -u 's/^COMMIT;$/ROLLBACK; -- due to errors/'"#, database: sqlite),
    ]

    @Test(arguments: refused) func noSnapshotIsMade(_ fault: Fault) throws {
        let outcome = try backup(fault)
        outcome.expectFailure(1, "cannot be saved, so there is no snapshot")
        #expect(try user.shell("vault snapshots --json").output.contains("\"snapshots\":[]"))
    }

    private static let caught = [
        Fault(
            testDescription: "an archive is cut, and the tool says that all is well", tool: "pg_dump",
            script: #"$REAL "$@" | head -c 100000; exit 0"#, database: postgres),
        Fault(
            testDescription: "a table is left out", tool: "pg_dump", script: #"$REAL --exclude-table=b "$@""#,
            database: postgres),
        Fault(
            testDescription: "rows are left out", tool: "pg_dump", script: #"$REAL --exclude-table-data=b "$@""#,
            database: postgres),
        Fault(
            testDescription: "a value of PostgreSQL is another", tool: "pg_dump",
            script: #"$REAL "$@" | sed 's/needle$/nEEdle/'"#, database: postgres),
        Fault(
            testDescription: "MariaDB is cut within a statement, and has an end", tool: "mariadb-dump",
            script: #"$REAL "$@" | head -c 50000; echo; echo '-- Dump completed'"#, database: maria),
        Fault(
            testDescription: "MariaDB is cut between statements, and has an end", tool: "mariadb-dump",
            script: #"$REAL "$@" | grep -v "INTO .b. VALUES""#, database: maria),
        Fault(
            testDescription: "a value of MariaDB is another", tool: "mariadb-dump",
            script: #"$REAL "$@" | sed "s/'needle'/'nEEdle'/""#, database: maria),
        Fault(
            testDescription: "SQLite is cut, and has an end", tool: "sqlite3",
            script: #"$REAL "$@" | sed -u '/INTO b/d'"#, database: sqlite),
        Fault(
            testDescription: "a value of SQLite is another", tool: "sqlite3",
            script: #"$REAL "$@" | sed -u "s/'needle'/'nEEdle'/""#, database: sqlite),
    ]

    @Test(arguments: caught) func theCheckFails(_ fault: Fault) throws {
        let outcome = try backup(fault)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let check = try user.shell("vault database check --json")
        #expect(check.status == 20, "\(check.output)\(check.errors)")
        let report = try #require(check.json().last)
        #expect(report["verdict"] as? String == "failed")
        let databases = report["databases"] as? [[String: Any]] ?? []
        #expect((databases[0]["differences"] as? [String])?.isEmpty == false, "\(check.output)")
        #expect(try user.shell("ls $TMPDIR").output == "")
    }

    /// Runs a backup with one tool replaced.
    private func backup(_ fault: Fault) throws -> Stage.Outcome {
        try user.stage.write(
            "bin/\(fault.tool)", "#!/bin/sh\nREAL=/usr/bin/\(fault.tool)\n\(fault.script)\n")
        return try user.shell(
            "chmod +x bin/\(fault.tool); PATH=$PWD/bin:$PATH vault database backup \(fault.database)")
    }

    /// `quick_check` says "ok", and `integrity_check` ends with 0.
    @Test func damagedSQLiteIsRefused() throws {
        try user.require(
            #"""
            sqlite3 a.db 'CREATE INDEX i ON a (v)'
            root=$(sqlite3 a.db "SELECT rootpage FROM sqlite_schema WHERE name = 'i'")
            printf '\001' | dd of=a.db bs=1 seek=$(((root - 1) * 4096 + 600)) conv=notrunc 2>/dev/null
            dd if=/dev/zero of=a.db bs=1 count=200 seek=$(((root) * 4096 + 1500)) conv=notrunc 2>/dev/null
            """#)
        try user.shell("vault database backup sqlite:$PWD/a.db").expectFailure(1, "The database is damaged")
        #expect(try user.shell("vault snapshots --json").output.contains("\"snapshots\":[]"))
    }

    /// A check that dies leaves no server, and its directory goes with the next one.
    @Test func aKilledCheckLeavesNothing() throws {
        try user.require("vault database backup postgres:drill")
        let killed = try user.shell(
            """
            vault database open latest -- sh -c 'psql -XAtqc "SELECT 1" > seen; sleep 60' & pid=$!
            for i in $(seq 200); do [ -s seen ] && break; sleep 0.1; done
            ls $TMPDIR > left; kill -9 $pid; wait $pid 2>/dev/null; cat seen
            for i in $(seq 50); do pgrep -f "$TMPDIR/$(cat left)" > /dev/null || break; sleep 0.1; done
            pgrep -f "$TMPDIR/$(cat left)"; cat left
            """)
        #expect(
            killed.output.hasPrefix("1\nvault-database-") && killed.output.split(separator: "\n").count == 2,
            "\(killed)")
        #expect(try user.shell("vault database check").status == 0)
        #expect(try user.shell("ls $TMPDIR").output == "")
    }

    /// A hostile dump finds neither network, nor our variables, nor root.
    @Test(.enabled(if: isRoot)) func theScratchServerIsConfined() throws {
        try user.require("vault database backup postgres:drill")
        let open = try user.shell(
            #"""
            SECRET=hidden vault database open latest -- psql -XAtq <<'SQL'
            CREATE TABLE seen (line text);
            COPY seen FROM PROGRAM 'id -u; env | grep -c SECRET; ls /sys/class/net | grep -v lo | wc -l; ls /proc | grep -c "^[0-9]"; cat /etc/shadow 2>&1 | head -1';
            SELECT * FROM seen;
            SQL
            """#)
        let lines = open.output.split(separator: "\n").map(String.init)
        #expect(open.status == 0 && lines.count == 5, "\(open.output)\(open.errors)")
        guard lines.count == 5 else { return }
        #expect(lines[0] == "65534" && lines[1] == "0" && (Int(lines[3]) ?? 99) < 15 && lines[4].contains("denied"))
    }

    @Test func scanSaysWhatIsNotSaved() throws {
        try user.require("vault database backup postgres:drill; vault database backup sqlite:$PWD/a.db")
        let scan = try user.shell("vault database scan --defaults-file $MY --json")
        #expect(scan.status == 21, "\(scan.errors)")
        let databases = try #require(scan.json().last?["databases"] as? [[String: Any]])
        func find(_ engine: String) -> [String: Any]? {
            databases.first {
                $0["engine"] as? String == engine && $0["name"] as? String == "drill"
                    && ($0["socket"] as? String ?? "").hasPrefix(user.servers.path)
            }
        }
        #expect((find("postgres")?["snapshot"] as? String)?.count == 64, "\(scan.output)")
        #expect(find("mariadb")?["snapshot"] as? String == "", "\(scan.output)")
        let records = try user.shell("vault log show --kind access --json | jq -c '[.records[].snapshotCount]'")
        #expect(records.output == "[2]\n", "\(records.errors)")
        let held = try user.shell("sleep 3 < a.db & vault database scan --json; wait")
        #expect(held.output.contains("/a.db\""), "\(held.output)")
    }

    /// Commands and their examples, on names that exist here.
    @Test(arguments: ["backup", "list", "check", "open", "restore", "scan"])
    func examplesWork(_ command: String) throws {
        try user.require(
            """
            createdb shop 2>/dev/null || true
            psql -qXd shop -c 'CREATE TABLE IF NOT EXISTS orders (id int)'
            vault database backup postgres:shop sqlite:$PWD/a.db
            """)
        let page = try user.shell("vault help database \(command)").output
        let lines = page.split(separator: "\n").drop { !$0.hasPrefix("Example") }.dropFirst().prefix {
            $0.hasPrefix("  ")
        }
        #expect(!lines.isEmpty)
        for line in lines {
            let here = line.replacingOccurrences(of: "/var/lib/app/app.db", with: "$PWD/a.db")
                .replacingOccurrences(of: "/tmp/", with: "$PWD/")
                .replacingOccurrences(of: "mariadb:all", with: "mariadb:all --defaults-file $MY")
                .replacingOccurrences(of: "shop_restored", with: "shop_\(UInt32.random(in: 0 ... .max))")
                .replacingOccurrences(of: "--scratch /var/tmp", with: "--scratch $TMPDIR")
            let outcome = try user.shell(DatabaseStage.alone + here.drop { $0 == " " })
            #expect(outcome.status == 0, "\(here): \(outcome.output)\(outcome.errors)")
        }
    }
}
