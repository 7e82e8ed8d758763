internal import ArgumentParser
internal import VaultBackup

/// `vault prune`
struct PruneCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete what no snapshot uses any more.",
        discussion: """
            Takes away the packs that only forgotten snapshots used, and puts the parts that are still used of sparse \
            packs together. Needs an identity with the role maintain, and reads no content. It may run beside backups \
            and restores, and may be stopped at any moment; the next run goes on. What an open backup might use waits \
            until that backup has ended.

            Examples:
              vault prune --dry-run
              vault prune
              vault prune --max-unused 10% --max-repack-size 20G
            """)

    @Flag(help: "Only say what would be done.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "Compact packs until no more than this part, or so many bytes, is unused; 5% if not given.",
            valueName: "limit"))
    var maxUnused: UnusedArgument?

    @Option(help: ArgumentHelp("Read at most so many bytes of packs to compact them.", valueName: "bytes"))
    var maxRepackSize: SizeArgument?

    @Option(
        help: ArgumentHelp(
            "Delete packs only this long after they were given up, by a later run; for restores of snapshots that are "
                + "forgotten meanwhile.", valueName: "age"))
    var delay: AgeArgument?

    @Option(
        help: ArgumentHelp(
            "Keep what a backup stored that did not end, for its next run, up to this age; 7d if not given.",
            valueName: "age"))
    var keepUnfinished: AgeArgument?

    @OptionGroup(title: "Pace")
    var paceOptions: PaceOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let context = context.paced(paceOptions)
        let access = try context.maintainAccess(repository)
        var request = PruneRequest()
        request.dryRun = dryRun
        if let maxUnused { request.maxUnused = maxUnused.limit }
        request.maxRepackBytes = maxRepackSize?.byteCount
        if let delay { request.delay = delay.seconds }
        if let keepUnfinished { request.keepUnfinished = keepUnfinished.seconds }
        let progress = ProgressRenderer(context.console, "Pruning")
        let report = try progress.ending {
            try Prune.run(request, with: access, events: progress, cancellation: context.cancellation)
        }
        try PruneText.write(report, isDryRun: dryRun, context.console)
        return .done
    }
}

/// What may stay unused as an argument: `10%`, or bytes such as `500M`.
struct UnusedArgument: ExpressibleByArgument, Sendable {
    let limit: UnusedLimit

    init?(argument: String) {
        if argument.hasSuffix("%") {
            guard let percent = Double(argument.dropLast()), (0...100).contains(percent) else { return nil }
            limit = .percent(percent)
        } else {
            guard let size = SizeArgument(argument: argument) else { return nil }
            limit = .bytes(size.byteCount)
        }
    }
}
