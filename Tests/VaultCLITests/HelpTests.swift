import Foundation
import Testing

/// Help pages: they fit, what they show works, and what messages tell to do next works too.
@Suite struct HelpTests {
    private static let commands = [
        "", "init", "backup", "snapshots", "restore", "ls", "verify", "find", "diff", "cat", "dump", "identity show",
        "identity create", "access list", "access show", "access grant", "access revoke", "access rotate",
        "access policy", "access token add", "access token return", "access token list", "identity protect",
        "identity tokens", "approve",
        "access rewrite", "recovery-kit split", "recovery-kit check",
        "recovery-kit replace", "identity change-passphrase", "recover", "recovery-kit print", "completion",
        "audit",
        "log show", "log pin", "log checkpoint", "log cosign", "log proof", "drill list", "drill run", "drill show",
        "drill export", "status", "report", "forget", "hold", "release", "prune", "repair", "copy run", "copy list",
        "copy promote", "run", "system list", "system show", "system lint", "schedule install", "schedule show",
        "schedule remove", "schedule remind",
    ]
    /// Commands that have something to show only after a drill.
    private static let afterDrill: Set = ["drill list", "drill show", "drill export", "status", "report"]

    @Test func firstPageFitsATerminalAndNamesTheVerbs() throws {
        let stage = try Stage()
        let page = try stage.vault("--help")
        #expect(page.status == 0 && page.errors == "")
        for verb in ["init", "backup", "snapshots", "restore", "verify"] {
            #expect(page.output.contains("\n  \(verb) "))
        }
        let lines = page.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 24 && lines.allSatisfy { $0.count <= 80 })
        for other in [[], ["help"], ["-h"]] {
            #expect(try stage.shell("vault " + other.joined(separator: " ")).output == page.output)
        }
    }

    /// Every command that the program has is on the page of all, has a page, and all pages fit 80 and 40 columns.
    @Test func everyCommandHasAPageThatFits() throws {
        let stage = try Stage()
        let all = try stage.vault("help", "--all")
        #expect(all.status == 0)
        let dump = try stage.vault("--experimental-dump-help")
        let tool =
            try #require(
                JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any])["command"]
            as? [String: Any]
        func names(_ command: [String: Any]?, _ path: String) -> [String] {
            (command?["subcommands"] as? [[String: Any]] ?? []).flatMap { inner in
                let name = (path + " " + (inner["commandName"] as? String ?? "?")).drop { $0 == " " }
                return name == "help" ? [] : [String(name)] + names(inner, String(name))
            }
        }
        let found = names(tool, "")
        #expect(found.count >= 14)
        for name in found {
            if !name.contains(" ") { #expect(all.output.contains("\n  \(name) "), "\(name)") }
            let page = try stage.shell("vault help \(name)")
            #expect(page.status == 0 && page.output.contains("USAGE: vault \(name)"), "\(name)")
            #expect(page.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(page.output)")
            #expect(try stage.shell("vault \(name) --help").output == page.output)
            // What can be run is tried by the test below, so a new command does not escape it.
            let isGroup = found.contains { $0.hasPrefix(name + " ") }
            // Those of databases need servers: DatabaseDamageTests.examplesWork.
            let isKnown = Self.commands.contains(name) || name.hasPrefix("database ")
            #expect(isGroup || isKnown, "'\(name)' is missing in HelpTests.commands")
        }
        for topic in ["--all", "exit-status", "environment", "files"] {
            let narrow = try Tools.terminal(["vault", "help", topic], stage, columns: 40)
            #expect(narrow.status == 0 && narrow.text.split(whereSeparator: \.isNewline).allSatisfy { $0.count <= 40 })
        }
    }

    /// The readme and the program have one table.
    @Test func exitStatusesAreDocumented() throws {
        let stage = try Stage()
        let readme = stage.text(Tools.top + "/README.md")
        let rows = try stage.vault("help", "exit-status").output.split(separator: "\n").dropFirst()
        #expect(rows.count == 14)
        for row in rows {
            let parts = row.split(separator: " ", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(readme.contains("\n| \(parts[0]) | \(parts[1]) |\n"), "\(row)")
        }
    }

    @Test func nearMatchesAreNamed() throws {
        let stage = try Stage()
        for (typed, meant) in [
            ("bakup", "vault backup"), ("snapshot", "vault snapshots"), ("resotre x", "vault restore"),
            ("identity shw", "vault identity show"), ("help bakup", "vault help backup"), ("hlep", "vault help"),
            ("help environmnt", "vault help environment"), ("ident", "vault identity"),
            ("backup --exlude x .", "--exclude"), ("snapshots --jsn", "--json"),
        ] {
            let failed = try stage.shell("vault \(typed)")
            failed.expectFailure(2, typed.contains("--") ? "Unknown option" : "There is no command")
            #expect(failed.errors.contains("Did you mean '\(meant)'?"), "\(typed): \(failed.errors)")
        }
        #expect(!(try stage.vault("xyzzy").errors.contains("Did you mean")))
    }

    /// Commands that messages name as the next step exist and take these words.
    @Test func nextStepsWork() throws {
        var found: Set<String> = []
        for folder in ["Sources/vault", "Sources/VaultBackup"] {
            let top = URL(fileURLWithPath: Tools.top + "/" + folder)
            let files = FileManager.default.enumerator(at: top, includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift" else { continue }
                for match in try String(contentsOf: file, encoding: .utf8).matches(of: #/'(vault [a-z][^'\\]*)'/#) {
                    found.insert(String(match.output.1))
                }
            }
        }
        #expect(found.count >= 6, "\(found)")
        let user = try LookingStage()
        // Of an empty directory no drill proves anything.
        try user.require("echo content > src/file")
        try user.backup()
        // Words in capitals stand for something of the user's; some lines want more words, or something to work on.
        let full = [
            "vault find": "vault find '*'", "vault dump": "vault dump latest > dump.tar", "vault ls": "vault ls latest",
            "vault init": "vault init made2", "vault init DIR": "vault init made", "vault backup": "vault backup src",
            "vault help COMMAND": "vault help backup", "vault audit --bundle FILE": "vault audit --bundle b.tar",
            "vault audit --checkpoint": "vault log checkpoint --output h1 && vault audit --checkpoint h1",
            "vault audit --checkpoint FILE": "vault log checkpoint --output h2 && vault audit --checkpoint h2",
            "vault forget --undo SNAPSHOT":
                "id=$(vault backup src --json | jq -r .snapshot); vault forget $id -q && vault forget --undo $id",
            "vault audit --trust": "vault log pin --export t1 && vault audit --trust t1",
            "vault identity create": "vault identity create web9 --machine --output web9.identity",
            "vault access grant":
                "vault identity create web8 --machine --output web8.identity > web8 && vault access grant web8 --role audit",
            "vault repair --from DIR --apply": "vault copy --to c1 && vault repair --from c1 --apply",
            "vault recovery-kit replace": "vault recovery-kit replace --text new-kit.txt",
            "vault access revoke":
                "vault identity create web7 --machine --output web7.identity > web7 && "
                + "vault access grant web7 --role audit && vault access revoke web7",
            "vault identity tokens": "vault identity tokens --token-module /usr/lib/softhsm/libsofthsm2.so",
            "vault recover --share":
                "vault recovery-kit split --shares 2 --needed 2 --output s1 && HOME=$PWD/fresh2 "
                + "vault recover --share s1/share-1.txt --share s1/share-2.txt -r repo",
            "vault recovery-kit check": "vault recovery-kit check s1/share-1.txt",
            "vault recovery-kit check FILE": "vault recovery-kit check s1/share-2.txt",
            "vault recovery-kit split": "vault recovery-kit split --shares 3 --needed 2 --output s2",
            "vault log pin --export": "vault log pin --export t2",
            "vault log pin --export FILE": "vault log pin --export t3",
            "vault database open":
                "sqlite3 db 'CREATE TABLE t (a)'; vault database backup sqlite:$PWD/db; vault database open latest -- true",
            "vault database list":
                "sqlite3 db2 'CREATE TABLE t (a)'; vault database backup sqlite:$PWD/db2; vault database list",
            "vault database check":
                "sqlite3 db3 'CREATE TABLE t (a)'; vault database backup sqlite:$PWD/db3; vault database check",
            "vault run":
                "mkdir -p p/systems; echo 'sources: {paths: [/etc/hostname]}' > p/systems/x.yaml; vault run --policies p",
            "vault status": "vault status || [ $? = 21 ]",
            "vault drill show latest": "vault drill run -q --scratch . && vault drill show latest",
            "vault schedule install": "vault schedule install --folder $PWD/units",
            "vault schedule show": "vault schedule install --folder $PWD/units && vault schedule show",
            "vault recover --accept-older":
                "HOME=$PWD/fresh vault recover \"$(ls -tr home/.config/vault/*/recovery-kit.txt | head -1)\" -r repo --accept-older",
        ]
        for line in found.sorted() {
            let command = full[line] ?? line
            let outcome = try user.shell("export VAULT_REPOSITORY=$PWD/repo; \(command)")
            #expect(outcome.status == 0, "\(line): \(outcome.errors)")
        }
    }

    /// The example lines of a help page.
    private func examples(_ page: String) -> [String] {
        var isExample = false
        return page.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
            if line.hasPrefix("Example") { isExample = true } else if line.isEmpty { isExample = false }
            return isExample && line.hasPrefix("  ") ? String(line.dropFirst(2)) : nil
        }
    }

    /// A policy for commands that look at one, an installed schedule for those that look at that.
    private func preparePolicies(_ command: String, _ stage: Stage) throws {
        if command == "run" {
            try stage.make("policies/systems")
            let made = try stage.shell(
                "echo 'sources: {paths: [/etc/hostname]}' > policies/systems/x.yaml; chmod -R go-w policies")
            #expect(made.status == 0, "\(made.errors)")
        } else if command.hasPrefix("system ") {
            try stage.make("policies/systems")
            let template = Tools.top + "/policies/ward-server.yaml"
            let copied = try stage.shell(
                "cp \(template) . && chmod go-w *.yaml && cp ward-server.yaml policies/systems/")
            #expect(copied.status == 0, "\(copied.errors)")
        } else if command.hasPrefix("schedule "), command != "schedule install" {
            #expect(try stage.vault("schedule", "install", "--folder", "units").status == 0)
        }
    }

    /// Commands that leave a repository as it is: they share one. All others have their own.
    private static let looking: Set = [
        "snapshots", "restore", "ls", "verify", "find", "diff", "cat", "dump", "identity show", "access list",
        "access show", "recovery-kit print", "completion", "audit", "log show", "log pin", "log checkpoint",
        "log cosign", "log proof", "drill list", "drill show", "drill export", "status", "report", "copy list",
    ]
    /// With policies of their own, by which the status of the others would miss a system.
    private static let policies: Set = ["system list", "system show", "system lint"]
    private static let groups =
        [commands.filter(looking.contains), commands.filter(policies.contains)]
        + commands.filter { !looking.contains($0) && !policies.contains($0) }.map { [$0] }

    @Test(arguments: groups) func examplesWork(_ commands: [String]) throws {
        let stage = try Stage()
        try stage.make("tmp")
        let copied = try stage.shell("cp passphrase passphrase.txt; cp passphrase new.txt; chmod 600 *.txt")
        #expect(copied.status == 0)
        var number = 0
        for command in commands {
            let page = try stage.shell("vault help \(command)")
            #expect(page.status == 0, "\(page.errors)")
            let lines = examples(page.output)
            #expect(!lines.isEmpty, "no example in the help of '\(command)'")
            for line in lines {
                // The same names in a place of our own; every init gets its own.
                if line.contains("vault init") { number += 1 }
                if number == 0 {
                    number = 1
                    try prepare(commands, stage)
                }
                let here = line.replacingOccurrences(of: "/tmp/", with: stage.path + "/tmp/")
                    .replacingOccurrences(of: "/mnt/backup", with: stage.path + "/repo\(number)")
                let outcome = try stage.shell(here, environment: ["VAULT_PASSPHRASE_FILE": stage.path + "/passphrase"])
                #expect(outcome.status == 0, "\(here): \(outcome.errors)")
            }
        }
    }

    /// A repository with what these commands look at.
    private func prepare(_ commands: [String], _ stage: Stage) throws {
        try stage.initialise("repo1")
        #expect(try stage.vault("backup", "/etc", "--system", "web").status == 0)
        #expect(try stage.shell("cp home/.config/vault/*/recovery-kit.txt kit.txt").status == 0)
        for command in commands { try preparePolicies(command, stage) }
        if !Self.afterDrill.isDisjoint(with: commands) {
            let drill = try stage.vault("drill", "run", "--passphrase-file", "passphrase", "--scratch", "tmp")
            #expect(drill.status == 0, "\(drill.output)")
        }
    }
}
