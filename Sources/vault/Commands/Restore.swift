internal import ArgumentParser
internal import VaultBackup

/// `vault restore`
struct RestoreCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Write a snapshot, or a part of it, into a directory.",
        discussion: """
            Nothing outside the directory is touched, and no link in it is followed. What is damaged or cannot be \
            written is named, the rest is restored, and the exit status is 23. Reading asks for your passphrase; a \
            recovery kit given with --identity needs none. A restore that was interrupted is completed by the same \
            command with --overwrite if-changed.

            Patterns are those of 'vault backup --help', on the paths in the snapshot. What matches a directory \
            matches all that is in it.

            Examples:
              vault restore latest --target /tmp/all
              vault restore latest:/etc --target /tmp/etc
              vault restore latest --target /tmp/conf --include '*.conf'
              vault restore latest:/etc --target /tmp/etc --overwrite if-changed --delete --dry-run
            """)

    @Argument(
        help: ArgumentHelp("A snapshot, or a path in one.", valueName: "snapshot[:path]"),
        completion: Completions.snapshot)
    var what: PathArgument

    @Option(
        help: ArgumentHelp(
            "The directory to restore into; without --overwrite it must be new or empty.", valueName: "dir"),
        completion: .directory)
    var target: PathArgument

    @Option(
        help: ArgumentHelp("With 'latest': the last snapshot of this system.", valueName: "name"),
        completion: Completions.system)
    var system: TextArgument?

    @Option(
        help: ArgumentHelp(
            "With 'latest': the last snapshot that began then or before; a day, minute or second in UTC, as in "
                + "2026-01-31 or 2026-01-31T08:15.",
            valueName: "time"))
    var asOf: AsOfArgument?

    @OptionGroup(title: "What and how")
    var options: RestoreCommandOptions

    @OptionGroup(title: "Pace")
    var paceOptions: PaceOptions

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let context = context.paced(paceOptions)
        let console = context.console
        var request = RestoreRequest(try SnapshotPath(what.bytes), target: target.bytes)
        request.system = system?.text
        request.asOf = asOf?.time
        request.options = try options.request()
        request.options.pace = context.pace
        if options.dryRun {
            request.onChange = { RestoreText.write($0, console) }
        }
        let report = try options.report.map { try ReportFile($0.bytes) }
        request.onProblem = { problem in report?.add(RestoreText.line(problem)) }
        request.onMetadataProblem = { problem in
            if console.isJSON { RestoreText.write(problem, console) }
            report?.add(RestoreText.line(problem))
        }
        let access = try context.readAccess(repository, .restore, reading)
        let progress = ProgressRenderer(console, options.dryRun ? "Comparing" : "Restoring")
        let result = try progress.ending {
            do {
                return try Restore.run(request, with: access, events: progress, cancellation: context.cancellation)
            } catch let error as VaultError where error.code == .interrupted {
                // The same command would refuse a target that is not empty any more.
                guard options.overwrite == nil, !options.dryRun else { throw error }
                throw VaultError(
                    .interrupted, error.message, nextStep: "Add --overwrite if-changed to the command to go on",
                    cause: error.cause)
            }
        }
        try report?.finish()
        if console.isJSON {
            try console.result("restore", RestoreText.json(result, target.bytes, isDryRun: options.dryRun))
        } else {
            RestoreText.warn(result.notApplied, console)
            if !console.isQuiet { try console.write(RestoreText.facts(result, target.bytes, isDryRun: options.dryRun)) }
        }
        return result.problemCount == 0 ? .done : .damaged
    }
}

/// How to restore, as arguments.
struct RestoreCommandOptions: ParsableArguments {
    @Option(help: "What to do with what is there: always, if-changed, if-newer or never overwrite it.")
    var overwrite: OverwriteArgument?

    @Flag(help: "Compare the content of existing files too, and write only what differs.")
    var verifyExisting = false

    @Flag(help: "Remove from restored directories what is not in the snapshot.")
    var delete = false

    @Flag(name: [.customShort("n"), .long], help: "Write nothing; say what would be done.")
    var dryRun = false

    @Flag(help: "Read everything back afterwards and compare it with the snapshot.")
    var verify = false

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Restore only what matches, any number.", valueName: "pattern"))
    var include: [PathArgument] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Do not restore what matches, any number.", valueName: "pattern"))
    var exclude: [PathArgument] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("As --include, but upper and lower case are one.", valueName: "pattern"))
    var iinclude: [PathArgument] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("As --exclude, but upper and lower case are one.", valueName: "pattern"))
    var iexclude: [PathArgument] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Patterns of --include, one a line, '#' for comments.", valueName: "file"))
    var includeFile: [PathArgument] = []

    @Option(parsing: .singleValue, help: ArgumentHelp("The same for --exclude.", valueName: "file"))
    var excludeFile: [PathArgument] = []

    @Option(
        help: ArgumentHelp(
            "Write a line of JSON there for all that could not be restored or applied.", valueName: "file"))
    var report: PathArgument?

    @Flag(help: "Do not wait at the end until everything is on the disk.")
    var noSync = false

    @Option(help: "Restore owners by number (numeric) or by name; numeric without it.")
    var owner: OwnerArgument?

    @Flag(help: "Leave owners as they come.")
    var noOwner = false

    @Flag(help: "Leave out extended attributes and ACLs.")
    var noXattrs = false

    func validate() throws {
        if noOwner, owner != nil { throw ValidationError("Give --owner or --no-owner, not both") }
    }

    private static func rules(
        _ patterns: [PathArgument], _ files: [PathArgument], _ caseless: [PathArgument]
    ) throws -> ExclusionRules {
        var rules = ExclusionRules()
        for pattern in patterns { try rules.add(pattern.bytes) }
        for file in files { try rules.add(lines: try ListFile.read(file.bytes)) }
        for pattern in caseless { try rules.add(pattern.bytes, ignoringCase: true) }
        return rules
    }

    /// The options of the request.
    func request() throws -> RestoreOptions {
        var options = RestoreOptions()
        options.overwrite = overwrite?.policy
        options.verifyExisting = verifyExisting
        options.delete = delete
        options.dryRun = dryRun
        options.verify = verify
        options.synchronize = !noSync
        options.selection = RestoreSelection(
            include: try Self.rules(include, includeFile, iinclude),
            exclude: try Self.rules(exclude, excludeFile, iexclude))
        options.owner = noOwner ? .ignored : owner?.policy ?? .numeric
        options.attributes = !noXattrs
        return options
    }
}

/// An overwrite policy as an argument.
struct OverwriteArgument: ExpressibleByArgument, Sendable {
    let policy: OverwritePolicy

    init?(argument: String) {
        guard let policy = OverwritePolicy(rawValue: argument) else { return nil }
        self.policy = policy
    }

    static var allValueStrings: [String] { OverwritePolicy.allCases.map(\.rawValue) }
}

/// An owner policy as an argument.
struct OwnerArgument: ExpressibleByArgument, Sendable {
    let policy: OwnerPolicy

    init?(argument: String) {
        guard let policy = OwnerPolicy(rawValue: argument), policy != .ignored else { return nil }
        self.policy = policy
    }

    static var allValueStrings: [String] { [OwnerPolicy.numeric, .name].map(\.rawValue) }
}

/// A time in UTC as an argument: a day, minute, second or millisecond, and what it means is the last moment of that.
struct AsOfArgument: ExpressibleByArgument, Sendable {
    let time: Timestamp

    private static let latest = "0000-00-00T23:59:59.999Z"

    init?(argument: String) {
        var text = argument.hasSuffix("Z") ? String(argument.dropLast()) : argument
        if text.count > 10, text.dropFirst(10).first == " " { text = text.prefix(10) + "T" + text.dropFirst(11) }
        guard [10, 16, 19, 23].contains(text.count), let time = Timestamp(text + Self.latest.dropFirst(text.count))
        else {
            return nil
        }
        self.time = time
    }
}
