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

    @OptionGroup
    var limits: PruneOptions

    @OptionGroup(title: "Pace")
    var paceOptions: PaceOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let context = context.paced(paceOptions)
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let identity = try context.identity(for: opened, .maintain, repository, client)
        let access = try MaintainAccess(opened, identity)
        var request = limits.request
        request.dryRun = dryRun
        let progress = ProgressRenderer(context.console, "Pruning")
        let report = try progress.ending {
            try Prune.run(
                request, with: access, events: progress, cancellation: context.cancellation)
        }
        try PruneText.write(report, isDryRun: dryRun, context.console)
        return .done
    }
}
