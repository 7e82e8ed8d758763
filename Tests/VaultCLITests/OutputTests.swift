import Foundation
import Glibc
import Testing
import VaultTestSupport

/// What the program writes, and where.
@Suite struct OutputTests {
    @Test func resultsGoToTheOutputAndAllElseToTheErrors() throws {
        let stage = try Stage()
        try stage.make("src")
        try stage.initialise()
        let backup = try stage.vault("backup", "src")
        #expect(backup.output.contains("Snapshot") && backup.errors == "", "\(backup.errors)")
        #expect(try stage.vault("backup", "src", "--quiet").output == "")
        let failed = try stage.vault("ls", "nonsense", "--passphrase-file", "passphrase")
        #expect(failed.output == "" && !failed.errors.contains("\u{1b}"))
    }

    @Test func jsonHasSchemas() throws {
        let stage = try Stage()
        try stage.make("src")
        try stage.write("src/file", "content")
        try stage.initialise()
        func schemas(_ outcome: Stage.Outcome) throws -> Set<String> {
            Set(try outcome.json().compactMap { $0["schema"] as? String })
        }
        #expect(try schemas(stage.vault("backup", "src", "--json")) == ["vault/backup/v1"])
        #expect(try schemas(stage.vault("snapshots", "--json")) == ["vault/snapshots/v1"])
        let entries = try stage.vault("ls", "latest", "-R", "--json", "--passphrase-file", "passphrase")
        #expect(try schemas(entries) == ["vault/ls/v1"])
        let file = try #require(entries.json().first { ($0["path"] as? String)?.hasSuffix("/src/file") == true })
        // SHA-256 of "content", from sha256sum.
        #expect(file["sha256"] as? String == "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73")
        #expect(file["size"] as? Int == 7 && file["kind"] as? String == "file")
        let restored = try stage.vault(
            "restore", "latest", "--target", "b", "--json", "--passphrase-file", "passphrase")
        #expect(try schemas(restored) == ["vault/restore/v1"])
        #expect(try schemas(stage.vault("identity", "show", "--json")) == ["vault/identity-show/v1"])

        let failed = try stage.vault("snapshots", "-r", "nowhere", "--json")
        let error = try #require(failed.errorJSON().last)
        #expect(error["schema"] as? String == "vault/error/v1")
        #expect(error["code"] as? String == "repositoryNotFound" && error["exitStatus"] as? Int == 10)
        #expect(failed.output == "" && failed.status == 10)
        let usage = try stage.vault("snapshots", "--nonsense", "--json")
        #expect(try usage.errorJSON().last?["exitStatus"] as? Int == 2)
    }

    @Test func tableFitsATerminalOfSixtyColumns() throws {
        let stage = try Stage()
        try stage.make("src")
        try stage.initialise()
        let system = "a-system-with-a-rather-long-name-of-a-ward-office"
        #expect(try stage.vault("backup", "src", "--system", system, "--tag", "a-long-tag").status == 0)
        let terminal = try PseudoTerminal(columns: 60)
        let status = try terminal.run([Stage.program, "snapshots"], stage, answers: [])
        #expect(status == 0)
        let lines = terminal.output.split(whereSeparator: \.isNewline)
        #expect(lines.count == 2 && lines.allSatisfy { $0.count <= 60 }, "\(terminal.output)")
        #expect(lines.last?.contains("a-system-") == true && lines.last?.contains("…") == true)
        // Elsewhere nothing is left out.
        #expect(try stage.vault("snapshots").output.contains("a-long-tag"))
    }

    @Test func passphraseIsAskedTwiceAndNotShown() throws {
        let stage = try Stage()
        let terminal = try PseudoTerminal(columns: 80)
        let status = try terminal.run(
            [Stage.program, "init", "repo"], stage, answers: [("root': ", "tr0ub4dor\n"), ("again: ", "tr0ub4dor\n")])
        #expect(status == 0, "\(terminal.output)")
        #expect(!terminal.output.contains("tr0ub4dor"))
        try stage.write("p", "tr0ub4dor")
        let changed = try stage.vault(
            "identity", "change-passphrase", "--passphrase-file", "p", "--new-passphrase-file", "passphrase")
        #expect(changed.status == 0, "\(changed.errors)")
    }

    @Test func twoDifferentPassphrasesMakeNothing() throws {
        let stage = try Stage()
        let terminal = try PseudoTerminal(columns: 80)
        let status = try terminal.run(
            [Stage.program, "init", "repo"], stage, answers: [("root': ", "one\n"), ("again: ", "two\n")])
        #expect(status == 2 && terminal.output.contains("differ"), "\(terminal.output)")
        #expect(!FileManager.default.fileExists(atPath: stage.path + "/repo"))
    }

    @Test func readerThatEndsIsNoNews() throws {
        let stage = try Stage()
        try stage.make("src")
        #expect(try stage.shell("for i in $(seq 4000); do : > src/a-file-with-a-longer-name-$i; done").status == 0)
        try stage.initialise()
        #expect(try stage.vault("backup", "src").status == 0)
        let piped = try stage.shell("vault ls latest -R --passphrase-file passphrase | head -1")
        #expect(piped.output.split(separator: "\n").count == 1)
        #expect(piped.errors == "")
        let full = try stage.shell("vault snapshots > /dev/full")
        #expect(full.status == 1 && full.errors.contains("cannot be written"), "\(full.errors)")
    }

    @Test func closedDescriptorsHarmNothing() throws {
        let stage = try Stage()
        try stage.make("src")
        try stage.initialise()
        #expect(try stage.shell("vault backup src <&- >&- 2>&-").status == 0)
        #expect(try stage.vault("restore", "latest", "--target", "b", "--passphrase-file", "passphrase").status == 0)
    }

    @Test func versionIsFast() throws {
        let stage = try Stage()
        // Goal: 15 ms. Processor time, so that what else runs here does not count; not of a release build.
        let outcome = try stage.shell(
            """
            export TIMEFORMAT='%3U %3S'
            for i in $(seq 10); do bash -c 'time vault --version >> said' 2>&1; done | awk '{ print ($1 + $2) * 1000 }' | sort -n | head -1
            sort -u said
            """)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 2 && lines.last == "0.1.0", "\(outcome.output)\(outcome.errors)")
        let best = try #require(lines.first.flatMap { Double($0) })
        #expect(best < 100, "\(best) ms")
        print("vault --version, best of 10: \(best) ms of processor time")
    }
}
