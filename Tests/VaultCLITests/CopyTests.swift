import Foundation
import Testing
import VaultTestSupport

/// Copies as their users make them: without keys, on disks that come and go, beside running backups.
@Suite struct CopyTests {
    private let user: LookingStage

    init() throws {
        user = try LookingStage()
        try user.require(
            "mkdir -p src/deep; head -c 300000 /dev/urandom > src/deep/data; echo 1 > src/a; ln src/a src/b")
        try user.backup()
    }

    @Test func theJourneyOfACopy() throws {
        // Who copies has a home of their own, and no identity.
        let made = try user.shell("mkdir other; HOME=$PWD/other vault copy -r repo --to disk --name blue --json")
        #expect(made.status == 0, "\(made.errors)")
        #expect(try made.json().first?["isNew"] as? Bool == true)
        let same = try user.shell(
            """
            diff -r -x copy.json -x .reserve.tmp repo disk && cd disk && find packs sets -type f | while read f; do
                [ $(sha256sum < $f | cut -d' ' -f1) = $(basename $f) ] || echo $f; done; jq -r .name copy.json
            """)
        #expect(same.output == "blue\n", "\(same.output)")
        // Read from it in each way, write in none.
        let read = try user.shell(
            """
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            set -e; vault restore latest:$PWD/src -r disk --target back -q
            rsync -nicaHAXS --delete src/ back/; vault verify --read-data -r disk -q; vault log pin --export trust
            vault audit -r disk --trust trust -q; vault drill run -r disk -q --scratch .; vault drill list -r disk --json
            """)
        #expect(read.status == 0, "\(read.errors)")
        #expect(read.output.contains(#""drills":[]"#), "\(read.output)")
        for line in ["backup src", "backup --stdin-name x"] {
            try user.shell("vault \(line) -r disk < passphrase").expectFailure(13, "holds the copy 'blue'")
        }
        try user.stage.vault("init", "disk", "--passphrase-file", "passphrase").expectFailure(
            1, "No repository can be made")
    }

    /// A copy that lags is no rollback; one that was rolled back itself is; and no marker excuses the repository.
    @Test func pinsOfTwoPlaces() throws {
        try user.require("vault copy --to disk -q; cp -a disk older; echo two > src/a")
        try user.backup()
        let behind = try user.stage.vault("snapshots", "-r", "disk", "--json")
        #expect(behind.status == 0 && behind.errors.contains("newer records"), "\(behind.errors)")
        #expect((try behind.json().first?["snapshots"] as? [Any])?.count == 1)
        #expect(try user.stage.vault("snapshots").status == 0)
        try user.require("vault log pin --export trust")
        #expect(try user.stage.vault("audit", "-r", "disk", "--trust", "trust").status == 21)
        #expect(try user.stage.vault("audit", "-r", "disk").status == 0)
        try user.require("vault copy --to disk -q; vault snapshots -r disk -q; vault audit -r disk --trust trust -q")
        try user.require("mv disk newer; mv older disk")
        try user.stage.vault("snapshots", "-r", "disk").expectFailure(14, "this client has seen position")
        // The same older state in the place of the repository itself.
        try user.require("mv repo away; cp -a disk repo")
        try user.stage.vault("snapshots").expectFailure(14, "this client has seen position")
        #expect(try user.stage.vault("audit").status == 14)
    }

    /// The original is lost; the copy takes its place, for this user and for others, and the original is another history.
    @Test func promotion() throws {
        try user.require("vault copy --to disk -q; cp -a home home2; vault backup src -q")
        try user.stage.vault("copy", "promote").expectFailure(2, "Name the copy with -r")
        let machine = try user.shell("vault copy promote -r disk --identity home/.config/vault/*/machine.identity")
        machine.expectFailure(13, "may not promote")
        let made = try user.shell("vault copy promote -r disk --reason fire --json")
        #expect(made.status == 0 && made.errors.contains("must not be written"), "\(made.errors)")
        #expect((try made.json().first?["recordsLost"] as? Int ?? 0) > 0)
        let after = try user.shell(
            """
            set -e; vault backup src -q; vault verify --read-data -q; vault log show --kind promote --json | grep -o promote | head -1
            vault restore latest:$PWD/src -q --target back; rsync -nicaHAXS --delete src/ back/; ls disk/copy.json 2>&1 || true
            """)
        #expect(
            after.output.hasPrefix("promote\n") && after.output.contains("No such file"),
            "\(after.output)\(after.errors)")
        // The original is refused, another machine that had seen less goes on, one that had seen more does not.
        try user.stage.vault("snapshots", "-r", "repo").expectFailure(14, "this client has seen")
        #expect(try user.shell("HOME=$PWD/home2 vault snapshots -r disk -q").status == 0)
        try user.stage.vault("copy", "--to", "disk", "-r", "disk").expectFailure(2, "is the repository itself")
        try user.stage.vault("copy", "promote", "-r", "disk").expectFailure(2, "is no copy")
    }

    @Test func wrongPlacesAreRefused() throws {
        try user.require("vault copy --to blue -q; mkdir full; touch full/x")
        try user.stage.vault("copy", "--to", "blue", "--name", "red").expectFailure(
            1, "holds the copy 'blue' of repository")
        try user.stage.vault("copy", "--to", "red", "--name", "blue").expectFailure(1, "it was last seen at")
        try user.stage.vault("copy", "--to", "full").expectFailure(1, "No copy can be begun at full")
        try user.stage.vault("copy", "--to", "repo").expectFailure(2, "is the repository itself")
        for inside in ["repo/new", "repo/packs/new"] {
            try user.stage.vault("copy", "--to", inside).expectFailure(2, "lies in the repository itself")
        }
        try user.require("vault init second --passphrase-file passphrase -q")
        try user.stage.vault("copy", "--to", "blue", "-r", "second").expectFailure(12, "not of")
        try user.stage.vault("copy", "--to", "second", "-r", "repo").expectFailure(2, "holds another repository")
        #expect(try user.shell("ls red full").output == "full:\nx\n")
        try user.require("printf '{' > blue/copy.json")
        try user.stage.vault("copy", "--to", "blue").expectFailure(23, "is damaged")
    }

    @Test func damageIsNamedAndTheCopyHealed() throws {
        try user.require("vault copy --to disk -q; cp -a repo whole")
        try user.require(
            #"""
            f=$(cd disk; find packs -type f -printf '%s %p\n' | sort -rn | head -1 | cut -d' ' -f2); chmod u+w disk/$f
            printf '\377\000\377' | dd of=disk/$f bs=1 seek=1000 conv=notrunc 2>/dev/null
            """#)
        #expect(try user.stage.vault("verify", "--read-data", "-r", "disk").status == 23)
        #expect(try user.shell("vault copy --to disk --verify").output.contains("Replaced: packs/"))
        #expect(try user.shell("diff -r -x copy.json -x .reserve.tmp repo disk").output == "")
        try user.breakPack()
        let failed = try user.shell("vault copy --to second")
        #expect(failed.status == 23 && failed.output.contains("is damaged in the repository"), "\(failed.output)")
        #expect(try user.shell("diff -rq -x copy.json -x .reserve.tmp whole second | wc -l").output == "1\n")
        try user.require("rm -r repo; mv whole repo; vault copy --to second -q")
        try user.require("diff -r -x copy.json -x .reserve.tmp repo second")
    }

    /// Real processes: two copies at once, and copies while backups run.
    @Test func besideOthers() throws {
        let outcome = try user.shell(
            """
            for i in 1 2 3 4; do head -c 3000000 /dev/urandom > src/$i; vault backup src -q || echo backup $?; done &
            for i in 1 2 3 4 5 6; do vault copy --to disk -q 2>/dev/null & vault copy --to disk -q 2>/dev/null; a=$?
                wait $!; echo $a $?; done > statuses
            wait; vault copy --to disk -q && diff -r -x copy.json -x .reserve.tmp repo disk && vault verify --read-data -r disk -q
            """)
        #expect(outcome.status == 0 && outcome.output == "", "\(outcome.output)\(outcome.errors)")
        for line in user.stage.text(user.stage.path + "/statuses").split(separator: "\n") {
            #expect(["0 0", "0 11", "11 0"].contains(line), "\(line)")
        }
    }

    @Test func killedAndGoneOnWith() throws {
        try user.require("head -c 60000000 /dev/urandom > src/large")
        try user.backup()
        let outcome = try user.shell(
            """
            for t in 0.05 0.1 0.2 0.3 0.4 0.5; do
                # Waited for: until a killed process is gone, it holds its lock.
                vault copy --to disk -q --limit-write 40M 2>/dev/null & sleep $t; kill -KILL $! 2>/dev/null; wait $! 2>/dev/null
                [ ! -e disk/log/000000000/000000000000 ] || vault verify --read-data -r disk -q || echo damaged after $t
            done
            : > disk/.copy.json.0123456789abcdef.tmp
            vault copy --to disk -q && diff -r -x copy.json -x .reserve.tmp repo disk && find disk -name '*.tmp' ! -name '.probe-*'
            """)
        #expect(outcome.status == 0 && outcome.output == "", "\(outcome.output)\(outcome.errors)")
    }

    @Test func statusAndVerificationRemember() throws {
        #expect(try user.stage.vault("status").output.contains("Stored bytes: never verified by this user"))
        let all = try user.stage.vault("verify", "--max-age", "30d", "--json").json().first?["packsRead"] as? Int
        #expect((all ?? 0) > 0)
        #expect(try user.stage.vault("verify", "--max-age", "30d", "--json").json().first?["packsRead"] as? Int == 0)
        // With keys they have not been read yet.
        let keys = try user.stage.vault("verify", "--max-age", "30d", "--json", "--passphrase-file", "passphrase")
        #expect(try keys.json().first?["packsRead"] as? Int == all)
        try user.require("vault copy --to disk -q")
        let status = try user.stage.vault("status")
        #expect(status.output.contains("Stored bytes: the oldest verified"), "\(status.output)")
        #expect(status.output.contains("Copy 'disk': complete") && status.output.contains("up to date"))
        // What was read of the repository was not read of the copy.
        let copy = try user.stage.vault("verify", "--max-age", "30d", "--json", "-r", "disk")
        #expect(try copy.json().first?["packsRead"] as? Int == all)
        try user.stage.vault("verify", "--max-age", "30d", "--read-data=10").expectFailure(2, "not both")
        try user.require("rm -r disk")
        #expect(try user.stage.vault("copy", "list").output.contains(" no "))
    }
}
