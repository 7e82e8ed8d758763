internal import ArgumentParser
internal import VaultBackup

/// `vault database backup`
struct DatabaseBackupCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make a snapshot of databases.",
        discussion: """
            A database is an engine and a name: postgres:shop, mariadb:wiki, or the file of SQLite as \
            sqlite:/var/lib/app/app.db. The name 'all' means all of a server. The databases' own programs \
            (pg_dump, mariadb-dump, sqlite3) are run, find the server and the password as they always do (PGHOST, \
            PGPASSFILE, ~/.my.cnf), and stream into the repository without a temporary file. If one of them fails, or its \
            dump has no end, there is no snapshot.

            At the same instant rows and content of every table are counted and hashed, so that 'vault database check' \
            can prove later that a restore brings back exactly these. docs/DATABASES.md tells all of it.

            Examples:
              vault database backup postgres:shop
              vault database backup postgres:all mariadb:all --system web
              vault database backup sqlite:/var/lib/app/app.db --tag nightly
            """)

    @Argument(
        help: ArgumentHelp("Databases, such as postgres:shop, mariadb:all or sqlite:FILE.", valueName: "engine:name"))
    var databases: [DatabaseArgument]

    @Option(help: ArgumentHelp("The system that the snapshot is of; without it the host name.", valueName: "name"))
    var system: TextArgument?

    @Option(name: .customLong("tag"), parsing: .singleValue, help: "A public word to find it by, any number.")
    var tags: [TextArgument] = []

    @Option(help: ArgumentHelp("Your words about it, for readers of the content only.", valueName: "text"))
    var description: TextArgument?

    @OptionGroup
    var dumping: DatabaseDumpOptions

    @Option(help: "How hard to compress; auto without it.")
    var compression: CompressionArgument?

    @OptionGroup
    var threads: WorkerOptions

    @OptionGroup(title: "Pace")
    var paceOptions: PaceOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let context = context.paced(paceOptions)
        let access = try context.writeAccess(repository)
        let system = system?.text ?? BackupCommand.defaultSystem(access.member)
        var request = try DatabaseBackup.request(
            databases.map(\.name), options: dumping.options, system: system, cancellation: context.cancellation)
        request.tags = tags.map(\.text)
        request.description = description?.text ?? ""
        request.options.compression = compression?.level ?? .auto
        request.options.workers = threads.workers ?? 0
        request.options.pace = context.pace
        let progress = ProgressRenderer(context.console, "Saving")
        let result = try progress.ending {
            try Backup.run(request, with: access, events: progress, cancellation: context.cancellation)
        }
        try DatabaseText.write(result, system, context.console)
        return result.problemCount == 0 ? .done : .incompleteSources
    }
}
