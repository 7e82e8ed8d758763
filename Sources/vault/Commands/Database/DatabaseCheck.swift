internal import ArgumentParser
internal import VaultBackup

/// `vault database check`
struct DatabaseCheckCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Restore databases into scratch servers, and compare every table.",
        discussion: """
            A server of the same kind is started for each engine, as a user who owns nothing, in a directory and with a \
            socket of its own and without network; the dumps are loaded, and structure, rows and content of every table \
            are compared with what was noted at the instant of the dump. Then all of it is removed. No server of yours is \
            touched. The server programs must be installed; on Debian they are in postgresql and mariadb-server.

            The exit status is 0 only if all is as it was: 20 when something is not, 21 when nothing could be compared.

            Examples:
              vault database check
              vault database check latest postgres:shop
              vault database check --scratch /var/tmp
            """)

    @Argument(help: ArgumentHelp("The snapshot; without it the latest of all.", valueName: "snapshot"))
    var snapshot: TextArgument?

    @Argument(help: ArgumentHelp("Databases of it; without them all.", valueName: "engine:name"))
    var databases: [DatabaseArgument] = []

    @OptionGroup
    var scratch: DatabaseScratchOptions

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let access = try context.readAccess(repository, .database, reading)
        let found = try SnapshotDatabases(snapshot?.text ?? "latest", with: access)
        let request = scratch.request(databases, context)
        let progress = ProgressRenderer(context.console, "Checking")
        let checked = try progress.ending {
            try DatabaseScratch.check(found, request, events: progress, cancellation: context.cancellation)
        }
        try DatabaseText.write(checked, found.snapshot, context.console)
        return DatabaseText.status(checked.map(\.comparison))
    }
}
