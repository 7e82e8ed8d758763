internal import ArgumentParser
internal import VaultBackup

/// `vault copy`
struct CopyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Keep copies of the repository on other disks.",
        subcommands: [CopyRunCommand.self, CopyListCommand.self, CopyPromoteCommand.self],
        defaultSubcommand: CopyRunCommand.self)
}

/// `vault copy run`, which may be written `vault copy`
struct CopyRunCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Begin a copy in an empty directory, or bring a copy up to date.",
        discussion: """
            Needs no identity and no passphrase. Every object is compared with its hash while it is copied; only what \
            is missing is brought over, and a run that was stopped is gone on with. At every moment the copy is the \
            repository as it was earlier: restore, verify, audit and drill work with -r on it, and nothing writes into \
            it. With several disks at one place the one that is there is brought up to date; --name refuses another. \
            A disk that is not mounted gives the exit status 10, and nothing is written. The word 'run' may be left out.

            Examples:
              vault copy --to /tmp/disk
              vault copy --to /tmp/disk --verify
              vault copy run --to /tmp/blue --name blue
            """)

    @Option(help: ArgumentHelp("Directory of the copy.", valueName: "dir"))
    var to: PathArgument

    @Option(help: ArgumentHelp("Which copy it must be; a new one gets this name.", valueName: "name"))
    var name: TextArgument?

    @Flag(help: "Read everything that the copy holds already, and replace what is damaged.")
    var verify = false

    @Flag(help: "Refuse a place on the file system of '/': the disk is not mounted then.")
    var requireMount = false

    @OptionGroup
    var threads: WorkerOptions

    @OptionGroup(title: "Pace")
    var paceOptions: PaceOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if let name, !CopyMarker.nameBytes.contains(name.text.utf8.count) {
            throw ValidationError("--name has 1 to 64 bytes")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let context = context.paced(paceOptions)
        let client = try context.client()
        let opened = try context.repository(repository, client)
        var request = CopyRequest(to: to.bytes)
        request.name = name?.text
        request.verifiesAll = verify
        request.requiresMount = requireMount
        request.workers = threads.workers ?? 0
        if !requireMount, Initialise.isDoubtful(to.bytes) {
            context.console.warning(
                "\(to.shown) is on the file system of '/': if a disk should be there, it is not mounted")
        }
        let progress = ProgressRenderer(context.console, "Copying")
        let report = try progress.ending {
            try Copy.run(request, opened, client: client, events: progress, cancellation: context.cancellation)
        }
        try CopyText.write(report, to.bytes, context.console)
        return report.findings.isEmpty ? .done : .damaged
    }
}

/// `vault copy list`
struct CopyListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the copies that this user has made or opened.",
        discussion: """
            What is known of copies is kept with this user, so disks that are elsewhere are listed too, as they were \
            seen last.

            Examples:
              vault copy list
              vault copy list --json
            """)

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        try CopyText.write(Copy.list(opened, client: client), client.now, context.console)
        return .done
    }
}
