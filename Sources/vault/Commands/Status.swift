internal import ArgumentParser
internal import VaultBackup

/// `vault status`
struct StatusCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show whether the backups of each system are known to be restorable.",
        discussion: """
            Needs no key, so monitoring can run it. For each system: how old the newest snapshot is, how much of its \
            stored bytes drills have proven (counted by packs), how long the oldest byte is without proof, and what \
            that comes to. The exit status is 0 when all systems are proven, 20 when the last drill of one failed, 21 \
            when something was never proven, 22 when a proof has expired, 23 when the log is damaged.

            Examples:
              vault status
              vault status --system web --json
            """)

    @Option(help: ArgumentHelp("Only this system.", valueName: "name"))
    var system: TextArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository)
        let report = try Status.run(opened, system: system?.text)
        try StatusText.write(report, context.console)
        if !report.damage.isEmpty { return .damaged }
        switch report.verdict {
        case .proven: return .done
        case .notProven: return .notProven
        case .expired: return .evidenceExpired
        case .failed: return .drillFailed
        }
    }
}
