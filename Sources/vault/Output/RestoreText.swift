internal import VaultBackup

/// What a restore did, for people and programs.
enum RestoreText {
    /// Writes a change that a dry run would make. What would be kept is only counted, but for programs.
    static func write(_ change: RestoreChange, _ console: Console) {
        // The next write to a reader that is gone fails too, and ends the command.
        if console.isJSON {
            try? console.result(
                "restore-change",
                [("action", .string(change.action.rawValue))] + JSON.path("path", change.path)
                    + [("kind", .string("\(change.kind)")), ("bytes", .integer(change.bytes))])
        } else if change.action != .keep {
            let path = change.path.isEmpty ? "." : PathText.readable(change.path)
            let size = change.kind == .file ? Units.bytes(change.bytes) : "-"
            try? console.line(
                "\(change.action.rawValue) \(TextWidth.padded(size, 9, isRight: true)) \(path)"
                    + (change.kind == .directory ? "/" : ""))
        }
    }

    /// Writes a piece of metadata that could not be applied.
    static func write(_ problem: MetadataProblem, _ console: Console) {
        try? console.result("restore-metadata", members(problem))
    }

    /// A line of a report.
    static func line(_ problem: MetadataProblem) -> String {
        JSON.form("restore-metadata", members(problem)).text
    }

    /// A line of a report.
    static func line(_ problem: Problem) -> String {
        JSON.form("restore-problem", JSON.path("path", problem.path) + [("reason", .string(problem.reason))]).text
    }

    private static func members(_ problem: MetadataProblem) -> [(name: String, value: JSON)] {
        JSON.path("path", problem.path) + [
            ("kind", .string(problem.kind.rawValue)), ("reason", .string(problem.reason)),
        ]
    }

    /// Warns of metadata that could not be applied: a line for each kind, with the first paths.
    static func warn(_ summaries: [MetadataSummary], _ console: Console) {
        for summary in summaries {
            let noun =
                switch summary.kind {
                case .owner: Units.count(summary.count, "owner", "owners")
                case .mode: Units.count(summary.count, "mode", "modes")
                case .attributes: Units.count(summary.count, "extended attribute", "extended attributes")
                case .time: Units.count(summary.count, "modification time", "modification times")
                case .flags: "file flags of " + Units.count(summary.count, "entry", "entries")
                }
            var paths = summary.first.map { $0.path.isEmpty ? "." : PathText.readable($0.path) }.joined(separator: ", ")
            if summary.count > summary.first.count { paths += ", …" }
            let reason = summary.first.first.map { " (\($0.reason))" } ?? ""
            console.warning("\(noun) could not be applied\(reason): \(paths)")
        }
    }

    /// The result as a table.
    static func facts(_ result: RestoreResult, _ target: [UInt8], isDryRun: Bool) -> Facts {
        var facts = Facts()
        facts.add("Snapshot", String(result.snapshot.hex.prefix(8)))
        facts.add("Target", PathText.readable(target) + (isDryRun ? " (dry run)" : ""))
        facts.add("Entries", Units.count(result.entries))
        facts.add("Content", Units.bytes(result.bytes))
        for (name, count) in [
            ("Created", result.created), ("Changed", result.changed), ("Removed", result.removed),
            ("Kept", result.kept),
        ] where isDryRun || count.entries > 0 && count.entries != result.entries {
            facts.add(name, Units.count(count.entries, "entry", "entries") + ", " + Units.bytes(count.bytes))
        }
        if let verified = result.verified { facts.add("Verified", Units.count(verified, "entry", "entries")) }
        let rate = Units.rate(result.bytes, result.nanoseconds).map { ", " + $0 } ?? ""
        facts.add("Time", Units.duration(result.nanoseconds) + (isDryRun ? "" : rate))
        if result.problemCount > 0 { facts.add("Problems", Units.count(result.problemCount)) }
        return facts
    }

    /// The members of the result's JSON object.
    static func json(_ result: RestoreResult, _ target: [UInt8], isDryRun: Bool) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [("snapshot", .string(result.snapshot.hex))]
        members += JSON.path("target", target)
        members += [
            ("dryRun", .bool(isDryRun)), ("entries", .integer(result.entries)), ("bytes", .integer(result.bytes)),
            ("created", json(result.created)), ("changed", json(result.changed)), ("removed", json(result.removed)),
            ("kept", json(result.kept)),
        ]
        if let verified = result.verified { members.append(("verified", .integer(verified))) }
        return members + [
            ("seconds", .seconds(result.nanoseconds)), ("problemCount", .integer(result.problemCount)),
            ("problems", .problems(result.problems)), ("notAppliedCount", .integer(result.notAppliedCount)),
            ("notApplied", .array(result.notApplied.map(json))),
        ]
    }

    private static func json(_ count: RestoreCount) -> JSON {
        .object([("entries", .integer(count.entries)), ("bytes", .integer(count.bytes))])
    }

    private static func json(_ summary: MetadataSummary) -> JSON {
        .object([
            ("kind", .string(summary.kind.rawValue)), ("count", .integer(summary.count)),
            ("first", .array(summary.first.map { .object(members($0)) })),
        ])
    }
}
