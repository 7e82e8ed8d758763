import Foundation
import Testing
import VaultTestSupport

/// Every kind of damage turns the verdict of an audit, each with its exit status, and none silently.
@Suite struct AuditTests {
    /// What is done to the repository, how it is audited, and what must come of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let damage: String
        var arguments = "--trust t.trust"
        let status: Int32
        let phrase: String
        var testDescription: String { name }
    }

    private static let log = "repo/log/000000000/00000000000"
    /// The newest data pack, made writable.
    private static let pack = "p=$(ls -S repo/packs/*/* | head -1); chmod u+w $p; "

    static let cases = [
        Case(name: "nothing", damage: "true", status: 0, phrase: "Passed"),
        Case(name: "without anchor", damage: "true", arguments: "", status: 21, phrase: "Not anchored"),
        Case(name: "page of a recovery kit", damage: "true", arguments: "--trust kit.txt", status: 0, phrase: "Passed"),
        Case(name: "lost pack", damage: pack + "rm $p", status: 23, phrase: "is missing"),
        Case(name: "cut pack", damage: pack + "truncate -s -1 $p", status: 23, phrase: "instead of"),
        Case(
            name: "flipped byte in a pack",
            damage: pack + "printf '\\377\\000' | dd of=$p bs=1 seek=999 conv=notrunc 2>&1",
            status: 23, phrase: "other bytes than its name says"),
        Case(name: "lost segment map", damage: "rm -r repo/sets/*", status: 23, phrase: "segment map"),
        Case(name: "removed last record", damage: "rm \(log)6", status: 14, phrase: "ends at record 5"),
        Case(
            name: "removed record in the middle", damage: "rm \(log)3", status: 23,
            phrase: "record 3: The record is missing"),
        Case(name: "lost log", damage: "rm -r repo/log/*", status: 10, phrase: "no repository"),
        Case(name: "lost first record", damage: "rm \(log)0", status: 23, phrase: "genesis record is missing"),
        Case(
            name: "flipped byte in a record", damage: "chmod u+w \(log)3; sed -i 's/keyid\":\"./keyid\":\"x/' \(log)3",
            status: 23, phrase: "record 3"),
        Case(
            name: "forged signature",
            damage: "chmod u+w \(log)6; sed -i 's/\"sig\":\"..../\"sig\":\"AAAA/' \(log)6", status: 23,
            phrase: "record 6"),
        Case(
            name: "older state replayed", damage: "rm -r repo; cp -a older repo", status: 14,
            phrase: "has seen record 6"),
        Case(name: "history made again", damage: "rm -r repo; cp -a forked repo", status: 14, phrase: "Forked"),
        Case(
            name: "another repository", damage: "rm -r repo; cp -a other repo", status: 12, phrase: "trust file is of"),
        Case(name: "no trust file", damage: "true", arguments: "--trust nowhere", status: 2, phrase: "nowhere"),
        Case(
            name: "wrong trust file", damage: "true", arguments: "--trust other.trust", status: 12,
            phrase: "trust file is of"),
        Case(name: "mangled trust file", damage: "echo 'wittness: x' >> t.trust", status: 2, phrase: "no trust file"),
        Case(
            name: "empty repository", damage: "rm -r repo; cp -a empty repo", arguments: "--trust empty.trust",
            status: 21, phrase: "there is no snapshot"),
        Case(
            name: "empty selection", damage: "true", arguments: "--trust t.trust --system none", status: 21,
            phrase: "Nothing was checked"),
        Case(
            name: "sample of nothing", damage: "true", arguments: "--trust t.trust --sample 0", status: 21,
            phrase: "no pack was read"),
        Case(name: "sample", damage: "true", arguments: "--trust t.trust --sample 1", status: 0, phrase: "Seed"),
        Case(
            name: "too old", damage: "sleep 2", arguments: "--trust t.trust --max-age 1s", status: 14, phrase: "Too old"
        ),
        Case(name: "recent", damage: "true", arguments: "--trust t.trust --max-age 1d", status: 0, phrase: "Passed"),
        Case(
            name: "a kept checkpoint", damage: "true", arguments: "--trust kit.txt --checkpoint h.note", status: 0,
            phrase: "part of the log"),
        Case(
            name: "a checkpoint of more", damage: "rm -r repo; cp -a older repo",
            arguments: "--trust kit.txt --checkpoint h.note", status: 14, phrase: "covers 7"),
        Case(
            name: "a checkpoint of another history", damage: "rm -r repo; cp -a forked repo",
            arguments: "--trust kit.txt --checkpoint h.note --fork-proof proof.tar", status: 14,
            phrase: "Proof: proof.tar"),
        Case(
            name: "a forged checkpoint", damage: "sed -i '2s/7/6/' h.note",
            arguments: "--trust kit.txt --checkpoint h.note", status: 21, phrase: "does not verify"),
        Case(
            name: "an unsigned checkpoint", damage: "sed -i 's/^— [^ ]*/— nobody/' h.note",
            arguments: "--trust kit.txt --checkpoint h.note", status: 21, phrase: "Nobody whose key counts"),
        Case(
            name: "no checkpoint", damage: "echo > h.note", arguments: "--trust kit.txt --checkpoint h.note", status: 2,
            phrase: "no checkpoint"),
        Case(
            name: "an earlier bundle", damage: "true", arguments: "--trust kit.txt --previous old.tar", status: 0,
            phrase: "Passed"),
        Case(
            name: "a bundle of another history", damage: "rm -r repo; cp -a forked repo",
            arguments: "--trust kit.txt --previous old.tar --fork-proof proof.tar", status: 14, phrase: "both signed"),
        Case(
            name: "a bundle that goes on", damage: "rm -r repo; cp -a older repo",
            arguments: "--trust kit.txt --previous old.tar", status: 14, phrase: "goes on"),
        Case(
            name: "judging a bundle", damage: "rm -r repo", arguments: "--trust t.trust --from-bundle old.tar",
            status: 21, phrase: "A bundle has no packs"),
        Case(
            name: "a cut bundle", damage: "truncate -s -512 old.tar",
            arguments: "--trust t.trust --from-bundle old.tar", status: 1, phrase: "no audit bundle"),
    ]

    /// Everything that the cases need, made once.
    private static let prepared: Result<Stage, any Error> = Result {
        let stage = try Stage()
        try stage.make("src")
        let made = try stage.shell(
            """
            set -e
            init() { vault init $1 --name 'Jane Doe' --passphrase-file passphrase --machine web1 -q; }
            init other; vault log pin --export other.trust -q
            init empty; vault log pin --export empty.trust -q
            init repo; cp $(ls -t home/.config/vault/*/recovery-kit.txt | head -1) kit.txt
            head -c 100000 /dev/urandom > src/a; vault backup src -q
            cp -a repo older
            echo one > src/b; vault backup src -q
            vault log pin --export t.trust -q
            vault log checkpoint --output h.note -q
            vault audit --bundle old.tar -q
            cp -a home home2; rm home2/.config/vault/*/pin.json
            cp -a repo kept; rm -r repo; cp -a older repo
            echo two > src/b; HOME=$PWD/home2 vault backup src -r repo -q
            mv repo forked; mv kept repo
            """)
        try #require(made.status == 0, "\(made.errors)")
        return stage
    }

    @Test(arguments: cases) func verdict(_ item: Case) throws {
        let stage = try Self.prepared.get()
        // Each case has a copy of its own, and an auditor who has never seen the repository.
        let run = try stage.shell(
            """
            c=$(mktemp -d -p $PWD); cp -a repo older forked other empty old.tar h.note *.trust kit.txt $c/
            mkdir $c/home; cd $c; export HOME=$c/home
            { \(item.damage); } || exit 99
            r='-r repo'; case '\(item.arguments)' in *--from-bundle*) r= ;; esac
            vault audit $r \(item.arguments)
            s=$?; [ ! -e proof.tar ] || tar tf proof.tar; exit $s
            """)
        #expect(run.status == item.status, "\(run.output)\(run.errors)")
        #expect((run.output + run.errors).contains(item.phrase), "\(run.output)\(run.errors)")
    }

    /// The same seed draws the same packs; another draws others, now and then.
    @Test func sampleIsDrawnAgain() throws {
        let stage = try Self.prepared.get()
        let first = try stage.vault("audit", "-r", "repo", "--sample", "50", "--json")
        let report = try #require(first.json().first)
        let seed = try #require(report["sampleSeed"] as? String)
        #expect(seed.count == 64 && report["detectionOfOnePack"] as? Double ?? 0 > 0)
        let again = try stage.vault("audit", "-r", "repo", "--sample", "50", "--seed", seed, "--json")
        #expect(try again.json().first?["bytesRead"] as? Int == report["bytesRead"] as? Int)
        #expect(try again.json().first?["sampleSeed"] as? String == seed)
        let other = try stage.vault("audit", "-r", "repo", "--sample", "50", "--json")
        #expect(try other.json().first?["sampleSeed"] as? String != seed)
    }

    /// Looking once is no anchor, and does not become one by an audit.
    @Test func lookingOnceIsNoAnchor() throws {
        let stage = try Self.prepared.get()
        let run = try stage.shell(
            """
            mkdir -p look; export HOME=$PWD/look; vault audit -r repo -q; [ $? = 21 ] || exit 1
            vault snapshots -r repo; vault audit -r repo -q; [ $? = 21 ] || exit 2
            vault log pin -r repo --export x.trust; [ $? = 21 ] || exit 3
            vault audit -r repo --trust t.trust -q || exit 4
            vault audit -r repo -q || exit 5
            vault audit -r older -q; [ $? = 14 ] || exit 6
            """)
        #expect(run.status == 0, "\(run.errors)")
    }

    /// Bundles are the same bytes each time, and tar takes them apart to the very objects.
    @Test func bundlesAreDeterministic() throws {
        let stage = try Self.prepared.get()
        let run = try stage.shell(
            """
            vault audit -r repo --bundle b1.tar -q; vault audit -r repo --bundle b2.tar -q; cmp b1.tar b2.tar || exit 1
            mkdir -p apart; tar xf b1.tar -C apart || exit 2
            (cd apart; find . -type f) | while read f; do cmp apart/$f repo/$f || exit 3; done || exit 3
            diff -r apart/log repo/log && diff -r apart/sets repo/sets
            """)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
    }

    private static let faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"

    /// A clock that is set back is said; an age that depends on it is not proven. Authority and order stay.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: Self.faketime), "libfaketime is not installed"))
    func clockSetBack() throws {
        let stage = try Stage()
        try stage.make("src")
        try stage.write("src/a", "a")
        try stage.initialise()
        let run = try stage.shell(
            """
            faketime() { t=$1; shift; LD_PRELOAD=\(Self.faketime) FAKETIME=$t "$@"; }
            vault backup src -q; echo b > src/b; faketime -3d vault backup src -q || exit 9
            vault audit; echo "plain $?"
            vault audit --max-age 30d -q; echo "aged $?"
            faketime -30d vault audit --workers 1; echo "auditor $?"
            """)
        #expect(run.output.contains("A writer's clock went back: record 4"), "\(run.output)\(run.errors)")
        #expect(run.output.contains("plain 0") && run.output.contains("aged 21"), "\(run.output)")
        #expect(run.output.contains("later than the auditor's clock"), "\(run.output)")
    }

    @Test func logCommandsRefuseAnOlderOrOtherLog() throws {
        let stage = try Self.prepared.get()
        for store in ["older", "forked"] {
            for command in [
                ["show"], ["checkpoint"], ["pin"], ["cosign", "h.note"], ["proof", "0", "--checkpoint", "h.note"],
            ] {
                let run = try stage.shell("vault log \(command.joined(separator: " ")) -r \(store)")
                #expect(run.status == 14, "\(store) \(command): \(run.errors)")
            }
        }
        // Ages are in whole seconds.
        try stage.shell("sleep 1; vault log checkpoint -r repo --max-age 0s").expectFailure(14, "newest snapshot")
    }

    @Test func cosignatures() throws {
        let stage = try Self.prepared.get()
        let run = try stage.shell(
            """
            set -e
            p='--passphrase-file passphrase'
            vault log cosign h.note -r repo $p --output c.note -q
            [ $(grep -c '^— ' c.note) = 2 ]
            vault log cosign c.note -r repo $p --output c2.note -q
            [ $(grep -c '^— ' c2.note) = 2 ]
            vault audit -r repo --checkpoint c2.note | grep 'Jane Doe as witness'
            """)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        // A smaller one than was seen, a forged one, one of another log.
        let old = try stage.shell("vault log checkpoint -r other --output o.note -q && vault log cosign o.note -r repo")
        old.expectFailure(2, "not of this log")
        let forged = try stage.shell("sed '2s/7/6/' h.note > f.note; vault log cosign f.note -r repo")
        forged.expectFailure(21, "does not verify")
        let more = try stage.shell(
            """
            cp -a repo more; cp -a home home3; export HOME=$PWD/home3
            vault backup src -r more -q; vault log cosign h.note -r more --passphrase-file passphrase
            """)
        more.expectFailure(1, "has grown")
    }
}
