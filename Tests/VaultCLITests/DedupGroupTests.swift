import Foundation
import Testing
import VaultTestSupport

/// A new dedup group: who held the old secret recognises nothing in what is written later, everything that was stored
/// stays readable, and everything that can be done with snapshots can be done with those of several groups.
@Suite struct DedupGroupTests {
    private static let known = "/usr/bin/python3 '\(Tools.top)/Tests/Tools/known.py'"
    private static let reader = "/usr/bin/python3 '\(Tools.top)/Tests/Independent/vault_reader.py'"

    /// Three snapshots, the last of a second group; `an` left before it, `keeper` seals anew without passphrase.
    private static let begin = """
        set -e
        export VAULT_PASSPHRASE_FILE=$PWD/passphrase
        try() { "$@" > out 2> err && s=0 || s=$?; echo "$s $(grep -h '^error' err || true)"; }
        mkdir src; echo 'known content' > src/known; head -c 3000000 /dev/urandom > src/big
        vault init repo --name 'Jane Doe' --machine web1 -q; export VAULT_REPOSITORY=$PWD/repo
        for x in an keeper admin; do vault identity create $x --machine --output $x > $x.line 2> /dev/null; done
        vault access grant an.line --role read --role write -q 2> /dev/null
        vault access grant keeper.line --role read --role maintain -q 2> /dev/null
        vault access grant admin.line --role administer -q
        vault backup src -q; cp -a src first; echo more > src/more; vault backup src -q
        vault access revoke an > left; echo later > src/later; vault backup src -q
        \(known) repo an keeper src/known
        id=$(vault snapshots --json | jq -r '.snapshots[0].id')
        same() {
            rm -rf back; vault restore $1 --target back -q --identity keeper; diff -r $2 back$PWD/src && echo "same $2"
        }

        """

    private static func run(_ script: String) throws -> Stage.Outcome {
        try Stage().shellSucceeding(begin + script)
    }

    @Test func beforeAndAfter() throws {
        let run = try Self.run(
            """
            tr '\\n' ' ' < left | grep -c 'access rotate --new-group'
            try vault access rotate --new-group --identity admin
            vault access rotate --new-group --reason 'An left' > out 2> err
            grep -o 'of 1 system stores everything once more, about [0-9.]* [KM]i*B' err; grep -o 'begins dedup group 2' out
            vault backup src --json | jq '.newBytes > 3000000'; vault backup src --json | jq '.newBytes == 0'
            \(Self.known) repo an keeper src/known; \(Self.known) repo keeper keeper src/known
            same latest src; same $id first
            vault verify --read-data -q --identity keeper; vault audit -q || [ $? = 21 ]; echo whole
            vault diff $id latest > diff 2> err; grep -c 'A new dedup group began' err; grep known diff || echo 'known is the same'
            vault diff latest:$PWD/src --against src --content | wc -l; vault find known --json | jq -s '[.[] | select(.path != null)] | length > 0'
            vault drill run $id --scratch . -q > /dev/null || [ $? = 21 ]; vault drill show latest --json | jq -r .verdict
            for s in latest $id; do
                \(Self.reader) --repository repo --identity keeper restore $s python > /dev/null; echo "python $?"
                [ $s = latest ] && diff -r python$PWD/src src; rm -r python
            done
            vault copy --to copy -q; vault verify --read-data -q -r copy --identity keeper && echo 'copy is whole'
            # A newcomer comes to all of it; whoever left has no key of the new group.
            vault identity create new --machine --output new > new.line 2> /dev/null; vault access grant new.line --role read -q 2> /dev/null
            rm -rf back; vault restore $id --target back -q --identity new; diff -r first back$PWD/src && echo 'newcomer'
            """)
        try run.expectLines([
            "known in epochs: 1", "of epochs: 1 2", "1",
            "13 error: ", "of 1 system stores everything once more, about", "begins dedup group 2", "true", "true",
            "known in epochs: 1", "of epochs: 1 2 3", "known in epochs: 1 3", "of epochs: 1 2 3",
            "same src", "same first", "whole", "1", "known is the same", "0", "true", "proven", "python 0", "python 0",
            "copy is whole", "newcomer",
        ])
    }

    /// Prune that thins segments of several groups, sealing anew, and a third group.
    @Test func whatMovesPacks() throws {
        let run = try Self.run(
            """
            vault access policy --keep-days 0 --keep-age 0s -q
            head -c 400000 /dev/urandom > src/thin; for n in 1 2 3 4 5 6 7 8; do head -c 30000 /dev/urandom > src/t$n; done
            vault backup src -q; rm src/thin src/t[1-6]; cp -a src second; vault backup src -q; keep=$(vault snapshots --json | jq -r '.snapshots[-1].id')
            vault access rotate --new-group -q; head -c 300000 /dev/urandom > src/gone
            vault backup src -q; rm src/gone; vault backup src -q
            for k in 3 4; do vault forget $(vault snapshots --json | jq -r ".snapshots[$k].id") > /dev/null 2>&1; done
            vault prune --max-unused 0 -q; same latest src; same $keep second; same $id first
            vault access rewrite --identity keeper -q; vault verify --read-data -q --identity keeper
            same latest src; same $id first
            vault access rotate --new-group -q; vault backup src -q; same latest src; same $keep second; same $id first
            \(Self.reader) --repository repo --identity keeper restore $id python > /dev/null; diff -r python$PWD/src first && echo python
            \(Self.known) repo an keeper src/known
            """)
        #expect(
            run.output.split(separator: "\n").dropFirst(2).dropLast(2).map(String.init) == [
                "same src", "same second", "same first", "same src", "same first", "same src", "same second",
                "same first", "python",
            ], "\(run.output)\(run.errors)")
    }
}
