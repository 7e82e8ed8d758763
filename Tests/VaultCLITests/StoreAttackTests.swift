import Foundation
import Testing
import VaultTestSupport

/// What somebody can do who has the store but no key: each attack is refused with its own sentence and status, or named
/// as damage, and what is whole is still restored.
@Suite struct StoreAttackTests {
    /// Jane's repository as she last saw it, an older state of it, and one that Eve has made.
    private static let prepared: Result<Stage, any Error> = Result {
        let stage = try Stage()
        let made = try stage.shell(
            """
            set -e
            export VAULT_PASSPHRASE_FILE=$PWD/passphrase
            mkdir src eve; echo content > src/file; head -c 300000 /dev/urandom > src/big
            HOME=$PWD/eve vault init other --name Eve --machine m -q; HOME=$PWD/eve vault backup src -r other -q
            vault init repo --name 'Jane Doe' --machine web1 -q
            vault backup src -q; cp -a repo older; echo more >> src/file; vault backup src -q
            """)
        try #require(made.status == 0, "\(made.output)\(made.errors)")
        return stage
    }

    struct Attack: Sendable, CustomTestStringConvertible {
        let name: String
        /// Shell in a folder with `repo`, `older` and `other`; `$log` is the folder of records, `$last` the last one
        /// and `$next` the name after it.
        let deed: String
        let command: String
        let status: Int32
        let sentence: String
        var testDescription: String { name }
    }

    private static let restore = "restore latest --target back -q"
    static let attacks = [
        Attack(
            name: "an older state", deed: "rm -r repo; mv older repo", command: "snapshots", status: 14,
            sentence: "ends at position 3, this client has seen position 6"),
        Attack(
            name: "the last record taken away", deed: "rm $log/$last", command: restore, status: 14,
            sentence: "ends at position 5, this client has seen position 6"),
        Attack(
            name: "another repository in its place", deed: "rm -r repo; cp -a other repo", command: restore, status: 12,
            sentence: "This user has no identity for the repository"),
        Attack(
            name: "the first record of another repository",
            deed: "cp -f other/log/000000000/000000000000 $log/000000000000", command: "backup src", status: 12,
            sentence: "This user has no identity for the repository"),
        Attack(
            name: "a signature stripped", deed: "jq -c '.signatures = []' $log/$last > x; cp -f x $log/$last",
            command: "verify", status: 23, sentence: "Record 6: it is not in its canonical form"),
        Attack(
            name: "a signer counted twice",
            deed: "jq -c '.signatures += .signatures' $log/$last > x; cp -f x $log/$last", command: "verify",
            status: 23, sentence: "Record 6: it is not in its canonical form"),
        Attack(
            name: "another type of payload", deed: "sed 's/in-toto/in-tot0/' $log/$last > x; cp -f x $log/$last",
            command: "backup src", status: 23, sentence: "record 6: its bytes are not those that this client has seen"),
        Attack(
            name: "a record again", deed: "cp $log/$last $log/$next", command: "verify", status: 23,
            sentence: "Record 7: its position is not that of its place in the log"),
        Attack(
            name: "a record of another repository", deed: "cp other/log/000000000/000000000001 $log/$next",
            command: "verify", status: 23, sentence: "Record 7: its position is not that of its place in the log"),
        Attack(
            name: "a record without end", deed: "head -c 50000000 /dev/zero > $log/$next", command: "verify",
            status: 23, sentence: "Record 7: it has 50000000 bytes, 1048576 are allowed"),
        Attack(
            name: "a record of nothing", deed: ": > $log/$next", command: "verify", status: 23,
            sentence: "Record 7: it is not in its canonical form: envelope: too short"),
        Attack(
            name: "a record far ahead", deed: "mkdir repo/log/fffffffff; cp $log/$last repo/log/fffffffff/ffffffffffff",
            command: "backup src", status: 23, sentence: "record 7: the record is missing, but there are later ones"),
        Attack(
            name: "a record taken out of the middle", deed: "rm $log/000000000005", command: "backup src", status: 23,
            sentence: "record 5: the record is missing, but there are later ones"),
        Attack(
            name: "two packs exchanged",
            deed: "set -- $(ls -S repo/packs/*/* | sed -n '1p;$p'); cp $1 x; cp -f $2 $1; cp -f x $2",
            command: "verify",
            status: 23, sentence: "instead of"),
        Attack(
            name: "packs of another repository under the names of these",
            deed: """
                for p in repo/packs/*/*; do
                    q=$(find other/packs -type f -size $(stat -c %s $p)c); [ -z "$q" ] || cp -f $q $p
                done
                """,
            command: restore,
            status: 23, sentence: "has another directory than the log says"),
        Attack(
            name: "packs with something behind",
            deed: "for p in repo/packs/*/*; do chmod u+w $p; echo >> $p; done", command: "verify", status: 23,
            sentence: "bytes instead of"),
        Attack(
            name: "packs cut off", deed: "for p in repo/packs/*/*; do chmod u+w $p; truncate -s -1 $p; done",
            command: restore, status: 23, sentence: "is too short"),
        Attack(
            name: "the marker of a copy", deed: "echo '{}' > repo/copy.json", command: "backup src", status: 23,
            sentence: "copy.json in repo, which says that it is a copy, is damaged"),
        Attack(
            name: "a smaller cost in the identity file", deed: "sed -i 's/\"n\":131072/\"n\":32768/' $jane",
            command: restore, status: 12, sentence: "The passphrase does not open the identity file of 'Jane Doe'"),
        Attack(
            name: "a cost below what is accepted", deed: "sed -i 's/\"n\":131072/\"n\":16384/' $jane", command: restore,
            status: 12, sentence: "field 'n' is out of range"),
        Attack(
            name: "another version of the identity file", deed: "sed -i 's/\"version\":0/\"version\":1/' $jane",
            command: restore, status: 12, sentence: "version 1 is not known"),
        Attack(
            name: "other sealed bytes in the identity file",
            deed: #"sed -i 's/\("sealed":"\)..../\10000/' $jane"#, command: restore, status: 23,
            sentence: "The identity file of 'Jane Doe' was changed"),
        Attack(
            name: "another commitment in the identity file",
            deed: #"sed -i 's/\("commitment":"\)..../\10000/' $jane"#, command: restore, status: 12,
            sentence: "The passphrase does not open the identity file of 'Jane Doe'"),
        // Each passphrase opens the sealed part; which of them is meant is committed to. A second implementation made it.
        Attack(
            name: "an identity file of two passphrases, the one", deed: "\(two); printf 'the right one' > passphrase",
            command: restore + " --identity two", status: 23,
            sentence: "The public keys in the identity file of 'Nguyễn Văn An' do not belong to its secrets"),
        Attack(
            name: "an identity file of two passphrases, the other",
            deed: "\(two); printf 'the other one' > passphrase", command: restore + " --identity two", status: 12,
            sentence: "The passphrase does not open the identity file of 'Nguyễn Văn An'"),
    ]
    private static let two = """
        jq -rj '.[] | select(.name == "identity file, two passphrases").out.file' \
            '\(Tools.top)/Tests/Vectors/format/two-keys.json' > two
        """

    @Test(arguments: attacks) func isRefused(_ attack: Attack) throws {
        let stage = try Self.prepared.get()
        let run = try stage.shell(
            """
            c=$(mktemp -d -p $PWD); cp -a --sparse=always home repo older other src passphrase $c/; cd $c
            export HOME=$PWD/home VAULT_PASSPHRASE_FILE=$PWD/passphrase
            log=repo/log/000000000; last=000000000006; next=000000000007; jane=$(ls home/.config/vault/*/jane-doe.identity)
            [ -f $log/$last ] && [ ! -f $log/$next ] || exit 99
            \(attack.deed)
            vault \(attack.command) -r repo; s=$?; cd ..; rm -rf $c; exit $s
            """)
        #expect(run.status == attack.status, "\(run.output)\(run.errors)")
        #expect((run.output + run.errors).contains(attack.sentence), "\(run.output)\(run.errors)")
    }
}
