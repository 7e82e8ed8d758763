import Foundation
import Testing

/// Help pages: they fit, and what they show works.
@Suite struct HelpTests {
    private static let commands = [
        "", "init", "backup", "snapshots", "restore", "ls", "verify", "find", "diff", "cat", "dump", "identity show",
        "identity change-passphrase", "recover", "recovery-kit print", "audit", "log show", "log checkpoint", "log cosign",
        "log proof", "log pin",
    ]

    @Test func firstPageNamesTheVerbs() throws {
        let stage = try Stage()
        let page = try stage.vault("--help")
        #expect(page.status == 0 && page.errors == "")
        for verb in ["init", "backup", "snapshots", "restore", "verify"] {
            #expect(page.output.contains("\n  \(verb) "))
        }
        #expect(page.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    /// The example lines of a help page.
    private func examples(_ page: String) -> [String] {
        var isExample = false
        return page.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
            if line.hasPrefix("Example") { isExample = true } else if line.isEmpty { isExample = false }
            return isExample && line.hasPrefix("  ") ? String(line.dropFirst(2)) : nil
        }
    }

    @Test(arguments: commands) func examplesWork(_ command: String) throws {
        let stage = try Stage()
        let page = try stage.shell("vault help \(command)")
        #expect(page.status == 0, "\(page.errors)")
        let lines = examples(page.output)
        #expect(!lines.isEmpty, "no example in the help of '\(command)'")
        try stage.make("tmp")
        let copied = try stage.shell("cp passphrase passphrase.txt; cp passphrase new.txt; chmod 600 *.txt")
        #expect(copied.status == 0)
        var number = 0
        for line in lines {
            // The same names in a place of our own; every init gets its own.
            if line.contains("vault init") { number += 1 }
            if number == 0 {
                number = 1
                try stage.initialise("repo1")
                #expect(try stage.vault("backup", "/etc", "--system", "web").status == 0)
                #expect(try stage.shell("cp home/.config/vault/*/recovery-kit.txt kit.txt").status == 0)
            }
            let here = line.replacingOccurrences(of: "/mnt/backup", with: stage.path + "/repo\(number)")
                .replacingOccurrences(of: "/tmp/", with: stage.path + "/tmp/")
            let outcome = try stage.shell(here, environment: ["VAULT_PASSPHRASE_FILE": stage.path + "/passphrase"])
            #expect(outcome.status == 0, "\(here): \(outcome.errors)")
        }
    }
}
