import Foundation
import Testing
import VaultTestSupport

/// Drills with databases of real servers, as a user runs them.
@Suite(.serialized) struct DatabaseDrillCommandTests {
    private let user: DatabaseStage

    init() throws {
        user = try DatabaseStage()
        try user.require(
            """
            createdb proof 2>/dev/null && psql -qXd proof -c "CREATE TABLE confidential AS SELECT g FROM generate_series(1, 900) g;
                CREATE TABLE second (a text); INSERT INTO second VALUES ('x'), (NULL)" || true
            mariadb --defaults-file=$MY -e "CREATE DATABASE IF NOT EXISTS proof;
                CREATE TABLE IF NOT EXISTS proof.confidential (v TEXT); DELETE FROM proof.confidential;
                INSERT INTO proof.confidential SELECT REPEAT(seq, 20) FROM proof.seq_1_to_300"
            sqlite3 a.db "CREATE TABLE confidential (v); INSERT INTO confidential VALUES (1)"
            vault database backup postgres:proof mariadb:proof sqlite:$PWD/a.db --defaults-file $MY --system office -q
            """)
    }

    private func check(_ run: Stage.Outcome, _ name: String) throws -> [String: Any] {
        let report = try #require(run.json().last, "\(run.errors)")
        let checks = try #require(report["checks"] as? [[String: Any]])
        return try #require(checks.first { $0["name"] as? String == name })
    }

    /// Three engines, roles, evidence that anybody can check and nobody can read names in; then what goes wrong.
    @Test func threeEnginesInSignedEvidence() throws {
        let run = try user.shell("vault drill run --select newest --system office --rto 1h --rpo 1h --json")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        let databases = try check(run, "databases")
        #expect(databases["verdict"] as? String == "proven" && databases["compared"] as? Int == 4, "\(run.output)")
        let report = try #require(run.json().last)
        #expect(
            report["selection"] as? String == "newest" && (report["missedObjectives"] as? [String])?.isEmpty == true)
        let phases = try #require(report["phases"] as? [[String: Any]])
        #expect(phases.first { $0["name"] as? String == "database-start" }?["milliseconds"] as? Int ?? 0 > 0)
        if isRoot { #expect((report["isolation"] as? [String])?.contains("unprivileged") == true) }
        let exported = try user.require(
            "vault drill export latest --output out; jq -r .payload out/*.intoto.jsonl | base64 -d")
        #expect(exported.contains(#""result":"PASSED""#) && exported.contains(#""databases""#))
        for name in ["confidential", "proof\"", "a.db"] { #expect(!exported.contains(name), "\(name)") }
        #expect(try user.shell("vault status --system office").status == 0)
        #expect(try user.shell("ls $TMPDIR").output == "")

        let without = try user.shell("vault drill run --no-databases --json")
        #expect(without.status == 21, "\(without.errors)")
        #expect(try check(without, "databases")["expected"] as? Int == 4)
        #expect(without.output.contains("database-unasked"))
        let script = try user.shell("vault drill run --script sh -c 'test -s mariadb-proof.sql && ! test -e nothing'")
        #expect(
            script.status == 0 && script.output.contains("script: proven, 1 of 1"), "\(script.output)\(script.errors)")
        let failing = try user.shell("vault drill run --script false")
        #expect(failing.status == 20 && failing.output.contains("false ended with exit status 1"), "\(failing.output)")
        try user.require("chmod -R u+w $TMPDIR; rm -r $TMPDIR/vault-drill-*")
    }

    /// A tool that leaves a table out and says that all is well: the drill says which, the evidence how many.
    @Test func aTableThatIsNotInTheDump() throws {
        try user.stage.make("bin")
        try user.stage.write("bin/pg_dump", "#!/bin/sh\nexec /usr/bin/pg_dump --exclude-table=second \"$@\"\n")
        try user.require(
            "chmod +x bin/pg_dump; PATH=$PWD/bin:$PATH vault database backup postgres:proof --system other -q")
        let run = try user.shell("vault drill run latest:other")
        #expect(run.status == 20 && run.output.contains("second is missing (databases)"), "\(run.output)\(run.errors)")
        #expect(try user.shell("vault status --system other").status == 20)
        try user.require("rm -r $TMPDIR/vault-drill-*")
    }
}
