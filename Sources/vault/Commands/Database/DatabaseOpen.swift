internal import ArgumentParser
internal import VaultBackup

/// `vault database open`
struct DatabaseOpenCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Look into a saved database on a scratch server.",
        discussion: """
            The dump is loaded into a server that runs as a user who owns nothing, without network, and only for this \
            command. The program after '--' is then run; it finds the database by its usual variables (PGHOST, PGDATABASE), \
            or as VAULT_DATABASE. When it ends, the server and all it holds are removed; the exit \
            status is 1 if that of the program was not 0. Without a program the command that opens the database is shown, and the server runs until Control-C.

            Examples:
              vault database open latest postgres:shop -- psql -c 'TABLE orders'
              vault database open latest postgres:shop -- pg_dump -t orders -f orders.sql
            """)

    @Argument(help: ArgumentHelp("The snapshot.", valueName: "snapshot"), completion: Completions.snapshot)
    var snapshot: TextArgument

    @Argument(help: ArgumentHelp("The database; needed when there are several.", valueName: "engine:name"))
    var database: DatabaseArgument?

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("A program and its arguments, after '--'.", valueName: "program"))
    var program: [PathArgument] = []

    @OptionGroup
    var scratch: DatabaseScratchOptions

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let found = try SnapshotDatabases(snapshot.text, with: context.readAccess(repository, .database, reading))
        let progress = ProgressRenderer(context.console, "Loading")
        let console = context.console
        return try DatabaseScratch.open(
            found, scratch.request(database.map { [$0] } ?? [], context), events: progress,
            cancellation: context.cancellation
        ) { open in
            progress.ending {}
            for note in open.checked.notes { console.notice(note) }
            let comparison = open.checked.comparison
            for difference in comparison.differences { console.warning(difference) }
            if !program.isEmpty {
                let status = try open.run(program[0].bytes, program.dropFirst().map(\.bytes))
                return ExitStatus(program: status)
            }
            try DatabaseText.write(open, found.snapshot, console)
            try console.flush()
            console.notice("The server runs until Control-C")
            while open.isRunning(), !context.cancellation.isCancelled { SystemClock.pause(milliseconds: 100) }
            return DatabaseText.status([comparison])
        }
    }
}
