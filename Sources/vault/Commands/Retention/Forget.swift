internal import ArgumentParser
internal import VaultBackup

/// `vault forget`
struct ForgetCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Let snapshots go: by rules of what to keep, or by name.",
        discussion: """
            The rules have restic's names. What any of them keeps is kept; the rest is forgotten, and stays on the disk \
            until prune takes it: so long --undo brings it back. --dry-run says what would be done with each snapshot, \
            and why; it needs no identity. Each system, and each writer of it, is judged for itself.

            A repository keeps each snapshot for a time, and some days with one, whatever the rules say (30 days and 7, \
            by default). What is named goes all the same, and so does what rules let go with --early: by an order, \
            which administrators approve. What is held (vault hold) stays. With --prune, what nothing uses any more is \
            deleted at once, as vault prune does it, and cannot be brought back. docs/RETENTION.md has it all.

            Examples:
              vault forget --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --dry-run
              vault forget --keep-within 30d --keep-yearly unlimited --system web
              vault forget --keep-last 3 --keep-tag before-upgrade --group-by system
              vault forget --keep-daily 14 --prune --dry-run
            """)

    @Argument(
        help: ArgumentHelp("Snapshots to forget; without any the rules say which.", valueName: "snapshot"),
        completion: Completions.snapshot)
    var snapshots: [TextArgument] = []

    @OptionGroup(title: "What to keep")
    var keep: RetentionOptions

    @Option(
        help: ArgumentHelp("Judge only those of this system.", valueName: "name"), completion: Completions.system)
    var system: TextArgument?

    @Option(
        name: .customLong("tag"), parsing: .singleValue,
        help: ArgumentHelp("Judge only those with this tag, or all of several, a,b; any number.", valueName: "tags"))
    var tags: [TagsArgument] = []

    @Option(
        help: ArgumentHelp("Judge apart what differs in these: system, writer, tags.", valueName: "words"))
    var groupBy: GroupingArgument?

    @Flag(help: "Days and hours are those of UTC, not of local time.")
    var utc = false

    @Flag(name: [.customShort("n"), .long], help: "Say what would be done, and why, and do nothing.")
    var dryRun = false

    @Flag(help: "Order what is not due by routine to be forgotten as well.")
    var early = false

    @Flag(name: .customLong("unsafe-allow-remove-all"), help: "Let all snapshots of a system go.")
    var mayRemoveAll = false

    @Flag(help: "Bring the named snapshots back.")
    var undo = false

    @Option(help: ArgumentHelp("Why; everybody can read it.", valueName: "text"))
    var reason: TextArgument?

    @Flag(help: "Then prune, whether or not anything was forgotten.")
    var prune = false

    @OptionGroup(title: "With --prune")
    var pruneOptions: PruneOptions

    @OptionGroup(title: "Pace")
    var paceOptions: PaceOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        let hasFilter = system != nil || !tags.isEmpty || groupBy != nil || early || utc
        if undo {
            guard !snapshots.isEmpty else { throw ValidationError("--undo needs the snapshots to bring back") }
            guard !keep.isUsed, !hasFilter, !dryRun, !mayRemoveAll, !prune else {
                throw ValidationError("--undo takes snapshots and --reason, nothing else")
            }
        }
        guard prune || !pruneOptions.isUsed else {
            throw ValidationError("--max-unused, --max-repack-size, --delay and --keep-unfinished need --prune")
        }
        if !snapshots.isEmpty, keep.isUsed || hasFilter {
            throw ValidationError("Give snapshots, or rules of what to keep, not both")
        }
    }

    func run(in context: Context) throws -> ExitStatus {
        if undo { return try bringBack(in: context) }
        let context = context.paced(paceOptions)
        var request = ForgetRequest()
        request.snapshots = snapshots.map(\.text)
        request.rules = keep.rules
        request.system = system?.text
        request.tags = tags.map(\.tags)
        if let groupBy { request.grouping = groupBy.grouping }
        request.zone = utc ? .utc : Host.localTimeZone
        request.mayOrder = early
        request.mayRemoveAll = mayRemoveAll
        request.reason = reason?.text ?? ""
        let client = try context.client()
        let opened = try context.repository(repository, client)
        // Whatever is wrong with the request is told before a passphrase is asked for.
        var report = try Forget.plan(request, in: opened)
        if keep.rules.isByNumberAlone {
            context.console.notice(
                "A rule by number alone can be used up by whoever may make snapshots; --keep-daily or --keep-within cannot"
            )
        }
        let forgets = !dryRun && report.plan.decisions.contains { $0.action.forgets }
        // One unlocking for both.
        let identity = try forgets || prune ? context.identity(for: opened, .maintain, repository, client) : nil
        if forgets, let identity {
            report = try Forget.run(request, with: SigningAccess(opened, identity))
        } else {
            report.isDryRun = dryRun
        }
        try ForgetText.write(report, isByName: !snapshots.isEmpty, context.console)
        if prune, let identity { try takeAway(report, opened, identity, context) }
        return .done
    }

    private func takeAway(
        _ report: ForgetReport, _ opened: Repository, _ identity: Identity, _ context: Context
    ) throws {
        let access = try MaintainAccess(opened, identity)
        var request = pruneOptions.request
        request.dryRun = dryRun
        if dryRun {
            // An order that others have yet to approve lets nothing go.
            let isAlone = access.repository.state.keyring.administratorQuorum == 1
            request.forgetting = report.plan.decisions.filter {
                $0.action == .forget || isAlone && $0.action == .order
            }.map(\.snapshot.id)
        }
        try context.console.flush()
        let progress = ProgressRenderer(context.console, "Pruning")
        let pruned = try progress.ending {
            try Prune.run(
                request, with: access, events: progress,
                cancellation: context.cancellation)
        }
        try PruneText.write(pruned, isDryRun: dryRun, context.console)
    }

    private func bringBack(in context: Context) throws -> ExitStatus {
        let access = try context.signingAccess(repository, .maintain)
        let back = try Recall.run(snapshots.map(\.text), reason: reason?.text ?? "", with: access)
        if context.console.isJSON {
            try context.console.result(
                "forget-undo", [("snapshots", .array(back.map { .object(SnapshotText.json($0)) }))])
        } else {
            for snapshot in back {
                try context.console.line("Brought back \(snapshot.id.hex.prefix(8)) of \(snapshot.system.shown)")
            }
        }
        return .done
    }
}
