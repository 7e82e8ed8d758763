internal import VaultBackup

/// What `vault database` writes.
enum DatabaseText {
    /// What a backup of databases did.
    static func write(_ result: BackupResult, _ system: String, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "database-backup",
                [
                    ("snapshot", .string(result.snapshot.hex)), ("position", .integer(result.position)),
                    ("system", .string(system)), ("databases", .array(result.databases.map { .object(json($0)) })),
                    ("bytes", .integer(result.bytes)), ("newBytes", .integer(result.newBytes)),
                    ("storedBytes", .integer(result.storedBytes)), ("seconds", .seconds(result.nanoseconds)),
                ])
        }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Snapshot", String(result.snapshot.hex.prefix(8)))
        facts.add("System", system.shown)
        facts.add("Content", "\(Units.bytes(result.bytes)), \(Units.bytes(result.newBytes)) of it new")
        facts.add("Stored", Units.bytes(result.storedBytes))
        facts.add("Time", Units.duration(result.nanoseconds))
        try console.write(facts)
        try console.line("")
        for line in table(result.databases).lines(width: console.width) { try console.line(line) }
    }

    /// Databases of a snapshot, one a line.
    static func table(_ captures: [DatabaseCapture]) -> Table {
        var table = Table([
            Table.Column(title: "Database", widthMin: 12), Table.Column(title: "Tables", isRight: true),
            Table.Column(title: "Rows", isRight: true), Table.Column(title: "Of", isOptional: true),
            Table.Column(title: "Version", isOptional: true), Table.Column(title: "File", isOptional: true),
        ])
        for capture in captures {
            let rows = capture.tables.reduce(0) { $0 + $1.rows }
            let isNoted = capture.schema != nil
            table.add([
                shown(capture), isNoted ? String(capture.tables.count) : "-", isNoted ? String(rows) : "-",
                capture.consistency == .instant ? "one instant" : "\(Units.duration(span(capture))) of time",
                capture.version, PathText.readable(capture.file),
            ])
        }
        return table
    }

    /// A database of a snapshot as text.
    static func shown(_ capture: DatabaseCapture) -> String {
        capture.name.isEmpty
            ? "\(capture.engine.rawValue) roles" : DatabaseName(capture.engine, capture.name).readable
    }

    /// A database of a snapshot as JSON.
    static func json(_ capture: DatabaseCapture) -> [(name: String, value: JSON)] {
        [("engine", .string(capture.engine.rawValue))] + JSON.path("name", capture.name)
            + JSON.path("file", capture.file) + [
                ("consistency", .string(capture.consistency.rawValue)),
                ("began", .string(capture.began.description)), ("ended", .string(capture.ended.description)),
                ("version", .string(capture.version)), ("isCaptured", .bool(capture.schema != nil)),
                ("tables", .integer(capture.tables.count)),
                ("rows", .integer(capture.tables.reduce(0) { $0 + $1.rows })),
            ]
    }

    private static func span(_ capture: DatabaseCapture) -> UInt64 {
        UInt64(max(0, capture.ended.milliseconds - capture.began.milliseconds)) * 1_000_000
    }

    /// The same with facts and tables.
    static func details(_ capture: DatabaseCapture) -> [(name: String, value: JSON)] {
        let facts = capture.facts.sorted { $0.key < $1.key }
        let tables = capture.tables.map { table in
            JSON.object(
                JSON.path("name", table.name) + [
                    ("rows", .integer(table.rows)), ("content", .string(table.content.hex)),
                ])
        }
        return json(capture).filter { $0.name != "tables" } + [
            ("schemaDigest", .string(capture.schema?.hex ?? "")),
            ("facts", .array(facts.map { .object([("name", .string($0.key)), ("value", .string($0.value))]) })),
            ("tables", .array(tables)),
        ]
    }

    // MARK: Restored databases

    /// What scratch servers have shown.
    static func write(_ checked: [CheckedDatabase], _ snapshot: Digest, _ console: Console) throws {
        for note in Set(checked.flatMap(\.notes)).sorted() { console.notice(note) }
        if console.isJSON {
            return try console.result(
                "database-check",
                [
                    ("snapshot", .string(snapshot.hex)),
                    ("verdict", .string(verdict(checked.map(\.comparison)).rawValue)),
                    ("databases", .array(checked.map { .object(json($0)) })),
                ])
        }
        for database in checked {
            try console.line("\(shown(database.capture)): \(sentence(database.comparison))")
            for difference in database.comparison.differences { try console.line("  \(difference)") }
        }
        if !console.isQuiet { try console.line("Verdict: \(verdict(checked.map(\.comparison)).rawValue)") }
    }

    private static func json(_ checked: CheckedDatabase) -> [(name: String, value: JSON)] {
        [("engine", .string(checked.capture.engine.rawValue))] + JSON.path("name", checked.capture.name)
            + json(checked.comparison) + [("seconds", .seconds(checked.nanoseconds))]
    }

    private static func json(_ comparison: CaptureComparison) -> [(name: String, value: JSON)] {
        [
            ("verdict", .string(comparison.verdict.rawValue)), ("tables", .integer(comparison.tables)),
            ("rows", .integer(comparison.rows)), ("differenceCount", .integer(comparison.differenceCount)),
            ("differences", .array(comparison.differences.map { .string($0) })),
        ]
    }

    private static func sentence(_ comparison: CaptureComparison) -> String {
        let size =
            "\(Units.count(comparison.tables, "table", "tables")), \(Units.count(comparison.rows, "row", "rows"))"
        return switch comparison.verdict {
        case .proven: "proven, \(size) as they were"
        case .failed: "failed, \(Units.count(comparison.differenceCount, "difference", "differences"))"
        case .notProven: "not proven"
        }
    }

    /// One verdict of several: nothing is proven by having compared no table at all.
    static func verdict(_ comparisons: [CaptureComparison]) -> CaptureComparison.Verdict {
        if comparisons.contains(where: { $0.verdict == .failed }) { return .failed }
        let isProven = comparisons.allSatisfy { $0.verdict == .proven } && comparisons.contains { $0.tables > 0 }
        return isProven ? .proven : .notProven
    }

    /// The exit status that says so.
    static func status(_ comparisons: [CaptureComparison]) -> ExitStatus {
        switch verdict(comparisons) {
        case .proven: .done
        case .failed: .drillFailed
        case .notProven: .notProven
        }
    }

    /// A scratch server that runs.
    static func write(_ open: OpenDatabase, _ snapshot: Digest, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "database-open",
                [
                    ("snapshot", .string(snapshot.hex)), ("command", .string(open.hint)),
                    ("variables", .array(open.variables.map { .string(PathText.readable($0)) })),
                ] + json(open.checked))
        }
        var facts = Facts()
        facts.add("Database", shown(open.checked.capture))
        facts.add("Content", sentence(open.checked.comparison))
        facts.add("Open it", open.hint)
        try console.write(facts)
    }

    /// A database that was restored into another one.
    static func write(
        _ result: DatabaseRestoreResult, _ snapshot: Digest, _ target: [UInt8], _ console: Console
    ) throws {
        if console.isJSON {
            return try console.result(
                "database-restore",
                [("snapshot", .string(snapshot.hex)), ("engine", .string(result.capture.engine.rawValue))]
                    + JSON.path("name", result.capture.name) + JSON.path("target", target) + [
                        ("roles", .integer(result.roles)), ("rightsLeftOut", .integer(result.rightsLeftOut)),
                        ("jobs", .integer(result.jobs)),
                        ("bytes", .integer(result.bytes)),
                        ("seconds", .seconds(result.nanoseconds)), ("isCompared", .bool(result.comparison != nil)),
                    ] + (result.comparison.map { json($0) } ?? []))
        }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Database", shown(result.capture))
        facts.add("Restored to", PathText.readable(target))
        if result.roles > 0 {
            facts.add(result.capture.engine == .mariadb ? "Users made" : "Roles made", Units.count(result.roles))
        }
        if result.rightsLeftOut > 0 {
            facts.add("Rights left out", "\(result.rightsLeftOut): what they name is not there")
        }
        facts.add(
            "Dump", Units.bytes(result.bytes) + (result.jobs > 1 ? ", loaded by \(result.jobs) processes at once" : ""))
        facts.add("Compared", result.comparison.map(sentence) ?? "no")
        facts.add("Time", Units.duration(result.nanoseconds))
        try console.write(facts)
        for difference in result.comparison?.differences ?? [] { try console.line("  \(difference)") }
    }

    /// A dump that was written to a file.
    static func write(
        _ capture: DatabaseCapture, _ snapshot: Digest, _ file: [UInt8], _ bytes: Int, _ console: Console
    ) throws {
        if console.isJSON {
            return try console.result(
                "database-restore",
                [("snapshot", .string(snapshot.hex)), ("engine", .string(capture.engine.rawValue))]
                    + JSON.path("name", capture.name) + JSON.path("target", file) + [
                        ("roles", .integer(0)), ("rightsLeftOut", .integer(0)), ("jobs", .integer(0)),
                        ("bytes", .integer(bytes)), ("isCompared", .bool(false)),
                    ])
        }
        if !console.isQuiet { try console.line("\(PathText.readable(file)): \(Units.bytes(bytes))") }
    }
}
