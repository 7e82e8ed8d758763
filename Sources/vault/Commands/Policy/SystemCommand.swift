internal import ArgumentParser
internal import VaultBackup

/// `vault system`
struct SystemCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system",
        abstract: "Look at the policies: what is saved when, and what it must reach.",
        subcommands: [SystemListCommand.self, SystemShowCommand.self, SystemLintCommand.self])
}

/// `vault system list`
struct SystemListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the systems that have a policy.",
        discussion: """
            There is one file for each system, systems/NAME.yaml, and one for what they have in common, defaults.yaml, in \
            /etc/vault, or for other users than root in ~/.config/vault. A policy with a mistake is not used, and not \
            listed: the exit status is 1 then, and 'vault system lint' says what is wrong.

            Examples:
              vault system list
              vault system list --json
            """)

    @OptionGroup(title: "Policies")
    var policies: PolicyOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let set = try policies.read(in: context)
        let folder = try policies.folder(context)
        if set.fileCount == 0 { throw PolicyFiles.none(in: folder) }
        try PolicyText.write(list: set, context.console)
        let errors = set.problems.count(where: \.isError)
        guard errors > 0 else { return .done }
        context.console.warning(
            "\(Units.count(errors, "mistake", "mistakes")) in \(PathText.readable(folder)): run 'vault system lint'")
        return .failed
    }
}

/// `vault system show`
struct SystemShowCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that the policy of a system says.",
        discussion: """
            Written is YAML, which can be the file of a policy again: with the defaults and with what holds where nothing \
            is said. Sections that come from defaults.yaml say so.

            Examples:
              vault system show ward-server
              vault system show ward-server --json
            """)

    @Argument(help: ArgumentHelp("The system.", valueName: "name"))
    var system: TextArgument

    @OptionGroup(title: "Policies")
    var policies: PolicyOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let set = try policies.read(in: context)
        let folder = try policies.folder(context)
        guard let entry = set.entries.first(where: { $0.policy.system == system.text }) else {
            if set.fileCount == 0 { throw PolicyFiles.none(in: folder) }
            let names = set.entries.map(\.policy.system)
            let near = NearWord.find(system.text, names).map { "Did you mean '\($0.shown)'? " } ?? ""
            let wrong = set.problems.hasErrors ? ", and 'vault system lint' what is wrong with the others" : ""
            throw VaultError(
                .usage, "There is no policy for the system '\(system.text.shown)' in \(PathText.readable(folder))",
                nextStep: "\(near)'vault system list' names those that can be used\(wrong)")
        }
        try PolicyText.write(entry, context.console)
        return .done
    }
}

/// `vault system lint`
struct SystemLintCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check policies, and say by line what is wrong.",
        discussion: """
            Checked is all that can be told before a run: keys and values, whether they fit together, programs that are not \
            there or that others could have changed, stores that a network reaches for systems that are 'restricted'. \
            Whether sources and databases are there shows when a backup runs.

            The exit status is 1 when there is an error, and 0 when there are only warnings. A policy with an error is not \
            used by 'vault run'; other policies are.

            Examples:
              vault system lint
              vault system lint ward-server.yaml
              vault system lint --json
            """)

    @Argument(help: ArgumentHelp("Files of systems; without any all of the directory.", valueName: "file"))
    var files: [PathArgument] = []

    @OptionGroup(title: "Policies")
    var policies: PolicyOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let set = try policies.read(files.map(\.bytes), in: context)
        // Where nothing was looked at, nothing is known to be right.
        if set.fileCount == 0, set.problems.isEmpty { throw PolicyFiles.none(in: try policies.folder(context)) }
        try PolicyText.write(lint: set, context.console)
        return set.problems.hasErrors ? .failed : .done
    }
}
