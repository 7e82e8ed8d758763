import Foundation
import Testing
import VaultTestSupport

/// What a user does on the first day.
@Suite struct JourneyTests {
    /// A tree with everything that the file system of the tests offers.
    private static let tree = #"""
        set -e
        mkdir -p src/docs/deep/er src/empty src/links
        printf 'hello\n' > src/docs/a.txt
        : > src/docs/nothing
        head -c 3000000 /dev/urandom > src/docs/random.bin
        dd if=/dev/urandom of=src/docs/holes bs=4096 count=1 seek=500 2>/dev/null
        printf x > 'src/docs/name with blanks and "quotes"'
        printf y > "$(printf 'src/docs/not-utf8-\377\376')"
        printf z > "$(printf 'src/docs/line\nfeed')"
        ln -s ../docs/a.txt src/links/symbolic
        ln -s /does/not/exist src/links/dangling
        ln src/docs/a.txt src/links/hard
        mkfifo src/links/fifo
        chmod 4755 src/docs/a.txt; chmod 0500 src/docs/deep; chmod 1777 src/empty
        touch -d '1999-12-31 23:59:59.123456789' src/docs/random.bin
        if [ "$(id -u)" = 0 ]; then chown 12345:54321 src/docs/holes; mknod src/links/null c 1 3; fi
        setfattr -n user.note -v value src/docs/a.txt 2>/dev/null || true
        """#

    @Test func firstDay() throws {
        let stage = try Stage()
        #expect(try stage.shell(Self.tree).status == 0)

        let made = try #require(stage.initialiseByCommand().json().first)
        #expect(made["schema"] as? String == "vault/init/v1")
        #expect(made["createOnly"] as? String == "works")
        for key in ["personFile", "machineFile", "kitFile"] {
            let file = try #require(made[key] as? String)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(key)")
        }

        // Neither asks anything, nor needs to be told where the repository is.
        let backup = try stage.vault("backup", "src", "--system", "web", "--tag", "first", "--json")
        #expect(backup.status == 0, "\(backup.errors)")
        let id = try #require(backup.json().first?["snapshot"] as? String)
        let list = try stage.vault("snapshots")
        #expect(list.status == 0)
        #expect(list.output.contains(id.prefix(8)) && list.output.contains("web") && list.output.contains("first"))

        let source = "/" + stage.path.dropFirst() + "/src"
        let names = try stage.vault(
            "ls", "latest:\(source)", "--recursive", "--passphrase-file", "passphrase")
        #expect(names.status == 0, "\(names.errors)")
        #expect(names.output.contains("\(source)/docs/not-utf8-\\xff\\xfe\n"))
        #expect(names.output.contains("\(source)/docs/line\\x0afeed\n"))

        let restored = try stage.vault(
            "restore", "\(id.prefix(6)):\(source)", "--target", "back", "--passphrase-file", "passphrase")
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(try stage.vault("verify", "--read-data", "--passphrase-file", "passphrase").status == 0)
        try expectSame(stage, "src", "back")
    }

    /// Whether two trees are the same in content and metadata, as two other programs see it.
    private func expectSame(_ stage: Stage, _ left: String, _ right: String) throws {
        let diff = try stage.shell(
            "diff -r --no-dereference '\(left)' '\(right)' 2>&1 | grep -v 'is a fifo\\|special file'")
        #expect(diff.output == "")
        if try stage.shell("command -v rsync").status == 0 {
            let options = isRoot ? "-nicaHAXS" : "-nicaHS"
            let rsync = try stage.shell("rsync \(options) --delete --numeric-ids '\(left)/' '\(right)/'")
            #expect(rsync.output == "", "\(rsync.errors)")
        }
    }

    @Test func secondBackupStoresNearlyNothing() throws {
        let stage = try Stage()
        try stage.make("src")
        #expect(try stage.shell("head -c 5000000 /dev/urandom > src/file; sleep 0.1").status == 0)
        try stage.initialise()
        let first = try #require(stage.vault("backup", "src", "--json").json().first)
        let second = try #require(stage.vault("backup", "src", "--json", "--rescan").json().first)
        #expect(first["newBytes"] as? Int == 5_000_000)
        #expect(second["newBytes"] as? Int == 0)
        #expect(try stage.vault("snapshots", "--json").json().first?["snapshots"] as? [Any] != nil)
    }

    @Test func argumentsMayBeAnyBytes() throws {
        let stage = try Stage()
        try stage.initialise()
        let made = try stage.shell(
            """
            d=$(printf 'src-\\303\\050'); mkdir "$d" && printf x > "$d/f" && vault backup "$d" --json &&
            vault restore "latest:$PWD/$d" --target "$(printf 'to-\\377')" --passphrase-file passphrase &&
            cat "$(printf 'to-\\377')/f"
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.hasSuffix("x"))
    }

    @Test func recoveryKitReadsWithoutPassphrase() throws {
        let stage = try Stage()
        try stage.make("src")
        let kit = try #require(stage.initialiseByCommand().json().first?["kitFile"] as? String)
        #expect(try stage.vault("backup", "src").status == 0)
        // A fresh machine: only the page and the disk.
        let other = try Stage()
        let restored = try other.vault(
            "restore", "latest", "--target", "back", "-r", stage.path + "/repo", "--identity", kit)
        #expect(restored.status == 0, "\(restored.errors)")
    }

    @Test func passphraseCanBeChanged() throws {
        let stage = try Stage()
        try stage.make("src")
        try stage.initialise()
        #expect(try stage.vault("backup", "src").status == 0)
        try stage.write("new", "another\n")
        let changed = try stage.vault(
            "identity", "change-passphrase", "--passphrase-file", "passphrase", "--new-passphrase-file", "new")
        #expect(changed.status == 0, "\(changed.errors)")
        #expect(try stage.vault("ls", "latest", "--passphrase-file", "passphrase").status == 12)
        #expect(try stage.vault("ls", "latest", "--passphrase-command", "cat new").status == 0)
        let shown = try stage.vault("identity", "show", "--json").json().first
        let identities = try #require(shown?["identities"] as? [[String: Any]])
        #expect(Set(identities.compactMap { $0["kind"] as? String }) == ["person", "machine"])
    }

    @Test func streamsBecomeFiles() throws {
        let stage = try Stage()
        try stage.initialise()
        let piped = try stage.shell("seq 100000 > numbers; vault backup --stdin-name 'a b.txt' < numbers")
        #expect(piped.status == 0, "\(piped.errors)")
        let run = try stage.vault("backup", "--command", "run.txt", "--", "seq", "-f", "%g;", "3")
        #expect(run.status == 0, "\(run.errors)")
        let passphrase = ["--passphrase-file", "passphrase"]
        let list = try #require(stage.vault("snapshots", "--json").json().first?["snapshots"] as? [[String: Any]])
        try #require(list.count == 2)
        for (number, name) in ["a b.txt", "run.txt"].enumerated() {
            let id = try #require(list[number]["id"] as? String)
            let restored = try stage.vault("restore", id, "--target", "back\(number)", passphrase[0], passphrase[1])
            #expect(restored.status == 0, "\(restored.errors)")
            #expect(FileManager.default.fileExists(atPath: stage.path + "/back\(number)/" + name))
        }
        #expect(try stage.shell("cmp numbers 'back0/a b.txt'").status == 0)
        #expect(stage.text(stage.path + "/back1/run.txt") == "1;\n2;\n3;\n")
        // Without its exit status 0 there is no snapshot.
        try stage.vault("backup", "--command", "x", "--", "sh", "-c", "echo half; exit 3").expectFailure(1, "status 3")
        let after = try #require(stage.vault("snapshots", "--json").json().first?["snapshots"] as? [[String: Any]])
        #expect(after.count == 2)
    }
}
