internal import VaultBackup

/// Copies for people and programs.
enum CopyText {
    /// Writes what a copying did.
    static func write(_ report: CopyReport, _ location: [UInt8], _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "copy",
                JSON.path("location", location) + [
                    ("copy", .string(report.copy.id.hex)), ("name", .string(report.copy.name)),
                    ("isNew", .bool(report.isNew)), ("head", .integer(max(0, report.head))),
                    ("records", .integer(report.records)), ("packs", .integer(report.packs)),
                    ("bytes", .integer(report.bytes)), ("packsPresent", .integer(report.packsPresent)),
                    ("packsVerified", .integer(report.packsVerified)), ("packsRemoved", .integer(report.removed)),
                    ("healed", .array(report.healed.map { .string($0) })),
                    ("findings", .array(report.findings.map { .string($0) })),
                ])
        }
        for finding in report.findings { try console.line("Damage: \(finding)") }
        for name in report.healed { try console.line("Replaced: \(name), which was damaged in the copy") }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Copy", "'\(report.copy.name.shown)' at \(PathText.readable(location))")
        facts.add("Up to", "record \(report.head)")
        facts.add(
            "Copied",
            "\(Units.count(report.records, "record", "records")), \(Units.count(report.packs, "pack", "packs")), "
                + Units.bytes(report.bytes))
        let read = report.packsVerified > 0 ? ", all of them read" : ""
        facts.add("Already there", Units.count(report.packsPresent, "pack", "packs") + read)
        if report.removed > 0 { facts.add("Removed", Units.count(report.removed, "pack", "packs") + ", pruned") }
        facts.add("State", report.findings.isEmpty ? "complete" : "not complete")
        try console.write(facts)
    }

    /// Writes the copies that are known.
    static func write(_ copies: [CopyInfo], _ now: Timestamp, _ console: Console) throws {
        if console.isJSON { return try console.result("copies", [("copies", json(copies, now))]) }
        if copies.isEmpty { return try console.line("This user knows no copy of the repository") }
        for line in table(copies, now).lines(width: console.width) { try console.line(line) }
    }

    /// The copies as a list of JSON.
    static func json(_ copies: [CopyInfo], _ now: Timestamp) -> JSON {
        .array(
            copies.map { copy in
                var members: [(name: String, value: JSON)] = [
                    ("copy", .string(copy.marker.id.hex)), ("name", .string(copy.marker.name)),
                    ("made", .string(copy.marker.made.description)), ("isPresent", .bool(copy.isPresent)),
                ]
                members += JSON.path("location", copy.location)
                if let completion = copy.marker.completion {
                    members += [
                        ("head", .integer(completion.position)), ("completed", .string(completion.time.description)),
                        ("recordsBehind", .integer(copy.recordsBehind ?? 0)),
                    ]
                    if completion.time <= now {
                        members.append(
                            ("ageSeconds", .integer(Int((now.milliseconds - completion.time.milliseconds) / 1_000))))
                    }
                }
                return .object(members)
            })
    }

    private static func table(_ copies: [CopyInfo], _ now: Timestamp) -> Table {
        var table = Table([
            .init(title: "COPY", widthMin: 8), .init(title: "COMPLETE", isRight: true),
            .init(title: "BEHIND", isRight: true), .init(title: "THERE"),
            .init(title: "ID", isOptional: true), .init(title: "PLACE", widthMin: 12),
        ])
        for copy in copies {
            table.add([
                copy.marker.name.shown, copy.marker.completion.map { StatusText.age(of: $0.time, now) } ?? "never",
                copy.recordsBehind.map { Units.count($0) } ?? "-", copy.isPresent ? "yes" : "no",
                String(copy.marker.id.hex.prefix(8)), PathText.readable(copy.location),
            ])
        }
        return table
    }
}
