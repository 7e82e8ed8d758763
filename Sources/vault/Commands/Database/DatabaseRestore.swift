internal import ArgumentParser
internal import VaultBackup

/// `vault database restore`
struct DatabaseRestoreCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore a database into an empty one, or into a file.",
        discussion: """
            --into names a database of the server that psql or mariadb find, or a new file for SQLite. It must be empty or \
            not there yet, and never the one that was saved: look at what you got, then rename. Roles of PostgreSQL that are \
            missing are made first; those that are there stay as they are. The restored database is then compared with what \
            was noted when it was saved; the exit status is 20 if it is not the same.

            A large dump of PostgreSQL is loaded by several processes, if the database is not there yet: if that fails, it is \
            taken away again. One that was there is loaded in one transaction.

            A dump runs what is written in it with your rights on the server: restore only what you trust, or look into it \
            with 'vault database open' first. --output writes the dump itself: for pg_restore, mariadb or sqlite3.

            Examples:
              vault database restore latest postgres:shop --into shop_restored
              vault database restore latest sqlite:/var/lib/app/app.db --into /tmp/app.db
              vault database restore latest postgres:shop --output shop.dump
            """)

    @Argument(help: ArgumentHelp("The snapshot.", valueName: "snapshot"), completion: Completions.snapshot)
    var snapshot: TextArgument

    @Argument(help: ArgumentHelp("The database; needed when there are several.", valueName: "engine:name"))
    var database: DatabaseArgument?

    @Option(help: ArgumentHelp("The empty or new database, or the new file of SQLite.", valueName: "name"))
    var into: PathArgument?

    @Option(name: .shortAndLong, help: ArgumentHelp("A new file for the dump as it is.", valueName: "file"))
    var output: PathArgument?

    @Flag(help: "Make no roles.")
    var noGlobals = false

    @Flag(
        help: """
            Also make the users and roles of MariaDB that are missing, with the passwords and rights that they had; those \
            that are there stay as they are.
            """)
    var users = false

    @Flag(help: "Do not compare the tables afterwards.")
    var noCompare = false

    @Option(
        help: ArgumentHelp(
            "Load by so many processes into a database of PostgreSQL that is not there yet; without it up to 4 if the dump "
                + "is large.", valueName: "count"))
    var jobs: Int?

    @Option(
        help: ArgumentHelp(
            "Where the dump lies while several processes load it; without it in TMPDIR or /var/tmp.", valueName: "dir"))
    var scratch: PathArgument?

    @OptionGroup
    var server: DatabaseServerOptions

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        guard (into == nil) != (output == nil) else { throw ValidationError("Give --into NAME or --output FILE") }
        if output != nil, users || jobs != nil || scratch != nil {
            throw ValidationError("--users, --jobs and --scratch go with --into")
        }
        if let jobs, !(1...64).contains(jobs) { throw ValidationError("--jobs is a number from 1 to 64") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let console = context.console
        let found = try SnapshotDatabases(snapshot.text, with: context.readAccess(repository, .database, reading))
        let capture = try found.database(database?.name)
        let progress = ProgressRenderer(console, "Restoring")
        if let output {
            let bytes = try progress.ending {
                try DatabaseRestore.write(found, capture, to: output.bytes, cancellation: context.cancellation)
            }
            try DatabaseText.write(capture, found.snapshot, output.bytes, bytes, console)
            return .done
        }
        guard let into else { return .usage }
        var options = DatabaseOptions()
        options.globals = !noGlobals
        options.capture = !noCompare
        options.accounts = users
        var parallel = ParallelLoading(scratch: scratch?.bytes ?? context.environment.scratchDirectory)
        parallel.jobs = jobs
        let result = try progress.ending {
            try DatabaseRestore.run(
                found, capture, into: into.bytes, options: server.added(to: options), parallel: parallel,
                cancellation: context.cancellation)
        }
        try DatabaseText.write(result, found.snapshot, into.bytes, console)
        return result.comparison?.verdict == .failed ? .drillFailed : .done
    }
}
