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
            vault identity create Binh --output binh --new-key-file usb/second > binh.line 2> /dev/null
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
            # Two trustees with a key file each; whose is whose is found out.
            vault recovery-kit split --to an.line --to binh.line --to cuong.line --to 'Jane Doe' --needed 2 --output both -q \
                2> /dev/null
            both() { r --share both/share-1.txt --share both/share-2.txt --trustee an --trustee binh "$@"; }
            both --key-file usb/key; both --key-file usb/second --key-file usb/key
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
            "12 error: The passphrase and the second factor together do not open the identity file of 'Binh'", "0 ",
        ])
        try Self.atATerminal(stage)
    }

    /// Each trustee types his own passphrase, asked by his name, one after the other; nothing of it is seen.
    private static func atATerminal(_ stage: Stage) throws {
        func run(_ command: String, _ answers: [(String, String)]) throws -> Tools.Seen {
            let seen = try Tools.terminal(
                ["/bin/sh", "-c", "exec vault \(command)"], stage, columns: 100, answers: answers,
                environment: [
                    "HOME": stage.path + (command.hasPrefix("recover ") ? "/alone" : "/home"), "NO_COLOR": "1",
                ])
            #expect(seen.unanswered.isEmpty, "\(seen.unanswered) of \(command): \(seen.text)")
            #expect(seen.echo, "\(command)")
            for typed in [Stage.passphrase, "mistyped", "another one"] { #expect(!seen.text.contains(typed)) }
            return seen
        }
        let (right, wrong) = (Stage.passphrase + "\n", "mistyped\n")
        let (cuong, jane) = ("Passphrase of 'Le Cuong': ", "Passphrase of 'Jane Doe': ")
        // Whoever deals the shares types his passphrase before anything is written.
        let split = "recovery-kit split -r repo --to an.line --to cuong.line --needed 2 --output dealt"
        for (typed, status, sentence) in [
            (wrong, 12, "The passphrase does not open the identity file of 'Jane Doe'"),
            ("\u{3}", 130, "The passphrase was not entered"), ("\u{4}", 12, "No passphrase was entered"),
        ] as [(String, Int32, String)] {
            let seen = try run(split, [("Passphrase: ", typed)])
            #expect(seen.status == status && seen.text.contains(sentence), "\(seen.text)")
        }
        #expect(try stage.shell("mkdir alone; ls -d dealt").status != 0)
        let recover = """
            recover -r repo --share both/share-3.txt --share both/share-4.txt --trustee cuong \
                --trustee home/.config/vault/*/jane-doe.identity
            """
        // One who mistypes is asked again, and not for ever; the other one is not asked then.
        let often = try run(recover, [(cuong, wrong), (cuong, wrong), (cuong, wrong)])
        let sentence = "The passphrase does not open the identity file of 'Le Cuong'"
        #expect(often.status == 12 && often.text.contains("error: \(sentence)"), "\(often.text)")
        #expect(often.text.ranges(of: "warn: \(sentence)").count == 2 && !often.text.contains(jane), "\(often.text)")
        for (answers, status, said) in [
            ([(cuong, right), (jane, "mist\u{3}")], 130, "The passphrase was not entered"),
            ([(cuong, "\u{4}")], 12, "No passphrase was entered"),
        ] as [([(String, String)], Int32, String)] {
            let seen = try run(recover, answers)
            #expect(seen.status == status && seen.text.contains(said), "\(seen.text)")
        }
        // Nothing of all that left an identity, or a record.
        let records =
            "vault log show -r repo --kind access --json | jq '[.records[] | select(.purpose == \"recover\")] | length'"
        let before = try stage.shell("find alone -name '*.identity'; \(records)")
        #expect(before.output == "2\n", "\(before)")
        let done = try run(
            recover,
            [
                (cuong, wrong), (cuong, right), (jane, right), ("New passphrase", "another one\n"),
                ("again", "another one\n"),
            ])
        #expect(done.status == 0 && done.text.contains("vault restore latest --target DIR"), "\(done.text)")
        let after = try stage.shell("ls alone/.config/vault/*/recovery-kit.identity | wc -l; \(records)")
        #expect(after.output == "1\n3\n", "\(after)")
    }
}
