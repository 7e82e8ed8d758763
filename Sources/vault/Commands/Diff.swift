internal import ArgumentParser
internal import VaultBackup

/// `vault diff`
struct DiffCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what differs between two snapshots, or a snapshot and the disk.",
        discussion: """
            '+' is only in the second, '-' only in the first, 'M' has another content, 'T' is something else, such as \
            a directory in place of a file, and 'U' has other metadata only. On disk a file of the same size and time \
            counts as the same; with --content every file is read and its content decides.

            The exit status is 0 also when there are differences, unless --exit-code is given.

            Examples:
              vault diff latest:web latest
              vault diff latest:web:/etc latest:/etc --no-metadata
              vault diff latest:/etc --against /etc --content
            """)

    @Argument(
        help: ArgumentHelp("A snapshot, or a path in one.", valueName: "snapshot[:path]"),
        completion: Completions.snapshot)
    var before: PathArgument

    @Argument(help: ArgumentHelp("Another one.", valueName: "snapshot[:path]"), completion: Completions.snapshot)
    var after: PathArgument?

    @Option(help: ArgumentHelp("Compare with this directory.", valueName: "dir"))
    var against: PathArgument?

    @Flag(help: "Read files on disk and compare their content.")
    var content = false

    @Flag(help: "Leave out what differs in metadata only.")
    var noMetadata = false

    @Flag(help: "End with exit status 1 when there are differences.")
    var exitCode = false

    @OptionGroup(title: "Access log")
    var reading: ReadingOptions

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if (after == nil) == (against == nil) {
            throw ValidationError("Give a second snapshot or --against, one of the two")
        }
        if content, against == nil { throw ValidationError("--content goes with --against") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let before = try SnapshotPath(self.before.bytes)
        let after = try self.after.map { try SnapshotPath($0.bytes) }
        let access = try context.readAccess(repository, .diff, reading)
        let console = context.console
        let result: DifferenceResult
        if let after {
            result = try Difference.run(
                before, after, with: access, withMetadata: !noMetadata, cancellation: context.cancellation
            ) { try Self.render($0, console) }
        } else {
            var options = DiskComparisonOptions()
            options.readsContent = content
            options.withMetadata = !noMetadata
            result = try Difference.run(
                before, against: against?.bytes ?? [], with: access, options: options,
                cancellation: context.cancellation
            ) { try Self.render($0, console) }
        }
        if result.isAcrossGroups {
            console.notice(
                "A new dedup group began between the two snapshots: larger files show as modified although their "
                    + "content may be the same")
        }
        try Self.render(result, console)
        if result.isDamaged { return .damaged }
        if result.problemCount > 0 { return .incompleteSources }
        return exitCode && !result.isSame ? .failed : .done
    }

    private static func letter(_ kind: EntryChange.Kind) -> String {
        switch kind {
        case .added: "+"
        case .removed: "-"
        case .modified: "M"
        case .typeChanged: "T"
        case .metadata: "U"
        }
    }

    private static func render(_ change: EntryChange, _ console: Console) throws {
        if console.isJSON {
            var members: [(name: String, value: JSON)] = [("change", .string(change.kind.rawValue))]
            members += JSON.path("path", [0x2f] + change.path)
            if let before = change.before { members.append(("before", .object(EntryText.json(change.path, before)))) }
            if let after = change.after { members.append(("after", .object(EntryText.json(change.path, after)))) }
            return try console.result("diff", members)
        }
        let isDirectory = (change.after ?? change.before)?.kind == .directory
        try console.line(
            "\(letter(change.kind))    /\(PathText.readable(change.path))\(isDirectory && !change.path.isEmpty ? "/" : "")"
        )
    }

    private static func render(_ result: DifferenceResult, _ console: Console) throws {
        for problem in result.problems { console.warning("/\(PathText.readable(problem.path)): \(problem.reason)") }
        if console.isJSON {
            let counts = EntryChange.Kind.allCases.map {
                (name: $0.rawValue, value: JSON.integer(result.counts[$0] ?? 0))
            }
            return try console.result(
                "diff-summary",
                counts + [
                    ("addedBytes", .integer(result.addedBytes)), ("removedBytes", .integer(result.removedBytes)),
                    ("problemCount", .integer(result.problemCount)), ("problems", .problems(result.problems)),
                ])
        }
        if console.isQuiet { return }
        if result.isSame { return console.notice("No difference found") }
        let words: [(EntryChange.Kind, String)] = [
            (.added, "Added"), (.removed, "Removed"), (.modified, "Modified"), (.typeChanged, "Type changed"),
            (.metadata, "Metadata"),
        ]
        try console.line("")
        var facts = Facts()
        for (kind, word) in words {
            guard let count = result.counts[kind] else { continue }
            facts.add(word, Units.count(count))
        }
        facts.add("Content", "+\(Units.bytes(result.addedBytes)) -\(Units.bytes(result.removedBytes))")
        try console.write(facts)
    }
}
