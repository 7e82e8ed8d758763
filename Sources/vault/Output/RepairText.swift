internal import VaultBackup

/// What a repair found and did.
enum RepairText {
    private static let snapshotsShown: Int = 8
    // More fill a terminal and help nobody; JSON has them.
    private static let lossesMost: Int = 100

    static func write(_ report: RepairReport, _ console: Console) throws {
        for warning in report.warnings { console.warning(warning) }
        if console.isJSON { return try console.result("repair", members(report)) }
        for pack in report.damaged { try console.line("Damage: \(pack.reason.shown) (\(users(pack)))") }
        for sentence in report.objects { try console.line("Damage: \(sentence.shown)") }
        for loss in report.losses.prefix(lossesMost) {
            try console.line(
                "Lost: \(loss.snapshot.hex.prefix(8)): /\(PathText.readable(loss.path)): \(loss.reason.shown)")
        }
        if report.lossCount > lossesMost {
            try console.line("Lost: \(Units.count(report.lossCount - lossesMost)) more; --json names up to 1,000")
        }
        for name in report.fetched { try console.line("\(report.isApplied ? "Put back" : "Can be put back"): \(name)") }
        for name in report.rebuilt { try console.line("\(report.isApplied ? "Made" : "Can be made") again: \(name)") }
        for name in report.strays { try console.line("Stray: \(name.shown), which is no object of this repository") }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Packs", "\(Units.count(report.packs)), \(Units.count(report.packsRead)) read")
        for (outcome, title, words) in texts(report.isApplied) {
            let packs = report.damaged.filter { $0.outcome == outcome }
            if !packs.isEmpty { facts.add(title, Units.count(packs.count, "pack", "packs") + words) }
        }
        facts.add("State", state(report))
        try console.write(facts)
    }

    private static func users(_ pack: RepairReport.Pack) -> String {
        guard !pack.snapshots.isEmpty else { return "no snapshot uses it" }
        let shown = pack.snapshots.prefix(snapshotsShown).map { String($0.hex.prefix(8)) }.joined(separator: ", ")
        let more = pack.snapshots.count - snapshotsShown
        return "used by \(shown)\(more > 0 ? " and \(more) more" : "")"
    }

    private static func texts(_ isApplied: Bool) -> [(RepairReport.Outcome, String, String)] {
        [
            (.replaced, isApplied ? "Replaced" : "To replace", ", of which all that is used is in others"),
            (.lost, "Lost", ", of which what others hold is kept"),
            (.unused, "Unused", ", of which no snapshot needs anything"),
        ]
    }

    private static func state(_ report: RepairReport) -> String {
        if report.isWhole { return report.isApplied ? "everything that snapshots need is there" : "nothing to repair" }
        if !report.isApplied { return "not repaired yet: run the command again with --apply" }
        if report.damaged.contains(where: { $0.outcome == .lost }) {
            return "the next backup stores again what the source still has; then run 'vault repair --apply' again"
        }
        return "what is named above is damaged"
    }

    private static func members(_ report: RepairReport) -> [(String, JSON)] {
        [
            ("isApplied", .bool(report.isApplied)), ("isWhole", .bool(report.isWhole)),
            ("packs", .integer(report.packs)), ("packsRead", .integer(report.packsRead)),
            ("snapshots", .integer(report.snapshots)), ("damaged", .array(report.damaged.map { json($0) })),
            ("losses", .array(report.losses.map { json($0) })), ("lossCount", .integer(report.lossCount)),
            ("objects", .array(report.objects.map { .string($0) })),
            ("fetched", .array(report.fetched.map { .string($0) })),
            ("rebuilt", .array(report.rebuilt.map { .string($0) })),
            ("strays", .array(report.strays.map { .string($0) })),
            ("warnings", .array(report.warnings.map { .string($0) })), ("seconds", .seconds(report.nanoseconds)),
        ]
    }

    private static func json(_ pack: RepairReport.Pack) -> JSON {
        .object([
            ("pack", .string(pack.name.hex)), ("reason", .string(pack.reason)),
            ("outcome", .string(pack.outcome.rawValue)), ("found", .integer(pack.found)),
            ("snapshots", .array(pack.snapshots.map { .string($0.hex) })),
        ])
    }

    private static func json(_ loss: RepairReport.Loss) -> JSON {
        var members: [(name: String, value: JSON)] = [("snapshot", .string(loss.snapshot.hex))]
        members += JSON.path("path", [0x2f] + loss.path)
        members.append(("reason", .string(loss.reason)))
        return .object(members)
    }
}
