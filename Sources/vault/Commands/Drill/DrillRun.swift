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

            Where the snapshot has dumps of databases, each is loaded into a server made for the drill, and every table is \
            compared with what was noted at the backup; without that such a snapshot is not proven. With --script a \
            program of yours says by its exit status whether it can work with the restored files: it runs in their \
            directory, as nobody and without network. With --malware ClamAV reads all of them.

            The exit status is 0 only for a proof: 20 when something is not as it was, 21 when nothing was proven.

            Examples:
              vault drill run
              vault drill run latest --sample 10
              vault drill run --select random --system web --rto 4h --rpo 26h
              vault drill run --scratch /tmp/scratch --valid-for 30d
              vault drill run --script test -d etc
            """)

    @Argument(help: ArgumentHelp("The snapshot; without it the latest of all.", valueName: "snapshot"))
    var snapshotArgument: TextArgument?

    @Option(name: .customLong("snapshot"), help: ArgumentHelp("The same as the argument.", valueName: "snapshot"))
    var snapshotOption: TextArgument?

    @Option(
        help: ArgumentHelp(
            "Choose among the snapshots of a system: newest, random (by a seed that is recorded), or oldest-unproven, "
                + "the one with the byte that is without proof for longest.", valueName: "how"))
    var select: DrillSelectArgument?

    @Option(help: ArgumentHelp("The system to choose from, with --select.", valueName: "name"))
    var system: TextArgument?

    @Option(help: ArgumentHelp("Restore only this part of the data, above 0 up to 100.", valueName: "percent"))
    var sample: Double?

    @Option(
        help: ArgumentHelp(
            "Make the scratch directory in this one; without it in TMPDIR or /var/tmp.", valueName: "dir"))
    var scratch: PathArgument?

    @Option(
        help: ArgumentHelp(
            "End a scratch server that has more than this on disk; without it 8 times the dumps, or 2G if that is more.",
            valueName: "size"))
    var scratchLimit: SizeArgument?

    @Flag(help: "Keep the scratch directory in any case.")
    var keep = false

    @Option(help: ArgumentHelp("How long a scratch directory is kept, such as 12h; 7d without it.", valueName: "time"))
    var keepFailed: DurationArgument?

    @Option(help: ArgumentHelp("How long the proof counts, such as 30d; 90d without it.", valueName: "time"))
    var validFor: DurationArgument?

    @Flag(name: .customLong("no-databases"), help: "Start no databases; a snapshot with dumps is not proven then.")
    var noDatabases = false

    @Flag(help: "Have ClamAV (clamscan) search the restored files.")
    var malware = false

    @Option(help: ArgumentHelp("Signatures for --malware, instead of those of the machine.", valueName: "file"))
    var malwareSignatures: PathArgument?

    @Option(help: ArgumentHelp("How long bringing it back may take, such as 4h; a miss is said.", valueName: "time"))
    var rto: DurationArgument?

    @Option(help: ArgumentHelp("How old the data may be, such as 26h; a miss is said.", valueName: "time"))
    var rpo: DurationArgument?

    @Option(help: ArgumentHelp("How long --script may run; 1h without it.", valueName: "time"))
    var scriptTimeout: DurationArgument?

    @Option(
        parsing: .remaining,
        help: ArgumentHelp(
            "A program, with its arguments, that says by its exit status whether it can work with the restored files. "
                + "The last option: all that follows is its own.", valueName: "program"))
    var script: [PathArgument] = []

    @Option(
        help: ArgumentHelp(
            "Restore from this copy of the repository; the evidence goes into the repository, and is of the copy.",
            valueName: "dir"))
    var fromCopy: PathArgument?

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
        if select != nil, snapshotArgument != nil || snapshotOption != nil {
            throw ValidationError("Name a snapshot, or have one chosen with --select; not both")
        }
        if system != nil, select == nil {
            throw ValidationError("--system goes with --select; otherwise name the snapshot latest:SYSTEM")
        }
        if malwareSignatures != nil, !malware { throw ValidationError("--malware-signatures goes with --malware") }
        if scriptTimeout != nil, script.isEmpty { throw ValidationError("--script-timeout goes with --script") }
        if let sample, !(sample > 0 && sample <= 100) {
            throw ValidationError("--sample is a number above 0 and up to 100")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let console = context.console
        var request = DrillRequest(scratch: scratch?.bytes ?? context.environment.scratchDirectory)
        request.scratchBytesMax = scratchLimit?.byteCount
        request.snapshot = (snapshotArgument ?? snapshotOption)?.text ?? "latest"
        request.percent = sample
        request.keep = keep
        request.keepSeconds = keepFailed?.seconds ?? request.keepSeconds
        request.validSeconds = validFor?.seconds ?? request.validSeconds
        request.workers = threads.workers ?? 0
        request.selection = select?.selection ?? .named
        request.system = system?.text
        request.databases = !noDatabases
        request.malware = malware
        request.malwareSignatures = malwareSignatures?.bytes
        request.rtoSeconds = rto?.seconds ?? 0
        request.rpoSeconds = rpo?.seconds ?? 0
        request.scriptSeconds = scriptTimeout?.seconds ?? request.scriptSeconds
        request.script = script.map(\.bytes)
        let client = try context.client()
        let opened = try context.repository(repository, client)
        // A wrong name is told before a passphrase is asked for.
        try Drill.checkChoice(request, in: opened)
        // A copy that is not there is told before a passphrase is asked for, too.
        let copy = try fromCopy.map { try client.open($0.bytes) }
        let access = try context.readAccess(opened, repository, client, .drill)
        let content = copy.map { access.reading($0) }
        let progress = ProgressRenderer(console, "Drilling")
        let report = try progress.ending {
            try Drill.run(request, with: access, from: content, events: progress, cancellation: context.cancellation)
        }
        try DrillText.write(report, console)
        switch report.verdict {
        case .proven: return .done
        case .failed: return .drillFailed
        case .notProven, .skipped: return .notProven
        }
    }
}
