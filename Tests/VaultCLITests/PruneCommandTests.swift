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

    /// Forgets the oldest snapshot, as an administrator orders it.
    private func forgetOldest(_ stage: Stage, repo: String = "repo") throws {
        let shown = try stage.vault("identity", "show", "--json").json().first?["identities"] as? [[String: Any]]
        let file = try #require(shown?.first { $0["kind"] as? String == "person" }?["file"] as? String)
        let identity = try IdentitySource.load(Array(file.utf8)).unlock { SecretBytes(Array(Stage.passphrase.utf8)) }
        let folders = LocalFolders(
            config: Array((stage.path + "/admin/config").utf8), cache: Array((stage.path + "/admin/cache").utf8))
        let path = repo.hasPrefix("/") ? repo : stage.path + "/" + repo
        let repository = try Repository.open(
            store: LocalStore.open(at: Array(path.utf8)), anchor: nil, folders: folders)
        let signer = Signer(member: identity.id, seed: identity.secrets.ed25519Seed)
        let oldest = try #require(repository.state.snapshots.first { $0.isLive })
        let order = Order.forget(ForgetBody(snapshots: [oldest.id]))
        let proposal = try repository.log.publish(.propose(ProposeBody(order: order)), by: signer)
        _ = try repository.log.publish(.approve(ApproveBody(proposal: proposal.digest)), by: signer)
    }

    private func expectWhole(_ stage: Stage, repo: String = "repo", like copy: String = "second") throws {
        let checked = try stage.shell(
            """
            set -e
            vault verify --read-data --passphrase-file passphrase -q
            (cd \(repo)/packs && find . -type f | while read f; do echo "${f##*/}  $f"; done | sha256sum -c --quiet)
            rm -rf back && vault restore latest:$PWD/src --target back --passphrase-file passphrase -q
            rsync -nicaHAXS --delete --numeric-ids \(copy)/ back/
            """)
        #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.output)\(checked.errors)")
    }

    @Test func spaceComesBack() throws {
        let stage = try stage()
        try forgetOldest(stage)
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
        try expectWhole(stage)
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
        try forgetOldest(stage)
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
        try expectWhole(stage)
    }

    /// Killed wherever it is, several times.
    @Test func killed() throws {
        let stage = try stage()
        try forgetOldest(stage)
        let run = try stage.shell(
            """
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            for t in 0.05 0.1 0.15 0.2 0.25 0.3 0.4 0.5; do timeout -s KILL $t vault prune --max-unused 0 -q; done
            vault prune --max-unused 0 -q
            """)
        #expect(run.status == 0, "\(run.errors)")
        try expectWhole(stage)
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
        try expectWhole(stage)
        try stage.vault("forget", "--keep-last", "1", "--max-unused", "0").expectFailure(2, "need --prune")
        let wrong = try stage.vault("forget", "latest", "--undo", "--prune")
        #expect(wrong.status == 2)
    }

    /// Not a byte is free, and nothing was forgotten yet: one command makes room all the same.
    @Test func forgottenOnAFullDisk() throws {
        guard isRoot else { return print("skipped: a full disk needs root") }
        let stage = try Stage()
        try stage.make("disk")
        let mount = stage.path + "/disk"
        guard runProgram(["mount", "-t", "tmpfs", "-o", "size=32M", "tmpfs", mount])?.status == 0 else {
            return print("skipped: tmpfs cannot be mounted")
        }
        defer { _ = runProgram(["umount", "-l", mount]) }
        try stage.initialise("disk/repo")
        try stage.make("src")
        let run = try stage.shell(
            """
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            head -c 9000000 /dev/urandom > src/1; vault backup src -q
            head -c 9000000 /dev/urandom > src/1; vault backup src -q && cp -a src second
            oldest=$(vault snapshots --json | jq -r '.snapshots | sort_by(.started) | .[0].id')
            cat /dev/zero > disk/filler 2> /dev/null; sync
            echo x > src/2; vault backup src 2> /dev/null; echo "backup $?"
            vault forget $oldest -q > forgot; echo "forget $?"
            # What forget did not need was laid aside again, so that nothing but prune can use it.
            head -c 200000 /dev/zero > disk/greedy 2> /dev/null
            [ $(stat -c %s disk/greedy) -lt 60000 ] && [ $(stat -c %s disk/repo/.reserve.tmp) -ge 196608 ] || ls -l disk/*
            vault prune -q; echo "prune $?"
            stat -c %s disk/repo/.reserve.tmp
            rm -rf second; vault backup src -q && cp -a src second
            """)
        #expect(run.output == "backup 1\nforget 0\nprune 0\n262144\n", "\(run.output)\(run.errors)")
        try expectWhole(stage, repo: "disk/repo")
    }

    /// Not a byte is free, not even for root: prune makes room, and the next backup fits.
    @Test func onAFullDisk() throws {
        guard isRoot else { return print("skipped: a full disk needs root") }
        let stage = try Stage()
        try stage.make("disk")
        let mount = stage.path + "/disk"
        guard runProgram(["mount", "-t", "tmpfs", "-o", "size=32M", "tmpfs", mount])?.status == 0 else {
            return print("skipped: tmpfs cannot be mounted")
        }
        defer { _ = runProgram(["umount", "-l", mount]) }
        try stage.initialise("disk/repo")
        try stage.make("src")
        let made = try stage.shell(
            """
            head -c 9000000 /dev/urandom > src/1; vault backup src -q
            head -c 9000000 /dev/urandom > src/1; vault backup src -q && cp -a src second
            """)
        try #require(made.status == 0, "\(made.errors)")
        try forgetOldest(stage, repo: "disk/repo")
        _ = try stage.shell("cat /dev/zero > disk/filler; sync")
        let report = try stage.vault("report", "--output", "disk/report.html")
        report.expectFailure(1, "disk/report.html cannot be written")
        #expect(report.errors.contains(" next: Make room there"), "\(report.errors)")
        #expect(try stage.shell("ls disk/report*").output == "")
        let full = try stage.shell("echo x > src/2; vault backup src")
        #expect(full.status == 1 && full.errors.contains("space"), "\(full.output)\(full.errors)")
        let pruned = try stage.vault("prune", "--passphrase-file", "passphrase")
        #expect(pruned.status == 0, "\(pruned.output)\(pruned.errors)")
        let after = try stage.shell("rm -rf second && vault backup src -q && cp -a src second")
        #expect(after.status == 0, "\(after.errors)")
        try expectWhole(stage, repo: "disk/repo")
        #expect(FileManager.default.fileExists(atPath: mount + "/repo/.reserve.tmp"), "the reserve is laid aside again")
    }
}
