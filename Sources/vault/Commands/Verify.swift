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

            Examples:
              vault verify
              vault verify --read-data=10
              vault verify --read-data --passphrase-file passphrase.txt
            """)

    @Option(
        defaultAsFlag: 100.0,
        help: ArgumentHelp("Read packs too: all, or this part of them, chosen at random.", valueName: "percent"))
    var readData: Double?

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
    }

    func run(in context: Context) throws -> ExitStatus {
        let context = context.paced(paceOptions)
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let usesKeys = context.identityFile(repository) != nil || context.hasPassphraseSource
        let access = usesKeys ? try context.readAccess(opened, repository, client) : nil
        let progress = ProgressRenderer(context.console, "Verifying")
        var request = VerifyRequest(readDataPercent: readData)
        request.workers = threads.workers ?? 0
        let report = try progress.ending {
            try Verify.run(request, opened, with: access, events: progress, cancellation: context.cancellation)
        }
        try render(report, context.console)
        return report.findings.isEmpty ? .done : .damaged
    }

    private func render(_ report: VerifyReport, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "verify",
                [
                    ("records", .integer(report.records)), ("snapshots", .integer(report.snapshots)),
                    ("packs", .integer(report.packs)), ("packsRead", .integer(report.packsRead)),
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
        if readData != nil { facts.add("Read", Units.bytes(report.bytesRead)) }
        facts.add("Trees", report.isContentChecked ? "checked" : "not checked, which needs an identity")
        facts.add("Damage", report.findings.isEmpty ? "none found" : Units.count(report.findings.count))
        try console.write(facts)
    }
}
