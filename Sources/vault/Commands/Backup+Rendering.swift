internal import VaultBackup

/// What `vault backup` writes.
extension BackupCommand {
    /// Writes what a backup did.
    static func render(_ result: BackupResult, _ system: String, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "backup",
                [
                    ("snapshot", .string(result.snapshot.hex)), ("isUnchanged", .bool(result.isUnchanged)),
                    ("position", .integer(result.position)), ("system", .string(system)),
                    ("entries", .integer(result.entries)), ("leftOut", .integer(result.leftOut)),
                    ("bytes", .integer(result.bytes)), ("newBytes", .integer(result.newBytes)),
                    ("storedBytes", .integer(result.storedBytes)), ("seconds", .seconds(result.nanoseconds)),
                    ("problemCount", .integer(result.problemCount)), ("problems", .problems(result.problems)),
                ])
        }
        if console.isQuiet { return }
        var facts = Facts()
        let id = String(result.snapshot.hex.prefix(8))
        facts.add("Snapshot", result.isUnchanged ? "none, nothing has changed since \(id)" : id)
        facts.add("System", system.shown)
        facts.add("Entries", entries(result.entries, result.leftOut))
        facts.add("Content", content(result.bytes, result.newBytes))
        facts.add("Stored", Units.bytes(result.storedBytes))
        facts.add("Time", time(result.bytes, result.nanoseconds))
        if result.problemCount > 0 { facts.add("Problems", Units.count(result.problemCount)) }
        try console.write(facts)
    }

    /// Writes what a backup would do.
    static func render(_ preview: BackupPreview, _ system: String, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "backup-preview",
                [
                    ("system", .string(system)), ("entries", .integer(preview.entries)),
                    ("leftOut", .integer(preview.leftOut)), ("bytes", .integer(preview.bytes)),
                    ("newBytes", .integer(preview.newBytes)), ("seconds", .seconds(preview.nanoseconds)),
                    ("problemCount", .integer(preview.problemCount)), ("problems", .problems(preview.problems)),
                ])
        }
        if console.isQuiet { return }
        var facts = Facts()
        facts.add("Snapshot", "none, this is a dry run")
        facts.add("System", system.shown)
        facts.add("Entries", entries(preview.entries, preview.leftOut))
        facts.add("Content", content(preview.bytes, preview.newBytes))
        facts.add("Time", time(preview.bytes, preview.nanoseconds))
        if preview.problemCount > 0 { facts.add("Problems", Units.count(preview.problemCount)) }
        try console.write(facts)
    }

    /// Writes an entry that is new, changed or gone.
    static func render(_ change: BackupChange, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "backup-change",
                [("kind", .string(change.kind.rawValue))] + JSON.path("path", [0x2f] + change.path) + [
                    ("count", .integer(change.count))
                ])
        }
        let path = "/" + PathText.readable(change.path)
        switch change.kind {
        case .added: try console.line("+ \(path)")
        case .changed: try console.line("M \(path)")
        case .removed: try console.line("- \(Units.count(change.count, "entry", "entries")) of \(path)")
        }
    }

    private static func entries(_ count: Int, _ leftOut: Int) -> String {
        leftOut == 0 ? Units.count(count) : "\(Units.count(count)), \(Units.count(leftOut)) left out"
    }

    private static func content(_ bytes: Int, _ newBytes: Int) -> String {
        "\(Units.bytes(bytes)), \(Units.bytes(newBytes)) of it new"
    }

    private static func time(_ bytes: Int, _ nanoseconds: UInt64) -> String {
        Units.duration(nanoseconds) + (Units.rate(bytes, nanoseconds).map { ", " + $0 } ?? "")
    }
}
