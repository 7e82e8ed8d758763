import Testing
import VaultTestSupport

/// Dumps that would fill the disk of the machine that looks at them: their servers are ended at a small limit.
@Suite(.serialized) struct DatabaseRoomTests {
    private let user: DatabaseStage

    init() throws {
        user = try DatabaseStage()
        try user.require("createdb plain 2>/dev/null && psql -qXd plain -c 'CREATE TABLE t AS SELECT 1 AS a' || true")
    }

    /// Nothing of a server is left: neither files nor processes.
    private func expectNothingLeft() throws {
        #expect(
            try user.shell(
                "ls $TMPDIR; for p in $(pgrep -x postgres); do tr '\\0' ' ' < /proc/$p/cmdline; done | grep -c $TMPDIR/"
            ).output == "0\n")
    }

    /// A view with one row where it was saved, and millions of rows in a scratch server, which it tells by a setting.
    @Test func aBombInADump() throws {
        try user.require(
            #"""
            createdb bomb; psql -qX -v ON_ERROR_STOP=1 -d bomb <<'SQL'
            CREATE FUNCTION many() RETURNS int LANGUAGE sql STABLE AS
                $$ SELECT CASE WHEN current_setting('max_connections') = '12' THEN 3000 ELSE 1 END $$;
            CREATE TABLE t AS SELECT 1 AS a;
            CREATE MATERIALIZED VIEW boom AS
                SELECT repeat('x', 1900) AS x FROM generate_series(1, many()) a, generate_series(1, many()) b;
            SQL
            vault database backup postgres:bomb postgres:plain -q
            """#)
        let check = try user.shell("vault database check --scratch-limit 300M --json")
        #expect(check.status == 21, "\(check.output)\(check.errors)")
        let report = try #require(check.json().last)
        #expect(report["verdict"] as? String == "not-proven")
        let databases = try #require(report["databases"] as? [[String: Any]])
        #expect(databases.map { $0["verdict"] as? String } == ["not-proven", "not-proven"])
        let why = (databases[0]["differences"] as? [String])?.first ?? ""
        #expect(why.contains("it had more than 300 MiB on disk") && why.contains("--scratch-limit"), "\(why)")
        try expectNothingLeft()
        // What is no bomb has room enough.
        let plain = try user.shell("vault database check latest postgres:plain --scratch-limit 300M -q")
        #expect(plain.status == 0, "\(plain.output)\(plain.errors)")
        // The server alone may be too large already.
        try user.shell("vault database check latest postgres:plain --scratch-limit 1M")
            .expectFailure(21, "The scratch server was ended, because it had more than 1 MiB on disk")
        let drill = try user.shell("vault drill run --scratch-limit 1M")
        #expect(drill.status == 21 && drill.output.contains("it had more than 1 MiB on disk"), "\(drill.output)")
    }

    /// Nobody waits for the server while somebody looks into it.
    @Test func aProgramOfAnOpenDatabase() throws {
        try user.require("vault database backup postgres:plain -q")
        let open = try user.shell(
            """
            vault database open latest --scratch-limit 300M -- \
                psql -Xc "COPY (SELECT 1) TO PROGRAM 'cat /dev/zero > filler'" 2> words
            """)
        #expect(open.status == 21 && open.output == "")
        #expect(try user.require("cat words").contains("because it had more than 300 MiB on disk"))
        try expectNothingLeft()
    }
}
