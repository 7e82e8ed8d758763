internal import ArgumentParser
internal import VaultBackup

/// `vault schedule`
struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Have backups and checks done every night.",
        subcommands: [
            ScheduleInstallCommand.self, ScheduleShowCommand.self, ScheduleRemoveCommand.self,
            ScheduleRemindCommand.self,
        ])
}

/// `vault schedule install`
struct ScheduleInstallCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Put timers in place that do what is due, every night.",
        discussion: """
            Without any configuration: the directories of an ordinary server (/etc, /home, /root, /srv, /var/www, ... as far \
            as they are there) are saved every night into the repository that 'vault init' made; 7 daily, 5 weekly, 12 \
            monthly and 3 yearly snapshots are kept; every stored byte is read once a week; and once a month you are \
            reminded of a restore drill with a person present. This is written down in a policy, which you may change. \
            Policies that are there already are taken as they are.

            The timers are those of systemd, with a service that may write to the repository and little else, or with \
            --cron a table for cron. 'vault schedule remove' undoes it.

            Drills that run when nobody is present are asked for with --with-drills, or in a policy. Their price: this \
            machine must be able to read its backups, so whoever breaks into it can read them too. docs/POLICIES.md tells more.

            Examples:
              vault schedule install --dry-run
              vault schedule install --dry-run --at 02:30 --cron
              vault schedule install --folder /tmp/units
            """)

    @Flag(name: [.customShort("n"), .long], help: "Only show what would be written and run.")
    var dryRun = false

    @Option(help: ArgumentHelp("When nightly work begins, in local time; 01:00 without it.", valueName: "hh:mm"))
    var at: MinuteArgument?

    @Flag(help: "Use cron instead of systemd.")
    var cron = false

    @Flag(help: "Let a new policy ask for drills when nobody is present.")
    var withDrills = false

    @Option(help: ArgumentHelp("Write the units into this directory, and start nothing.", valueName: "dir"))
    var folder: PathArgument?

    @OptionGroup(title: "Policies")
    var policies: PolicyOptions

    @OptionGroup
    var language: LanguageOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        guard let program = Host.programPath else {
            throw VaultError(
                .failed, "The path of this program cannot be found", nextStep: "Mount /proc, and run it again")
        }
        if !cron, folder == nil, !dryRun, !Schedule.hasSystemd {
            throw VaultError(
                .usage, "This machine is not managed by systemd",
                nextStep: "Give --cron, or write the units elsewhere with --folder DIR")
        }
        var request = ScheduleRequest(
            policies: try policies.folder(context), program: program, scratch: context.environment.scratchDirectory)
        request.repository =
            repository.repository?.bytes ?? context.environment.repository ?? client.rememberedRepository()
        request.folder = folder?.bytes
        request.usesCron = cron
        request.startMinute = at?.minute ?? 60
        request.withDrills = withDrills
        request.language = language.language(in: context)
        request.variables = try variables(context)
        let plan = try SchedulePlan(request, client: client)
        if !dryRun { try Schedule.install(plan) }
        try ScheduleText.write(plan, isDryRun: dryRun, context.console)
        return .done
    }

    /// What the program finds its files by, as far as it is not what root has anyway.
    private func variables(_ context: Context) throws -> [[UInt8]] {
        let environment = context.environment
        var variables: [[UInt8]] = []
        func add(_ name: String, _ value: [UInt8]?) {
            if let value { variables.append(Array("\(name)=".utf8) + value) }
        }
        add("XDG_CONFIG_HOME", environment.configHome)
        add("XDG_CACHE_HOME", environment.cacheHome)
        if environment.home != Host.homeDirectory { add("HOME", environment.home) }
        let folder = try policies.folder(context)
        if policies.directory != nil || environment.policies != nil { add("VAULT_POLICIES", Schedule.absolute(folder)) }
        add("VAULT_CACHE_DIR", (context.options.cacheDir?.bytes ?? environment.cacheDirectory).map(Schedule.absolute))
        add("TMPDIR", environment.temporaryDirectory)
        return variables
    }
}

/// `vault schedule show`
struct ScheduleShowCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what was installed, and whether it was changed since.",
        discussion: """
            The exit status is 1 when no schedule is installed, or when a file of it is missing.

            Examples:
              vault schedule show
              vault schedule show --json
            """)

    @OptionGroup(title: "Policies")
    var policies: PolicyOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let items = try Schedule.items(try policies.folder(context))
        try ScheduleText.write(items, context.console)
        return items.isEmpty || items.contains { $0.state == .missing } ? .failed : .done
    }
}

/// `vault schedule remove`
struct ScheduleRemoveCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Undo 'vault schedule install'.",
        discussion: """
            Timers are stopped, and exactly what was written is taken away. A file that was changed since, such as a policy \
            that you have made your own, is kept and named. Backups are not touched.

            Examples:
              vault schedule remove
            """)

    @OptionGroup(title: "Policies")
    var policies: PolicyOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let outcome = try Schedule.remove(policies.folder(context), client: context.client())
        try ScheduleText.write(removed: outcome.removed, kept: outcome.kept, context.console)
        return .done
    }
}

/// `vault schedule remind`
struct ScheduleRemindCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "remind",
        abstract: "Say that it is time for a restore drill with a person present.",
        discussion: """
            This is what the monthly timer runs. It needs no key, and names each system with the day of its last proven \
            restore.

            Examples:
              vault schedule remind
              vault schedule remind --language vi
            """)

    @Option(
        help: ArgumentHelp("Mail it to this address through sendmail, instead of writing it.", valueName: "address"))
    var mail: TextArgument?

    @OptionGroup
    var language: LanguageOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        let isFit = mail?.text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f } ?? true
        if !isFit || mail?.text.isEmpty == true { throw ValidationError("--mail is no address") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let reminder = try Reminder(
            context.repository(repository), language: language.language(in: context), zone: Host.localTimeZone)
        if let mail { try reminder.mail(to: mail.text, cancellation: context.cancellation) }
        try ScheduleText.write(reminder, isMailed: mail != nil, context.console)
        return .done
    }
}

/// A time of day as an argument: `02:30`.
struct MinuteArgument: ExpressibleByArgument, Sendable {
    /// Minutes after midnight.
    let minute: Int

    init?(argument: String) {
        guard let window = PolicyWindow("\(argument)-\(argument == "00:00" ? "00:01" : "00:00")") else { return nil }
        minute = window.start
    }
}
