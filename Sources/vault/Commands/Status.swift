internal import ArgumentParser
internal import VaultBackup

/// `vault status`
struct StatusCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show whether the backups of each system are known to be restorable.",
        discussion: """
            Needs no key, so monitoring can run it. One screen, the worst systems first: how old the newest snapshot \
            is, when a drill last proved something, how much of its stored bytes is proven (counted by packs), how \
            long the oldest byte is without proof, how long recovery took, against what a policy asks. Below: why, \
            how long ago this user read the stored bytes, the copies that this user knows, and who can restore. The \
            exit status is 0 when all systems are proven, 20 when the last drill of one failed, 21 \
            when something was never proven, 22 when a proof has expired, 23 when the log is damaged; and 1 when \
            nothing of that is so, but a recovery kit that was used has not been replaced: whoever took part in that \
            can read what is written from now on.

            Examples:
              vault status
              vault status --language vi --all
              vault status --system web --json
            """)

    @Flag(help: "Show all systems and warnings, not one screen of them.")
    var all = false

    @Option(help: ArgumentHelp("Only this system.", valueName: "name"))
    var system: TextArgument?

    @OptionGroup(title: "Policies")
    var policies: PolicyOptions

    @OptionGroup(title: "Language")
    var words: LanguageOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        let known = try policies.known(in: context)
        let objectives = Dictionary(
            known.map { ($0.system, $0.objectives) }, uniquingKeysWith: { first, _ in first })
        let expected = try system == nil ? policies.expected(known, context.location(repository, client), context) : []
        var report = try Status.run(opened, system: system?.text, objectives: objectives, expected: expected)
        report.copies = Copy.list(opened, client: client)
        try StatusText.write(report, context.console, words.language(in: context), isAll: all)
        if !report.usedKits.isEmpty {
            context.console.notice(
                "Until each recovery kit that was used is replaced, the exit status is not 0: "
                    + "vault recovery-kit replace --text FILE")
        }
        if !report.damage.isEmpty { return .damaged }
        switch report.verdict {
        case .proven: return report.usedKits.isEmpty ? .done : .failed
        case .notProven: return .notProven
        case .expired: return .evidenceExpired
        case .failed: return .drillFailed
        }
    }
}
