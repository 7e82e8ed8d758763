import Foundation
import Testing
import VaultTestSupport

/// Commands that look into snapshots: find, diff, cat, snapshots --details.
@Suite struct LookingTests {
    private let looking: LookingStage

    init() throws { looking = try LookingStage() }

    // MARK: find

    @Test func find() throws {
        try looking.require(#"mkdir src/a; printf 1 > src/a/note.txt; printf z > "$(printf 'src/odd\377.txt')""#)
        let first = try looking.backup()
        try looking.require("printf 22 > src/a/note.txt")
        let second = try looking.backup()
        let found = try looking.shell("vault find '*.txt' --json")
        #expect(found.status == 0, "\(found.errors)")
        let rows = try found.json()
        #expect(rows.allSatisfy { $0["schema"] as? String == "vault/find/v1" })
        #expect(
            rows.compactMap { $0["path"] as? String } == [
                looking.source + "/a/note.txt", looking.source + "/a/note.txt", looking.source + "/odd\\xff.txt",
            ])
        #expect(rows[2]["pathBase64"] != nil && rows[2]["snapshotCount"] as? Int == 2)
        #expect((rows[0]["lastSnapshot"] as? [String: Any])?["id"] as? String == first)
        #expect((rows[1]["firstSnapshot"] as? [String: Any])?["id"] as? String == second)
        #expect(try looking.shell("vault find '/**/src/a/*' --size 2 --json").json().count == 1)
        #expect(try looking.shell("vault find '*' --type l --json").output == "")
        let nothing = try looking.shell("vault find nothing")
        #expect(nothing.status == 0 && nothing.output == "" && nothing.errors.contains("Nothing found in 2 snapshots"))
        try looking.shell("vault find x --size 2..1").expectFailure(2, "--size")
        try looking.shell("vault find x --newer yesterday").expectFailure(2, "--newer")
        try looking.shell("vault find x --type q").expectFailure(2, "--type")
        try looking.shell("vault find x --snapshot 00000000").expectFailure(2, "00000000")
    }

    @Test func findFitsATerminalOfSixtyColumns() throws {
        try looking.require("printf 1 > src/note.txt")
        try looking.backup()
        try looking.backup("--rescan")
        let terminal = try PseudoTerminal(columns: 60)
        let line = "VAULT_PASSPHRASE_FILE=passphrase exec '\(Stage.program)' find note.txt"
        #expect(try terminal.run(["/bin/sh", "-c", line], looking.stage, answers: []) == 0)
        let lines = terminal.output.split(whereSeparator: \.isNewline)
        #expect(lines.count == 3 && lines.dropFirst().allSatisfy { $0.count <= 60 }, "\(terminal.output)")
        #expect(lines.first?.hasSuffix("/src/note.txt") == true)
    }

    // MARK: diff

    @Test func diff() throws {
        try looking.require("mkdir src/gone; printf 1 > src/content; printf 1 > src/kind; printf 1 > src/mode")
        let first = try looking.backup()
        try looking.require(
            "rm -r src/gone src/kind; mkdir src/kind; printf 22 > src/content; chmod 600 src/mode; printf 1 > src/new")
        let second = try looking.backup()
        let what = "\(first.prefix(8)):\(looking.source) \(second.prefix(8)):\(looking.source)"
        let shown = try looking.shell("vault diff \(what)")
        #expect(shown.status == 0, "\(shown.errors)")
        let lines = shown.output.components(separatedBy: "\n\n")[0].split(separator: "\n").map(String.init)
        #expect(
            Set(lines) == [
                "U    \(looking.source)/", "-    \(looking.source)/gone/", "M    \(looking.source)/content",
                "T    \(looking.source)/kind/",
                "U    \(looking.source)/mode",
                "+    \(looking.source)/new",
            ])
        #expect(shown.output.hasSuffix("\nMetadata      2\nContent       +3 B -2 B\n"), "\(shown.output)")
        #expect(try looking.shell("vault diff \(what) --exit-code").status == 1)
        #expect(try looking.shell("vault diff latest latest --exit-code").status == 0)
        let json = try looking.shell("vault diff \(what) --json").json()
        #expect(json.dropLast().allSatisfy { $0["schema"] as? String == "vault/diff/v1" })
        #expect(json.last?["schema"] as? String == "vault/diff-summary/v1" && json.last?["added"] as? Int == 1)
        let disk = try looking.shell(
            "vault diff \(first.prefix(8)):\(looking.source) --against src --content --no-metadata --exit-code")
        #expect(disk.status == 1)
        #expect(disk.output.contains("M    \(looking.source)/content\n") && !disk.output.contains("\nU "))
        #expect(
            try looking.shell("vault diff latest:\(looking.source) --against src --content --exit-code").status == 0)
        try looking.shell("vault diff latest").expectFailure(2, "--against")
        try looking.shell("vault diff latest latest --content").expectFailure(2, "--content")
        try looking.shell("vault diff latest:\(looking.source) --against missing").expectFailure(2, "missing")
    }

    @Test(.enabled(if: isRoot)) func diffTellsWhatItCannotRead() throws {
        try looking.require("mkdir src/d; printf 1 > src/d/f; chmod 700 src/d; chmod 755 .; printf 1 > src/plain")
        try looking.backup()
        // As another user, who may use the cache and the passphrase but not read the directory.
        try looking.require("chown -R 65534 home repo passphrase .; chown -R 0 src/d; chown 65534 src")
        let compared = try looking.stage.vault(
            "diff", "latest:\(looking.source)", "--against", "src", "--no-metadata", environment: looking.passphrase,
            user: Stage.nobody)
        #expect(compared.status == 3, "\(compared.errors)")
        #expect(compared.errors.contains("/src/d: cannot be read"))
    }

    // MARK: cat

    @Test func cat() throws {
        try looking.require(
            "head -c 3000000 /dev/urandom > src/big; truncate -s 5000000 src/big; mkdir src/d; ln -s big src/l")
        try looking.backup()
        try looking.require("vault cat latest:\(looking.source)/big | cmp - src/big")
        try looking.shell("vault cat latest:\(looking.source)/d").expectFailure(2, "is a directory")
        try looking.shell("vault cat latest:\(looking.source)/l").expectFailure(2, "is a link to big")
        try looking.shell("vault cat latest:\(looking.source)/none").expectFailure(2, "none")
        let head = try looking.shell("vault cat latest:\(looking.source)/big | head -c 1 | wc -c")
        #expect(head.output.contains("1") && head.errors == "")
        let full = try looking.shell("vault cat latest:\(looking.source)/big > /dev/full")
        #expect(full.status == 1 && full.errors.contains("cannot be written"), "\(full.errors)")
    }

    @Test func catEndsAtDamage() throws {
        try looking.require("head -c 5000000 /dev/urandom > src/big")
        try looking.backup()
        try looking.breakPack()
        let damaged = try looking.shell("vault cat latest:\(looking.source)/big > part")
        damaged.expectFailure(23, "is damaged from byte ")
        try looking.require("test -s part; cmp -n $(stat -c %s part) part src/big")
    }

    // MARK: snapshots

    @Test func details() throws {
        let id = try looking.backup("--description 'before the merger'", "--tag t", "--system web")
        let plain = try looking.stage.vault("snapshots", "latest")
        #expect(
            plain.status == 0 && plain.output.contains("web") && !plain.output.contains("merger"), "\(plain.errors)")
        let shown = try looking.shell("vault snapshots \(id.prefix(6)) --details")
        for text in ["before the merger", looking.source, "Host", "0.1.0"] {
            #expect(shown.output.contains(text), "\(shown.errors)")
        }
        let json = try #require(looking.shell("vault snapshots latest --details --json").json().first)
        #expect(json["schema"] as? String == "vault/snapshot/v1" && json["id"] as? String == id)
        #expect((json["paths"] as? [[String: Any]])?.first?["path"] as? String == looking.source)
        try looking.stage.vault("snapshots", "--details").expectFailure(2, "--details")
        try looking.stage.vault("snapshots", "none").expectFailure(2, "none")
        let terminal = try PseudoTerminal(columns: 60)
        let line = "VAULT_PASSPHRASE_FILE=passphrase exec '\(Stage.program)' snapshots latest"
        #expect(try terminal.run(["/bin/sh", "-c", line], looking.stage, answers: []) == 0)
        #expect(terminal.output.split(whereSeparator: \.isNewline).allSatisfy { $0.count <= 60 }, "\(terminal.output)")
    }
}
