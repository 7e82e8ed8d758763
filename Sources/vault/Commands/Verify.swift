internal import ArgumentParser
internal import VaultBackup

/// `vault verify`
struct VerifyCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that the repository is complete and undamaged.",
        discussion: """
            Needs no key: signatures, the chain of the log and the presence of every pack are checked without one. \
            With an identity or a passphrase (an option, a variable or a credential) every directory tree is checked \
            too. With --read-data the packs are read from beginning to end. It never asks for anything unless \
            --identity names a locked file. Damage is named, and the exit status is 23.

            What was read is remembered: --max-age reads what was not read for so long, oldest first, --max-duration \
            ends after so long, and the next run goes on. Both together, run every night, come round everything.

            Examples:
              vault verify
              vault verify --read-data=10
              vault verify --read-data --passphrase-file passphrase.txt
              vault verify --max-age 30d --max-duration 2h
            """)

    @Option(
        defaultAsFlag: 100.0,
        help: ArgumentHelp("Read packs too: all, or this part of them, chosen at random.", valueName: "percent"))
    var readData: Double?

    @Option(
        help: ArgumentHelp("Read only packs that were not found right for so long, such as 30d.", valueName: "time"))
    var maxAge: DurationArgument?

    @Option(help: ArgumentHelp("Begin no more packs after so long, such as 2h.", valueName: "time"))
    var maxDuration: DurationArgument?

    @OptionGroup
    var threads: WorkerOptions

    @OptionGroup(title: "Pace")
    var paceOptions: PaceOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if let readData, !(readData > 0 && readData <= 100) {
            throw ValidationError("--read-data is a number above 0 and up to 100")
        }
        if maxAge != nil, let readData, readData < 100 {
            throw ValidationError("Give a part of the packs with --read-data, or --max-age, not both")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        let context = context.paced(paceOptions)
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let usesKeys = context.identityFile(repository) != nil || context.hasPassphraseSource
        let progress = ProgressRenderer(context.console, "Verifying")
        let readsData = readData != nil || maxAge != nil || maxDuration != nil
        var request = VerifyRequest(readDataPercent: readsData ? readData ?? 100 : nil)
        request.ageMaxSeconds = maxAge?.seconds
        request.durationMaxSeconds = maxDuration?.seconds
        request.workers = threads.workers ?? 0
        let keys = usesKeys ? try keys(for: request, opened, client, context) : nil
        let report = try progress.ending {
            try Verify.run(
                request, opened, with: keys?.access, ahead: keys?.ahead ?? Verify.Ahead(), events: progress,
                cancellation: context.cancellation)
        }
        try render(report, context.console)
        return report.findings.isEmpty ? .done : .damaged
    }

    private func keys(
        for request: VerifyRequest, _ opened: Repository, _ client: Client, _ context: Context
    ) throws -> (access: ReadAccess, ahead: Verify.Ahead) {
        func open() throws -> ReadAccess { try context.readAccess(opened, repository, client, .verify) }
        // With a limit, what is read ahead and then once more would cost time and not save it.
        if paceOptions.limitRead != nil || paceOptions.limitCpu != nil { return (try open(), Verify.Ahead()) }
        return try Verify.opening(request, opened, open)
    }

    private func render(_ report: VerifyReport, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "verify",
                [
                    ("records", .integer(report.records)), ("snapshots", .integer(report.snapshots)),
                    ("packs", .integer(report.packs)), ("packsRead", .integer(report.packsRead)),
                    ("packsLeft", .integer(report.packsLeft)),
                    ("bytesRead", .integer(report.bytesRead)), ("isContentChecked", .bool(report.isContentChecked)),
                    ("findings", .array(report.findings.map { .string($0) })),
                ])
        }
        for finding in report.findings { try console.line("Damage: \(finding)") }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Records", Units.count(report.records))
        facts.add("Snapshots", Units.count(report.snapshots))
        facts.add("Packs", "\(Units.count(report.packs)) present, \(Units.count(report.packsRead)) read")
        if report.packsRead > 0 { facts.add("Read", Units.bytes(report.bytesRead)) }
        if report.packsLeft > 0 {
            facts.add("Left", Units.count(report.packsLeft, "pack", "packs") + " for the next run: the time was up")
        }
        facts.add("Trees", report.isContentChecked ? "checked" : "not checked, which needs an identity")
        facts.add("Damage", report.findings.isEmpty ? "none found" : Units.count(report.findings.count))
        try console.write(facts)
    }
}
