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
            was proposed. Listing asks nothing; with --all it has those too that something else has overtaken.

            Examples:
              vault approve
              vault approve --all --json
            """)

    @Argument(help: ArgumentHelp("The beginning of the id of an order that waits.", valueName: "order"))
    var order: TextArgument?

    @Flag(help: "List also orders that were overtaken, so that they cannot be carried out any more.")
    var all = false

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        guard let order else {
            try OrderText.write(Orders.waiting(opened.state, isAll: all), context.console)
            return .done
        }
        // What it says is shown before a passphrase is asked for.
        let shown = try Orders.find(order.text, in: opened.state)
        if !context.console.isJSON, !context.console.isQuiet {
            for line in OrderText.lines(shown) { context.console.notice(line) }
        }
        let access = try context.administerAccess(opened, repository, client)
        let (approved, approvals, change) = try Orders.approve(order.text, with: access)
        let location = try context.location(repository, client)
        let places = change == nil ? [] : StoragePlace.all(opened, at: location, client: client)
        try OrderText.write(approved, approvals, change, places, context.console)
        return .done
    }
}
