import Testing
import VaultTestSupport

/// Servers that hang: the process that works for a program is stopped by a signal. Nobody waits for it without an end.
@Suite struct DatabaseSilenceTests {
    private let user: DatabaseStage

    init() throws { user = try DatabaseStage() }

    /// Waits for the process of the server whose query on a database is like this, and stops it.
    private static let stop = #"""
        stop() {
            for i in $(seq 400); do
                server=$(psql -XAtd postgres -c "SELECT pid FROM pg_stat_activity WHERE datname = '$1' AND query LIKE '$2'")
                [ -z "$server" ] || break; sleep 0.05
            done
            kill -STOP $server || exit 99
        }
        left() { for p in $(pgrep -x $1); do tr '\0' '\n' < /proc/$p/environ | grep -qx "VAULT_TEST=$PWD" && echo left; done; true; }
        export VAULT_TEST=$PWD
        """#

    /// `pg_dump` waits for a lock that another session holds; when it gets it, its server process answers no more.
    @Test(arguments: [("5s", "true", 1), ("10min", "sleep 0.5; kill -TERM $pid", 130)])
    func dump(_ silence: String, _ meanwhile: String, _ status: Int32) throws {
        let name = "hung_\(status)"
        try user.require("createdb \(name); psql -qXd \(name) -c 'CREATE TABLE t AS SELECT 1 AS a'")
        let outcome = try user.shell(
            DatabaseStage.beside + Self.stop + """

                (echo 'BEGIN; LOCK TABLE t;'; while [ ! -e stopped ]; do sleep 0.05; done) | psql -qXd \(name) &
                for i in $(seq 400); do
                    psql -XAtd postgres -c "SELECT mode FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                        WHERE d.datname = '\(name)'" | grep -q AccessExclusiveLock && break
                    sleep 0.05
                done
                vault database backup postgres:\(name) --no-globals --silence \(silence) & pid=$!
                stop \(name) '%IN ACCESS SHARE MODE%'; touch stopped; \(meanwhile)
                wait $pid; status=$?; left pg_dump; kill -CONT $server; exit $status
                """)
        #expect(outcome.output == "", "\(outcome.output)")
        if status == 1 {
            outcome.expectFailure(1, "postgres:\(name) cannot be saved, so there is no snapshot")
            #expect(outcome.errors.contains("pg_dump said nothing for 5 s, and was ended"), "\(outcome.errors)")
        } else {
            outcome.expectFailure(130, "interrupted")
        }
        #expect(try user.shell("vault snapshots --json").output.contains("\"snapshots\":[]"))
    }

    /// The server process that builds an index for `pg_restore` answers no more.
    @Test func restore() throws {
        try user.require(
            #"""
            createdb slow; psql -qX -v ON_ERROR_STOP=1 -d slow <<'SQL'
            CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
                $$ BEGIN PERFORM pg_sleep(CASE current_database() WHEN 'slow' THEN 0 ELSE 0.2 END); RETURN $1; END $$;
            CREATE TABLE t AS SELECT g FROM generate_series(1, 10) g; CREATE INDEX ON t (slow(g));
            SQL
            vault database backup postgres:slow --no-globals -q
            """#)
        let outcome = try user.shell(
            DatabaseStage.beside + Self.stop + """

                vault database restore latest --into slow_2 --silence 3s & pid=$!
                stop slow_2 'CREATE INDEX%'
                wait $pid; status=$?; left pg_restore; kill -CONT $server; exit $status
                """)
        // Not 20: that a server hangs shows nothing about the dump.
        outcome.expectFailure(1, "The dump of postgres:slow_2 cannot be loaded")
        #expect(outcome.errors.contains("pg_restore said nothing for 3 s, and was ended"), "\(outcome.errors)")
        #expect(outcome.errors.contains("creating INDEX") && outcome.output == "", "\(outcome.output)\(outcome.errors)")
        for silence in ["0s", "10", "3 s", "-1s", "101d"] {
            try user.shell("vault database scan --silence=\(silence)").expectFailure(2, "silence")
        }
    }
}
