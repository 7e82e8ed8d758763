internal import ArgumentParser
internal import VaultBackup

/// `vault access grant`
struct AccessGrantCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Admit a newcomer, or give a member more roles.",
        discussion: """
            A newcomer makes an identity with 'vault identity create' and hands over the line that it prints, by any \
            way: it holds no secret. Compare the id with the newcomer before you grant, by telephone for example, or \
            give --id. No key is handed over: yours are sealed to the newcomer's public key, so you can give only \
            what you hold.

            Roles: write (add snapshots), read (restore), drill (restore to prove it, unattended), maintain (forget \
            and prune), administer (decide who may do what), audit (nothing but a name).

            Examples:
              vault identity create 'Tran An' --output /tmp/an.identity > /tmp/an.line
              vault access grant /tmp/an.line --role read --role administer
              vault access grant 'Tran An' --role maintain --reason 'stands in for Jane'
            """)

    @Argument(
        help: ArgumentHelp(
            "The public line, a file that holds it, - for standard input, or the name of a member.", valueName: "who"))
    var who: PathArgument

    @Option(
        name: .customLong("role"), parsing: .singleValue,
        help: ArgumentHelp("A role: write, read, drill, maintain, administer or audit. Any number.", valueName: "role"))
    var roles: [RoleArgument] = []

    @Option(
        name: .customLong("system"), parsing: .singleValue,
        help: ArgumentHelp("A system that may be written, any number; without one, all.", valueName: "system"))
    var systems: [TextArgument] = []

    @Option(help: ArgumentHelp("Another name than the one in the line.", valueName: "name"))
    var name: TextArgument?

    @Option(help: ArgumentHelp("Refuse a line whose id does not begin like this.", valueName: "digits"))
    var id: TextArgument?

    @OptionGroup var change: ChangeOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if roles.isEmpty, systems.isEmpty { throw ValidationError("Give a role with --role, such as --role read") }
        if let id, id.text.count < 8 || !id.text.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
            throw ValidationError("--id takes at least 8 hexadecimal digits")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let given = Set(roles.map(\.role))
        let report: MemberChangeReport
        if let member = memberName(opened.state) {
            guard name == nil, id == nil else {
                throw VaultError(
                    .usage, "'\(member)' is a member, so --name and --id have nothing to say",
                    nextStep: "Give the public line of a newcomer, or leave them out")
            }
            let access = try context.administerAccess(opened, repository, client)
            report = try MemberChanges.give(
                member, roles: given, systems: systems.isEmpty ? nil : systemNames, reason: change.text, with: access)
        } else {
            let line = try LineInput.line(who, context)
            if let id, !line.id.hex.hasPrefix(id.text.lowercased()) {
                throw VaultError(
                    .usage, "The line is of an identity with the id \(line.id.hex), not \(id.text)",
                    nextStep: "Ask the newcomer for the line again")
            }
            let access = try context.administerAccess(opened, repository, client)
            report = try MemberChanges.admit(
                line, name: name?.text, roles: given, systems: systems.isEmpty ? [Member.anySystem] : systemNames,
                reason: change.text, with: access)
        }
        return try AccessText.write(report, places: [], context.console)
    }

    private var systemNames: [String] { Array(Set(systems.map(\.text))) }

    private func memberName(_ state: RepositoryState) -> String? {
        guard let text = String(validating: who.bytes, as: UTF8.self) else { return nil }
        return (try? Members.find(text, in: state)).map(\.member.name)
    }
}

/// What every change of members or rules takes.
struct ChangeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Why; it is public.", valueName: "text"))
    var reason: TextArgument?

    /// The reason; empty without one.
    var text: String { reason?.text ?? "" }
}
