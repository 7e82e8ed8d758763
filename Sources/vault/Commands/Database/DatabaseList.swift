internal import ArgumentParser
internal import VaultBackup

/// `vault database list`
struct DatabaseListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the databases of a snapshot, and what was noted of them.",
        discussion: """
            Examples:
              vault database list
              vault database list latest --json
            """)

    @Argument(
        help: ArgumentHelp("The snapshot; without it the latest of all.", valueName: "snapshot"),
        completion: Completions.snapshot)
    var snapshot: TextArgument?

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let console = context.console
        let access = try context.readAccess(repository, .database, reading)
        let found = try SnapshotDatabases(snapshot?.text ?? "latest", with: access)
        if console.isJSON {
            try console.result(
                "database-list",
                [
                    ("snapshot", .string(found.snapshot.hex)),
                    ("databases", .array(found.captures.map { .object(DatabaseText.details($0)) })),
                ])
        } else {
            for line in DatabaseText.table(found.captures).lines(width: console.width) { try console.line(line) }
        }
        return .done
    }
}
