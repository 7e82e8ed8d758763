internal import ArgumentParser
internal import VaultBackup

/// `vault snapshots`
struct SnapshotsCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots",
        abstract: "List the snapshots, the latest last.",
        discussion: """
            Asks nothing: what it shows is public to whoever can read the repository. With the name of a snapshot it \
            shows that one; with --details also the host, the paths, the description and the problems, for which it \
            needs an identity that may read. --forgotten lists what was forgotten, and whether that can still be undone: \
            it can until prune has taken a part of it.

            Examples:
              vault snapshots
              vault snapshots --system web --json
              vault snapshots latest --details
              vault snapshots --forgotten
            """)

    @Argument(help: ArgumentHelp("Only this one.", valueName: "snapshot"), completion: Completions.snapshot)
    var snapshot: TextArgument?

    @Flag(help: "With what only readers of the content may know.")
    var details = false

    @Option(help: ArgumentHelp("Only those of this system.", valueName: "name"), completion: Completions.system)
    var system: TextArgument?

    @Flag(help: "Those that were forgotten.")
    var forgotten = false

    @OptionGroup(title: "Repository")
    var repository: RepositoryOptions

    @OptionGroup(title: "General")
    var global: GlobalOptions

    func validate() throws {
        if details, snapshot == nil { throw ValidationError("--details needs the name of a snapshot, such as latest") }
        if snapshot != nil, system != nil { throw ValidationError("Give a snapshot or --system, not both") }
        if forgotten, snapshot != nil { throw ValidationError("--forgotten lists all, or those of --system") }
    }

    func run(in context: Context) throws -> ExitStatus {
        let client = try context.client()
        let opened = try context.repository(repository, client)
        if forgotten { return try listForgotten(opened, context.console) }
        if let snapshot { return try show(snapshot.text, opened, client, context) }
        let snapshots = Snapshots.list(opened, system: system?.text)
        let console = context.console
        if console.isJSON {
            try console.result("snapshots", [("snapshots", .array(snapshots.map { .object(SnapshotText.json($0)) }))])
        } else if snapshots.isEmpty {
            console.notice("There is no snapshot\(system.map { " of '\($0.text.shown)'" } ?? "")")
        } else {
            for line in Self.table(snapshots).lines(width: console.width) { try console.line(line) }
        }
        return .done
    }

    private func show(
        _ snapshot: String, _ opened: Repository, _ client: Client, _ context: Context
    ) throws -> ExitStatus {
        let info: SnapshotInfo
        var privatePart: PrivatePart?
        if details {
            // A wrong name is told before a passphrase is asked for.
            _ = try Snapshots.find(snapshot, in: opened)
            let found = try SnapshotDetails(snapshot, with: context.readAccess(opened, repository, client, .details))
            (info, privatePart) = (found.info, found.privatePart)
        } else {
            info = try Snapshots.find(snapshot, in: opened)
        }
        if context.console.isJSON {
            try context.console.result("snapshot", SnapshotText.json(info) + (privatePart.map(SnapshotText.json) ?? []))
        } else {
            try context.console.write(SnapshotText.facts(info, privatePart))
        }
        return .done
    }

    private func listForgotten(_ opened: Repository, _ console: Console) throws -> ExitStatus {
        let found = try Recall.list(opened, system: system?.text)
        if console.isJSON {
            try console.result(
                "snapshots-forgotten", [("snapshots", .array(found.map { .object(SnapshotText.json($0)) }))])
            return .done
        }
        if found.isEmpty { console.notice("No snapshot\(system.map { " of '\($0.text.shown)'" } ?? "") is forgotten") }
        guard !found.isEmpty else { return .done }
        var table = Table([
            .init(title: "ID"), .init(title: "TIME (UTC)"), .init(title: "SYSTEM", widthMin: 8),
            .init(title: "FORGOTTEN"), .init(title: "UNDO UNTIL"), .init(title: "BY", isOptional: true),
            .init(title: "REASON", isOptional: true),
        ])
        for forgotten in found {
            table.add([
                String(forgotten.snapshot.id.hex.prefix(8)), Units.minute(forgotten.snapshot.time),
                forgotten.snapshot.system.shown, forgotten.time.map { String(Units.minute($0).prefix(10)) } ?? "?",
                forgotten.isWhole ? "prune" : "gone", forgotten.writer?.shown ?? "?", forgotten.reason.shown,
            ])
        }
        for line in table.lines(width: console.width) { try console.line(line) }
        return .done
    }

    private static func table(_ snapshots: [SnapshotInfo]) -> Table {
        let hasHolds = snapshots.contains { !$0.holds.isEmpty }
        var columns: [Table.Column] = [
            .init(title: "ID"), .init(title: "TIME (UTC)"), .init(title: "SYSTEM", widthMin: 8),
            .init(title: "SIZE", isRight: true), .init(title: "PROBLEMS", isRight: true, isOptional: true),
            .init(title: "ENTRIES", isRight: true, isOptional: true), .init(title: "BY", isOptional: true),
            .init(title: "TAGS", isOptional: true),
        ]
        if hasHolds { columns.append(.init(title: "HELD UNTIL")) }
        var table = Table(columns)
        for snapshot in snapshots {
            var cells = [
                String(snapshot.id.hex.prefix(8)), Units.minute(snapshot.time), snapshot.system.shown,
                Units.bytes(snapshot.bytes), snapshot.problems == 0 ? "-" : Units.count(snapshot.problems),
                Units.count(snapshot.entries), snapshot.writer.shown, snapshot.tags.map(\.shown).joined(separator: " "),
            ]
            if hasHolds { cells.append(held(snapshot)) }
            table.add(cells)
        }
        return table
    }

    /// Until when, of the hold that lasts longest.
    private static func held(_ snapshot: SnapshotInfo) -> String {
        if snapshot.holds.isEmpty { return "" }
        if snapshot.holds.contains(where: { $0.until == nil }) { return "an order" }
        return (snapshot.holds.compactMap(\.until).max().map { String(Units.minute($0).prefix(10)) } ?? "")
    }
}
