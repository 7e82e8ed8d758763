internal import ArgumentParser
internal import VaultBackup

/// `vault restore`
struct RestoreCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Write a snapshot, or a part of it, into a directory.",
        discussion: """
            The directory must be new or empty; nothing outside it is touched. What is damaged or cannot be written \
            is named, the rest is restored, and the exit status is 23. Reading asks for your passphrase; a recovery \
            kit given with --identity needs none.

            Examples:
              vault restore latest --target /tmp/all
              vault restore latest:/etc --target /tmp/etc
            """)

    @Argument(help: ArgumentHelp("A snapshot, or a path in one.", valueName: "snapshot[:path]"))
    var what: PathArgument

    @Option(help: ArgumentHelp("A new or empty directory.", valueName: "dir"))
    var target: PathArgument

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let request = RestoreRequest(try SnapshotPath(what.bytes), target: target.bytes)
        let access = try context.readAccess(repository)
        let progress = ProgressRenderer(context.console, "Restoring")
        let result: RestoreResult
        do {
            defer { progress.end() }
            result = try Restore.run(request, with: access, events: progress, cancellation: context.cancellation)
        }
        try render(result, context.console)
        return result.problemCount == 0 ? .done : .damaged
    }

    private func render(_ result: RestoreResult, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "restore",
                [("snapshot", .string(result.snapshot.hex))] + JSON.path("target", target.bytes) + [
                    ("entries", .integer(result.entries)), ("bytes", .integer(result.bytes)),
                    ("seconds", .seconds(result.nanoseconds)), ("problemCount", .integer(result.problemCount)),
                    ("problems", .problems(result.problems)), ("notAppliedCount", .integer(result.notAppliedCount)),
                    ("notApplied", .problems(result.notApplied)),
                ])
        }
        if result.notAppliedCount > 0 {
            let first = result.notApplied.first.map { ", first of /\(PathText.readable($0.path)): \($0.reason)" } ?? ""
            console.warning(
                "\(Units.count(result.notAppliedCount, "piece", "pieces")) of metadata could not be applied\(first)")
        }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Snapshot", String(result.snapshot.hex.prefix(8)))
        facts.add("Target", PathText.readable(target.bytes))
        facts.add("Entries", Units.count(result.entries))
        facts.add("Content", Units.bytes(result.bytes))
        let rate = Units.rate(result.bytes, result.nanoseconds).map { ", " + $0 } ?? ""
        facts.add("Time", Units.duration(result.nanoseconds) + rate)
        if result.problemCount > 0 { facts.add("Problems", Units.count(result.problemCount)) }
        try console.write(facts)
    }
}
