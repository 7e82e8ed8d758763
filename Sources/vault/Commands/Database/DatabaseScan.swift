internal import ArgumentParser
internal import VaultBackup

/// `vault database scan`
struct DatabaseScanCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "List databases in use on this machine, and whether a snapshot has them.",
        discussion: """
            Servers of PostgreSQL and MariaDB are found by their sockets and asked for their databases, files of SQLite by the \
            programs that hold them open (run it as root, or those of other users are not seen). The exit status is 21 when \
            one is in no snapshot, or when a server could not be asked.

            Examples:
              vault database scan || test $? = 21
              vault database scan --json || test $? = 21
            """)

    @OptionGroup
    var server: DatabaseServerOptions

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let scan = try DatabaseScan.run(
            with: context.readAccess(repository, .database, reading), options: server.added(to: DatabaseOptions()),
            cancellation: context.cancellation)
        try DatabaseText.write(scan, context.console)
        return scan.isCovered ? .done : .notProven
    }
}
