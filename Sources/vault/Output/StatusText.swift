internal import VaultBackup

/// Where a repository stands, for people and programs.
enum StatusText {
    /// Writes a status; for people one screen, unless they want all of it.
    static func write(_ report: StatusReport, _ console: Console, _ language: Language, isAll: Bool) throws {
        if console.isJSON {
            return try console.result(
                "status",
                [
                    ("time", .string(report.time.description)),
                    ("verdict", .string(report.damage.isEmpty ? report.verdict.rawValue : "damaged")),
                    ("systems", .array(report.systems.map { .object(json($0, report.time)) })),
                    ("absentSystems", .array(report.absent.map { .string($0) })),
                    ("readers", .array(report.readers.map { .string($0) })),
                    ("administration", .object(AccessText.administration(report.administration))),
                    ("usedKits", .array(report.usedKits.map { .string($0) })),
                    ("damage", .array(report.damage.map { .string($0.sentence(.english)) })),
                    ("hashes", .object(json(report.hashAge, report.time))),
                    ("copies", CopyText.json(report.copies, report.time)),
                ])
        }
        let screen = StatusScreen(report: report, language: language, width: console.width, isAll: isAll)
        for line in screen.lines { try console.line(line) }
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

    private static func json(_ system: SystemStatus, _ now: Timestamp) -> [(name: String, value: JSON)] {
        func seconds(_ time: Timestamp) -> JSON { .integer(Int((now.milliseconds - time.milliseconds) / 1_000)) }
        var members: [(name: String, value: JSON)] = [
            ("system", .string(system.snapshot.system)), ("verdict", .string(system.verdict.rawValue)),
            ("reason", .string(system.reason)), ("snapshots", .integer(system.snapshots)),
            ("newestSnapshot", .string(system.snapshot.id.hex)),
            ("newestSnapshotAgeSeconds", seconds(system.snapshot.time)),
            ("coverage", .object(DrillText.json(system.coverage))),
        ]
        if let gap = system.longestGap { members.append(("longestGapSeconds", .integer(gap))) }
        if let rto = system.measuredRTO {
            members.append(("rtoMilliseconds", .integer(rto.milliseconds)))
            members.append(("isRTOWhole", .bool(rto.isWhole)))
        }
        if let rpo = system.objectives.rpo { members.append(("rpoObjectiveSeconds", .integer(rpo.seconds))) }
        if let rto = system.objectives.rto { members.append(("rtoObjectiveSeconds", .integer(rto.seconds))) }
        if let oldest = system.coverage.oldest { members.append(("oldestUnprovenAgeSeconds", seconds(oldest))) }
        if let drill = system.lastDrill { members.append(("lastDrill", .object(DrillText.json(drill)))) }
        if let drill = system.lastProven { members.append(("lastProven", .object(DrillText.json(drill)))) }
        return members
    }

    /// Such as `5 min`, `7 h`, `12 d`; `-` for what lies ahead.
    static func age(of time: Timestamp, _ now: Timestamp) -> String { Amounts.age(of: time, now, .english) }
}
