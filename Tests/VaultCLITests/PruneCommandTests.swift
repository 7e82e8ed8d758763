import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// `vault prune` as users and cron run it, judged by du, sha256sum and rsync.
@Suite(.serialized) struct PruneCommandTests {
    /// A stage with a repository, and two snapshots of random files of which a part was replaced in between. Each file
    /// is so long that at least one segment of 1 MiB holds nothing else.
    private func stage(repo: String = "repo", files: Int = 4) throws -> Stage {
        let stage = try Stage()
        try stage.initialise(repo)
        try stage.make("src")
        let made = try stage.shell(
            """
            for i in $(seq \(files)); do head -c 2400000 /dev/urandom > src/$i; done
            vault backup src -q && cp -a src first
            head -c 1000000 /dev/urandom > src/2; rm -f src/4; head -c 900000 /dev/urandom > src/new
            vault backup src -q && cp -a src second
            """)
        try #require(made.status == 0, "\(made.errors)")
        return stage
    }

    @Test func spaceComesBack() throws {
        let stage = try stage()
        try stage.forgetOldest()
        let plan = try stage.vault(
            "prune", "--dry-run", "--max-unused", "0", "--json", "--passphrase-file", "passphrase")
        let size = { Int(try stage.shell("du -sb repo/packs | cut -f1").output.prefix { $0 != "\n" }) ?? 0 }
        let before = try size()
        let done = try stage.vault("prune", "--max-unused", "0", "--json", "--passphrase-file", "passphrase")
        #expect(plan.status == 0 && done.status == 0, "\(plan.errors)\(done.errors)")
        // Of the first versions of two files, what fills segments.
        #expect(before - (try size()) > 1_000_000)
        func bytes(_ outcome: Stage.Outcome, _ member: String) throws -> Int? {
            (try outcome.json().first?[member] as? [String: Any])?["bytes"] as? Int
        }
        for member in ["before", "deleted", "compacted"] {
            let planned = try bytes(plan, member)
            #expect(try planned == bytes(done, member), "\(member)")
        }
        // How long a segment will be that is sealed anew is known about.
        for member in ["after", "moved"] {
            let (planned, made) = (try bytes(plan, member) ?? 0, try bytes(done, member) ?? 0)
            #expect(abs(planned - made) <= made / 4 + (64 << 10), "\(member): \(planned) and \(made)")
        }
        #expect(try bytes(done, "compacted") ?? 0 > 0)
        try stage.expectWhole()
        let audit = try stage.vault("audit", "--json")
        #expect(audit.status != 23, "\(audit.output)")
        // Nothing is left to do, and the text fits a narrow terminal.
        let again = try stage.shell("COLUMNS=60 vault prune --passphrase-file passphrase")
        #expect(again.status == 0 && again.output.contains("0 packs"), "\(again.output)\(again.errors)")
    }

    @Test func whoMayNot() throws {
        let stage = try stage(files: 2)
        try stage.vault("prune", "--identity", stage.machineFile()).expectFailure(13, "may not take anything away")
        try stage.vault("prune").expectFailure(12, "passphrase")
        try stage.write("wrong", "wrong\n")
        try stage.vault("prune", "--passphrase-file", "wrong").expectFailure(12, "passphrase")
        let usage = try stage.vault("prune", "--max-unused", "101%", "--passphrase-file", "passphrase")
        #expect(usage.status == 2)
    }

    /// A backup is open the whole time, held by a pipe: what is condemned waits for its end, and goes afterwards.
    @Test func besideARunningBackup() throws {
        let stage = try stage()
        try stage.forgetOldest()
        let run = try stage.shell(
            """
            set -e
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            records() { find repo/log -type f | wc -l; }
            before=$(records); mkfifo gate
            vault backup --stdin-name held -q < gate & running=$!
            exec 3> gate
            while [ $(records) = $before ]; do sleep 0.1; done
            vault prune --max-unused 0 -q
            vault prune --max-unused 0 | grep -q Waiting || echo "nothing waited" >&2
            vault prune -q & vault prune -q; wait $!
            vault backup src -q
            echo content >&3; exec 3>&-; wait $running
            vault prune --max-unused 0 -q
            [ "$(vault cat latest:/held)" = content ]
            vault backup src -q; rm -rf second; cp -a src second
            if vault prune --max-unused 0 | grep -q Waiting; then echo "something waits" >&2; fi
            """)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.output)\(run.errors)")
        try stage.expectWhole()
    }

    /// Killed wherever it is, several times.
    @Test func killed() throws {
        let stage = try stage()
        try stage.forgetOldest()
        let run = try stage.shell(
            """
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            for t in 0.05 0.1 0.15 0.2 0.25 0.3 0.4 0.5; do timeout -s KILL $t vault prune --max-unused 0 -q; done
            vault prune --max-unused 0 -q
            """)
        #expect(run.status == 0, "\(run.errors)")
        try stage.expectWhole()
        let left = try stage.shell("vault prune --dry-run --max-unused 0 --json --passphrase-file passphrase")
        #expect(try left.json().first?["leftovers"] as? [String: Int] == ["objects": 0, "bytes": 0])
    }

    /// One command forgets and prunes: the plan of both comes true, with one passphrase and one exit status.
    @Test func forgottenAndPruned() throws {
        let stage = try stage()
        let run = try stage.shell(
            """
            set -e
            oldest=$(vault snapshots --json | jq -r '.snapshots | sort_by(.started) | .[0].id')
            vault forget $oldest --prune --max-unused 0 --dry-run --json --passphrase-file passphrase > plan.jsonl
            [ "$(vault snapshots --json | jq '.snapshots | length')" = 2 ]
            jq -r .schema plan.jsonl
            # The passphrase comes from a pipe that yields it once.
            vault forget $oldest --prune --max-unused 0 --json --passphrase-command 'cat passphrase; echo >> asked' > done.jsonl
            [ $(wc -l < asked) = 1 ]; [ "$(vault snapshots --json | jq '.snapshots | length')" = 1 ]
            # How long a segment will be that is sealed anew is known about.
            for m in before deleted compacted; do
                [ "$(jq -c "select(.deleted).$m" plan.jsonl)" = "$(jq -c "select(.deleted).$m" done.jsonl)" ] || echo $m
            done
            jq -c 'select(.deleted).deleted.packs > 0' done.jsonl
            vault forget --keep-last 5 --prune -q --passphrase-file passphrase > /dev/null 2>&1; echo $?
            """)
        #expect(
            run.status == 0 && run.output == "vault/forget/v1\nvault/prune/v1\ntrue\n0\n", "\(run.output)\(run.errors)")
        try stage.expectWhole()
        try stage.vault("forget", "--keep-last", "1", "--max-unused", "0").expectFailure(2, "need --prune")
        let wrong = try stage.vault("forget", "latest", "--undo", "--prune")
        #expect(wrong.status == 2)
    }
}
