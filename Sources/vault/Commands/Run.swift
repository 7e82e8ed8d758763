internal import ArgumentParser
internal import VaultBackup

/// `vault run`
struct RunCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Do what is due by the policies of this machine.",
        discussion: """
            Meant for timers: it asks nothing, may be started at any time and as often as one likes, does only what is \
            due, and makes up for what was missed. In this order: backups, copies, retention, prune, a look at all stored \
            bytes, drills. What fails does not keep the rest from being done; who is named in a policy is told. While one \
            run works, another does nothing.

            The machine's identity can only add. What needs more (retention, prune, drills) is done if an identity with the \
            role is at hand that opens with nobody there; else it is skipped and named.

            Exit status: 0 when all that was due is done or skipped, 3 when something is missing in a backup, 20 or 21 \
            when a drill failed or proved nothing, 23 for damage, 11 when another run has worked for longer than its \
            policy allows, 1 for anything else that failed. docs/POLICIES.md tells what a policy can say.

            Examples:
              vault run --dry-run
              vault run
              vault run --force --only backup,copy
            """)

    @Argument(help: ArgumentHelp("Only these systems; without any all.", valueName: "system"))
    var systems: [TextArgument] = []

    @Flag(name: [.customShort("n"), .long], help: "Only say what is due, and why.")
    var dryRun = false

    @Flag(help: "Do it all, due or not.")
    var force = false

    @Option(
        help: ArgumentHelp(
            "Only these: \(RunTask.allCases.map(\.rawValue).joined(separator: ", ")); separated by commas.",
            valueName: "tasks"))
    var only: TasksArgument?

    @OptionGroup(title: "Policies")
    var policies: PolicyOptions

    @OptionGroup(title: "Pace")
    var paceOptions: PaceOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let context = context.paced(paceOptions)
        let client = try context.client()
        let loaded = try policies.load(in: context)
        for problem in loaded.problems { context.console.warning(problem.description) }
        guard !loaded.policies.isEmpty || !loaded.problems.isEmpty else {
            throw VaultError(
                .usage, "There is no policy in \(PathText.readable(try policies.folder(context)))",
                nextStep: "Put one there, or run 'vault schedule install', which makes one for this machine")
        }
        let chosen = try choose(loaded.policies)
        let taken = try dryRun ? nil : RunLock.acquire(client.folders, now: client.now)
        if let taken, taken.lock == nil { return try isBusy(taken.holder, chosen, client.now, context.console) }
        defer { withExtendedLifetime(taken?.lock) {} }
        var request = RunRequest(chosen, scratch: context.environment.scratchDirectory)
        request.only = only?.tasks
        request.isForced = force
        request.isDryRun = dryRun
        request.zone = Host.localTimeZone
        let which = repository
        let progress = ProgressRenderer(context.console, "Working")
        let run = Run(
            request, client: client, location: { try context.location(which, client) },
            identity: { try Self.identity($0, $1, which, client, context) }, events: progress,
            cancellation: context.cancellation)
        let report = try progress.ending { try run.run() }
        let problems = loaded.problems.count(where: \.isError)
        try RunText.write(report, context.console)
        let untold = dryRun ? 0 : tell(report, problems, chosen, client, context)
        if let worst = report.worst { return ExitStatus(worst) }
        return problems + untold > 0 ? .failed : .done
    }

    private func choose(_ policies: [SystemPolicy]) throws -> [SystemPolicy] {
        for system in systems where !policies.contains(where: { $0.system.hasSameBytes(as: system.text) }) {
            throw VaultError(
                .usage, "There is no policy for the system '\(system.text.shown)'", nextStep: "See 'vault system list'")
        }
        guard !systems.isEmpty else { return policies }
        return policies.filter { policy in systems.contains { $0.text.hasSameBytes(as: policy.system) } }
    }

    /// Another run works. That is as it should be, unless it has worked for too long.
    private func isBusy(
        _ holder: RunLock.Holder?, _ policies: [SystemPolicy], _ now: Timestamp, _ console: Console
    ) throws -> ExitStatus {
        guard let holder else {
            console.notice("Another run has just begun")
            return .done
        }
        let seconds = Int((now.milliseconds - holder.started.milliseconds) / 1_000)
        let limit = policies.map(\.schedule.timeout).max() ?? .day
        if seconds > limit.seconds {
            throw VaultError(
                .sessionConflict,
                "Process \(holder.process) has been running 'vault run' since \(holder.started), longer than \(limit)",
                nextStep: "See what it waits for, and end it with 'kill \(holder.process)'; the next run goes on")
        }
        console.notice("Another run (process \(holder.process)) has been working since \(holder.started)")
        return .done
    }

    /// An identity that opens with nobody there: the one that is named, else a fitting one of this user.
    private static func identity(
        _ repository: Repository, _ purpose: Client.Purpose, _ which: RepositoryOptions, _ client: Client,
        _ context: Context
    ) throws -> Identity? {
        let hasPassphrase = context.hasPassphraseSource
        guard
            let file = context.identityFile(which)
                ?? client.unattendedFile(of: repository, purpose, hasPassphrase: hasPassphrase)
        else { return nil }
        return try client.identity(for: repository, purpose, file: file) {
            guard hasPassphrase else {
                throw VaultError(
                    .wrongIdentity, "The identity \(PathText.readable(file)) needs a passphrase, and nobody is here",
                    nextStep: "Set VAULT_PASSPHRASE_FILE or VAULT_PASSPHRASE_COMMAND")
            }
            return try context.passphrase("Passphrase")
        }
    }

    /// Tells whom the policies name; what cannot be told is a failure that nobody may overlook. Returns how much was
    /// not told.
    private func tell(
        _ report: RunReport, _ problems: Int, _ policies: [SystemPolicy], _ client: Client, _ context: Context
    ) -> Int {
        var untold = 0
        func trying(_ work: () throws -> Void) {
            do { try work() } catch {
                untold += 1
                context.console.warning("\(error)")
            }
        }
        let notice = RunNotice(report, problems: problems, cancellation: context.cancellation)
        var mailed: Set<String> = []
        var told: Set<[[UInt8]]> = []
        var written: Set<[UInt8]> = []
        for notification in policies.map(\.notification) {
            if let file = notification.textfile, written.insert(file).inserted {
                trying { try RunMetrics(report, status: statuses(policies, client, context)).write(to: file) }
            }
            guard notification.on == .always && !report.outcomes.isEmpty || notice.hasFailed else { continue }
            let addresses = notification.mail.filter { mailed.insert($0).inserted }
            if !addresses.isEmpty { trying { try notice.mail(to: addresses) } }
            if !notification.command.isEmpty, told.insert(notification.command).inserted {
                trying { try notice.tell(notification.command) }
            }
        }
        return untold
    }

    private func statuses(
        _ policies: [SystemPolicy], _ client: Client, _ context: Context
    ) throws -> [StatusReport] {
        var places: [[UInt8]] = []
        for policy in policies {
            let place = try policy.repository ?? context.location(repository, client)
            if !places.contains(place) { places.append(place) }
        }
        return try places.map { place in
            try Status.run(
                client.open(place), expected: self.policies.expected(policies, place, context))
        }
    }
}

/// Tasks of a run as an argument: `backup,copy`.
struct TasksArgument: ExpressibleByArgument, Sendable {
    let tasks: Set<RunTask>

    init?(argument: String) {
        let words = argument.split(separator: ",").map { RunTask(rawValue: String($0)) }
        guard !words.isEmpty, !words.contains(nil) else { return nil }
        tasks = Set(words.compactMap { $0 })
    }
}
