internal import ArgumentParser
internal import VaultBackup

/// `vault repair`
struct RepairCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Find what is lost, and put right what can be.",
        discussion: """
            Looks for packs that are missing or damaged, names the snapshots and files that need them, and says what \
            can be done; --apply does it. What a copy has (--from) is put back as it was. Of the rest the log is told \
            that it is lost: the next backup then stores again what the source still has, and with that earlier \
            snapshots restore again. Lost packs of which all is found again are replaced by the next repair or prune.

            Needs an identity with the roles read and maintain. Nothing that can still be read is taken away, and the \
            command may be stopped at any moment. The exit status is 23 as long as something is lost.

            Examples:
              vault repair
              vault repair --read-data
              vault repair --apply
            """)

    @Flag(help: "Do it; without this only a plan is made.")
    var apply = false

    @Flag(help: "Read every pack, to find damage that nobody has met yet.")
    var readData = false

    @Option(
        help: ArgumentHelp("Take what is missing or damaged from this copy.", valueName: "dir"),
        completion: .directory)
    var from: PathArgument?

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
        let client = try context.client()
        var request = RepairRequest()
        request.applies = apply
        request.readsData = readData
        request.copy = try from.map { try client.store(at: $0.bytes) }
        request.workers = threads.workers ?? 0
        var opened = try context.repository(repository, client)
        let records = try request.copy.map { try Repair.records(of: opened, from: $0, applies: apply) } ?? []
        if !records.isEmpty, apply { opened = try context.repository(repository, client) }
        if !apply, !records.isEmpty {
            // What else is wrong can be told only when the log is right.
            var report = RepairReport()
            report.fetched = records
            try RepairText.write(report, context.console)
            return .damaged
        }
        let identity = try context.identity(for: opened, .maintain, repository, client)
        let access = try MaintainAccess(opened, identity)
        let reader = try ReadAccess(opened, identity)
        let progress = ProgressRenderer(context.console, "Repairing")
        var report = try progress.ending {
            try Repair.run(
                request, with: access, reader: reader, events: progress, cancellation: context.cancellation)
        }
        report.fetched = records + report.fetched
        try RepairText.write(report, context.console)
        return report.isWhole ? .done : .damaged
    }
}
