internal import ArgumentParser
internal import VaultBackup

/// What a mistyped command was meant to be.
enum NearMatch {
    /// The candidate that is nearest to `word`, if it is near enough to be meant.
    static func find(_ word: String, _ candidates: [String]) -> String? {
        let near = candidates.map { ($0, distance(Array(word), Array($0))) }.min { $0.1 < $1.1 }
        guard let near, near.1 <= max(1, word.count / 3) || near.0.hasPrefix(word) && word.count > 1 else { return nil }
        return near.0
    }

    /// Letters to be changed, added, removed or exchanged with their neighbour (optimal string alignment).
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }

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
                let near = word.utf8.count > 64 ? nil : find(word, all + topics)
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
