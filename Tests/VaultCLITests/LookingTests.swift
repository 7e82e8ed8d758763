import Foundation
import Testing
import VaultTestSupport

/// Commands that look into snapshots: find, diff, cat, dump, snapshots --details.
@Suite struct LookingTests {
    private let stage: Stage
    private let passphrase: [String: String]
    /// The source as an absolute path.
    private var source: String { stage.path + "/src" }

    init() throws {
        stage = try Stage()
        passphrase = ["VAULT_PASSPHRASE_FILE": stage.path + "/passphrase"]
        try stage.make("src")
        try stage.initialise()
    }

    private func shell(_ line: String) throws -> Stage.Outcome { try stage.shell(line, environment: passphrase) }

    /// Runs a line that must succeed.
    private func require(_ line: String) throws {
        let outcome = try shell("set -e\n" + line)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    @discardableResult
    private func backup(_ options: String...) throws -> String {
        let made = try shell("vault backup src --json " + options.joined(separator: " "))
        return try #require(made.json().first?["snapshot"] as? String, "\(made.errors)")
    }

    // MARK: find

    @Test func find() throws {
        try require(#"mkdir src/a; printf 1 > src/a/note.txt; printf z > "$(printf 'src/odd\377.txt')""#)
        let first = try backup()
        try require("printf 22 > src/a/note.txt")
        let second = try backup()
        let found = try shell("vault find '*.txt' --json")
        #expect(found.status == 0, "\(found.errors)")
        let rows = try found.json()
        #expect(rows.allSatisfy { $0["schema"] as? String == "vault/find/v1" })
        #expect(rows.compactMap { $0["path"] as? String } == [
            source + "/a/note.txt", source + "/a/note.txt", source + "/odd\\xff.txt",
        ])
        #expect(rows[2]["pathBase64"] != nil && rows[2]["snapshotCount"] as? Int == 2)
        #expect((rows[0]["lastSnapshot"] as? [String: Any])?["id"] as? String == first)
        #expect((rows[1]["firstSnapshot"] as? [String: Any])?["id"] as? String == second)
        #expect(try shell("vault find '/**/src/a/*' --size 2 --json").json().count == 1)
        #expect(try shell("vault find '*' --type l --json").output == "")
        let nothing = try shell("vault find nothing")
        #expect(nothing.status == 0 && nothing.output == "" && nothing.errors.contains("Nothing found in 2 snapshots"))
        try shell("vault find x --size 2..1").expectFailure(2, "--size")
        try shell("vault find x --newer yesterday").expectFailure(2, "--newer")
        try shell("vault find x --type q").expectFailure(2, "--type")
        try shell("vault find x --snapshot 00000000").expectFailure(2, "00000000")
    }

    @Test func findFitsATerminalOfSixtyColumns() throws {
        try require("printf 1 > src/note.txt")
        try backup()
        try backup("--rescan")
        let terminal = try PseudoTerminal(columns: 60)
        let line = "VAULT_PASSPHRASE_FILE=passphrase exec '\(Stage.program)' find note.txt"
        #expect(try terminal.run(["/bin/sh", "-c", line], stage, answers: []) == 0)
        let lines = terminal.output.split(whereSeparator: \.isNewline)
        #expect(lines.count == 3 && lines.dropFirst().allSatisfy { $0.count <= 60 }, "\(terminal.output)")
        #expect(lines.first?.hasSuffix("/src/note.txt") == true)
    }

    // MARK: diff

    @Test func diff() throws {
        try require("mkdir src/gone; printf 1 > src/content; printf 1 > src/kind; printf 1 > src/mode")
        let first = try backup()
        try require("rm -r src/gone src/kind; mkdir src/kind; printf 22 > src/content; chmod 600 src/mode; printf 1 > src/new")
        let second = try backup()
        let what = "\(first.prefix(8)):\(source) \(second.prefix(8)):\(source)"
        let shown = try shell("vault diff \(what)")
        #expect(shown.status == 0, "\(shown.errors)")
        let lines = shown.output.components(separatedBy: "\n\n")[0].split(separator: "\n").map(String.init)
        #expect(Set(lines) == [
            "U    \(source)/", "-    \(source)/gone/", "M    \(source)/content", "T    \(source)/kind/", "U    \(source)/mode",
            "+    \(source)/new",
        ])
        #expect(shown.output.hasSuffix("\nMetadata      2\nContent       +3 B -2 B\n"), "\(shown.output)")
        #expect(try shell("vault diff \(what) --exit-code").status == 1)
        #expect(try shell("vault diff latest latest --exit-code").status == 0)
        let json = try shell("vault diff \(what) --json").json()
        #expect(json.dropLast().allSatisfy { $0["schema"] as? String == "vault/diff/v1" })
        #expect(json.last?["schema"] as? String == "vault/diff-summary/v1" && json.last?["added"] as? Int == 1)
        let disk = try shell("vault diff \(first.prefix(8)):\(source) --against src --content --no-metadata --exit-code")
        #expect(disk.status == 1)
        #expect(disk.output.contains("M    \(source)/content\n") && !disk.output.contains("\nU "))
        #expect(try shell("vault diff latest:\(source) --against src --content --exit-code").status == 0)
        try shell("vault diff latest").expectFailure(2, "--against")
        try shell("vault diff latest latest --content").expectFailure(2, "--content")
        try shell("vault diff latest:\(source) --against missing").expectFailure(2, "missing")
    }

    @Test(.enabled(if: isRoot)) func diffTellsWhatItCannotRead() throws {
        try require("mkdir src/d; printf 1 > src/d/f; chmod 700 src/d; chmod 755 .; printf 1 > src/plain")
        try backup()
        // As another user, who may use the cache and the passphrase but not read the directory.
        try require("chown -R 65534 home repo passphrase .; chown -R 0 src/d; chown 65534 src")
        let nobody = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        let compared = try stage.vault(
            "diff", "latest:\(source)", "--against", "src", "--no-metadata", environment: passphrase, user: nobody)
        #expect(compared.status == 3, "\(compared.errors)")
        #expect(compared.errors.contains("/src/d: cannot be read"))
    }

    // MARK: cat

    @Test func cat() throws {
        try require("head -c 3000000 /dev/urandom > src/big; truncate -s 5000000 src/big; mkdir src/d; ln -s big src/l")
        try backup()
        try require("vault cat latest:\(source)/big | cmp - src/big")
        try shell("vault cat latest:\(source)/d").expectFailure(2, "is a directory")
        try shell("vault cat latest:\(source)/l").expectFailure(2, "is a link to big")
        try shell("vault cat latest:\(source)/none").expectFailure(2, "none")
        let head = try shell("vault cat latest:\(source)/big | head -c 1 | wc -c")
        #expect(head.output.contains("1") && head.errors == "")
        let full = try shell("vault cat latest:\(source)/big > /dev/full")
        #expect(full.status == 1 && full.errors.contains("cannot be written"), "\(full.errors)")
    }

    /// Breaks the middle of the largest pack.
    private func breakPack() throws {
        try require(#"""
            f=$(find repo -type f -printf '%s %p\n' | sort -rn | head -1 | cut -d' ' -f2); chmod u+w $f
            printf '\377\000\377' | dd of=$f bs=1 seek=$(($(stat -c %s $f) / 2)) conv=notrunc
            """#)
    }

    @Test func catEndsAtDamage() throws {
        try require("head -c 5000000 /dev/urandom > src/big")
        try backup()
        try breakPack()
        let damaged = try shell("vault cat latest:\(source)/big > part")
        damaged.expectFailure(23, "is damaged from byte ")
        try require("test -s part; cmp -n $(stat -c %s part) part src/big")
    }

    // MARK: dump

    /// Everything that an archive can hold.
    private static let tree = #"""
        cd src; mkdir -p docs/deep empty links
        printf 'hello\n' > docs/a.txt; : > docs/nothing; head -c 2000000 /dev/urandom > docs/random.bin
        dd if=/dev/urandom of=docs/holes bs=4096 count=1 seek=500 2>/dev/null; truncate -s 900000 docs/all-hole
        printf y > "$(printf 'docs/not-utf8-\377\376')"; printf z > "$(printf 'docs/line\nfeed')"; printf u > docs/ünï
        long=$(printf '%0200d' 0); mkdir -p "docs/$long/$long"; printf l > "docs/$long/$long/f"
        ln -s ../docs/a.txt links/symbolic; ln -s "/$long/$long" links/long; ln -s "$(printf '\377x')" links/odd
        ln docs/a.txt links/hard; mkfifo links/fifo; printf m > ./-dash
        chmod 4755 docs/a.txt; chmod 1777 empty
        setfattr -n user.note -v value docs/a.txt; setfattr -n 'user.a=b%' -v 0x0a00ff docs
        setfattr -n user.long -v "$(printf '%03000d' 0)" docs/random.bin
        if [ "$(id -u)" = 0 ]; then
            chown 12345:54321 docs/holes; chown 3000000:4000000000 docs/ünï; mknod links/null c 1 3; mknod links/b b 7 300
        fi
        touch -d '1999-12-31 23:59:59.123456789' docs/random.bin; touch -d '1960-01-01 00:00:00.25' docs/nothing
        touch -d '2001-01-01' docs/deep docs .
        """#

    @Test func archiveUnpacksToTheSame() throws {
        try require(Self.tree)
        try backup()
        try require("""
            vault dump latest:\(source) > x.tar; mkdir back
            options="--xattrs --xattrs-include=* --numeric-owner"
            set -f; tar $options -xpf x.tar -C back; tar $options --compare -f x.tar -C back
            tar $options --compare -f x.tar -C src
            """)
        let difference = try shell("vault diff latest:\(source) --against back --content --exit-code")
        #expect(difference.status == 0, "\(difference.output)\(difference.errors)")
        #expect(try shell("stat -c '%y %n' back/docs; stat -c %h back/links/hard").output.hasPrefix("2001-01-01 "))
        #expect(try shell("stat -c %h back/links/hard").output == "2\n")
        // Another reader of archives, by another author.
        if try shell("command -v python3").status == 0 {
            let names = try shell("python3 -c 'import tarfile; print(len(tarfile.open(\"x.tar\").getnames()))'")
            let count = try shell("cd src; find . -print0 | tr -dc '\\000' | wc -c")
            #expect(names.output.trimmingCharacters(in: .whitespaces) == count.output, "\(names.errors)")
        }
    }

    @Test func archiveOfOneFile() throws {
        try require("printf hello > src/f")
        try backup()
        #expect(try shell("vault dump latest:\(source)/f --archive tar | tar -xOf - ./f").output == "hello")
        try shell("vault dump latest --archive zip").expectFailure(2, "zip")
        let whole = try shell("vault dump latest | tar -t | tail -1")
        #expect(whole.output == ".\(source)/f\n", "\(whole.errors)")
    }

    @Test func archiveIsNotWrittenToATerminal() throws {
        try backup()
        let terminal = try PseudoTerminal(columns: 80)
        #expect(try terminal.run([Stage.program, "dump", "latest"], stage, answers: []) == 2)
        #expect(terminal.output.contains("not written to a terminal"))
    }

    @Test func damagedArchiveSaysSo() throws {
        // In a pack of its own.
        try require("printf kept > src/kept")
        try backup()
        try require("head -c 5000000 /dev/urandom > src/big")
        try backup()
        try breakPack()
        let damaged = try shell("vault dump latest:\(source) > x.tar")
        #expect(damaged.status == 23 && damaged.errors.contains("/src/big: is damaged"), "\(damaged.errors)")
        #expect(try shell("tar -xOf x.tar ./kept").output == "kept")
    }

    // MARK: snapshots

    @Test func details() throws {
        let id = try backup("--description 'before the merger'", "--tag t", "--system web")
        let plain = try stage.vault("snapshots", "latest")
        #expect(plain.status == 0 && plain.output.contains("web") && !plain.output.contains("merger"), "\(plain.errors)")
        let shown = try shell("vault snapshots \(id.prefix(6)) --details")
        for text in ["before the merger", source, "Host", "0.1.0"] { #expect(shown.output.contains(text), "\(shown.errors)") }
        let json = try #require(shell("vault snapshots latest --details --json").json().first)
        #expect(json["schema"] as? String == "vault/snapshot/v1" && json["id"] as? String == id)
        #expect((json["paths"] as? [[String: Any]])?.first?["path"] as? String == source)
        try stage.vault("snapshots", "--details").expectFailure(2, "--details")
        try stage.vault("snapshots", "none").expectFailure(2, "none")
        let terminal = try PseudoTerminal(columns: 60)
        let line = "VAULT_PASSPHRASE_FILE=passphrase exec '\(Stage.program)' snapshots latest"
        #expect(try terminal.run(["/bin/sh", "-c", line], stage, answers: []) == 0)
        #expect(terminal.output.split(whereSeparator: \.isNewline).allSatisfy { $0.count <= 60 }, "\(terminal.output)")
    }
}
