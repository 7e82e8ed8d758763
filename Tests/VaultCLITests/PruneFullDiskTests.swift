import Foundation
import Testing
import VaultTestSupport

/// `vault prune` on a disk of 32 MiB without a free byte, judged by sha256sum and rsync. As root.
@Suite(.serialized) struct PruneFullDiskTests {
    /// A stage with a repository on a small disk; nil, said aloud, where there can be none.
    private func stage() throws -> Stage? {
        let stage = try Stage()
        try stage.make("disk")
        let mount = ["mount", "-t", "tmpfs", "-o", "size=32M", "tmpfs", stage.path + "/disk"]
        guard isRoot, runProgram(mount)?.status == 0 else {
            print("skipped: a full disk needs root, and a tmpfs")
            return nil
        }
        try stage.initialise("disk/repo")
        try stage.make("src")
        return stage
    }

    private func unmount(_ stage: Stage) { _ = runProgram(["umount", "-l", stage.path + "/disk"]) }

    /// Not a byte is free, and nothing was forgotten yet: one command makes room all the same.
    @Test func forgottenOnAFullDisk() throws {
        guard let stage = try stage() else { return }
        defer { unmount(stage) }
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
        try stage.expectWhole(repo: "disk/repo")
    }

    /// Not a byte is free, and only compaction would make some: it is said, nothing is lost, and with room it is done.
    @Test func onlyCompactionOnAFullDisk() throws {
        guard let stage = try stage() else { return }
        defer { unmount(stage) }
        let run = try stage.shell(
            """
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            for f in 1 2 3; do head -c 3000000 /dev/urandom > src/$f; done; vault backup src -q --workers 1
            rm src/2; vault backup src -q && cp -a src second
            oldest=$(vault snapshots --json | jq -r '.snapshots | sort_by(.started) | .[0].id')
            vault forget $oldest -q --prune --max-unused 100% > forgot; echo "forget $?"
            cat /dev/zero > disk/filler 2> /dev/null; sync
            vault prune --max-unused 0 > pruned 2>&1; echo "prune $?"; grep -c 'no room to compact' pruned
            vault verify --read-data -q; echo "verify $?"
            rm disk/filler
            vault prune --max-unused 0 --json | jq -c 'select(.compacted) | [.compacted.packs > 0, .warnings == []]'
            """)
        let pruned = try stage.shell("cat pruned").output
        #expect(
            run.output == "forget 0\nprune 0\n1\nverify 0\n[true,true]\n", "\(run.output)\(run.errors)\(pruned)")
        try stage.expectWhole(repo: "disk/repo")
    }

    /// Not a byte is free, not even for root: prune makes room, and the next backup fits.
    @Test func onAFullDisk() throws {
        guard let stage = try stage() else { return }
        defer { unmount(stage) }
        let made = try stage.shell(
            """
            head -c 9000000 /dev/urandom > src/1; vault backup src -q
            head -c 9000000 /dev/urandom > src/1; vault backup src -q && cp -a src second
            """)
        try #require(made.status == 0, "\(made.errors)")
        try stage.forgetOldest(repo: "disk/repo")
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
        try stage.expectWhole(repo: "disk/repo")
        let reserve = stage.path + "/disk/repo/.reserve.tmp"
        #expect(FileManager.default.fileExists(atPath: reserve), "the reserve is laid aside again")
    }
}
