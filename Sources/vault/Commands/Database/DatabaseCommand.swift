internal import ArgumentParser
internal import VaultBackup

/// `vault database`
struct DatabaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database",
        abstract: "Save databases with what is in them, and prove that they restore.",
        subcommands: [
            DatabaseBackupCommand.self, DatabaseListCommand.self, DatabaseCheckCommand.self, DatabaseOpenCommand.self,
            DatabaseRestoreCommand.self, DatabaseScanCommand.self,
        ])
}

/// A database as an argument: `postgres:shop`.
struct DatabaseArgument: ExpressibleByArgument, Sendable {
    let name: DatabaseName

    init?(argument: String) {
        guard let name = try? DatabaseName(ArgumentText.bytes(argument)) else { return nil }
        self.name = name
    }
}

/// How to reach databases, for the commands that do.
struct DatabaseServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Option file for the clients of MariaDB, instead of their usual ones.", valueName: "file"))
    var defaultsFile: PathArgument?

    @Option(
        help: ArgumentHelp(
            "End a client program that says nothing for this long while it works; 1h without it.", valueName: "time"))
    var silence: SilenceArgument?

    /// What they ask for, in options that are otherwise as given.
    func added(to options: DatabaseOptions) -> DatabaseOptions {
        var options = options
        options.defaultsFile = defaultsFile?.bytes
        if let silence { options.silenceSeconds = silence.seconds }
        return options
    }

    /// Whether one of them was given.
    var isUsed: Bool { defaultsFile != nil || silence != nil }
}

/// A length of time: `90s`, `30min`, `6h`, `2d`.
struct SilenceArgument: ExpressibleByArgument, Sendable {
    private static let units = ["s": 1, "min": 60, "h": 3_600, "d": 86_400]
    private static let secondsMax = 100 * 86_400

    /// In seconds, at least one.
    let seconds: Int

    init?(argument: String) {
        guard let seconds = Quantity.parse(argument, Self.units, most: Self.secondsMax), seconds > 0 else { return nil }
        self.seconds = seconds
    }
}

/// Where scratch servers are made, for the commands that start some.
struct DatabaseScratchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Make the scratch server in this directory; without it in TMPDIR or /var/tmp.", valueName: "dir"))
    var scratch: PathArgument?

    @Option(
        help: ArgumentHelp(
            "End a scratch server that has more than this on disk; without it 8 times the dumps, or 2G if that is more.",
            valueName: "size"))
    var scratchLimit: SizeArgument?

    /// A request for databases of a snapshot.
    func request(_ databases: [DatabaseArgument], _ context: Context) -> ScratchRequest {
        var request = ScratchRequest(scratch: scratch?.bytes ?? context.environment.scratchDirectory)
        request.bytesMax = scratchLimit?.byteCount
        request.databases = databases.map(\.name)
        return request
    }
}

/// How databases are dumped.
struct DatabaseDumpOptions: ParsableArguments {
    @Flag(help: "Do not count and hash what is in the tables; then no check can prove a restore.")
    var noCapture = false

    @Flag(help: "Leave out the roles and users of the server.")
    var noGlobals = false

    @OptionGroup
    var server: DatabaseServerOptions

    /// What they ask for.
    var options: DatabaseOptions {
        var options = DatabaseOptions()
        options.capture = !noCapture
        options.globals = !noGlobals
        return server.added(to: options)
    }

    /// Whether one of them was given.
    var isUsed: Bool { noCapture || noGlobals || server.isUsed }
}
