internal import ArgumentParser
internal import VaultBackup

/// `vault approve`
struct ApproveCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "List the orders that wait, or approve one.",
        discussion: """
            An order is what takes several administrators: early forgetting, releasing a hold, members, rules. The \
            command that wants it proposes it and approves it in the name of its user; the others approve it here, \
            by the beginning of its id. With the last approval that is needed it is carried out, exactly as it \
            was proposed. Listing asks nothing.

            Example:
              vault approve
            """)

    @Argument(help: ArgumentHelp("The beginning of the id of an order that waits.", valueName: "order"))
    var order: TextArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        guard let order else {
            try OrderText.write(Orders.waiting(opened.state), context.console)
            return .done
        }
        // What it says is shown before a passphrase is asked for.
        let shown = try Orders.find(order.text, in: opened.state)
        if !context.console.isJSON, !context.console.isQuiet {
            for line in OrderText.lines(shown) { context.console.notice(line) }
        }
        let access = try context.administerAccess(opened, repository, client)
        let (approved, approvals) = try Orders.approve(order.text, with: access)
        try OrderText.write(approved, approvals, context.console)
        return .done
    }
}
