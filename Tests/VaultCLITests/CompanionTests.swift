import Foundation
import Testing
import VaultTestSupport

/// Databases and files in one snapshot, and programs around it, from the command line.
@Suite struct CompanionTests {
    private let user: LookingStage

    init() throws {
        user = try LookingStage()
        try user.require(
            """
            mkdir -p src/deep; head -c 300000 /dev/urandom > src/deep/data; echo 1 > src/a; ln src/a src/b
            sqlite3 app.db "CREATE TABLE t (a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, 'one'), (2, NULL)"
            """)
    }

    /// One snapshot holds both; each comes back by itself and both together; the second backup reads no file anew.
    @Test func filesAndADatabaseAreOneSnapshot() throws {
        // A rule about files takes no dump away.
        let line = "vault backup src --database sqlite:$PWD/app.db --exclude '*.sql' --json"
        let first = try user.shell(line)
        #expect(first.status == 0, "\(first.errors)")
        #expect(try user.shell("vault snapshots --json | jq '.snapshots | length'").output == "1\n")
        let restored = try user.shell(
            """
            set -e; vault restore latest:$PWD/src --target back -q; rsync -nicaHAXS --delete src/ back/
            vault restore latest --target all -q; rsync -nicaHAXS --delete src/ all$PWD/src/
            sqlite3 copy.db < all/sqlite-app.db.sql; sqlite3 copy.db 'SELECT count(*), count(b) FROM t'
            short=$(mktemp -d -p /tmp); chmod 755 $short; vault database check --scratch $short -q > checked; rmdir $short; vault database list --json | jq -r '.databases[].name'
            """)
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(restored.output == "2|1\n\(user.stage.path)/app.db\n", "\(restored.output)")
        // Files that were made a moment ago are read again: they may change without a trace.
        let second = try user.shell("sleep 2.5; \(line); vault backup src --database sqlite:$PWD/app.db --verbose -q")
        #expect(second.status == 0, "\(second.errors)")
        #expect(!second.output.contains("src/a\n") && !second.output.contains("deep"), "\(second.output)")
        let newBytes = try second.json().first?["newBytes"] as? Int
        #expect(newBytes.map { $0 < 100_000 } == true)
    }

    /// A dump that fails leaves no snapshot of the files either.
    @Test func aFailingDumpLeavesNothing() throws {
        try user.require("printf 'SQLite format 3\\0 and then nothing' > broken.db")
        for name in ["broken.db", "missing.db"] {
            let failed = try user.shell("vault backup src --database sqlite:$PWD/\(name)")
            #expect(failed.status == 1 || failed.status == 2, "\(failed.status)")
            #expect(failed.errors.contains(name), "\(failed.errors)")
        }
        #expect(try user.shell("vault snapshots --json | jq '.snapshots | length'").output == "0\n")
    }

    @Test func namesThatClash() throws {
        let name = "vault-test-\(UUID().uuidString)"
        let file = "/sqlite-\(name).sql"
        #expect(FileManager.default.createFile(atPath: file, contents: nil))
        defer { try? FileManager.default.removeItem(atPath: file) }
        try user.require("mv app.db \(name)")
        try user.shell("vault backup \(file) src --database sqlite:$PWD/\(name)").expectFailure(
            2, "which is what the dump would be called")
    }

    @Test func programsAround() throws {
        let made = try user.shell(
            """
            vault backup src --system web -q --before 'echo $VAULT_PHASE $VAULT_SYSTEM >> trace; echo said' \
                --after 'echo $VAULT_PHASE $VAULT_RESULT >> trace'; cat trace
            """)
        #expect(
            made.output == "before web\nafter done\n" && made.errors.contains("said"), "\(made.output)\(made.errors)")
        try user.shell("vault backup src --before 'exit 5'").expectFailure(1, "so there is no backup")
        try user.shell("vault backup src --after 'exit 5'").expectFailure(1, "the snapshot itself is made")
        #expect(try user.shell("vault snapshots --json | jq '.snapshots | length'").output == "2\n")
        // Ctrl-C in the backup: what was stopped is started again.
        let interrupted = try user.shell(
            """
            rm trace; mkfifo pipe; (while [ ! -e begun ]; do sleep 0.1; done; kill -INT $(cat pid)) &
            bash -c 'echo $$ > pid; exec vault backup src --before "touch begun; cat pipe" --after "echo thawed >> trace" -q'; echo $?; cat trace
            """)
        #expect(interrupted.output == "130\nthawed\n", "\(interrupted.output)\(interrupted.errors)")
        for (line, sentence) in [
            ("src --dry-run --before true", "A dry run dumps no database"),
            ("--stdin-name x --database sqlite:/x", "--database goes with paths"),
            ("src --no-capture", "go with --database"),
        ] {
            try user.shell("vault backup \(line) < /dev/null").expectFailure(2, sentence)
        }
    }
}
