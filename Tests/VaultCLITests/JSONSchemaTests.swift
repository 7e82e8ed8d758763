import Foundation
import Testing
import VaultTestSupport

/// Every command with `--json`, checked line by line by another implementation of JSON Schema.
@Suite struct JSONSchemaTests {
    private static let schema = Tools.top + "/docs/cli-json.schema.json"

    /// Commands and what they must end with. Output and errors are collected in two files.
    private static let commands = #"""
        export VAULT_PASSPHRASE_FILE=$PWD/passphrase
        try() {
            local wanted=$1 status=0
            shift
            vault "$@" --json >> out.jsonl 2>> err.jsonl || status=$?
            [ $status = $wanted ] || { echo "status $status, not $wanted: $*"; tail -1 err.jsonl; }
        }
        mkdir -p src/db src/deep
        printf one > src/a; printf two > src/db/PG_VERSION; : > src/db/postmaster.pid
        printf three > "$(printf 'src/esc-\033[2J\n-\377')"; ln -s a "$(printf 'src/link-\376')"; ln src/a src/hard
        mkfifo src/deep/fifo; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("src/socket")'
        setfattr -n user.note -v value src/a || true
        for i in 1 2 3 4 5; do head -c 20000000 /dev/urandom > src/large-$i; done
        if [ "$(id -u)" = 0 ]; then mknod src/null c 1 3; chown 12345 src/a; fi

        try 2 snapshots
        try 0 init repo --name 'Jane Doe' --machine web1
        try 1 init src
        try 2 backup missing
        try 0 backup --dry-run src
        try 0 backup --verbose src --system web --tag t --description d
        try 0 backup --skip-if-unchanged src --system web
        printf more > src/new; rm src/deep/fifo; printf changed > src/a
        try 0 backup --verbose src --system web
        vault backup --command numbers --system seq --json -- seq 10 >> out.jsonl 2>> err.jsonl
        vault backup --stdin-name in --json < src/a >> out.jsonl 2>> err.jsonl
        try 0 backup . --exclude "/large-*" --exclude "*.jsonl" --system all
        try 0 backup src/large-1 --limit-read 6M --system slow
        try 0 snapshots
        try 0 snapshots latest
        try 0 snapshots latest:web --details
        try 0 snapshots latest:seq --details
        try 2 snapshots nonsense
        try 0 ls latest:web --recursive
        try 0 find '*' --long
        id=$(vault snapshots --json | jq -r '.snapshots[0].id')
        try 0 diff $id latest:web
        try 0 diff latest:web:$PWD/src --against src
        mv src/new src/newer
        try 0 diff latest:web:$PWD/src --against src
        vault cat latest:web:$PWD/src/a --json > content 2>> err.jsonl
        vault dump latest:web --json > archive 2>> err.jsonl
        try 2 cat latest:web:/
        try 0 restore latest:web --target back --verify
        try 0 restore latest:web:$PWD/src --target "$(printf 'bytes-\377')"
        printf x > back/extra
        try 0 restore latest:web --target back --overwrite if-changed --delete --dry-run
        try 0 verify
        try 0 verify --read-data
        sqlite3 app.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1)'
        try 0 database backup sqlite:$PWD/app.db --system db
        try 0 database list latest:db
        TMPDIR=/tmp try 0 database check latest:db
        try 0 database restore latest:db --into $PWD/app2.db
        try 0 database restore latest:db --output app.sql
        (TMPDIR=/tmp exec vault database open latest:db --json >> out.jsonl 2>> err.jsonl) & open=$!
        for i in $(seq 600); do grep -q 'database-open/v1' out.jsonl && break; sleep 0.1; done; kill $open || true; wait $open || true
        vault database scan --json >> out.jsonl 2>> err.jsonl || [ $? = 21 ] || echo "scan: $?"
        try 0 prune --dry-run
        try 0 prune
        try 0 repair
        try 0 forget --keep-daily 7 --prune --dry-run
        vault drill run --select newest --system web --rto 1h --rpo 1h --json >> out.jsonl 2>> err.jsonl || [ $? = 21 ] || echo "drill: $?"
        try 0 drill list
        try 0 drill show
        try 0 drill export latest --output .
        vault status --json >> out.jsonl 2>> err.jsonl || [ $? = 21 ] || echo "status: $?"
        try 2 report
        try 0 report --output page.html
        try 0 copy --to disk
        try 0 copy list
        try 0 snapshots -r disk
        try 0 hold latest:web --reason r --until 90d
        try 0 release latest:web --reason r
        try 0 hold latest:seq --reason r
        try 0 snapshots
        printf again > src/a
        try 0 backup src --system web
        try 0 forget --keep-last 1 --dry-run
        try 0 forget --keep-last 1 --early --group-by system
        try 0 snapshots --forgotten
        try 0 forget --undo $(vault snapshots --forgotten --json | jq -r '.snapshots[0].id')
        try 13 forget latest:seq
        try 0 release latest:seq
        try 0 identity show
        try 0 log show
        try 0 log show 0
        try 0 log pin --export trust
        try 0 log checkpoint --output head
        try 0 log cosign head --output cosigned
        try 0 log proof 0 --checkpoint head
        try 0 audit --trust trust --checkpoint head
        try 0 audit --sample 1
        try 0 recovery-kit print --text kit.txt --html kit.html
        HOME=$PWD/fresh vault recover "$(find home -name '*recovery-kit.txt' | head -1)" -r repo --json >> out.jsonl 2>> err.jsonl
        try 13 access rotate
        try 0 recovery-kit replace --text replaced.txt
        try 0 identity change-passphrase --new-passphrase-file passphrase
        try 0 identity create Newcomer --output newcomer.identity
        jq -r 'select(.schema == "vault/identity-create/v1").line' out.jsonl | tail -1 > newcomer.line
        try 0 access grant newcomer.line --role read --role administer --role write --role maintain
        try 0 access list
        try 0 access token add 0042 --kind card --to Newcomer
        try 0 access token list
        try 0 access token add 0043 --kind card --to Newcomer
        try 0 access token return 0042
        try 0 identity protect --identity newcomer.identity --new-key-file usb.key
        try 0 identity show --identity newcomer.identity
        try 0 identity protect --identity newcomer.identity --key-file usb.key --no-factor
        try 0 identity tokens --token-module /usr/lib/softhsm/libsofthsm2.so
        try 0 log show --kind access --kind token --kind drill
        try 0 access show Newcomer
        try 0 access policy
        try 0 access policy --approvals 2 --reason 'four eyes'
        try 0 access rotate
        try 0 access rewrite
        try 0 approve
        newest() { vault approve --json | jq -r '.orders[-1].id'; }
        try 0 approve $(newest) --identity newcomer.identity
        try 0 access policy --approvals 1
        try 0 approve $(newest) --identity newcomer.identity
        try 0 access revoke Newcomer
        try 0 access list --all
        try 2 access grant newcomer.line --role read
        try 0 recovery-kit split --shares 3 --needed 2 --output sheets
        try 0 recovery-kit check sheets/share-1.txt
        try 0 recovery-kit replace --text "$(dirname home/.config/vault/*/machine.identity)/new-kit.txt"
        export VAULT_POLICIES=$PWD/policies
        try 0 schedule install --folder units
        try 0 schedule show
        try 0 schedule remind
        name=$(vault system list --json | tee -a out.jsonl | jq -r '.systems[0].system')
        try 0 system show $name
        try 0 system lint
        printf 'sources: {paths: [etc]}\n' > policies/systems/wrong.yaml
        try 1 system lint
        rm policies/systems/wrong.yaml
        try 0 schedule remove
        mkdir -p p/systems; printf 'system: x\nsources: {paths: [/etc/hostname]}\n' > p/systems/x.yaml; chmod -R go-w p
        try 0 run --policies p
        try 10 snapshots -r nowhere
        cp -a disk disk2; HOME=$PWD/promoter vault copy promote -r disk2 --identity "$(find home -name 'jane-doe.identity')" --json >> out.jsonl 2>> err.jsonl || echo "promote: $?"
        try 2 snapshots --nonsense
        try 2 nonsense
        printf wrong > wrong; chmod 600 wrong
        try 12 ls latest --passphrase-file wrong
        try 13 ls latest --identity home/.config/vault/*/machine.identity
        cp -a repo other; cp -a repo old
        try 0 snapshots -r other
        try 0 backup src/a
        mv repo new; mv old repo
        try 14 snapshots
        rm -r repo; mv new repo
        f=$(find repo -type f -size +20M | sort | head -1); chmod u+w $f
        printf '\377\000\377' | dd of=$f bs=1 seek=1000000 conv=notrunc 2>/dev/null
        try 23 verify --read-data
        try 23 restore latest:web --target damaged
        """#

    /// As another user, who may not give files away.
    private static let asNobody = #"""
        chmod a+x . ; chmod -R a+rX repo; mkdir -m 777 nobody; cp home/.config/vault/*/*.txt kit 2>/dev/null ||
            cp "$(find home -name '*kit*' | head -1)" kit; chown 65534 kit
        HOME=$PWD/nobody setpriv --reuid 65534 --regid 65534 --clear-groups \
            vault restore latest:web -r repo --identity kit --target nobody/back --json >> out.jsonl 2>> err.jsonl
        """#

    private struct Verdict: Decodable {
        var counts: [String: Int]
        var wrong: [String]
        var missing: [String]
    }

    @Test(.enabled(if: isRoot)) func everyLineIsAsTheSchemaSays() throws {
        let stage = try Stage()
        let ran = try stage.shell(Self.commands + "\n" + Self.asNobody)
        #expect(ran.output == "", "\(ran.output)\(ran.errors)")
        let verdict = try JSONDecoder().decode(
            Verdict.self,
            from: try Tools.python(
                [Tools.top + "/Tests/Tools/check-json.py", Self.schema, "out.jsonl", "err.jsonl"], stage))
        #expect(verdict.wrong.isEmpty, "\(verdict.wrong.prefix(20).joined(separator: "\n"))")
        #expect(verdict.missing.isEmpty, "in the schema, but never written")
        #expect(verdict.counts.count >= 29)
        print("JSON lines checked: \(verdict.counts.values.reduce(0, +)) of \(verdict.counts.count) forms")
    }

    /// Each form that stands in a command is in the schema, also one that no test has written yet.
    @Test func everyFormInTheSourceIsDocumented() throws {
        let schema = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: Self.schema))) as? [String: Any])
        let forms = try #require(schema["$defs"] as? [String: Any])
        var found: Set<String> = []
        let folder = URL(fileURLWithPath: Tools.top + "/Sources/vault")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            for match in try String(contentsOf: file, encoding: .utf8).matches(
                of: #/\.?(?:result|message)\(\s*"([a-z-]+)"/#)
            {
                found.insert("vault/\(match.output.1)/v1")
            }
        }
        #expect(found.count >= 29)
        for name in found.sorted() where forms[name] == nil {
            Issue.record("\(name) is not in docs/cli-json.schema.json")
        }
        for name in forms.keys where name.hasPrefix("vault/") && !found.contains(name) {
            Issue.record("\(name) is in the schema, but nothing writes it")
        }
    }

    @Test func pageIsMadeFromTheSchema() throws {
        let stage = try Stage()
        _ = try Tools.python([Tools.top + "/scripts/make-cli-json", "page.md"], stage)
        let made = stage.text(stage.path + "/page.md")
        #expect(made.contains("### vault/backup/v1"))
        #expect(made == stage.text(Tools.top + "/docs/CLI-JSON.md"), "run scripts/make-cli-json")
    }
}
