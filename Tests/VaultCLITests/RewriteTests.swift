import Foundation
import Testing
import VaultTestSupport

/// What a leaver could read is sealed anew: what he had opens nothing in the repository any more, everybody else reads as
/// before, and a run that was killed goes on.
@Suite struct RewriteTests {
    private static let leaver = "/usr/bin/python3 '\(Tools.top)/Tests/Tools/leaver.py'"
    private static let reader = "/usr/bin/python3 '\(Tools.top)/Tests/Independent/vault_reader.py'"

    /// Two snapshots of Jane's, the first of which is read by Tran An, who leaves; `keeper` seals anew without passphrase.
    private static let begin = """
        set -e
        export VAULT_PASSPHRASE_FILE=$PWD/passphrase
        mkdir src; for n in 1 2 3; do echo "content $n" > src/file$n; done; head -c 3000000 /dev/urandom > src/big
        vault init repo --name 'Jane Doe' --machine web1 -q; export VAULT_REPOSITORY=$PWD/repo
        for x in an keeper; do vault identity create $x --machine --output $x > $x.line 2> /dev/null; done
        vault access grant an.line --role read -q 2> /dev/null
        vault access grant keeper.line --role read --role maintain -q 2> /dev/null
        vault backup src -q; echo changed > src/file2; head -c 500000 /dev/urandom >> src/big; vault backup src -q
        cp -a src second; cp -a repo kept
        vault access revoke an -q
        echo new > src/file4; vault backup src -q
        check() {
            vault verify --read-data -q; rm -rf back; vault restore latest --target back -q; diff -r src back$PWD/src
            id=$(vault snapshots --json | jq -r '.snapshots[1].id'); rm -rf back
            vault restore $id --target back -q; diff -r second back$PWD/src; echo same
        }

        """

    private static func run(_ script: String) throws -> Stage.Outcome {
        try Stage().shellSucceeding(begin + script)
    }

    @Test func beforeAndAfter() throws {
        let run = try Self.run(
            """
            PASSPHRASE= \(Self.leaver) repo an | grep epochs
            vault access rewrite --identity keeper; echo after; PASSPHRASE= \(Self.leaver) repo an | grep epochs
            check
            vault access rewrite --identity keeper --json | jq -c '[.resealed.packs, .left.packs, .isComplete, .epoch]'
            # The machine whose packs they were goes on with them: nothing is stored again.
            b=$(du -sk repo/packs | cut -f1); vault backup src -q; vault backup src -q
            a=$(du -sk repo/packs | cut -f1); [ $((a - b)) -lt 500 ] && echo deduplicated
            echo kept:; PASSPHRASE= \(Self.leaver) kept an | grep epochs
            \(Self.reader) --repository repo --identity home/.config/vault/*/jane-doe.identity \
                --passphrase-file passphrase restore latest python > /dev/null; diff -r python$PWD/src src && echo python
            vault audit -q; echo audit $?
            """)
        let parts = run.output.components(separatedBy: "after\n")
        try #require(parts.count == 2)
        #expect(parts[0].contains("epochs opened: 1\n") && parts[0].contains("Left         none"), "\(run.output)")
        #expect(parts[0].contains("can still read those"))
        #expect(parts[1].hasPrefix("epochs opened:\nepochs closed: 2"), "\(run.output)")
        #expect(parts[1].contains("same\n[0,0,true,2]\ndeduplicated\nkept:\nepochs opened: 1\n"), "\(run.output)")
        #expect(parts[1].hasSuffix("python\naudit 0\n"), "\(run.output)")
    }

    /// Killed at many moments, the repository is whole each time, and the next run goes on.
    @Test func killedAndContinued() throws {
        let run = try Self.run(
            """
            n=0
            for t in 0.02 0.04 0.06 0.08 0.1 0.13 0.16 0.2 0.25 0.3; do
                timeout -s KILL $t vault access rewrite --identity keeper -q > /dev/null 2>&1 || n=$((n + 1))
                vault verify --read-data -q --identity keeper
            done
            [ $n -gt 2 ] && echo killed
            vault access rewrite --identity keeper -q; PASSPHRASE= \(Self.leaver) repo an | grep opened; check
            vault prune -q; check
            """)
        #expect(run.output.contains("killed\n"), "\(run.output)")
        #expect(run.output.contains("epochs opened:\n") && run.output.hasSuffix("same\nsame\n"), "\(run.output)")
    }

    /// Not a byte is free: it says what is left, and with room it goes on.
    @Test func onAFullDisk() throws {
        guard isRoot else { return print("skipped: a full disk needs root") }
        let run = try Self.run(
            """
            mkdir disk; mount -t tmpfs -o size=24M tmpfs disk || { echo skipped; exit; }; trap 'umount -l disk' EXIT
            cp -a repo disk; export VAULT_REPOSITORY=$PWD/disk/repo; cat /dev/zero > disk/filler 2> /dev/null || true
            vault access rewrite --identity keeper --json > full.json 2> err || true; cat err >&2
            jq -c '[.resealed.packs, .left.packs > 0, .isComplete, .warnings]' full.json; vault verify --read-data -q
            rm disk/filler; vault access rewrite --identity keeper -q
            PASSPHRASE= \(Self.leaver) disk/repo an | grep "^epochs opened"; check
            """)
        guard run.output != "skipped\n" else { return print("skipped: a full disk needs a tmpfs") }
        let full = "[0,true,false,[\"There is no room to seal more packs anew\"]]\n"
        #expect(run.output == full + "epochs opened:\nsame\n", "\(run.output)\(run.errors)")
    }

    /// With new keys in one command; after a prune that had moved packs with their old keys; by whom it may be done.
    @Test func withNewKeysAndAfterCompaction() throws {
        let run = try Self.run(
            """
            vault access policy --keep-days 0 --keep-age 0s -q
            vault forget $(vault snapshots --json | jq -r '.snapshots[0].id') -q; vault prune --max-unused 0 -q
            vault access rotate --rewrite --reason 'laptop lost' | grep -E 'epoch|Left'
            PASSPHRASE= \(Self.leaver) repo an | grep opened; vault verify --read-data -q && echo whole
            for x in m r; do vault identity create $x --machine --output $x > $x.line 2> /dev/null; done
            vault access grant m.line --role maintain -q; vault access grant r.line --role read -q 2> /dev/null
            for x in m r an; do vault access rewrite --identity $x 2> err && s=0 || s=$?; echo $s $(head -1 err); done
            vault access policy --approvals 2 -q
            vault access rotate --rewrite 2>&1 | grep 'Nothing is sealed anew'
            """)
        let lines = run.output.split(separator: "\n").map(String.init)
        for expected in ["draws new keys: epoch 3", "epoch 3", "none", "epochs opened:", "whole"] {
            #expect(run.output.contains(expected), "\(expected): \(run.output)")
        }
        #expect(run.output.contains("13 error: 'm' may not read"), "\(run.output)")
        #expect(run.output.contains("13 error: 'r' may not") && run.output.contains("12 error: The identity 'an'"))
        #expect(lines.last?.contains("before the order is carried out") == true, "\(run.output)")
    }
}
