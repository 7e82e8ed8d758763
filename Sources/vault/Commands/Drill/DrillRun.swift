internal import ArgumentParser
internal import VaultBackup

/// `vault drill run`
struct DrillRunCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Restore a snapshot into a scratch directory, compare it, and sign what was found.",
        discussion: """
            Everything, or with --sample a part of the data, is restored into a new directory and compared with what \
            was noted when it was backed up. Samples take first what was never proven, then what was proven longest \
            ago, so that they add up to everything. The scratch directory goes when all is well; after a failure it \
            stays for the time of --keep-failed. Needs an identity with the role read or drill; run it as root, or \
            owners and devices are not compared.

            The exit status is 0 only for a proof: 20 when something is not as it was, 21 when nothing was proven.

            Examples:
              vault drill run
              vault drill run latest --sample 10
              vault drill run --scratch /tmp/scratch --valid-for 30d
            """)

    @Argument(help: ArgumentHelp("The snapshot; without it the latest of all.", valueName: "snapshot"))
    var snapshotArgument: TextArgument?

    @Option(name: .customLong("snapshot"), help: ArgumentHelp("The same as the argument.", valueName: "snapshot"))
    var snapshotOption: TextArgument?

    @Option(help: ArgumentHelp("Restore only this part of the data, above 0 up to 100.", valueName: "percent"))
    var sample: Double?

    @Option(
        help: ArgumentHelp(
            "Make the scratch directory in this one; without it in TMPDIR or /var/tmp.", valueName: "dir"))
    var scratch: PathArgument?

    @Flag(help: "Keep the scratch directory in any case.")
    var keep = false

    @Option(help: ArgumentHelp("How long a scratch directory is kept, such as 12h; 7d without it.", valueName: "time"))
    var keepFailed: DurationArgument?

    @Option(help: ArgumentHelp("How long the proof counts, such as 30d; 90d without it.", valueName: "time"))
    var validFor: DurationArgument?

    @OptionGroup
    var threads: WorkerOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if snapshotArgument != nil, snapshotOption != nil {
            throw ValidationError("Give the snapshot once, as an argument or with --snapshot")
        }
        if let sample, !(sample > 0 && sample <= 100) {
            throw ValidationError("--sample is a number above 0 and up to 100")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let console = context.console
        var request = DrillRequest(scratch: scratch?.bytes ?? context.environment.scratchDirectory)
        request.snapshot = (snapshotArgument ?? snapshotOption)?.text ?? "latest"
        request.percent = sample
        request.keep = keep
        request.keepSeconds = keepFailed?.seconds ?? request.keepSeconds
        request.validSeconds = validFor?.seconds ?? request.validSeconds
        request.workers = threads.workers ?? 0
        let client = try context.client()
        let opened = try context.repository(repository, client)
        // A wrong name is told before a passphrase is asked for.
        _ = try Snapshots.find(request.snapshot, in: opened)
        let access = try context.readAccess(opened, repository, client, .drill)
        let progress = ProgressRenderer(console, "Drilling")
        let report = try progress.ending {
            try Drill.run(request, with: access, events: progress, cancellation: context.cancellation)
        }
        try DrillText.write(report, console)
        switch report.verdict {
        case .proven: return .done
        case .failed: return .drillFailed
        case .notProven, .skipped: return .notProven
        }
    }
}
