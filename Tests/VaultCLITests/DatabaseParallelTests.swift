import Testing
import VaultTestSupport

/// Several processes load one dump of PostgreSQL: what comes out is the same, or nothing.
@Suite(.serialized) struct DatabaseParallelTests {
    private let user: DatabaseStage

    init() throws { user = try DatabaseStage() }

    private static let wide = #"""
        createdb wide; psql -qX -v ON_ERROR_STOP=1 -d wide <<'SQL'
        CREATE TABLE a (id int PRIMARY KEY, v text);
        CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a, v text);
        CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b, at timestamptz, v text);
        INSERT INTO a SELECT g, md5(g::text) FROM generate_series(1, 3000) g;
        INSERT INTO b SELECT g, 1 + g % 3000, repeat(md5(g::text), 4) FROM generate_series(1, 6000) g;
        INSERT INTO c SELECT g, 1 + g % 6000, '2026-01-01'::timestamptz + g * interval '1 minute', 'x' FROM generate_series(1, 9000) g;
        CREATE INDEX ON a (v); CREATE INDEX ON b (v, a); CREATE INDEX ON c (at);
        CREATE MATERIALIZED VIEW m AS SELECT a.v, count(*) FROM a JOIN b ON b.a = a.id GROUP BY 1;
        CREATE VIEW w AS SELECT * FROM m JOIN a USING (v);
        SELECT lo_from_bytea(0, decode(repeat('cd', 9000), 'hex')); COMMENT ON TABLE a IS 'first';
        SQL
        """#

    /// What `pg_dump` makes of both is the same, byte for byte; only its own random words differ.
    @Test func severalProcessesRestoreTheSame() throws {
        try user.require(Self.wide + "\nvault database backup postgres:wide -q; createdb wide_old")
        for (jobs, loaded) in [("--jobs 3", 3), ("--jobs 1", 1), ("", 1)] {
            let restored = try user.shell(
                "vault database restore latest --into wide_\(loaded)\(jobs.isEmpty ? "b" : "") \(jobs) --json")
            #expect(restored.status == 0, "\(restored.output)\(restored.errors)")
            let report = try #require(restored.json().last)
            #expect(report["verdict"] as? String == "proven" && report["jobs"] as? Int == loaded)
        }
        let dumps = try user.require(
            """
            for d in wide wide_3 wide_1; do pg_dump $d | grep -v '^.\\(un\\)\\?restrict' | sha256sum; done | uniq -c | wc -l
            ls -A $TMPDIR | wc -l
            """)
        #expect(dumps == "1\n0\n")
        // One that was there is loaded in one transaction, or not at all.
        try user.shell("vault database restore latest --into wide_old --jobs 2").expectFailure(2, "was there before")
        try user.shell("vault database restore latest --into wide_new --jobs 2 --scratch $PWD/none")
            .expectFailure(1, "cannot be written to")
        try user.shell("vault database restore latest --into wide_new --jobs 0").expectFailure(2, "--jobs")
        #expect(
            try user.require("psql -XAtd postgres -c \"SELECT count(*) FROM pg_database WHERE datname = 'wide_new'\"")
                == "0\n")
        #expect(try user.shell("vault database restore latest --into wide_old -q").status == 0)
    }

    /// An index that cannot be built, and one that is being built when a signal comes: nothing stays.
    @Test(arguments: [("RAISE EXCEPTION 'no'", "true", 20), ("PERFORM pg_sleep(600)", "kill -TERM $pid", 130)])
    func whatIsLoadedInPartGoes(_ step: String, _ meanwhile: String, _ status: Int32) throws {
        let name = "part_\(status)"
        try user.require(
            """
            createdb \(name); psql -qX -v ON_ERROR_STOP=1 -d \(name) <<'SQL'
            CREATE FUNCTION only_here(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
                $$ BEGIN IF current_database() <> '\(name)' THEN \(step); END IF; RETURN $1; END $$;
            CREATE TABLE a AS SELECT 1 AS id; CREATE TABLE b AS SELECT 1 AS id;
            CREATE INDEX ON a (only_here(id)); CREATE INDEX ON b (id);
            SQL
            vault database backup postgres:\(name) --no-globals -q
            """)
        let outcome = try user.shell(
            DatabaseStage.beside + """
                vault database restore latest --into \(name)_2 --jobs 2 & pid=$!
                for i in $(seq 100); do
                    [ "\(meanwhile)" != true ] || break
                    psql -XAtd postgres -c "SELECT query FROM pg_stat_activity WHERE datname = '\(name)_2'" | grep -q 'CREATE INDEX' && break
                    sleep 0.05
                done
                \(meanwhile); wait $pid; status=$?
                psql -XAtd postgres -c "SELECT datname FROM pg_database WHERE datname = '\(name)_2'
                    UNION ALL SELECT query FROM pg_stat_activity WHERE datname = '\(name)_2'"
                exit $status
                """)
        #expect(outcome.output == "", "\(outcome.output)")
        outcome.expectFailure(status, status == 20 ? "cannot be loaded" : "interrupted")
    }
}
