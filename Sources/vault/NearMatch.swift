internal import ArgumentParser
internal import VaultBackup

/// What a mistyped command was meant to be.
enum NearMatch {
    /// The error for a command that does not exist; nil when all that is named exists.
    ///
    /// - Parameter arguments: those of the process.
    static func unknownCommand(_ arguments: [String]) -> VaultError? {
        var words = arguments[...]
        let asksHelp = words.first == "help"
        if asksHelp { words.removeFirst() }
        var configuration = Vault.configuration
        var path = "vault"
        // A word that is long or begins with '-' is no name of a command.
        while let word = words.first, !word.hasPrefix("-"), !configuration.subcommands.isEmpty {
            let names = configuration.subcommands.map(HelpPages.name)
            guard let index = names.firstIndex(of: word) else {
                let all = names + (path == "vault" && !asksHelp ? ["help"] : [])
                let topics = asksHelp && path == "vault" ? HelpTopic.allCases.map(\.rawValue) : []
                if path == "vault", word == "help" { return nil }
                let near = NearWord.find(word, all + topics)
                let page = path == "vault" ? "vault help --all" : "\(path) --help"
                let full = "\(path) \(ArgumentText.readable(word))".dropFirst("vault ".count)
                let begin = asksHelp ? "vault help" + path.dropFirst("vault".count) : path
                let meant = near.map { "Did you mean '\(begin) \($0)'? " } ?? ""
                return VaultError(.usage, "There is no command '\(full)'", nextStep: meant + "See '\(page)'")
            }
            path += " " + word
            configuration = configuration.subcommands[index].configuration
            words.removeFirst()
        }
        return nil
    }
}
