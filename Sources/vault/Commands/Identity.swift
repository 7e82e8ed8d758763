internal import ArgumentParser
internal import VaultBackup

/// `vault identity`
struct IdentityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity",
        abstract: "Make and show identities, and say what they are locked with.",
        subcommands: [
            IdentityCreateCommand.self, IdentityShowCommand.self, IdentityChangePassphraseCommand.self,
            IdentityProtectCommand.self, IdentityTokensCommand.self,
        ])
}

/// `vault identity show`
struct IdentityShowCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the identities that this user has for the repository.",
        discussion: """
            Example:
              vault identity show
            """)

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let paths = context.identityFile(repository).map { [$0] } ?? client.identityFiles(of: opened.id)
        let keyring = opened.state.keyring
        let found = try paths.map { path in
            let shown = try ShownIdentity(path)
            return (shown, keyring.member(shown.id))
        }
        let console = context.console
        if console.isJSON {
            try console.result("identity-show", [("identities", .array(found.map { .object($0.0.json($0.1)) }))])
        } else if found.isEmpty {
            console.notice("This user has no identity for the repository")
        } else {
            for (number, (identity, member)) in found.enumerated() {
                if number > 0 { try console.line("") }
                try console.write(identity.facts(member))
            }
        }
        return .done
    }
}

/// `vault identity change-passphrase`
struct IdentityChangePassphraseCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "change-passphrase",
        abstract: "Lock your identity file with another passphrase.",
        discussion: """
            Copies of the old file still open with the old passphrase. Without --identity it is the file of the \
            person who made the repository. A second factor stays the same. The recovery kit stays as it is.

            Example:
              vault identity change-passphrase --new-passphrase-file new.txt
            """)

    @Option(help: ArgumentHelp("Take the new passphrase from the first line of this file.", valueName: "file"))
    var newPassphraseFile: PathArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let (path, file) = try LockedIdentity.find(repository, context)
        // Both are asked for before anything is computed.
        let current = try file.isLocked ? context.passphrase("Passphrase of '\(file.name.shown)'") : nil
        let new = try context.newPassphrase(file: newPassphraseFile?.bytes)
        let changed = try file.changingPassphrase(
            from: { current ?? SecretBytes([]) }, to: new, factors: context.factors, random: SystemRandom())
        try LockedIdentity.replace(path, by: changed)
        if context.console.isJSON {
            try context.console.result("identity-change-passphrase", JSON.path("file", path))
        } else if !context.console.isQuiet {
            try context.console.line("\(PathText.readable(path)) has a new passphrase")
        }
        return .done
    }
}
