internal import VaultBackup

/// What sealing anew came to, for people and programs.
enum RewriteText {
    static func write(_ report: RewriteReport, _ console: Console) throws {
        if console.isJSON { return try console.result("access-rewrite", json(report)) }
        for warning in report.warnings { console.warning(warning) }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Keys", "epoch \(report.epoch)")
        facts.add("Sealed anew", packs(report.resealed))
        facts.add("Stored", packs(report.stored))
        facts.add("Deleted", packs(report.deleted))
        if report.waiting.packs > 0 {
            facts.add("Waiting", packs(report.waiting) + " until sessions end; vault prune deletes them")
        }
        facts.add("Left", report.isComplete ? "none" : packs(report.left) + " with earlier keys")
        try console.write(facts)
        for line in remarks(report) {
            for part in TextWidth.wrapped(line, console.width ?? 100) { try console.line(part) }
        }
    }

    private static func packs(_ count: PackCount) -> String {
        "\(Units.count(count.packs, "pack", "packs")), \(Units.bytes(count.bytes))"
    }

    /// What earlier keys still open.
    private static func remarks(_ report: RewriteReport) -> [String] {
        var lines: [String] = []
        if report.isSessionOpen {
            lines.append("Some are of a backup that is under way: run vault access rewrite again when it has ended.")
        }
        if report.unused.packs > 0 {
            lines.append(
                "\(packs(report.unused)) that no snapshot uses are sealed to earlier keys: vault prune --max-unused 0 takes "
                    + "them away.")
        }
        if !report.copies.isEmpty {
            lines.append(
                "Copies still hold the old packs until vault copy has brought them up to date: "
                    + report.copies.map(\.shown).joined(separator: ", ") + ".")
        }
        lines.append("Whoever kept packs of before, and the keys of before, can still read those.")
        return lines
    }

    private static func json(_ report: RewriteReport) -> [(name: String, value: JSON)] {
        func packs(_ name: String, _ count: PackCount) -> (name: String, value: JSON) {
            (name, .object([("packs", .integer(count.packs)), ("bytes", .integer(count.bytes))]))
        }
        return [
            ("epoch", .integer(report.epoch)), packs("resealed", report.resealed), packs("stored", report.stored),
            packs("deleted", report.deleted), packs("waiting", report.waiting), packs("unused", report.unused),
            packs("left", report.left), ("isComplete", .bool(report.isComplete)),
            ("copies", .array(report.copies.map { .string($0) })),
            ("warnings", .array(report.warnings.map { .string($0) })),
        ]
    }
}
