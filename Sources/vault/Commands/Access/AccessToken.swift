internal import ArgumentParser
internal import VaultBackup

/// `vault access token`
struct AccessTokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Keep the register of tokens, cards and keys that were handed out.",
        subcommands: [AccessTokenAddCommand.self, AccessTokenReturnCommand.self, AccessTokenListCommand.self])
}

/// `vault access token add`
struct AccessTokenAddCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Put on record that a token was handed to a member.",
        discussion: """
            The register gives and takes no right. It says what to ask for when somebody leaves: 'vault access revoke' \
            lists what is still out.

            Example:
              vault access token add 0042 --kind 'smart card' --to "recovery kit"
            """)

    @Argument(help: ArgumentHelp("Serial number, or whatever tells it from others.", valueName: "serial"))
    var serial: TextArgument

    @Option(help: ArgumentHelp("What it is, such as a smart card.", valueName: "text"))
    var kind: TextArgument

    @Option(help: ArgumentHelp("Name of the member who gets it, or the beginning of the id.", valueName: "member"))
    var to: TextArgument

    @OptionGroup var change: ChangeOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        // Whom it is for is checked before a passphrase is asked for.
        let access = try context.signingAccess(repository, .administer) { _ = try Members.find(to.text, in: $0.state) }
        let token = try Tokens.issue(kind.text, serial: serial.text, to: to.text, reason: change.text, with: access)
        return try TokenText.write(token, context.console)
    }
}

/// `vault access token return`
struct AccessTokenReturnCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "return",
        abstract: "Put on record that a token came back.",
        discussion: """
            A token is taken back also from somebody who is no member any more.

            Examples:
              vault access token add 0043 --kind 'smart card' --to "recovery kit"
              vault access token return 0043
            """)

    @Argument(help: ArgumentHelp("Serial number of the token.", valueName: "serial"))
    var serial: TextArgument

    @Option(help: ArgumentHelp("What it is, where two have one serial number.", valueName: "text"))
    var kind: TextArgument?

    @OptionGroup var change: ChangeOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let access = try context.signingAccess(repository, .administer)
        let token = try Tokens.takeBack(
            serial: serial.text, device: kind?.text, reason: change.text, with: access)
        return try TokenText.write(token, context.console)
    }
}

/// `vault access token list`
struct AccessTokenListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tokens that are out.",
        discussion: """
            Asks nothing: the register is public to whoever can read the repository. With --all also those that came \
            back.

            Examples:
              vault access token list
              vault access token list --all --member "recovery kit"
            """)

    @Flag(help: "Also tokens that came back.")
    var all = false

    @Option(help: ArgumentHelp("Only those of this member, also of one that was removed.", valueName: "member"))
    var member: TextArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository)
        let tokens = try Tokens.list(opened.state, all: all, member: member?.text)
        let console = context.console
        if console.isJSON {
            try console.result("access-tokens", [("tokens", .array(tokens.map { .object(TokenText.json($0)) }))])
        } else if tokens.isEmpty {
            console.notice("No token is \(all ? "on record" : "out")")
        } else {
            for line in TokenText.table(tokens).lines(width: console.width) { try console.line(line) }
        }
        return .done
    }
}
