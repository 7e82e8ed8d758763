internal import VaultBackup

/// What progress looks like. Pure.
enum ProgressText {
    private static let pathColumnsMin = 16

    /// A piece of the line, in the order in which it stands there; the higher the rank, the sooner it is left out.
    private struct Part {
        var text: String
        var rank: Int
    }

    /// One line of at most `columns` columns; nil for no limit, and then without the file at hand.
    static func line(_ verb: String, _ progress: Progress, _ report: ProgressRate.Report, columns: Int?) -> String {
        var parts = parts(verb, progress, report)
        guard let columns else { return joined(parts) }
        while parts.count > 1, TextWidth.of(joined(parts)) > columns,
            let least = parts.indices.max(by: { parts[$0].rank < parts[$1].rank })
        {
            parts.remove(at: least)
        }
        var line = joined(parts)
        let room = columns - TextWidth.of(line) - 2
        if !progress.path.isEmpty, room >= pathColumnsMin {
            line += "  " + TextWidth.cutStart(PathText.readable(progress.path), room)
        }
        return TextWidth.cut(line, columns)
    }

    private static func joined(_ parts: [Part]) -> String {
        // After the verb there is a blank, after all others a comma.
        guard let first = parts.first else { return "" }
        let rest = parts.dropFirst().map(\.text).joined(separator: ", ")
        if first.rank != verbRank { return parts.map(\.text).joined(separator: ", ") }
        return rest.isEmpty ? first.text : first.text + " " + rest
    }

    private static let verbRank = 2

    private static func parts(_ verb: String, _ progress: Progress, _ report: ProgressRate.Report) -> [Part] {
        var parts = [Part(text: verb, rank: verbRank)]
        let about = progress.isEstimate ? "~" : ""
        if let fraction = report.fraction { parts.append(Part(text: "\(about)\(Int(fraction * 100)) %", rank: 0)) }
        if let left = report.nanosecondsLeft {
            parts.append(Part(text: "\(about)\(Units.duration(left)) left", rank: 1))
        }
        var amount = Units.bytes(progress.bytes)
        if let total = progress.totalBytes, total > 0, report.fraction != nil {
            amount += " of \(about)\(Units.bytes(total))"
        }
        if progress.bytes > 0 || progress.unit == .entries {
            parts.append(Part(text: amount, rank: report.fraction == nil ? 0 : 4))
        }
        if let rate = report.bytesPerSecond, progress.bytes > 0 {
            parts.append(Part(text: Units.bytes(Int(rate)) + "/s", rank: 3))
        }
        parts.append(Part(text: count(progress), rank: progress.bytes > 0 ? 6 : 0))
        if progress.storedBytes > 0 {
            parts.append(Part(text: "stored \(Units.bytes(progress.storedBytes))", rank: 5))
        }
        parts.append(Part(text: "after \(Units.duration(report.elapsed))", rank: 7))
        return parts
    }

    private static func count(_ progress: Progress) -> String {
        switch progress.unit {
        case .entries: Units.count(progress.entries, "entry", "entries")
        case .packs: Units.count(progress.entries, "pack", "packs")
        case .snapshots: Units.count(progress.entries, "snapshot", "snapshots")
        }
    }

    /// The members of its JSON object.
    static func json(_ progress: Progress, _ report: ProgressRate.Report) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("step", .string(progress.step.rawValue)), ("unit", .string(progress.unit.rawValue)),
            ("entries", .integer(progress.entries)),
            ("bytes", .integer(progress.bytes)), ("storedBytes", .integer(progress.storedBytes)),
            ("seconds", .seconds(report.elapsed)),
        ]
        if let rate = report.bytesPerSecond { members.append(("bytesPerSecond", .integer(Int(rate)))) }
        if let total = progress.totalEntries { members.append(("totalEntries", .integer(total))) }
        if let total = progress.totalBytes { members.append(("totalBytes", .integer(total))) }
        if progress.totalEntries != nil { members.append(("isEstimate", .bool(progress.isEstimate))) }
        if let left = report.nanosecondsLeft { members.append(("secondsLeft", .seconds(left))) }
        if !progress.path.isEmpty { members += JSON.path("path", progress.path) }
        return members
    }
}
