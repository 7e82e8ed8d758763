import Foundation
import Testing

/// Progress of real commands on real terminals, seen through an emulator, and elsewhere.
@Suite(.serialized) struct TerminalProgressTests {
    private let stage: Stage
    private let passphrase: [String: String]

    init() throws {
        stage = try Stage()
        passphrase = ["VAULT_PASSPHRASE_FILE": stage.path + "/passphrase"]
        let made = try stage.shell(
            #"""
            set -e; mkdir -p 'src/漢字の長い名前漢字の長い名前' "src/$(printf 'e\314\201e\314\201 \033[2J\n')"
            for d in src/*; do for i in 1 2 3 4 5 6 7 8; do head -c 5000000 /dev/urandom > "$d/漢字-$i"; done; done
            """#)
        try #require(made.status == 0, "\(made.errors)")
        try stage.initialise()
    }

    /// Lines of a screen that show progress.
    private func live(_ screen: [String], _ verbs: [String]) -> [String] {
        screen.filter { line in verbs.contains { line.hasPrefix($0) } || line.hasPrefix("~") || line.contains(" %") }
    }

    private func run(_ arguments: [String], columns: Int, verbs: [String], minimum: Int = 2) throws {
        let seen = try Tools.terminal(["vault"] + arguments, stage, columns: columns, environment: passphrase)
        #expect(seen.status == 0, "\(seen.text)")
        let shown = seen.lines.filter { !live($0, verbs).isEmpty }
        #expect(shown.count >= minimum, "\(columns): \(seen.lines)")
        // A line that wraps would leave its rest behind, and the next one would stand below it.
        for screen in seen.lines where !live(screen, verbs).isEmpty {
            #expect(screen.count == 1, "\(columns): \(screen)")
        }
        #expect(live(seen.last, verbs).isEmpty, "the line is taken away: \(seen.last)")
        #expect(!seen.text.contains("\u{1b}[2J"))
    }

    // Held back, so that a fast machine has something to show too.
    @Test func lineFitsEveryTerminal() throws {
        let slow = ["--limit-read", "50M"]
        for columns in [20, 60, 80, 200, 1, 7] {
            try run(
                ["backup", "src", "--rescan"] + slow, columns: columns, verbs: ["Saving"],
                minimum: columns < 10 ? 0 : 2)
        }
        for columns in [20, 200] {
            try run(
                ["restore", "latest", "--target", "back\(columns)", "--verify"] + slow, columns: columns,
                verbs: ["Restoring", "Reading back"])
            try run(["verify", "--read-data"] + slow, columns: columns, verbs: ["Verifying"], minimum: 1)
        }
        let dumped = try Tools.terminal(
            ["sh", "-c", "vault dump latest | { sleep 1; cat > dump.tar; }"], stage, columns: 70,
            environment: passphrase)
        #expect(dumped.status == 0 && dumped.lines.contains { !live($0, ["Writing"]).isEmpty }, "\(dumped.text)")
    }

    @Test func narrowerTerminalGetsAShorterLine() throws {
        #expect(try stage.vault("backup", "src").status == 0)
        let seen = try Tools.terminal(
            ["vault", "backup", "src", "--rescan", "--limit-read", "15M"], stage, columns: 150, resize: [2, 40])
        #expect(seen.status == 0, "\(seen.text)")
        let parts = seen.screens.split { if case .resized = $0 { true } else { false } }
        try #require(parts.count == 2, "\(seen.screens)")
        // The emulator cuts what stood there; the next line is put in its place.
        var widest = 0
        for case .lines(let screen) in parts[0] { widest = max(widest, screen.map(\.count).max() ?? 0) }
        #expect(widest > 45)
        var shown = 0
        for case .lines(let screen) in parts[1].dropFirst() where !live(screen, ["Saving"]).isEmpty {
            shown += 1
            #expect(screen.count == 1, "\(screen)")
        }
        #expect(shown > 0)
    }

    /// Results on the same terminal do not meet the line.
    @Test func listingBesideProgress() throws {
        let seen = try Tools.terminal(["vault", "backup", "src", "--verbose"], stage, columns: 100)
        #expect(seen.status == 0)
        #expect(seen.last.contains { $0.hasPrefix("+ /") && $0.hasSuffix("/漢字-8") }, "\(seen.last)")
        for screen in seen.lines {
            for line in screen where line.contains("+ /") { #expect(line.hasPrefix("+ /"), "\(line)") }
        }
    }

    @Test func elsewhereThereIsNoLine() throws {
        let dumb = try Tools.terminal(
            ["vault", "backup", "src", "--rescan"], stage, columns: 80, environment: ["TERM": "dumb"])
        #expect(dumb.status == 0 && !dumb.text.contains("\u{1b}"))
        let plain = try stage.vault("backup", "src", "--rescan")
        #expect(plain.status == 0 && plain.errors == "" && !plain.output.contains("\u{1b}"))
        let quiet = try Tools.terminal(["vault", "backup", "src", "--rescan", "-q"], stage, columns: 80)
        #expect(quiet.status == 0 && quiet.text == "", "\(quiet.text)")
    }

    /// The first backup counts beside its work, the next knows what the last one was.
    @Test func totalsAreExpectedWithinAFewPercent() throws {
        for arguments in [["backup", "src"], ["backup", "src", "--rescan"]] {
            let seen = try Tools.terminal(
                ["vault"] + arguments + ["--json", "--limit-read", "30M"], stage, columns: 80)
            let lines = seen.text.split(whereSeparator: \.isNewline).compactMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
            let result = try #require(lines.last { $0["schema"] as? String == "vault/backup/v1" })
            let progress = lines.filter { $0["schema"] as? String == "vault/progress/v1" }
            let expected = try #require(progress.last?["totalBytes"] as? Int, "\(seen.text)")
            #expect(expected == result["bytes"] as? Int && progress.last?["isEstimate"] as? Bool == true)
            #expect(progress.last?["totalEntries"] as? Int == result["entries"] as? Int)
        }
    }
}
