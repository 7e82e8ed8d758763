import Foundation
import Testing
import VaultTestSupport

/// People come and go, from the command line: joining by two commands, leaving, approving, and a kit that takes over.
@Suite struct PeopleTests {
    private static let leaver = "/usr/bin/python3 '\(Tools.top)/Tests/Tools/leaver.py'"
    private static let reader = "/usr/bin/python3 '\(Tools.top)/Tests/Independent/vault_reader.py'"

    /// Shell that others begin with: a repository of Jane's, a source, and `as NAME COMMAND` for other users.
    private static let begin = """
        set -e
        export VAULT_PASSPHRASE_FILE=$PWD/passphrase
        as() { local home=$PWD/user-$1; shift; mkdir -p $home; HOME=$home "$@"; }
        mkdir src; for n in 1 2 3; do echo "content $n" > src/file$n; done
        vault init repo --name 'Jane Doe' --machine web1 -q
        export VAULT_REPOSITORY=$PWD/repo

        """

    private static func require(_ script: String) throws -> (Stage, Stage.Outcome) {
        let stage = try Stage()
        let run = try stage.shell(begin + script)
        try #require(run.status == 0, "\(run.output)\(run.errors)")
        return (stage, run)
    }

    @Test func twoCommandsAdmitAPerson() throws {
        let (stage, run) = try Self.require(
            """
            vault backup src -q
            vault status > status.1 2>&1 || true
            as an vault identity create 'Tran An' -r repo > an.line
            as an vault ls latest > denied 2>&1 && exit 9 || echo $? >> denied
            vault access grant an.line --role read --role administer --reason 'stands in' > granted 2> grant.err
            as an vault restore latest --target back -q
            diff -r src back$PWD/src
            vault status > status.2 2>&1 || true
            vault access list; vault access show 'Tran An' --json
            """)
        let (line, denied) = (stage.text(stage.path + "/an.line"), stage.text(stage.path + "/denied"))
        #expect(line.hasPrefix("vault-public 0 person ") && line.hasSuffix(" Tran An\n"))
        #expect(denied.contains("is not a member") && denied.hasSuffix("12\n"), "\(denied)")
        #expect(stage.text(stage.path + "/granted").contains("Done: approved by 1 of 1, one administrator alone"))
        // The id that both compare is the same on both sides.
        let id = try #require(
            stage.text(stage.path + "/grant.err").firstMatch(of: #/is ((?:[0-9a-f]{4} ){7}[0-9a-f]{4})/#)
        ).output.1
        #expect(run.output.contains(id.replacing(" ", with: "")))
        let (first, second) = (stage.text(stage.path + "/status.1"), stage.text(stage.path + "/status.2"))
        #expect(first.contains("Only one person can restore, and only the same one can administer: 'Jane Doe'"))
        #expect(first.contains("Orders: 1 of 2 administrators must approve (1 of 1: one decides alone)"))
        #expect(!second.contains("Only one person") && second.contains("Orders: 1 of 3"), "\(second)")
        #expect(run.output.contains("Tran An") && run.output.contains("administer,read"))
        // Nothing on the way was a secret: the identity file has what the line has not.
        let secrets = try stage.shell(
            "jq -r '.sealed, .commitment' user-an/.config/vault/*/tran-an.identity > s; grep -cFf s an.line repo -r")
        #expect(!secrets.output.contains(":1"), "\(secrets.output)")
    }

    /// Before and after: a leaver who kept everything he ever had, and all of the store.
    @Test func aLeaverWhoKeptEverything() throws {
        let (stage, run) = try Self.require(
            """
            vault backup src -q
            as an vault identity create 'Tran An' -r repo > an.line
            vault access grant an.line --role read --role drill --role administer --role write -q
            as an vault drill run latest --scratch . -q > /dev/null || [ $? = 21 ]
            cp -a repo kept; cp -a user-an kept-an
            vault access revoke 'Tran An' --reason 'moved' > revoked
            echo 'written afterwards' > src/new; vault backup src -q; vault backup src -q
            as an vault ls latest > after 2>&1 && exit 9 || echo $? >> after
            as an vault backup src > write 2>&1 && exit 9 || echo $? >> write
            as an vault access rotate > rotate 2>&1 && exit 9 || echo $? >> rotate
            HOME=$PWD/kept-an vault restore latest -r kept --target old -q
            diff old$PWD/src/file1 src/file1
            vault restore latest --target new -q; diff -r src new$PWD/src
            vault restore $(vault snapshots --json | jq -r '.snapshots[0].id // .snapshots[0].snapshot.id') --target first -q
            diff first$PWD/src/file1 src/file1
            cp kept-an/.config/vault/*/tran-an.identity an.identity
            PASSPHRASE=$(cat passphrase) \(Self.leaver) repo an.identity
            echo before:; PASSPHRASE=$(cat passphrase) \(Self.leaver) kept an.identity
            vault verify --read-data -q; echo verified $?
            vault audit -q || echo audit $?
            vault drill list; vault access list --all; vault log show --kind snapshot --last 1
            """)
        let parts = run.output.components(separatedBy: "before:")
        #expect(parts[0].contains("epochs opened: 1\nepochs closed: 2\n"), "\(run.output)")
        #expect(parts[1].contains("epochs opened: 1\nepochs closed:\n"), "\(run.output)")
        for file in ["after", "write", "rotate"] {
            let text = stage.text(stage.path + "/" + file)
            #expect(text.contains("was removed with record") && text.hasSuffix("12\n"), "\(file): \(text)")
        }
        let words = stage.text(stage.path + "/revoked").replacing("\n", with: " ")
        for expected in [
            "draws new keys: epoch 2", "what is written is sealed to keys that 'Tran An' never had",
            "(1 snapshot of 1 system)",
            "can find out from the store whether that file was backed up", "Change on the storage", "/repo: user ",
            "'recovery kit' opens everything",
        ] { #expect(words.contains(expected), "\(expected): \(words)") }
        // What he did while he was there counts: his drill, and the pack that he attested.
        #expect(run.output.contains("verified 0") && run.output.contains("Tran An"), "\(run.output)")
        let drill = try stage.shell(
            "vault drill show latest --json | jq -r .verdict; vault status --json | jq -r .systems[].reason")
        #expect(drill.output.contains("proven"), "\(drill.output)\(drill.errors)")
        let python = try stage.shell(
            """
            \(Self.reader) --repository repo --identity home/.config/vault/*/jane-doe.identity \
                --passphrase-file passphrase restore latest python > /dev/null; echo $?; diff -r python$PWD/src src && echo same
            """)
        #expect(python.output == "0\nsame\n", "\(python.output)\(python.errors)")
    }

    @Test func twoOfThreeApprove() throws {
        let (stage, run) = try Self.require(
            """
            vault backup src -q; vault backup src -q
            for n in an binh; do
                as $n vault identity create $n -r repo > $n.line
                vault access grant $n.line --role read --role administer --role maintain --role write -q
            done
            vault access policy --approvals 2 --reason 'four eyes'
            vault access policy --approvals 9 2> many && exit 9 || echo $? >> many
            id=$(vault snapshots --json | jq -r '.snapshots[0].id')
            vault forget $id --json | jq -c .order | sed 's/,"proposal.*//'
            order=$(vault approve --json | jq -r '.orders[0].id')
            vault snapshots --json | jq '.snapshots | length'
            vault approve $order 2> twice && exit 9 || echo $? >> twice
            vault approve --identity home/.config/vault/*/machine.identity $order 2> machine && exit 9 || echo $? >> machine
            vault approve > waiting
            as an vault approve $(echo $order | cut -c1-8) 2> shown
            vault snapshots --json | jq '.snapshots | length'
            as binh vault approve $order 2> late && exit 9 || echo $? >> late
            # Members too: the proposer cannot admit anybody alone, and an overtaken order is no more.
            as eve vault identity create Eve --machine -r repo > eve.line
            vault access grant eve.line --role read -q; first=$(vault approve --json | jq -r '.orders[0].id')
            as binh vault access grant eve.line --role audit -q; second=$(vault approve --json | jq -r '.orders[1].id')
            as an vault approve $second -q
            as an vault approve $first 2> overtaken && exit 9 || echo $? >> overtaken
            # A leaver's approval counts no more.
            vault access rotate -q; third=$(vault approve --json | jq -r '.orders[-1].id')
            as an vault access revoke 'Jane Doe' -q; fourth=$(vault approve --json | jq -r '.orders[-1].id')
            vault access token add 77 --to 'Jane Doe' --kind card -q
            as binh vault approve $fourth > told 2>&1
            as an vault approve $third 2> leaver && exit 9 || echo $? >> leaver
            as binh vault access rotate -q
            as an vault access list
            as an vault audit 2>&1 | grep -c 'removed with record' || true
            as an vault log show --kind approve | tail -3
            """)
        #expect(run.output.contains("Done: approved by 1 of 1"), "\(run.output)")
        #expect(run.output.contains(#"{"approved":1,"needed":2,"carriedOut":false"#), "\(run.output)")
        #expect(run.output.contains("\n2\n") && run.output.contains("\n1\n"))
        for (file, sentence, status) in [
            ("many", "fewer than have to approve", 2), ("twice", "has approved the order", 2),
            ("machine", "may not change who may do what", 13), ("late", "was carried out with record", 2),
            ("overtaken", "cannot be carried out any more: members or rules were changed", 11),
            ("leaver", "cannot be carried out any more", 11),
        ] {
            let text = stage.text(stage.path + "/" + file)
            #expect(text.contains(sentence) && text.hasSuffix("\(status)\n"), "\(file): \(text)")
        }
        let waiting = stage.text(stage.path + "/waiting")
        #expect(
            waiting.contains("forgets the snapshot") && waiting.contains("approved by 1 of 2: Jane Doe"), "\(waiting)")
        #expect(stage.text(stage.path + "/shown").contains("forgets the snapshot"))
        // Who completes an order learns what the leaver keeps, and what to ask him for.
        let told = stage.text(stage.path + "/told")
        for part in ["with the old keys", "Change on the storage", "'Jane Doe' still has the card 77"] {
            #expect(told.contains(part), "\(told)")
        }
        #expect(run.output.contains("Orders: 2 of 3 administrators must approve"), "\(run.output)")
    }

    /// Nobody is left but the paper: it admits a new person with every role, removes the one who went, and is replaced.
    @Test func thePaperTakesOver() throws {
        let (_, run) = try Self.require(
            """
            vault backup src -q
            cp home/.config/vault/*/recovery-kit.txt kit.txt
            as new vault recover kit.txt -r repo -q
            as new vault identity create 'Le Cuong' -r repo > cuong.line
            as new vault access grant cuong.line --role read --role write --role maintain --role administer --role drill
            as new vault access revoke 'Jane Doe' --identity user-new/.config/vault/*/le-cuong.identity -q
            as new vault recovery-kit replace --text new-kit.txt --identity user-new/.config/vault/*/le-cuong.identity
            as new vault ls latest --identity kit.txt 2> old && exit 9 || echo old kit $?
            as new vault ls --recursive latest --identity new-kit.txt
            vault ls latest 2> jane && exit 9 || echo jane $?
            echo more >> src/file1; vault backup src -q
            as new vault restore latest --target back -q --identity new-kit.txt
            diff -r src back$PWD/src && echo same
            as new vault access list 2>&1
            """)
        for expected in ["old kit 12", "jane 12", "same", "/file1", "draws new keys", "Le Cuong", "epoch 4"] {
            #expect(run.output.contains(expected), "\(expected): \(run.output)")
        }
    }
}
