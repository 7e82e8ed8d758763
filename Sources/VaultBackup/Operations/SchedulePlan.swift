/// What `vault schedule install` is asked for.
public struct ScheduleRequest: Sendable {
    /// The folder of policies.
    public var policies: [UInt8]
    /// The repository of policies that name none; nil when there is none.
    public var repository: [UInt8]?
    /// The program that is started.
    public var program: [UInt8]
    /// `NAME=value` items that it needs.
    public var variables: [[UInt8]] = []
    /// Where drills restore to unless their policy says otherwise.
    public var scratch: [UInt8]
    /// Where units are written, and then not started; nil for where the machine looks for them.
    public var folder: [UInt8]?
    /// Whether cron is used instead of systemd.
    public var usesCron = false
    /// Minutes after midnight when nightly work begins.
    public var startMinute = 60
    /// Whether a new policy asks for drills when nobody is present.
    public var withDrills = false
    /// The language of the reminder.
    public var language = Language.english

    /// A schedule for a program.
    public init(policies: [UInt8], program: [UInt8], scratch: [UInt8]) {
        self.policies = policies
        self.program = program
        self.scratch = scratch
    }
}

/// All that an installation does, before it does it.
public struct SchedulePlan: Sendable {
    /// A file that is written.
    public struct File: Sendable, Equatable {
        /// Where.
        public var path: [UInt8]
        /// What.
        public var text: String
    }

    /// The files, in the order in which they are written.
    public var files: [File] = []
    /// Commands that are run afterwards.
    public var commands: [[String]] = []
    /// Sentences for the user: what will happen, and what he should know.
    public var notes: [String] = []
    /// The folder of policies, where it is remembered what was written.
    let policies: [UInt8]

    /// Works out what is to be done. Nothing is changed.
    ///
    /// - Throws: ``VaultError`` `.usage` when a policy is wrong or has no repository, and what opening a repository
    ///   throws.
    public init(_ request: ScheduleRequest, client: Client) throws {
        var request = request
        request.policies = Schedule.absolute(request.policies)
        request.folder = request.folder.map(Schedule.absolute)
        policies = request.policies
        let set = try PolicyFiles.read(request.policies, remembered: request.repository)
        if let problem = set.problems.first(where: \.isError) {
            throw VaultError(
                .usage, "The policies in \(PathText.readable(request.policies)) have mistakes: \(problem)",
                nextStep: "Correct them; 'vault system lint' lists them all")
        }
        var all = set.entries.map(\.policy)
        if all.isEmpty {
            let policy = try Self.newPolicy(request, client)
            all = [policy]
            let file = PathBytes.join(
                PathBytes.join(request.policies, Array("systems".utf8)), Array("\(policy.system).yaml".utf8))
            files.append(File(path: file, text: WardServerPolicy.text(policy)))
            notes.append(
                "The system '\(policy.system.shownInPolicy)' gets a policy, \(PathText.readable(file))")
        } else {
            notes.append(
                "What is done stands in \(set.fileCount == 1 ? "the policy" : "the \(set.fileCount) policies") "
                    + "in \(PathText.readable(request.policies))")
        }
        let settings = try Self.settings(request, all, client)
        try addTimers(request, settings, client)
        try Self.expectNames(files.map(\.path))
        notes += Self.notes(settings, all, request)
    }

    // MARK: Policy

    private static func newPolicy(_ request: ScheduleRequest, _ client: Client) throws -> SystemPolicy {
        guard let repository = request.repository else {
            throw VaultError(
                .usage, "No repository is named, and none was made by this user",
                nextStep: "Make one with 'vault init DIR', then run this command again")
        }
        let opened = try client.open(repository)
        // Whoever has no identity that may add learns it now, and not from a backup that was never made.
        _ = try client.defaultFile(opened, .write)
        let paths = WardServerPolicy.candidates.map { Array($0.utf8) }.filter {
            (try? FileStatus.read($0).kind) == .directory
        }
        return WardServerPolicy.policy(
            system: systemName(opened, client), paths: paths, repository: RepositoryPlace.absolute(repository),
            hasMail: hasSendmail, withDrills: request.withDrills)
    }

    /// The one system that this machine may write, else its name.
    private static func systemName(_ repository: Repository, _ client: Client) -> String {
        if let file = try? client.defaultFile(repository, .write),
            case .file(let file)? = try? IdentitySource.load(file),
            let member = repository.state.keyring.member(file.id), member.systems.count == 1,
            member.systems[0] != Member.anySystem
        {
            return member.systems[0]
        }
        let name = String(Host.name.map { $0 == "/" || $0 == ":" ? "-" : $0 })
        return name.isEmpty ? "host" : name
    }

    static var hasSendmail: Bool { (try? FileStatus.read(Array("/usr/sbin/sendmail".utf8))) != nil }

    // MARK: Settings

    private static func settings(
        _ request: ScheduleRequest, _ policies: [SystemPolicy], _ client: Client
    ) throws -> ScheduleSettings {
        var settings = ScheduleSettings(program: request.program)
        settings.variables = request.variables
        settings.startMinute = request.startMinute
        settings.isSystem = Host.isRoot
        settings.language = request.language
        settings.machineNumber = Int(SHA256.digest(Array(Host.name.utf8)).bytes[0]) * 7
        settings.hasHooks = policies.contains { $0.hooks != PolicyHooks() || !$0.notification.command.isEmpty }
        settings.hasMail = policies.contains { !$0.notification.mail.isEmpty }
        settings.mailsReminder = hasSendmail
        settings.hasDrills = policies.contains { $0.drill != nil }
        settings.shortestSpan = policies.flatMap(spans).min() ?? 86_400
        settings.longestRun = policies.reduce(0) { $0 + $1.schedule.timeout.seconds }
        var writable = [client.folders.config, client.folders.cache, Array("/tmp".utf8), request.scratch]
        for policy in policies {
            guard let repository = policy.repository ?? request.repository else {
                throw VaultError(
                    .usage,
                    "The policy of '\(policy.system.shownInPolicy)' names no repository, and none was made by this user",
                    nextStep: "Write 'repository:' into it, or make one with 'vault init DIR'")
            }
            writable.append(RepositoryPlace.absolute(repository))
            // A copy that is not begun yet makes its directory.
            writable += policy.copies.flatMap { copy in
                (try? FileStatus.read(copy.path)) != nil ? [copy.path] : [copy.path, PathBytes.split(copy.path).parent]
            }
            if let scratch = policy.drill?.scratch { writable.append(scratch) }
            if let file = policy.notification.textfile { writable.append(PathBytes.split(file).parent) }
            // A database with a write-ahead log cannot be read without writing beside it.
            for name in policy.sources.databases {
                if let name = try? DatabaseName(Array(name.utf8)), name.engine == .sqlite {
                    writable.append(PathBytes.split(name.name).parent)
                }
            }
        }
        settings.writable = writable.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        try expectNames([settings.program] + settings.variables + settings.writable)
        return settings
    }

    /// Units, tables of cron, and the record of what was written have one line for each.
    private static func expectNames(_ names: [[UInt8]]) throws {
        for name in names where !ScheduleSettings.canName(name) {
            throw VaultError(
                .usage, "\(PathText.readable(name)) cannot stand in a unit or in a table of cron",
                nextStep: "Use a path without control characters, in UTF-8")
        }
    }

    private static func spans(_ policy: SystemPolicy) -> [Int] {
        let schedule = policy.schedule
        let others = [schedule.copy, schedule.verify, schedule.prune, policy.drill?.frequency].compactMap {
            $0?.seconds
        }
        return [schedule.backup.seconds] + others + policy.copies.compactMap { $0.every?.seconds }
    }

    // MARK: Timers

    private mutating func addTimers(
        _ request: ScheduleRequest, _ settings: ScheduleSettings, _ client: Client
    ) throws {
        if request.usesCron {
            guard settings.isSystem || request.folder != nil else {
                throw VaultError(
                    .usage, "Only root can write a table for cron",
                    nextStep: "Run 'crontab -e' and add the line: "
                        + "0 1 * * * \(CronTable.quoted(settings.program)) run --quiet")
            }
            let folder = request.folder ?? Array("/etc/cron.d".utf8)
            files.append(
                File(path: PathBytes.join(folder, Array(CronTable.fileName.utf8)), text: CronTable(settings).text))
            return
        }
        let folder = request.folder ?? Self.unitFolder(client.folders)
        for unit in ServiceUnits(settings).files {
            files.append(File(path: PathBytes.join(folder, Array(unit.name.utf8)), text: unit.text))
        }
        if request.folder == nil {
            commands = [
                Self.systemctl + ["daemon-reload"], Self.systemctl + ["enable", "--now"] + ServiceUnits.timers,
            ]
        }
    }

    /// Where systemd looks for units of this user, whose own folders are beside ours.
    static func unitFolder(_ folders: LocalFolders) -> [UInt8] {
        if Host.isRoot { return Array("/etc/systemd/system".utf8) }
        return PathBytes.join(PathBytes.split(folders.config).parent, Array("systemd/user".utf8))
    }

    static var systemctl: [String] { Host.isRoot ? ["systemctl"] : ["systemctl", "--user"] }
}
