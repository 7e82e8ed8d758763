internal import ArgumentParser
internal import VaultBackup

/// `vault snapshots`
struct SnapshotsCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots",
        abstract: "List the snapshots, the latest last.",
        discussion: """
            Asks nothing: what it shows is public to whoever can read the repository.

            Examples:
              vault snapshots
              vault snapshots --system web --json
            """)

    @Option(help: ArgumentHelp("Only those of this system.", valueName: "name"))
    var system: TextArgument?

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func run(in context: Context) throws -> ExitStatus {
        let opened = try context.repository(repository, context.client())
        let snapshots = Snapshots.list(opened, system: system?.text)
        let console = context.console
        if console.isJSON {
            try console.result("snapshots", [("snapshots", .array(snapshots.map(Self.json)))])
        } else if snapshots.isEmpty {
            console.notice("There is no snapshot\(system.map { " of '\($0.text.shown)'" } ?? "")")
        } else {
            for line in Self.table(snapshots).lines(width: console.width) { try console.line(line) }
        }
        return .done
    }

    private static func table(_ snapshots: [SnapshotInfo]) -> Table {
        var table = Table([
            .init(title: "ID"), .init(title: "TIME (UTC)"), .init(title: "SYSTEM", widthMin: 8),
            .init(title: "SIZE", isRight: true), .init(title: "PROBLEMS", isRight: true, isOptional: true),
            .init(title: "ENTRIES", isRight: true, isOptional: true), .init(title: "BY", isOptional: true),
            .init(title: "TAGS", isOptional: true),
        ])
        for snapshot in snapshots {
            table.add([
                String(snapshot.id.hex.prefix(8)), Units.minute(snapshot.time), snapshot.system.shown,
                Units.bytes(snapshot.bytes), snapshot.problems == 0 ? "-" : Units.count(snapshot.problems),
                Units.count(snapshot.entries), snapshot.writer.shown, snapshot.tags.map(\.shown).joined(separator: " "),
            ])
        }
        return table
    }

    private static func json(_ snapshot: SnapshotInfo) -> JSON {
        .object([
            ("id", .string(snapshot.id.hex)), ("position", .integer(snapshot.position)),
            ("time", .string(snapshot.time.description)), ("finished", .string(snapshot.finished.description)),
            ("system", .string(snapshot.system)), ("writer", .string(snapshot.writer)),
            ("entries", .integer(snapshot.entries)), ("bytes", .integer(snapshot.bytes)),
            ("problems", .integer(snapshot.problems)), ("tags", .array(snapshot.tags.map { .string($0) })),
        ])
    }
}
