internal import ArgumentParser
internal import VaultBackup

/// `vault access revoke`
struct AccessRevokeCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Remove a member, or take roles from it.",
        discussion: """
            New keys are drawn in the same moment: what is written afterwards, the leaver cannot read, and nothing \
            that he writes or approves is accepted. What he did before stays valid. No key takes back what he may \
            have copied; the command says what that can be, and what to change on the storage. A recovery kit is \
            a member too, and is revoked by its name.

            Examples:
              vault identity create 'Tran An' --output /tmp/an.identity > /tmp/an.line
              vault access grant /tmp/an.line --role read --role maintain
              vault access revoke 'Tran An' --role maintain
              vault access revoke 'Tran An' --reason 'moved to another office'
            """)

    @Argument(help: ArgumentHelp("Name of the member, or the beginning of its id.", valueName: "member"))
    var member: TextArgument

    @Option(
        name: .customLong("role"), parsing: .singleValue,
        help: ArgumentHelp("Take only this role, any number; without one, remove the member.", valueName: "role"))
    var roles: [RoleArgument] = []

    @OptionGroup var change: ChangeOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        _ = try Members.find(member.text, in: opened.state)
        let access = try context.administerAccess(opened, repository, client)
        let report = try MemberChanges.revoke(
            member.text, roles: Set(roles.map(\.role)), reason: change.text, with: access)
        let places = StoragePlace.all(opened, at: try context.location(repository, client), client: client)
        return try AccessText.write(report, places: places, context.console)
    }
}

/// `vault access rotate`
struct AccessRotateCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Draw new keys for what is written from now on.",
        discussion: """
            All members get the new keys by the same record; nobody has to do anything. What was written before stays \
            sealed to the keys of its time, unless --rewrite seals it anew, as 'vault access rewrite' does. Do it when \
            a key may have become known.

            With --new-group the secret by which chunks are recognised is drawn anew too, so that nobody who held it \
            can tell whether a file that he has is in later backups. Nothing that was stored before is used again: the \
            next backup of each system reads and stores all of it once more; the command says how much that is. Old \
            snapshots stay as they are.

            Examples:
              vault access rotate --reason 'laptop lost'
              vault access rotate --new-group
              vault access rotate --rewrite
            """)

    @Flag(help: "Then seal anew what is sealed to earlier keys; takes the roles read and maintain, too.")
    var rewrite = false

    @Flag(help: "Draw the secret by which chunks are recognised anew, too; everything is stored once more.")
    var newGroup = false

    @OptionGroup var change: ChangeOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let identity = try context.identity(for: opened, .administer, repository, client)
        let access = try AdministerAccess(opened, identity)
        // Told before keys are drawn.
        if rewrite { try Rewrite.check(MaintainAccess(opened, identity)) }
        if newGroup {
            let cost = MemberChanges.costOfGroup(opened.state)
            context.console.notice(
                "The next backup of \(Units.count(cost.systems, "system", "systems")) stores everything once more, "
                    + "about \(Units.bytes(cost.bytes)) beside what is there, which shrinks as old snapshots are forgotten"
            )
        }
        let report = try MemberChanges.rotate(reason: change.text, beginsGroup: newGroup, with: access)
        let status = try AccessText.write(report, places: [], context.console)
        guard rewrite else { return status }
        guard report.approvals.isCarriedOut else {
            context.console.notice(
                "Nothing is sealed anew before the order is carried out; run vault access rewrite then")
            return status
        }
        return try AccessRewriteCommand.run(MaintainAccess(opened, identity), client, context)
    }
}

/// `vault access rewrite`
struct AccessRewriteCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrite",
        abstract: "Seal anew, to the keys in force, what is sealed to earlier ones.",
        discussion: """
            For the day after somebody left who could read: afterwards nothing in this repository that a snapshot \
            uses opens with the keys that he had. Every pack of earlier keys is read, sealed anew and deleted, so \
            this takes as long as reading and writing all of it. It may be interrupted; the same command goes on. \
            Backups, restores and prune may run meanwhile.

            No command takes back what was copied: a copy of the packs that somebody kept stays readable with the \
            keys he had.

            Example:
              vault access rewrite
            """)

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let identity = try context.identity(for: opened, .maintain, repository, client)
        return try Self.run(MaintainAccess(opened, identity), client, context)
    }

    /// Seals anew and writes what came of it.
    static func run(_ access: MaintainAccess, _ client: Client, _ context: Context) throws -> ExitStatus {
        let progress = ProgressRenderer(context.console, "Sealing anew")
        let report = try progress.ending {
            try Rewrite.run(with: access, client: client, events: progress, cancellation: context.cancellation)
        }
        try RewriteText.write(report, context.console)
        return report.isComplete ? .done : report.isSessionOpen ? .sessionConflict : .damaged
    }
}

/// `vault access policy`
struct AccessPolicyCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Show or change how many administrators must approve, and what routine keeps.",
        discussion: """
            An order (early forgetting, releasing a hold, members, these rules) is carried out when as many \
            administrators have approved it as --approvals says. The new rule itself takes the approvals of the old \
            one. Routine forgetting needs nobody as long as each snapshot is at least --keep-age old and snapshots of \
            --keep-days different days of its system remain.

            Examples:
              vault access policy
              vault access policy --approvals 2
              vault access policy --keep-days 14 --keep-age 60d
            """)

    @Option(help: ArgumentHelp("Administrators that must approve an order.", valueName: "count"))
    var approvals: Int?

    @Option(help: ArgumentHelp("Days with a snapshot that routine leaves of each system.", valueName: "count"))
    var keepDays: Int?

    @Option(help: ArgumentHelp("Age that a snapshot has at least when routine lets it go.", valueName: "age"))
    var keepAge: AgeArgument?

    @OptionGroup var change: ChangeOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if let approvals, !(1...1_000).contains(approvals) {
            throw ValidationError("--approvals is a number from 1 on")
        }
        if let keepDays, !(0...100_000).contains(keepDays) {
            throw ValidationError("--keep-days is a number from 0 on")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        guard approvals != nil || keepDays != nil || keepAge != nil else {
            try AccessText.writeRules(Members.list(opened.state), context.console)
            return .done
        }
        let access = try context.administerAccess(opened, repository, client)
        let report = try MemberChanges.setRules(
            quorum: approvals, expiryKeep: keepDays, expiryAge: keepAge?.seconds, reason: change.text, with: access)
        return try AccessText.write(report, places: [], context.console)
    }
}
