import Foundation
import Testing
import VaultTestSupport

/// Whoever opens content leaves a record before he reads; nobody else does, and nobody is kept from reading by it.
@Suite struct AccessLogTests {
    private static let begin = """
        set -e
        export VAULT_PASSPHRASE_FILE=$PWD/passphrase
        mkdir src; echo content > src/file
        vault init repo --name 'Jane Doe' --machine web1 -q; export VAULT_REPOSITORY=$PWD/repo
        vault backup src --system web -q; vault backup src --system db -q
        records() { ls repo/log/* | wc -l; }
        # How many records a command leaves, and its status.
        count() { b=$(records); "$@" > out 2> err && s=0 || s=$?; echo "$(($(records) - b)) $s $*"; }

        """

    private static func run(_ script: String) throws -> Stage.Outcome {
        try Stage().shellSucceeding(begin + script)
    }

    @Test func eachOpeningLeavesOneRecord() throws {
        let run = try Self.run(
            """
            kit=$(ls home/.config/vault/*/recovery-kit.txt)
            for c in 'ls latest' 'ls --recursive latest' 'find file' "cat latest:$PWD/src/file" 'dump latest' \
                'diff latest:web latest:db' 'diff latest latest:/' "diff latest --against $PWD/src" 'restore latest --target back -q' \
                'snapshots latest --details' 'verify' 'verify --read-data' "ls latest --identity $kit"; do count vault $c; done
            count vault drill run latest --scratch . -q
            echo silent
            for c in 'snapshots' 'status' 'audit' 'log show' 'access list' 'log pin' 'drill list' 'identity show'; do
                count vault $c; done
            unset VAULT_PASSPHRASE_FILE
            for c in 'verify' 'verify --read-data' 'snapshots latest' 'backup src --system web -n'; do count vault $c; done
            # A wrong name or passphrase is no reading.
            echo wrong > wrong; chmod 600 wrong
            count vault ls nosuch --passphrase-file passphrase; count vault ls latest --passphrase-file wrong
            """)
        let parts = run.output.components(separatedBy: "silent\n")
        let reading = parts[0].split(separator: "\n")
        #expect(reading.count == 14)
        // The last is the drill, which is on record itself and vouches for packs.
        for line in reading.dropLast() { #expect(line.hasPrefix("1 0 "), "\(run.output)") }
        #expect(reading.last?.hasPrefix("3 0 vault drill") == true, "\(run.output)")
        let silent = parts[1].split(separator: "\n")
        #expect(silent.count == 14 && silent.allSatisfy { $0.hasPrefix("0 ") }, "\(run.output)")
    }

    @Test func whoReadWhatAndWhy() throws {
        let run = try Self.run(
            """
            as() { mkdir -p user-$1; home=$PWD/user-$1; shift; HOME=$home "$@"; }
            as an vault identity create 'Tran An' -r repo > an.line
            vault access grant an.line --role read --reason 'stands in' -q 2> /dev/null
            as an vault restore latest:db --target back --reason 'court order 12' -q
            vault ls latest:web > /dev/null; vault find file > /dev/null
            vault access revoke 'Tran An' -q
            last() { vault log show --json "$@" | jq -c '[.records[] | [.kind, .writer, .about]]'; }
            last --kind access --member 'Tran An'
            last --kind access --system web
            last --kind access --kind propose --member 'Tran An'
            vault log show --kind access --json | jq -r '.records[0] | .purpose, .cause, .systems[0], .snapshotCount'
            vault log show --since 1h --until 2001-01-01 --json | jq -c .records
            vault log show --since 2001-01-01 --kind access --last 1 | tail -1
            vault log show --member 'nobody' --json | jq -c .records
            id=$(vault access list --all --json | jq -r '.members[] | select(.name == "Tran An").id')
            vault log show --kind access --member $(echo $id | cut -c-8) --json | jq '.records | length'
            """)
        let lines = run.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 11, "\(run.output)")
        #expect(lines[0].hasPrefix(#"[["access","Tran An","restore: db "#), "\(lines[0])")
        #expect(lines[1].contains("ls: web ") && lines[1].contains("find: 2 snapshots of db, web"), "\(lines[1])")
        #expect(lines[1].contains("Jane Doe") && !lines[1].contains("Tran An"))
        #expect(lines[2].contains("admits the person 'Tran An'") && lines[2].contains("removes the person 'Tran An'"))
        #expect(Array(lines[3...6]) == ["restore", "court order 12", "db", "1"])
        #expect(lines[7] == "[]" && lines[8].contains("find: 2 snapshots") && lines[9] == "[]" && lines[10] == "1")
    }

    /// A store that cannot be written, a copy, and a log that is damaged: the reading goes on and is said to be unlogged.
    @Test func whatCannotBeLoggedIsRead() throws {
        let run = try Self.run(
            """
            vault copy --to disk -q
            b=$(ls disk/log/* | wc -l)
            vault restore latest -r disk --target from-disk -q 2> copy.err; diff -r src from-disk$PWD/src && echo same
            grep -c 'warn: This reading is not in the log: .* a copy is only read' copy.err; [ $(ls disk/log/* | wc -l) = $b ]
            chmod -R a+rX . ; mkdir -m 777 other; cp -a home/.config other/config; chown -R 65534 other passphrase
            export XDG_CONFIG_HOME=$PWD/other/config XDG_CACHE_HOME=$PWD/other/cache
            setpriv --reuid 65534 --regid 65534 --clear-groups vault ls --recursive latest -r repo 2> other.err | grep -c file
            grep -c 'warn: This reading is not in the log' other.err
            setpriv --reuid 65534 --regid 65534 --clear-groups vault ls latest -r repo --json 2>&1 > /dev/null | jq -r .schema | sort -u
            chown -R 0 passphrase; unset XDG_CONFIG_HOME XDG_CACHE_HOME
            rm repo/log/000000000/000000000002
            vault ls --recursive latest 2> damaged.err | grep -c file
            grep -c 'This reading is not in the log: The repository cannot be written' damaged.err
            """)
        #expect(run.output == "same\n1\n1\n1\nvault/warning/v1\n1\n1\n", "\(run.output)\(run.errors)")
    }

    /// What another program has copied is read without a record, so that it stays the same history; where it is another
    /// one, that is said, and a person says which of the two is meant.
    @Test func aCopyByAnotherProgram() throws {
        let run = try Self.run(
            """
            id=$(vault log pin --json | jq -r .repository)
            try() { "$@" > out 2> err && s=0 || s=$?; echo "$s $(grep -h '^error' err || true)"; }
            n() { ls $1/log/* | wc -l; }
            cp -a repo other
            try vault restore latest -r other --target back -q; diff -r src back$PWD/src
            grep -c "warn: This reading is not in the log: .* at $PWD/repo, .* vault log pin -r $PWD/other --accept $id" err
            try vault ls latest -r other; vault drill run latest -r other --scratch . --json 2> /dev/null | jq -c .isOnRecord
            diff -r repo/log other/log && echo 'same history'
            # The same directory at another place is no copy.
            ln -s repo link; b=$(n repo); vault ls latest -r link > /dev/null; echo $(($(n repo) - b))
            # The original goes on; then the copy is older, which is told as what it is.
            vault backup src --system web -q; vault ls latest > out
            try vault restore latest -r other --target back2 -q; grep -c "next: .*run vault log pin -r $PWD/other --accept $id" err
            ls back2 2> /dev/null || echo 'nothing was restored'
            # The original is lost, and the copy is taken for it: from then on it is the repository.
            mv repo away; try vault log pin -r other --accept $id; grep -c 'warn: This user had seen record 1[0-9]* of another' err
            b=$(n other); try vault ls latest -r other; echo $(($(n other) - b))
            vault backup src --system web -q -r other
            # And comes back: two histories, and either can be chosen.
            mv away repo; try vault backup src --system web; try vault log pin --accept $id; try vault backup src --system web -q
            try vault verify --read-data -q; try vault snapshots -r other
            # A repository that has moved is the repository once something is added there.
            mv repo moved; b=$(n moved); vault ls latest -r moved > out 2> err; echo $(($(n moved) - b)); grep -c 'is not in the log' err
            vault backup src --system web -r moved -q; b=$(n moved)
            vault ls latest -r moved > out 2> err; echo $(($(n moved) - b))
            """)
        let older = "14 error: The log of repository "
        try run.expectLines([
            "0 ", "1", "0 ", "false", "same history", "1", older, "1", "nothing was restored", "0 ", "1", "0 ", "1",
            "14 error: The log", "0 ", "0 ", "0 ", "14 error: The log", "0", "1", "1",
        ])
        #expect(run.output.contains(" this client has seen position "), "\(run.output)")
        #expect(run.output.contains("/repo") && run.output.contains("it was seen at "), "\(run.output)")
    }

    /// The paper that is used to go on without anybody else leaves a record too, but not in a repository that is older.
    @Test func theUseOfAPaperIsOnRecord() throws {
        let run = try Self.run(
            """
            cp home/.config/vault/*/recovery-kit.txt kit.txt
            mkdir new; HOME=$PWD/new vault recover kit.txt -r repo -q
            vault log show --kind access --json | jq -c '[.records[] | [.writer, .purpose, .snapshotCount]]'
            """)
        #expect(run.output == "[[\"recovery kit\",\"recover\",0]]\n", "\(run.output)")
    }
}
