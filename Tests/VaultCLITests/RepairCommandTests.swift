import Foundation
import Testing
import VaultTestSupport

/// `vault repair` as users run it after their disk has done harm, judged by rsync, sha256sum and the reader in Python.
@Suite(.serialized) struct RepairCommandTests {
    /// A stage with two snapshots; the first has a file that the source has no more.
    private func stage() throws -> Stage {
        let stage = try Stage()
        try stage.initialise()
        try stage.make("src/d")
        let made = try stage.shell(
            """
            for i in 1 2 3; do head -c 1500000 /dev/urandom > src/d/$i; done
            head -c 700000 /dev/urandom > "src/only old"
            vault backup src -q && cp -a src first
            rm "src/only old"; head -c 500000 /dev/urandom > src/new
            vault backup src -q && cp -a src second
            """)
        try #require(made.status == 0, "\(made.errors)")
        return stage
    }

    /// Commands that a step of a test may use.
    private static let tools = """
        export VAULT_PASSPHRASE_FILE=$PWD/passphrase
        packs() { find repo/packs -type f | sort; }
        data() { find repo/packs -type f -size +150k | sort; } # without those of names, which no backup makes again
        restores() { # SNAPSHOT COPY
            rm -rf back; vault restore $1:$PWD/src --target back -q 2> restore.err; echo "restore $?"
            rsync -nicaHAXS --delete --numeric-ids $2/ back/
        }
        status() { "$@" > out 2> err; echo "$1 $2 $?"; }
        ids=$(vault snapshots --json | jq -r '.snapshots | sort_by(.started) | .[].id')
        first=$(echo "$ids" | head -1); last=$(echo "$ids" | tail -1)

        """

    private func run(_ stage: Stage, _ script: String) throws -> Stage.Outcome {
        try stage.shell(Self.tools + script)
    }

    /// Every pack of content is gone; the next backup heals all but the file that nobody has, and names that.
    @Test func everyPackIsGone() throws {
        let stage = try stage()
        let outcome = try run(
            stage,
            """
            rm $(data)
            status vault repair
            grep -q 'not repaired yet' out || cat out
            status vault repair --apply
            vault backup src -q 2> warned; echo "backup $?"
            restores $last second
            status vault repair --apply
            grep -c 'Lost: .*only old' out
            status vault verify --read-data
            vault forget $first -q > out && vault repair --apply -q > out; echo "repair $?"
            vault prune -q; status vault verify --read-data
            restores $last second
            packs | while read f; do echo "${f##*/}  $f"; done | sha256sum -c --quiet
            """)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "vault repair 23", "vault repair 23", "backup 0", "restore 0", "vault repair 23", "1",
                "vault verify 23",
                "repair 0", "vault verify 0", "restore 0",
            ], "\(outcome.output)\(outcome.errors)")
    }

    /// Cut, changed, replaced by other bytes, or a directory in the place of a pack; with caches and without.
    @Test(arguments: [
        "truncate -s -9 $f", "printf xxxxxxxx | dd of=$f bs=1 seek=5000 conv=notrunc", "echo garbage > $f",
    ])
    func damagedPacksHeal(_ harm: String) throws {
        let stage = try stage()
        let outcome = try run(
            stage,
            """
            rm -rf "src/only old"; vault forget $first -q > out
            for f in $(data); do { \(harm); } 2> /dev/null; done
            find home \\( -name log.state -o -name '*.run' \\) -delete
            status vault repair --read-data
            status vault repair --read-data --apply
            vault backup src -q 2> warned
            restores $last second
            status vault repair --apply
            status vault verify --read-data
            vault forget latest -q > out && vault prune -q && vault prune -q
            restores $last second
            status vault audit
            """)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "vault repair 23", "vault repair 23", "restore 0", "vault repair 0", "vault verify 0", "restore 0",
                "vault audit 0",
            ], "\(harm): \(outcome.output)\(outcome.errors)")
    }

    /// From a copy everything comes back as it was, byte for byte, also segment maps.
    @Test func fromACopy() throws {
        let stage = try stage()
        let outcome = try run(
            stage,
            """
            vault copy --to disk -q; (cd repo && find packs sets -type f | sort | xargs sha256sum) > sums
            n=0; for f in $(packs) $(find repo/sets -type f); do n=$((n+1)); case $((n%3)) in
            0) rm $f;; 1) printf xxxxxxxx | dd of=$f bs=1 seek=70 conv=notrunc 2> /dev/null;; 2) truncate -s 50 $f;; esac; done
            mkdir -p repo/packs/zz; echo x > repo/notes.txt
            status vault repair --read-data --from disk
            grep -c 'Can be put back' out
            status vault repair --read-data --from disk --apply
            grep -c 'Put back' out; grep Stray out
            (cd repo && sha256sum -c --quiet ../sums)
            status vault verify --read-data
            restores $first first; restores $last second
            """)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        let count = lines.count > 1 ? lines[1] : ""
        #expect(
            lines == [
                "vault repair 23", count, "vault repair 0", count,
                "Stray: notes.txt, which is no object of this repository",
                "Stray: packs/zz/, which is no object of this repository", "vault verify 0", "restore 0", "restore 0",
            ] && (Int(count) ?? 0) > 4, "\(outcome.output)\(outcome.errors)")
    }

    /// A log with records that are gone, cut and changed is put back; without the copy the next step says what to do.
    @Test func recordsFromACopy() throws {
        let stage = try stage()
        let outcome = try run(
            stage,
            """
            for i in 1 2 3 4; do echo $i > src/more; vault backup src -q; done
            vault copy --to disk -q; (cd repo && find log -type f | sort | xargs sha256sum) > sums
            vault snapshots -q > out; find home -name log.state | wc -l
            cd repo/log/000000000; rm 000000000002 000000000003; truncate -s 100 000000000005
            printf xxxx | dd of=000000000006 bs=1 seek=300 conv=notrunc 2> /dev/null; cd ../../..
            status vault verify
            vault repair 2> err; echo $?; grep -c -- --from err
            status vault repair --from disk; grep -c 'Can be put back: log/' out
            status vault repair --from disk --apply; grep -c 'Put back: log/' out
            (cd repo && sha256sum -c --quiet ../sums)
            status vault verify
            restores $first first
            vault backup src -q; echo "backup $?"
            """)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "1", "vault verify 23", "23", "1", "vault repair 23", "4", "vault repair 0", "4", "vault verify 0",
                "restore 0", "backup 0",
            ], "\(outcome.output)\(outcome.errors)")
    }

    /// Segment maps are made again as they were; without packs that say what they hold they cannot be.
    @Test func mapsAreMadeAgain() throws {
        let stage = try stage()
        let outcome = try run(
            stage,
            """
            (cd repo && find sets -type f | sort | xargs sha256sum) > sums; cp -a repo other
            rm $(find repo/sets -type f | head -1); for f in $(find repo/sets -type f); do echo x >> $f; done
            status vault verify
            status vault repair; grep -c 'Can be made again' out
            status vault repair --apply; grep -c 'Made again' out
            (cd repo && sha256sum -c --quiet ../sums)
            status vault verify
            rm $(find repo/sets -type f) $(packs)
            status vault repair --apply; grep -c 'segment map' out
            """)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "vault verify 23", "vault repair 23", "2", "vault repair 0", "2", "vault verify 0", "vault repair 23",
                "2",
            ], "\(outcome.output)\(outcome.errors)")
    }

    @Test func refusals() throws {
        let stage = try stage()
        try stage.vault("repair", "--identity", stage.machineFile()).expectFailure(13, "may not")
        try stage.vault("repair").expectFailure(12, "passphrase")
        let narrow = try run(
            stage, "rm $(packs | head -1); COLUMNS=60 vault repair; vault repair --json | jq -e .lossCount")
        #expect(narrow.output.split(separator: "\n").allSatisfy { $0.count <= 200 } && narrow.output.contains("Lost"))
    }
}
