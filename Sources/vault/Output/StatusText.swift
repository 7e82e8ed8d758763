internal import VaultBackup

/// Where a repository stands, for people and programs.
enum StatusText {
    /// Writes a status.
    static func write(_ report: StatusReport, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "status",
                [
                    ("time", .string(report.time.description)),
                    ("verdict", .string(report.damage.isEmpty ? report.verdict.rawValue : "damaged")),
                    ("systems", .array(report.systems.map { .object(json($0, report.time)) })),
                    ("readers", .array(report.readers.map { .string($0) })),
                    ("administration", .object(AccessText.administration(report.administration))),
                    ("damage", .array(report.damage.map { .string($0) })),
                    ("hashes", .object(json(report.hashAge, report.time))),
                    ("copies", CopyText.json(report.copies, report.time)),
                ])
        }
        for sentence in report.damage { try console.line("Damage: \(sentence)") }
        if report.systems.isEmpty {
            try console.line("There is no snapshot yet, so nothing can be proven")
        } else {
            for line in table(report).lines(width: console.width) { try console.line(line) }
            try console.line("")
            for system in report.systems {
                try console.line("\(system.snapshot.system.shown): \(system.verdict.rawValue), \(system.reason)")
            }
        }
        try console.line("Stored bytes: \(hashes(report.hashAge, report.time))")
        for copy in report.copies { try console.line("Copy \(copyLine(copy, report.time))") }
        try console.line("May read: \(report.readers.map(\.shown).joined(separator: ", "))")
        try console.line(AccessText.orders(report.administration))
        for warning in report.administration.warnings { try console.line("Warning: \(warning.shown)") }
    }

    /// How long ago this user read what is stored, without keys or with them.
    private static func hashes(_ age: HashAge, _ now: Timestamp) -> String {
        guard let oldest = age.oldest else { return "never verified by this user" }
        var text = "the oldest verified \(self.age(of: oldest, now)) ago"
        if age.neverPacks > 0 {
            text += ", \(Units.count(age.neverPacks, "pack", "packs")) (\(Units.bytes(age.neverBytes))) never"
        }
        return text
    }

    private static func json(_ age: HashAge, _ now: Timestamp) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("packs", .integer(age.packs)), ("neverVerifiedPacks", .integer(age.neverPacks)),
            ("neverVerifiedBytes", .integer(age.neverBytes)),
        ]
        func seconds(_ time: Timestamp) -> JSON { .integer(Int((now.milliseconds - time.milliseconds) / 1_000)) }
        if let oldest = age.oldest { members.append(("oldestVerifiedAgeSeconds", seconds(oldest))) }
        if let oldest = age.oldestDecrypted { members.append(("oldestDecryptedAgeSeconds", seconds(oldest))) }
        return members
    }

    private static func copyLine(_ copy: CopyInfo, _ now: Timestamp) -> String {
        let place = copy.isPresent ? PathText.readable(copy.location) : "not there"
        guard let completion = copy.marker.completion else {
            return "'\(copy.marker.name.shown)': never complete, \(place)"
        }
        let behind = copy.recordsBehind ?? 0
        let state = behind == 0 ? "up to date" : Units.count(behind, "record", "records") + " behind"
        return "'\(copy.marker.name.shown)': complete \(age(of: completion.time, now)) ago, \(state), \(place)"
    }

    private static func table(_ report: StatusReport) -> Table {
        var table = Table([
            .init(title: "SYSTEM", widthMin: 8), .init(title: "VERDICT"), .init(title: "SNAPSHOT", isRight: true),
            .init(title: "DRILL", isRight: true, isOptional: true), .init(title: "PROVEN", isRight: true),
            .init(title: "OLDEST", isRight: true), .init(title: "VALID UNTIL", isOptional: true),
        ])
        for system in report.systems {
            let coverage = system.coverage
            let oldest = coverage.oldest.map {
                age(of: $0, report.time) + (coverage.isOldestNeverProven ? " never" : "")
            }
            table.add([
                system.snapshot.system.shown, system.verdict.rawValue, age(of: system.snapshot.time, report.time),
                system.lastProven.map { age(of: $0.body.started, report.time) } ?? "-", "\(coverage.percent) %",
                oldest ?? "-", system.lastProven.map { Units.minute($0.body.expires) } ?? "-",
            ])
        }
        return table
    }

    /// Such as `5 min`, `7 h`, `12 d`; `-` for what lies ahead.
    static func age(of time: Timestamp, _ now: Timestamp) -> String {
        let seconds = (now.milliseconds - time.milliseconds) / 1_000
        if seconds < 0 { return "-" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3_600 { return "\(seconds / 60) min" }
        if seconds < 2 * 86_400 { return "\(seconds / 3_600) h" }
        return "\(seconds / 86_400) d"
    }

    private static func json(_ system: SystemStatus, _ now: Timestamp) -> [(name: String, value: JSON)] {
        func seconds(_ time: Timestamp) -> JSON { .integer(Int((now.milliseconds - time.milliseconds) / 1_000)) }
        var members: [(name: String, value: JSON)] = [
            ("system", .string(system.snapshot.system)), ("verdict", .string(system.verdict.rawValue)),
            ("reason", .string(system.reason)), ("snapshots", .integer(system.snapshots)),
            ("newestSnapshot", .string(system.snapshot.id.hex)),
            ("newestSnapshotAgeSeconds", seconds(system.snapshot.time)),
            ("coverage", .object(DrillText.json(system.coverage))),
        ]
        if let oldest = system.coverage.oldest { members.append(("oldestUnprovenAgeSeconds", seconds(oldest))) }
        if let drill = system.lastDrill { members.append(("lastDrill", .object(DrillText.json(drill)))) }
        if let drill = system.lastProven { members.append(("lastProven", .object(DrillText.json(drill)))) }
        return members
    }
}
