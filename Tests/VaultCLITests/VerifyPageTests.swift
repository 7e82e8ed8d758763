import Foundation
import Testing
import VaultTestSupport

/// The page that says how to verify without this program does what it says: its own blocks are run, in order, by the
/// tools it names, on a repository and on tampered copies.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/jq"))) struct VerifyPageTests {
    /// A change, and the words in which the page must fail.
    struct Tampering: Sendable, CustomTestStringConvertible {
        let name: String
        let change: String
        let failure: String
        var testDescription: String { name }
    }

    private static let log = "repo/log/000000000/00000000000"

    /// A script of sed that makes the character after `words` another one: `first`, or `second` where it was that.
    private static func other(_ words: String, _ first: String = "A", _ second: String = "B") -> String {
        "'s/\\(\(words)\\)\(first)/\\1\(second)/;t;s/\\(\(words)\\)./\\1\(first)/'"
    }

    static let tamperings = [
        Tampering(
            name: "another anchor", change: "sed -i \(other("^anchor: ", "0", "1")) vault.trust",
            failure: "did NOT match"),
        Tampering(
            name: "changed keyring", change: "chmod u+w \(log)0; jq -c . \(log)0 | sed 's/A/B/' > x; mv x \(log)0",
            failure: "did NOT match"),
        Tampering(name: "removed record", change: "rm \(log)2", failure: "a record is missing"),
        Tampering(name: "cut log", change: "rm \(log)6", failure: "the log ends before record 6"),
        Tampering(
            name: "exchanged records", change: "cp \(log)5 x; cp \(log)2 \(log)5; cp x \(log)2",
            failure: "place of record 2"),
        Tampering(
            name: "forged signature", change: "sed -i \(other("\"sig\":\"")) \(log)6",
            failure: "signature of"),
        Tampering(
            name: "signature of another", change: "sed -i \(other("\"keyid\":\"", "0", "1")) \(log)6",
            failure: "envelope of"),
        Tampering(name: "lost pack", change: "rm $(ls -S repo/packs/*/* | head -1)", failure: "length of pack"),
        Tampering(
            name: "flipped byte",
            change: "printf '\\377\\000' | dd of=$(ls -S repo/packs/*/* | head -1) bs=1 seek=999 conv=notrunc 2> x",
            failure: "a pack"),
        Tampering(name: "lost segment map", change: "rm $(ls repo/sets/*/* | head -1)", failure: "map of record"),
        Tampering(
            name: "other root", change: "sed -i '3{s/^A/B/;t;s/^./A/}' head.checkpoint", failure: "signature of head"),
        Tampering(name: "other key", change: "cat other.vkey > head.vkey", failure: "no signature of this key"),
        Tampering(name: "mangled key", change: "sed -i 's/+\\([0-9a-f]\\)/+f\\1/' head.vkey", failure: "verifier key"),
        Tampering(
            name: "checkpoint of another history",
            change: "cp forked.checkpoint head.checkpoint; cp forked.vkey head.vkey",
            failure: "is another than the checkpoint"),
        Tampering(
            name: "mangled proof", change: "sed -i '3{s/^A/B/;t;s/^./A/}' record.proof",
            failure: "not in the tree"),
    ]

    /// The blocks of the page, in order.
    private static func blocks() throws -> [String] {
        let page = try String(contentsOfFile: Tools.top + "/docs/VERIFY.md", encoding: .utf8)
        let parts = page.components(separatedBy: "```")
        return parts.enumerated().filter { $0.offset % 2 == 1 && $0.element.hasPrefix("sh\n") }.map {
            String($0.element.dropFirst(3))
        }
    }

    private static let prepared: Result<Stage, any Error> = Result {
        let stage = try Stage()
        try stage.make("src")
        let made = try stage.shell(
            """
            set -e
            init() { vault init $1 --name 'Jane Doe' --passphrase-file passphrase --machine web1 -q; }
            init other; vault log checkpoint --vkey > other.vkey
            init repo
            head -c 100000 /dev/urandom > src/a; vault backup src -q
            cp -a repo older
            echo one > src/b; vault backup src -q
            vault log pin --export vault.trust -q
            vault log checkpoint --output head.checkpoint -q; vault log checkpoint --vkey > head.vkey
            vault log proof 3 --checkpoint head.checkpoint --output record.proof
            vault log cosign head.checkpoint --output head.cosigned --passphrase-file passphrase --json > cosigned.json
            vault audit --bundle bundle.tar -q
            cp -a home home2; rm home2/.config/vault/*/pin.json
            echo two > src/b
            export HOME=$PWD/home2
            vault backup src -r older -q
            vault log checkpoint -r older --output forked.checkpoint -q; vault log checkpoint -r older --vkey > forked.vkey
            vault audit -r older --previous bundle.tar --fork-proof fork.tar -q && exit 1
            mkdir fork; tar xf fork.tar -C fork
            chmod -R u+w repo
            """)
        try #require(made.status == 0, "\(made.output)\(made.errors)")
        try Data(try blocks().joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: stage.path + "/page.sh"))
        return stage
    }

    private func run(_ change: String, environment: String = "REPO=$PWD/repo") throws -> Stage.Outcome {
        let stage = try Self.prepared.get()
        return try stage.shell(
            """
            c=$(mktemp -d -p $PWD); cp -a repo *.trust head.* forked.* other.vkey record.proof fork page.sh bundle.tar $c/
            cd $c; { \(change); } || exit 99
            mkdir bin; for t in openssl sha256sum jq base64; do ln -s /usr/bin/$t bin/; done
            \(environment) PATH=$PWD/bin:/usr/bin:/bin sh page.sh
            """)
    }

    @Test func thePageHolds() throws {
        #expect(try Self.blocks().count >= 9)
        let run = try run("true")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        for line in [
            "records: 7, ", "snapshot 3: ", "snapshot 6: ", "all as they were signed",
            "checkpoint: the first 7 records are as they were", "proof: record 3 is in the checkpoint",
            "fork: proven by two signed records at position ",
        ] {
            #expect(run.output.contains(line), "no '\(line)' in\n\(run.output)")
        }
    }

    @Test func aCosignatureHolds() throws {
        let cosigned = "cp head.cosigned head.checkpoint; jq -r .vkey ../cosigned.json > head.vkey"
        let good = try run(cosigned)
        #expect(good.status == 0 && good.output.contains("cosigned: "), "\(good.output)\(good.errors)")
        // Another time in the line of the cosigner.
        let bad = try run(
            cosigned + "; sed -i -E '6{s/^(— [^ ]* .{15})A/\\1B/;t;s/^(— [^ ]* .{15})./\\1A/}' head.checkpoint")
        #expect(bad.status != 0 && bad.errors.contains("signature of head.checkpoint"), "\(bad.output)\(bad.errors)")
    }

    /// An unpacked bundle is a repository without packs.
    @Test func aBundleHolds() throws {
        let run = try run("mkdir apart; tar xf bundle.tar -C apart", environment: "REPO=$PWD/apart")
        #expect(run.status == 0 && run.output.contains("packs: not checked"), "\(run.output)\(run.errors)")
    }

    @Test(arguments: tamperings)
    func tamperingIsNoticed(_ tampering: Tampering) throws {
        let run = try run(tampering.change)
        #expect(run.status != 0 && run.status != 99, "\(run.output)\(run.errors)")
        #expect((run.output + run.errors).contains(tampering.failure), "\(run.output)\(run.errors)")
    }
}
