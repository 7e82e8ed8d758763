internal import ArgumentParser
internal import VaultBackup

/// `vault access`
struct AccessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access",
        abstract: "Say who may do what: people, machines, rules of approval.",
        subcommands: [
            AccessListCommand.self, AccessShowCommand.self, AccessGrantCommand.self, AccessRevokeCommand.self,
            AccessRotateCommand.self, AccessRewriteCommand.self, AccessPolicyCommand.self, AccessTokenCommand.self,
        ])
}

/// `vault access list`
struct AccessListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List who may do what, and what should be changed.",
        discussion: """
            Asks nothing: members and roles are public to whoever can read the repository. With --all also those who \
            were removed.

            Examples:
              vault access list
              vault access list --all --json
            """)

    @Flag(help: "Also members that were removed.")
    var all = false

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository)
        var report = Members.list(opened.state)
        if !all { report.members.removeAll { $0.removed != nil } }
        try AccessText.write(report, context.console)
        return .done
    }
}

/// `vault access show`
struct AccessShowCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one member, also one that was removed.",
        discussion: """
            Asks nothing. A member is named by its name or the beginning of its id.

            Examples:
              vault access show "recovery kit"
            """)

    @Argument(help: ArgumentHelp("Name of the member, or the beginning of its id.", valueName: "member"))
    var member: TextArgument

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository)
        let found = try Members.find(member.text, in: opened.state, isFormerFound: true)
        let console = context.console
        if console.isJSON {
            try console.result("access-show", [("member", .object(AccessText.json(found)))])
        } else {
            try console.write(AccessText.facts(found))
        }
        return .done
    }
}

/// A role by its name.
struct RoleArgument: ExpressibleByArgument, Sendable {
    let role: Role

    init?(argument: String) {
        guard let role = Role(rawValue: argument) else { return nil }
        self.role = role
    }

    static var allValueStrings: [String] { Role.allCases.map(\.rawValue) }
}
