import Foundation
import Testing
import VaultTestSupport

/// A recovery kit that several people hold in shares: enough of them open everything, on record, and are replaced then.
@Suite struct BreakGlassTests {
    @Test func threeOfFive() throws {
        let run = try Stage().shellSucceeding(
            """
            set -e
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            mkdir src new; echo content > src/file
            vault init repo --name 'Jane Doe' --machine web1 -q; export VAULT_REPOSITORY=$PWD/repo
            vault backup src -q; cp home/.config/vault/*/recovery-kit.txt old.txt
            try() { "$@" > out 2> err && s=0 || s=$?; echo "$s $(grep -h '^error' err || true)"; }
            vault recovery-kit split --shares 5 --needed 3 --output sheets > /dev/null 2>&1
            stat -c '%a' sheets/*.txt | sort -u; ls sheets | wc -l
            try vault recovery-kit check sheets/*.txt; cat out
            try vault recovery-kit split --shares 5 --needed 3 --output sheets
            echo more >> src/file; vault backup src -q
            try vault ls latest --identity old.txt
            # Two are not enough; three are; a fourth does no harm.
            s() { for n; do printf -- '--share sheets/share-%s.txt ' $n; done; }
            HOME=$PWD/new try vault recover $(s 1 4) -r repo
            HOME=$PWD/new try vault recover $(s 1 1 4) -r repo
            sed -e 's/^proof:.*//' -e "s/^share:.*/$(grep ^share: sheets/share-2.txt)/" sheets/share-1.txt > sheets/share-9.txt
            HOME=$PWD/new try vault recover $(s 5 2 4) -r repo
            HOME=$PWD/new vault restore latest --target back -q; diff -r src back$PWD/src && echo restored
            vault log show --kind access --json | jq -c '[.records[] | [.writer, .purpose]] | unique'
            vault access list | grep -c "'recovery kit' was used with record"
            vault status 2> /dev/null | grep 'Warning' | head -1 | grep -c 'was used with record' || true
            # All is proven, and still it does not end well before the kit is replaced.
            vault drill run latest --scratch . -q > /dev/null; try vault status; grep -c 'Until each recovery kit' err
            try vault access rotate; grep -c 'next: Make a new kit' err
            vault access policy --keep-days 3 2>&1 > /dev/null | grep -c "'recovery kit' was used with record"
            vault status --json 2> /dev/null | jq -c .usedKits
            # Shares of the kit that was used are revoked by new ones.
            vault recovery-kit split --shares 3 --needed 2 --output newer -q 2> /dev/null
            vault access list | grep -c 'was used with record' || true
            try vault status; try vault access rotate
            try vault recovery-kit check sheets/share-1.txt
            rm -r new; mkdir new; HOME=$PWD/new try vault recover $(s 5 2 4) -r repo
            # A share that was changed so that its checksum is right again, found alone.
            sed "s/^proof: ..../proof: 0000/" newer/share-1.txt > changed; try vault recovery-kit check changed
            sed "s/^share: .\\{9\\}/share: AAAA-AAAA/" newer/share-1.txt > changed; try vault recovery-kit check changed
            vault init other --name X --machine m -q; try vault recovery-kit check newer/share-1.txt -r other
            # Administering with it is a use too, which no reading was.
            vault recovery-kit replace --text paper -q 2> /dev/null
            vault access policy --keep-days 4 --identity paper -q 2> /dev/null
            vault log show --kind access --json | jq '[.records[] | select(.writer == "recovery kit")] | length'
            vault access list | grep -c "'recovery kit' was used with record"; mv paper old.txt
            grep -h ^share: sheets/* newer/* | cut -c8- > needles; grep -h ^seed: old.txt | cut -c7- >> needles
            grep -rlFf needles repo home src back out err | wc -l
            """)
        let expected = [
            "600", "5", "0 ", "share 1 of 5 of 'recovery kit', 3 are needed", "share 2", "share 3", "share 4",
            "share 5",
            "2 error: There is a file sheets/share-1.txt already", "12 error: The identity 'recovery kit' was a member",
            "12 error: The shares do not give a recovery kit (shares: 2 are given, 3 of 5 are needed)",
            "12 error: The shares do not give a recovery kit (shares: 2 are given", "0 ", "restored",
            #"[["recovery kit","recover"],["recovery kit","restore"]]"#, "1", "1",
            "1 ", "1", "13 error: New keys would be sealed to 'recovery kit' too, which was used with record", "1", "1",
            #"["recovery kit"]"#, "0", "0 ", "0 ",
            "is of a recovery kit that was revoked", "12 error: The seed is not that of a recovery kit",
            "is not as its kit made it", "the checksum is wrong", "is of another repository", "2", "1", "0",
        ]
        try run.expectLines(expected)
    }

    /// Shares that are no secret by themselves: each opens only with the identity of its trustee, member or not.
    @Test func sharesSealedToTrustees() throws {
        let stage = try Stage()
        let run = try stage.shellSucceeding(
            """
            set -e
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            mkdir src new usb; echo content > src/file
            vault init repo --name 'Jane Doe' --machine web1 -q; export VAULT_REPOSITORY=$PWD/repo
            vault backup src -q
            try() { "$@" > out 2> err && s=0 || s=$?; echo "$s $(grep -h '^error' err || true)"; }
            vault identity create 'Tran An' --output an --new-key-file usb/key > an.line 2> /dev/null
            vault identity create 'Le Cuong' --output cuong > cuong.line 2> /dev/null
            try vault recovery-kit split --to an.line --to cuong.line --to an.line --needed 2 --output sheets
            try vault recovery-kit split --to an.line --to 'recovery kit' --needed 2 --output sheets
            try vault recovery-kit split --to an.line --to cuong.line --shares 2 --needed 2 --output sheets
            try vault recovery-kit split --to an.line --to src/file --needed 2 --output sheets
            ls sheets 2> /dev/null || echo 'nothing was made'
            vault recovery-kit split --to an.line --to "$(cat cuong.line)" --to 'Jane Doe' --needed 2 --output sheets 2> err > /dev/null
            grep -c "is sealed to 'Tran An', .* compare the id" err; grep -c ^sealed: sheets/*; cat sheets/* | grep -c ^share: || true
            jane=$(ls home/.config/vault/*/jane-doe.identity)
            try vault recovery-kit check sheets/share-1.txt
            try vault recovery-kit check sheets/share-1.txt --trustee cuong
            try vault recovery-kit check sheets/share-1.txt --trustee an
            try vault recovery-kit check sheets/share-1.txt --trustee an --key-file usb/key; cat out
            try vault recovery-kit check sheets/share-3.txt --trustee $jane --json; jq -c '.shares[].sealedTo | length' out
            r() { HOME=$PWD/new try vault recover -r repo "$@"; }
            r --share sheets/share-1.txt --share sheets/share-2.txt --trustee an --key-file usb/key
            r --share sheets/share-2.txt --trustee cuong
            # What was sealed to another cannot pass for his, and a sheet of another repository neither.
            sed "s/^sealed:.*/$(grep ^sealed: sheets/share-2.txt | sed 's/[&/]/\\\\&/g')/" sheets/share-3.txt > swapped
            r --share swapped --share sheets/share-2.txt --trustee cuong
            sed 's/^anchor: ..../anchor: 0000/' sheets/share-2.txt > moved; try vault recovery-kit check moved --trustee cuong
            r --share sheets/share-1.txt --share sheets/share-2.txt --trustee cuong --trustee an --key-file usb/key
            HOME=$PWD/new vault restore latest --target back -q; diff -r src back$PWD/src && echo restored
            """)
        try run.expectLines([
            "2 error: 'Tran An' is named twice", "2 error: 'recovery kit' is a recovery kit", "2 error: ",
            "2 error: ", "nothing was made", "1", "share-1.txt:1", "share-2.txt:1", "share-3.txt:1", "0",
            "12 error: The share in sheets/share-1.txt is sealed to the identity",
            "12 error: The share in sheets/share-1.txt is sealed to the identity",
            "12 error: The identity of 'Tran An' opens only with its key file", "0 ",
            "share 1 of 3 of 'recovery kit', 2 are",
            "0 ", "32", "12 error: The share in sheets/share-2.txt is sealed to the identity",
            "12 error: The shares do not give a recovery kit (shares: 1 are given, 2 of 3 are needed)",
            "12 error: The shares do not give a recovery kit (shares: 1 are given",
            "does not open: its sheet was changed", "0 ", "restored",
        ])
        // Each trustee types his own passphrase, by his name.
        let terminal = try PseudoTerminal(columns: 100)
        let jane = try stage.shell("printf %s home/.config/vault/*/jane-doe.identity").output
        let status = try terminal.run(
            [
                "/usr/bin/env", "HOME=\(stage.path)/usb", Stage.program, "recover", "-r", "repo", "--share",
                "sheets/share-2.txt", "--share", "sheets/share-3.txt", "--trustee", "cuong", "--trustee", jane,
            ], stage,
            answers: [
                ("Passphrase of 'Le Cuong'", "\(Stage.passphrase)\n"),
                ("Passphrase of 'Jane Doe'", "\(Stage.passphrase)\n"),
                ("New passphrase for this machine", "another one\n"), ("again", "another one\n"),
            ])
        #expect(status == 0, "\(terminal.output)")
        #expect(!terminal.output.contains(Stage.passphrase) && !terminal.output.contains("another one"))
    }
}
