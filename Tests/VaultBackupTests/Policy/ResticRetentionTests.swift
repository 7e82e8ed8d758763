import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// The rules of retention against restic itself, where that is installed: the same snapshots, the same options.
@Suite struct ResticRetentionTests {
    private static let hasRestic = runProgram(["restic", "version"])?.status == 0
    private static let zone = "Europe/Berlin"

    private struct Made: Decodable {
        struct Snapshot: Decodable {
            var id: String
            var time: String
            var hostname: String
            var tags: [String]?
        }
    }

    private struct Group: Decodable {
        struct Reason: Decodable {
            var matches: [String]
        }
        var host: String
        var keep: [Made.Snapshot]?
        var remove: [Made.Snapshot]?
        var reasons: [Reason]?
    }

    /// Options, and the same as rules.
    private static func rules(_ options: [(String, String)]) throws -> RetentionRules {
        var rules = RetentionRules()
        for (name, value) in options {
            switch name {
            case "last": rules.last = try #require(RetentionRules.Count(value))
            case "within": rules.within = CalendarSpan(value)
            case "tag": rules.tags.append(value.split(separator: ",").map(String.init))
            default:
                if let period = RetentionRules.Period(rawValue: name) {
                    rules.counts[period] = RetentionRules.Count(value)
                } else {
                    let period = try #require(RetentionRules.Period(rawValue: String(name.dropFirst("within-".count))))
                    rules.periodsWithin[period] = CalendarSpan(value)
                }
            }
        }
        return rules
    }

    /// One rule at a time, then drawn combinations.
    private static func combinations(_ random: inout SeededGenerator) -> [[(String, String)]] {
        let counts = ["last", "hourly", "daily", "weekly", "monthly", "yearly"]
        let spans = ["within", "within-hourly", "within-daily", "within-weekly", "within-monthly", "within-yearly"]
        let lengths = ["30h", "3d", "1m", "1m1d", "13m", "2y", "1y2m3d4h"]
        func count() -> String { ["1", "2", "3", "5", "100", "unlimited"].randomElement(using: &random) ?? "1" }
        var all = (counts.map { [($0, "3")] }) + (spans.map { [($0, "13m")] }) + [[("tag", "a,b")]]
        for _ in 0..<15 {
            var options: [(String, String)] = []
            for name in counts where Bool.random(using: &random) { options.append((name, count())) }
            for name in spans where Int.random(in: 0..<4, using: &random) == 0 {
                options.append((name, lengths.randomElement(using: &random) ?? "1d"))
            }
            if Int.random(in: 0..<4, using: &random) == 0 { options.append(("tag", "a")) }
            all.append(options.isEmpty ? [("last", "1")] : options)
        }
        return all
    }

    /// Times of local clocks around midnights, ends of months and years, leap days and the spring's change of clocks.
    private static func times(_ random: inout SeededGenerator) -> [String] {
        var times = [
            "2024-02-28 23:59:59", "2024-02-29 00:00:01", "2024-02-29 12:00:00", "2024-03-01 12:00:00",
            "2024-03-30 12:00:00", "2024-03-31 01:59:00", "2024-03-31 03:00:00", "2024-03-31 23:30:00",
            "2023-12-31 23:59:00", "2024-01-01 00:01:00", "2023-02-28 12:00:00", "2023-03-01 12:00:00",
        ]
        for _ in 0..<14 {
            func two(_ range: Range<Int>) -> String {
                let value = Int.random(in: range, using: &random)
                return value < 10 ? "0\(value)" : "\(value)"
            }
            let year = ["2022", "2023", "2024"].randomElement(using: &random) ?? "2024"
            times.append("\(year)-\(two(1..<13))-\(two(1..<29)) \(two(4..<24)):\(two(0..<60)):00")
        }
        return times
    }

    /// Newer versions of restic keep the oldest snapshot as well while there is room, as vault does.
    private func counted(_ reasons: [String]) -> [String] { reasons.filter { !$0.hasPrefix("oldest ") }.sorted() }

    @Test(.enabled(if: hasRestic)) func resticAgrees() throws {
        let folder = try TemporaryDirectory()
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.path + "/file"))
        let restic = ["env", "RESTIC_PASSWORD=x", "TZ=\(Self.zone)", "restic", "--no-cache", "-r", folder.path + "/r"]
        func run(_ arguments: [String]) throws -> String {
            let run = try #require(runProgram(restic + arguments))
            try #require(run.status == 0, "\(arguments): \(run.output)")
            return run.output
        }
        _ = try run(["init", "--quiet"])
        let seed: UInt64 = 20_261_125
        var random = SeededGenerator(seed: seed)
        for (number, time) in Self.times(&random).enumerated() {
            let tags = [[], ["--tag", "a"], ["--tag", "a,b"]][number % 3]
            _ = try run(
                ["backup", folder.path + "/file", "--quiet", "--time", time, "--host", "h\(number % 2)"] + tags)
        }
        let made = try JSONDecoder().decode(
            [Made.Snapshot].self, from: Data(try run(["snapshots", "--json"]).utf8))
        let snapshots = try made.enumerated().map { number, snapshot in
            let time = try #require(ISO8601DateFormatter().date(from: snapshot.time)).timeIntervalSince1970
            let moment = Timestamp(milliseconds: Int64(time) * 1_000)
            return RetentionSnapshot(
                started: moment, recorded: moment, opened: 0, position: number, system: snapshot.hostname,
                tags: snapshot.tags ?? [], writer: "w")
        }
        let zone = try #require(TimeZone(identifier: Self.zone))
        let offsets = TimeZoneOffsets { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0))) }
        var compared = 0
        for options in Self.combinations(&random) {
            // Older versions of restic have no word for all.
            let words = options.map { "--keep-\($0)=\($1 == "unlimited" ? "10000" : $1)" }
            let output = try run(["forget", "--dry-run", "--json", "--group-by", "host"] + words)
            let line = try #require(output.split(separator: "\n").first)
            let theirs = try JSONDecoder().decode([Group].self, from: Data(line.utf8))
            // Reasons stand in the order of what is kept.
            var expected: [String: [String]] = [:]
            for group in theirs {
                for (kept, reason) in zip(group.keep ?? [], group.reasons ?? []) {
                    expected[kept.id] = counted(reason.matches)
                }
            }
            let groups = Retention.decide(
                snapshots, by: try Self.rules(options), groupedBy: [.system],
                now: Timestamp(milliseconds: 4_000_000_000_000), zone: offsets)
            try #require(groups.count == 2 && theirs.count == 2)
            for group in groups {
                for (member, reasons) in zip(group.members, group.reasons) {
                    let ours = counted(reasons.map(\.description))
                    let snapshot = made[member]
                    #expect(ours == expected[snapshot.id] ?? [], "\(words), seed \(seed): \(snapshot.time)")
                    compared += 1
                }
            }
        }
        #expect(compared == 28 * snapshots.count)
        print("decisions compared with restic: \(compared), seed \(seed)")
    }
}
