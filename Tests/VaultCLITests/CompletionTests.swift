import Foundation
import Testing

/// Completion in the shells themselves, typed on a terminal.
@Suite(.serialized) struct CompletionTests {
    private let stage: Stage
    private let id: String

    init() throws {
        stage = try Stage()
        try stage.make("src")
        try stage.initialise()
        let made = try stage.vault("backup", "src", "--system", "web-1", "--json").json().first
        id = try #require((made?["snapshot"] as? String).map { String($0.prefix(8)) })
    }

    /// What stands in the line after typing and a tabulator key, as soon as it is what is expected.
    private func typed(_ shell: [String], _ start: String, _ words: String, _ expected: String) throws -> String {
        let seen = try Tools.terminal(
            shell, stage, columns: 120,
            keys: [
                (1.5, start + "\n", nil), (1.5, "clear\n", nil), (1, words, nil), (0.5, "\t", nil),
                (30, "\u{3}", expected), (0.3, "exit\n", nil), (0.5, "\u{4}", nil),
            ])
        // The last screen that shows the words.
        let screen = seen.lines.last { $0.contains { $0.contains(words) } } ?? []
        return screen.joined(separator: "\n")
    }

    private func check(_ shell: [String], _ start: String) throws {
        for (words, expected) in [
            ("vault ba", "vault backup"), ("vault backup --exclude-l", "--exclude-larger-than"),
            ("vault restore \(id.prefix(4))", id), ("vault snapshots --system w", "--system web-1"),
            ("vault ls latest:w", "latest:web-1"),
        ] {
            let seen = try typed(shell, start, words, expected)
            #expect(seen.contains(expected), "\(words): \(seen)")
        }
    }

    @Test func bash() throws {
        #expect(try stage.shell("vault completion bash > c.bash && bash -n c.bash").status == 0)
        try check(
            ["bash", "--norc", "-i"], "PS1='$ '; . /usr/share/bash-completion/bash_completion; . ./c.bash")
    }

    @Test func zsh() throws {
        #expect(try stage.shell("mkdir f && vault completion zsh > f/_vault && zsh -n f/_vault").status == 0)
        try check(
            ["zsh", "-f", "-i"], "PROMPT='$ '; fpath=($PWD/f $fpath); autoload -U compinit; compinit -u -d $PWD/dump")
    }

    @Test func fish() throws {
        #expect(try stage.shell("vault completion fish > c.fish && fish -n c.fish").status == 0)
        try check(["fish", "--no-config", "-i"], "source c.fish")
    }

    /// Nothing is begun to be trusted, asked or said.
    @Test func completionHasNoConsequence() throws {
        let other = try Stage()
        let words = ["---completion", "ls", "--", "positional@0", "2", "0", "vault", "ls", ""]
        let bin = (Stage.program as NSString).deletingLastPathComponent
        func ask(_ stage: Stage, _ repository: String) throws -> Stage.Outcome {
            try stage.shell(
                "vault " + words.map { "'\($0)'" }.joined(separator: " "),
                environment: ["VAULT_REPOSITORY": repository, "PATH": bin + ":/usr/bin:/bin"])
        }
        let known = try ask(stage, stage.path + "/repo")
        #expect(known.output.split(separator: "\n").map(String.init) == ["latest", "latest:web-1", id])
        let unknown = try ask(other, stage.path + "/repo")
        #expect(unknown.output.trimmingCharacters(in: .whitespacesAndNewlines) == "" && unknown.errors == "")
        #expect(try other.shell("find home").output == "home\n")
        #expect(try ask(other, "/nowhere").errors == "")
    }

    @Test func manualPagesAreMadeAndRight() throws {
        let made = try stage.shell("'\(Tools.top)/scripts/make-man' '\(Stage.program)' man")
        #expect(made.status == 0, "\(made.errors)")
        #expect(try stage.shell("ls man | wc -l").output.trimmingCharacters(in: .whitespacesAndNewlines) > "12")
        let lint = try stage.shell("for f in man/*; do mandoc -T lint -W warning $f; done")
        #expect(lint.status == 0 && lint.output == "", "\(lint.output)")
        let page = try stage.shell("MANPAGER=cat MANWIDTH=80 man -l man/vault-restore.1 | col -b")
        for words in ["EXIT STATUS", "VAULT_PASSPHRASE_COMMAND", "--overwrite", "~/.config/vault/", "EXAMPLES"] {
            #expect(page.output.contains(words), "\(words)")
        }
    }
}
