internal import ArgumentParser
internal import VaultBackup

/// `vault find`
struct FindCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Find files by name in all snapshots.",
        discussion: """
            Patterns are those of 'vault backup --help': a name at any depth, a path from the top if it begins with \
            '/', the last names of a path otherwise. Each state of a file is shown once, with the first and the last \
            snapshot that have it, and in how many it is.

            Times are days such as 2026-11-21, moments such as 2026-11-21T18:30 (UTC), or ages such as 36h, 7d, 4w. \
            Sizes are ranges such as 1M.., ..4K, 10K..2G, or a number of bytes.

            Examples:
              vault find passwd
              vault find '*.conf' --type f --size ..1M --long
              vault find '/etc/*.conf' --newer 2020-01-01 --snapshot latest
            """)

    @Argument(help: ArgumentHelp("Names to look for, with '*', '?' and '[…]'.", valueName: "pattern"))
    var patterns: [PathArgument]

    @Option(help: ArgumentHelp("Only in this snapshot.", valueName: "snapshot"), completion: Completions.snapshot)
    var snapshot: TextArgument?

    @Option(help: ArgumentHelp("Only in snapshots of this system.", valueName: "name"), completion: Completions.system)
    var system: TextArgument?

    @Option(help: ArgumentHelp("Modified at this time or later.", valueName: "time"))
    var newer: TimeArgument?

    @Option(help: ArgumentHelp("Modified before this time.", valueName: "time"))
    var older: TimeArgument?

    @Option(help: ArgumentHelp("Files with so many bytes.", valueName: "range"))
    var size: SizeRangeArgument?

    @Option(
        help: ArgumentHelp("f files, d directories, l links, c b devices, p pipes, s sockets.", valueName: "letters"))
    var type: KindsArgument?

    @Flag(name: .shortAndLong, help: "Upper and lower case are one.")
    var ignoreCase = false

    @Flag(name: .shortAndLong, help: "With mode, owner, size and time.")
    var long = false

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        var request = FindRequest(
            try patterns.map { try PathPattern($0.bytes, ignoringCase: ignoreCase) })
        request.snapshot = snapshot?.text
        request.system = system?.text
        request.newer = newer?.time
        request.older = older?.time
        request.size = size?.range
        request.kinds = type?.kinds ?? []
        let access = try context.readAccess(repository, .find, reading)
        let result = try Find.run(request, with: access, cancellation: context.cancellation)
        let console = context.console
        for found in result.entries {
            try context.cancellation.check()
            if console.isJSON { try console.result("find", Self.json(found)) } else { try render(found, console) }
        }
        for sentence in result.damage { console.warning(sentence) }
        if result.entries.isEmpty, !console.isJSON {
            console.notice("Nothing found in \(Units.count(result.snapshotCount, "snapshot", "snapshots"))")
        }
        return result.damage.isEmpty ? .done : .damaged
    }

    /// The path, and below it where it is: so a line of a narrow terminal has room for either.
    private func render(_ found: FoundEntry, _ console: Console) throws {
        try console.line(long ? EntryText.longLine(found.path, found.entry) : "/" + PathText.readable(found.path))
        func text(_ info: SnapshotInfo) -> String { "\(info.id.hex.prefix(8)) \(Units.minute(info.time))" }
        var line = "    in " + text(found.first)
        if found.snapshotCount > 1 {
            line = "    from \(text(found.first)), in \(Units.count(found.snapshotCount))"
            try console.line(line)
            line = "      to \(text(found.last))"
        }
        try console.line(line)
    }

    private static func json(_ found: FoundEntry) -> [(name: String, value: JSON)] {
        func snapshot(_ info: SnapshotInfo) -> JSON {
            .object([
                ("id", .string(info.id.hex)), ("time", .string(info.time.description)),
                ("system", .string(info.system)),
            ])
        }
        return EntryText.json(found.path, found.entry) + [
            ("firstSnapshot", snapshot(found.first)), ("lastSnapshot", snapshot(found.last)),
            ("snapshotCount", .integer(found.snapshotCount)),
        ]
    }
}
