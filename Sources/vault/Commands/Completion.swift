internal import ArgumentParser
internal import VaultBackup

/// `vault completion`
struct CompletionCommand: PageCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Write what makes a shell complete commands, options and snapshots.",
        discussion: """
            Completing a snapshot reads the list of snapshots, for which no key is needed, and only of a repository \
            that this user has opened before.

            Examples:
              vault completion bash > /tmp/vault.bash
              vault completion zsh > /tmp/_vault
              vault completion fish > /tmp/vault.fish

            Where they belong, for all users: bash /usr/share/bash-completion/completions/vault, \
            zsh /usr/share/zsh/vendor-completions/_vault, fish /usr/share/fish/vendor_completions.d/vault.fish. \
            For yourself in bash: source <(vault completion bash).
            """)

    /// Shells that can be told.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "The shell.")
    var shell: Shell

    /// In bash a colon ends a word, so that `latest:SYSTEM` would be three. bash-completion has functions for that.
    private static let bashColons = """

        _vault_with_colons() {
            if ! declare -F __reassemble_comp_words_by_ref __ltrim_colon_completions >/dev/null; then
                _vault "$@"
                return
            fi
            local words cword
            __reassemble_comp_words_by_ref ':' words cword
            COMP_WORDS=("${words[@]}")
            COMP_CWORD=${cword}
            _vault "${1}" "${words[cword]}" "${words[cword - 1]}"
            __ltrim_colon_completions "${words[cword]}"
        }
        complete -o filenames -F _vault_with_colons vault
        """

    func page() throws -> String {
        switch shell {
        case .bash: Vault.completionScript(for: .bash) + Self.bashColons
        case .zsh: Vault.completionScript(for: .zsh)
        case .fish: Vault.completionScript(for: .fish)
        }
    }
}

/// What the completion of a running shell asks for. It never asks for anything, writes nothing, and says nothing when it
/// cannot help.
enum Completions {
    private static let idDigits = 8
    private static let idCountMax = 50

    /// `latest`, `latest:SYSTEM`, and the beginnings of the latest ids.
    static let snapshot = CompletionKind.custom { arguments, _, _ in
        guard let snapshots = snapshots(arguments) else { return [] }
        var systems: [String] = []
        for snapshot in snapshots where !systems.contains(snapshot.system) { systems.append(snapshot.system) }
        let ids = snapshots.suffix(idCountMax).reversed().map { String($0.id.hex.prefix(idDigits)) }
        // For zsh a description begins behind the first colon that is not escaped.
        let colon = CompletionShell.requesting == .zsh ? "\\:" : ":"
        return (snapshots.isEmpty ? [] : ["latest"]) + systems.filter(isPlain).map { "latest\(colon)\($0)" } + ids
    }

    /// The systems that snapshots are of.
    static let system = CompletionKind.custom { arguments, _, _ in
        Set((snapshots(arguments) ?? []).map(\.system)).filter(isPlain).sorted()
    }

    /// The list of snapshots of the repository that the words of the command line mean.
    private static func snapshots(_ words: [String]) -> [SnapshotInfo]? {
        let environment = Environment.ofProcess()
        let cache = value(of: ["--cache-dir"], words)
        guard let folders = try? environment.folders(cache: cache) else { return nil }
        let client = Client(folders: folders)
        let named = value(of: ["-r", "--repository"], words) ?? environment.repository ?? client.rememberedRepository()
        guard let named, let repository = client.openIfKnown(named) else { return nil }
        return Snapshots.list(repository)
    }

    private static func value(of names: [String], _ words: [String]) -> [UInt8]? {
        for (index, word) in words.enumerated() {
            if names.contains(word), index + 1 < words.count { return ArgumentText.bytes(words[index + 1]) }
            for name in names where word.hasPrefix(name + "=") {
                return ArgumentText.bytes(String(word.dropFirst(name.count + 1)))
            }
        }
        return nil
    }

    /// Names with other characters cannot be handed through a shell's completion without a doubt.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || [0x2d, 0x2e, 0x5f, 0x40].contains(byte)
            }
    }
}
