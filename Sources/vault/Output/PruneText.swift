internal import VaultBackup

/// The report of a prune.
enum PruneText {
    static func write(_ report: PruneReport, isDryRun: Bool, _ console: Console) throws {
        for warning in report.warnings { console.warning(warning) }
        if console.isJSON { return try console.result("prune", members(report, isDryRun)) }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add(
            "Snapshots", "\(Units.count(report.snapshots.live)), \(Units.count(report.snapshots.forgotten)) forgotten")
        facts.add("Unused", text(report.unused))
        if report.compacted.packs > 0 {
            facts.add(
                isDryRun ? "To compact" : "Compacted",
                "\(text(report.compacted)) into \(Units.count(report.moved.packs)) of \(Units.bytes(report.moved.bytes))"
            )
        }
        facts.add(isDryRun ? "To delete" : "Deleted", text(report.deleted))
        if report.leftovers.packs > 0 {
            facts.add(
                "Leftovers", "\(Units.count(report.leftovers.packs)) objects, \(Units.bytes(report.leftovers.bytes))")
        }
        if report.delayed.packs > 0 { facts.add("Later", "\(text(report.delayed)), once --delay is over") }
        if report.unfinished.packs > 0 {
            facts.add("Unfinished", "\(text(report.unfinished)) of backups that did not end, kept for their next run")
        }
        if report.waiting.packs > 0 { facts.add("Waiting", "\(text(report.waiting)) until these have ended") }
        for session in report.sessions { facts.add("", session.shown) }
        facts.add("Store", "\(text(report.after)), was \(Units.bytes(report.before.bytes))")
        facts.add("Unused parts", Units.bytes(report.unusedInPart))
        let requests = report.requests
        facts.add(
            "Requests",
            "\(Units.count(requests.reads)) reads, \(Units.count(requests.writes)) writes, "
                + "\(Units.count(requests.deletions)) deletions")
        try console.write(facts)
    }

    private static func text(_ count: PackCount) -> String {
        "\(Units.count(count.packs)) packs, \(Units.bytes(count.bytes))"
    }

    private static func members(_ report: PruneReport, _ isDryRun: Bool) -> [(String, JSON)] {
        func count(_ count: PackCount, of things: String = "packs") -> JSON {
            .object([(things, .integer(count.packs)), ("bytes", .integer(count.bytes))])
        }
        return [
            ("isDryRun", .bool(isDryRun)), ("snapshots", .integer(report.snapshots.live)),
            ("forgotten", .integer(report.snapshots.forgotten)), ("before", count(report.before)),
            ("after", count(report.after)), ("unused", count(report.unused)), ("compacted", count(report.compacted)),
            ("moved", count(report.moved)), ("deleted", count(report.deleted)),
            ("leftovers", count(report.leftovers, of: "objects")), ("waiting", count(report.waiting)),
            ("delayed", count(report.delayed)),
            ("unfinished", count(report.unfinished)), ("unusedInPart", .integer(report.unusedInPart)),
            ("sessions", .array(report.sessions.map { .string($0) })),
            ("closedSessions", .integer(report.closedSessions)),
            (
                "requests",
                .object([
                    ("reads", .integer(report.requests.reads)), ("writes", .integer(report.requests.writes)),
                    ("deletions", .integer(report.requests.deletions)),
                ])
            ),
            ("warnings", .array(report.warnings.map { .string($0) })),
            ("seconds", .seconds(report.nanoseconds)),
        ]
    }
}
