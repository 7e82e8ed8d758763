internal import ArgumentParser

/// Pages about the program as a whole; the parser makes those of single commands.
///
/// What stands on the first page is the root command's list of commands, and what stands below its groups is on the
/// page of all commands: a new command is added there and nowhere else.
enum HelpPages {
    /// Lines are never longer, however wide the terminal.
    private static let columnsMax = 80
    private static let columnsMin = 30

    /// The page that the arguments ask for; nil when they ask for none of these.
    static func page(_ arguments: [String], columns: Int?) -> String? {
        let columns = max(columnsMin, min(columns ?? columnsMax, columnsMax))
        switch arguments.joined(separator: " ") {
        case "", "help", "--help", "-h", "help --help", "help help": return first(columns)
        case "help --all", "help -a", "--help --all", "--all": return all(columns)
        default:
            guard arguments.count == 2, arguments[0] == "help" else { return nil }
            return HelpTopic(rawValue: arguments[1]).map { text($0, columns) }
        }
    }

    /// A page of the parser, with the line of usage, which it leaves as long as it is, in lines that fit.
    static func fitting(_ page: String, columns: Int?) -> String {
        let columns = max(columnsMin, min(columns ?? columnsMax, columnsMax))
        let mark = "USAGE: "
        return page.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard line.hasPrefix(mark), TextWidth.of(String(line)) > columns else { return String(line) }
            // What stands in brackets stays together.
            var words: [String] = []
            for word in line.dropFirst(mark.count).split(separator: " ") {
                if let last = words.last, last.count(where: { $0 == "[" }) > last.count(where: { $0 == "]" }) {
                    words[words.count - 1] += "\u{a0}" + word
                } else {
                    words.append(String(word))
                }
            }
            let lines = TextWidth.wrapped(words.joined(separator: " "), columns - mark.count)
            return lines.enumerated().map { number, text in
                (number == 0 ? mark : String(repeating: " ", count: mark.count))
                    + String(text.map { $0 == "\u{a0}" ? " " : $0 })
            }.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// The first page: how to begin, and the commands that are wanted most.
    static func first(_ columns: Int) -> String {
        let root = Vault.configuration
        var lines = TextWidth.wrapped("\(root.abstract)", columns)
        lines += ["", "Examples:"] + examples.map { "  " + $0 } + ["", "Commands:"]
        lines += table(root.ungroupedSubcommands, columns)
        lines.append("")
        let more = root.groupedSubcommands.flatMap(\.subcommands).map(name).joined(separator: ", ")
        lines += TextWidth.wrapped(
            "'vault help COMMAND' explains one, and 'vault help --all' lists these too: \(more).", columns)
        return lines.joined(separator: "\n")
    }

    private static let examples = [
        "vault init /mnt/backup", "vault backup /etc", "vault restore latest:/etc --target /tmp/etc",
    ]

    /// Every command and every topic.
    static func all(_ columns: Int) -> String {
        let root = Vault.configuration
        var lines = ["Commands:"] + table(root.ungroupedSubcommands, columns)
        for group in root.groupedSubcommands {
            lines += ["", "\(group.name):"] + table(group.subcommands, columns)
        }
        lines += ["", "Topics, as 'vault help \(HelpTopic.allCases[0].rawValue)':"]
        lines += table(HelpTopic.allCases.map { ($0.rawValue, $0.title) }, columns)
        lines += ["", "Options of the program itself:"]
        lines += table([("--version", "Show the version."), ("-h, --help", "Show the first page.")], columns)
        return lines.joined(separator: "\n")
    }

    private static func text(_ topic: HelpTopic, _ columns: Int) -> String {
        let rows = topic.rows
        return ([topic.title, ""] + table(rows, columns)).joined(separator: "\n")
    }

    static func name(_ command: any ParsableCommand.Type) -> String { command.configuration.commandName ?? "" }

    private static func table(_ commands: [any ParsableCommand.Type], _ columns: Int) -> [String] {
        let shown = commands.filter { $0.configuration.shouldDisplay }
        return table(shown.map { (name($0), $0.configuration.abstract) }, columns)
    }

    /// Two columns; where they have no room beside each other, one below the other.
    private static func table(_ rows: [(String, String)], _ columns: Int) -> [String] {
        let width = (rows.map { TextWidth.of($0.0) }.max() ?? 0) + 4
        guard columns - width >= 24 else {
            return rows.flatMap { row in
                ["  " + row.0] + TextWidth.wrapped(row.1, columns - 4).map { "    " + $0 }
            }
        }
        return rows.flatMap { row in
            TextWidth.wrapped(row.1, columns - width).enumerated().map { number, line in
                TextWidth.padded(number == 0 ? "  " + row.0 : "", width) + line
            }
        }
    }
}

/// Something that is true of all commands.
enum HelpTopic: String, CaseIterable {
    case exitStatus = "exit-status"
    case environment
    case files

    /// What it is about.
    var title: String {
        switch self {
        case .exitStatus: "What the exit status means."
        case .environment: "Variables that are read."
        case .files: "Files of this user."
        }
    }

    /// Names and what they mean.
    var rows: [(String, String)] {
        switch self {
        case .exitStatus: ExitStatus.allCases.map { (String($0.rawValue), $0.meaning) }
        case .environment: Environment.documentation
        case .files:
            [
                ("~/.config/vault/", "Identities and pins of each repository. Keep it: it is not a cache."),
                ("~/.config/vault/repository", "The repository that is meant when none is named."),
                ("/etc/vault/", "Policies, when root runs the program: systems/NAME.yaml and defaults.yaml."),
                ("~/.cache/vault/", "What makes the next backup fast; may be removed."),
            ]
        }
    }
}
