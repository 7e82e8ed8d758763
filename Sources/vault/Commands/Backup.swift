internal import ArgumentParser
internal import VaultBackup

/// `vault backup`
struct BackupCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make a snapshot of files, of a stream or of a program's output.",
        discussion: """
            Asks nothing: this machine's identity has no passphrase. What could not be read is named, the rest is in \
            the snapshot, and the exit status is 3. A run that was interrupted is taken up by the next one.

            Patterns: *, ? and [a-z] stand within a name, ** for any names. A pattern without / is a name at any depth, \
            one that begins with / a path, any other one the last names of a path; / at its end means directories \
            only, and ! at its beginning takes back what earlier ones say. The last that matches wins; what is below a \
            directory that is left out stays out. The repository itself is always left out, and so are file systems \
            that the kernel makes up, such as /proc, unless a path in them is named.

            With --database, dumps of databases go into the same snapshot as the files, and are restored and held \
            together with them; 'vault help database backup' tells how they are reached. A program of --before that fails \
            leaves no snapshot; those of --after are run in any case, also after Ctrl-C.

            Examples:
              vault backup /etc
              vault backup /etc --system web --tag nightly
              vault backup /etc --exclude '*.old' --exclude /etc/alternatives/ --dry-run
              vault backup /etc --description "before the merger" --one-file-system
              sqlite3 /tmp/app.db "CREATE TABLE t (a)"
              vault backup /etc --database sqlite:/tmp/app.db --after "date"
              echo hello | vault backup --stdin-name hello.txt
              vault backup --command kernel.txt -- uname -a
            """)

    @Argument(help: ArgumentHelp("Files and directories, or the program and its arguments.", valueName: "path"))
    var paths: [PathArgument] = []

    @Option(help: ArgumentHelp("The system that the snapshot is of; without it the host name.", valueName: "name"))
    var system: TextArgument?

    @Option(name: .customLong("tag"), parsing: .singleValue, help: "A public word to find it by, any number.")
    var tags: [TextArgument] = []

    @Option(help: ArgumentHelp("Your words about it, for readers of the content only.", valueName: "text"))
    var description: TextArgument?

    @Option(help: ArgumentHelp("Save the input as a file of this name.", valueName: "name"))
    var stdinName: PathArgument?

    @Option(help: ArgumentHelp("Save the output of a program as a file of this name.", valueName: "name"))
    var command: PathArgument?

    @OptionGroup(title: "Together with it")
    var companions: CompanionOptions

    @Option(help: "How hard to compress; auto without it.")
    var compression: CompressionArgument?

    @Flag(help: "Do not go into other file systems.")
    var oneFileSystem = false

    @Flag(help: "Keep the time of the last access too.")
    var atime = false

    @Flag(help: "Read every file, also those that look unchanged.")
    var rescan = false

    @OptionGroup
    var threads: WorkerOptions

    @Flag(name: [.customShort("n"), .long], help: "Store nothing; say what would be.")
    var dryRun = false

    @Flag(help: "Make no snapshot when nothing has changed since the last one of these paths.")
    var skipIfUnchanged = false

    @Flag(name: .shortAndLong, help: "List what is new (+), changed (M) or gone (-) since the last run.")
    var verbose = false

    @OptionGroup(title: "Selection")
    var selection: SelectionOptions

    @OptionGroup(title: "Pace")
    var paceOptions: PaceOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if stdinName != nil, command != nil { throw ValidationError("Give --stdin-name or --command, not both") }
        let isStream = stdinName != nil || command != nil
        if stdinName != nil, !paths.isEmpty { throw ValidationError("With --stdin-name there are no paths") }
        if !isStream, paths.isEmpty, !selection.hasLists { throw ValidationError("Give the paths to back up") }
        if command != nil, paths.isEmpty { throw ValidationError("Give the program after '--command NAME --'") }
        if isStream, !companions.databases.isEmpty { throw ValidationError("--database goes with paths") }
        if dryRun, companions.isUsed { throw ValidationError("A dry run dumps no database and runs no program") }
        if isStream, oneFileSystem || atime || rescan || dryRun || skipIfUnchanged || verbose || selection.isUsed {
            throw ValidationError(
                "Options that select or compare files, such as --exclude, --rescan and --dry-run, are for paths")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let context = context.paced(paceOptions)
        let access = try context.writeAccess(repository)
        let progress = ProgressRenderer(context.console, "Saving")
        let system = system?.text ?? Self.defaultSystem(access.member)
        // A listing that cannot be written, say to `head`, is no reason to end the backup.
        let console = context.console
        let make = {
            var request = try request(system, context.cancellation)
            request.options.pace = context.pace
            if verbose { request.options.changes = { change in try? Self.render(change, console) } }
            return request
        }
        let problemCount: Int
        if dryRun {
            let preview = try progress.ending {
                try Backup.preview(make(), with: access, events: progress, cancellation: context.cancellation)
            }
            try Self.render(preview, system, console)
            problemCount = preview.problemCount
        } else {
            let hooks = Hooks(
                companions.hooks, system: system, events: progress, cancellation: context.cancellation)
            let result = try progress.ending {
                try hooks.around {
                    try Backup.run(make(), with: access, events: progress, cancellation: context.cancellation)
                }
            }
            try Self.render(result, system, console)
            problemCount = result.problemCount
        }
        return problemCount == 0 ? .done : .incompleteSources
    }

    /// The one system that a machine is for, else the name of this host.
    static func defaultSystem(_ member: Member) -> String {
        if member.systems.count == 1, member.systems[0] != Member.anySystem { return member.systems[0] }
        return Host.name.isEmpty ? "host" : Host.name
    }

    private func request(_ system: String, _ cancellation: Cancellation) throws -> BackupRequest {
        var request =
            if let stdinName {
                try BackupRequest.standardInput(name: stdinName.bytes, system: system)
            } else if let command {
                try BackupRequest.command(
                    name: command.bytes, program: paths[0].bytes, arguments: paths.dropFirst().map(\.bytes),
                    system: system)
            } else if companions.databases.isEmpty {
                BackupRequest(paths: paths.map(\.bytes) + (try selection.listedPaths()), system: system)
            } else {
                try DatabaseBackup.request(
                    companions.databases.map(\.name), paths: paths.map(\.bytes) + (try selection.listedPaths()),
                    options: companions.server.options, system: system, cancellation: cancellation)
            }
        request.tags = tags.map(\.text)
        request.description = description?.text ?? ""
        request.options.compression = compression?.level ?? .auto
        request.options.oneFileSystem = oneFileSystem
        request.options.accessTimes = atime
        request.options.ignoreScanCache = rescan
        request.options.workers = threads.workers ?? 0
        request.options.skipIfUnchanged = skipIfUnchanged
        request.options.estimatesTotals = !global.quiet
        try selection.apply(to: &request.options)
        return request
    }
}

/// A compression level as an argument.
struct CompressionArgument: ExpressibleByArgument, Sendable {
    let level: CompressionLevel

    init?(argument: String) {
        guard let level = CompressionLevel(rawValue: argument) else { return nil }
        self.level = level
    }

    static var allValueStrings: [String] { CompressionLevel.allCases.map(\.rawValue) }
}
