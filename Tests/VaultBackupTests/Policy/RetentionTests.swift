import Testing
import VaultTestSupport

@testable import VaultBackup

/// The rules of retention, by small histories.
@Suite struct RetentionTests {
    private let now = Timestamp("2026-06-01T00:00:00.000Z") ?? Timestamp(milliseconds: 0)
    /// Central Europe in 2024: clocks go forward on 31 March and back on 27 October at 01:00 UTC.
    private let berlin = TimeZoneOffsets { $0 >= 1_711_846_800 && $0 < 1_729_990_800 ? 7_200 : 3_600 }

    private func snapshot(
        _ time: String, position: Int = 0, opened: Int? = nil, recorded: String? = nil, system: String = "web",
        tags: [String] = [], writer: String = "web1"
    ) throws -> RetentionSnapshot {
        let started = try #require(Timestamp(time.count == 10 ? time + "T12:00:00.000Z" : time + ":00.000Z"), "\(time)")
        let end = try recorded.map { try #require(Timestamp($0 + "T12:00:00.000Z")) } ?? started
        return RetentionSnapshot(
            started: started, recorded: end, opened: opened ?? max(0, position - 1), position: position, system: system,
            tags: tags, writer: writer)
    }

    /// The snapshots of these times, in this order in the log.
    private func history(_ times: [String]) throws -> [RetentionSnapshot] {
        try times.enumerated().map { try snapshot($1, position: $0 * 2 + 2) }
    }

    /// Indices of what is kept, and the reasons.
    private func kept(
        _ snapshots: [RetentionSnapshot], groupedBy: Set<Retention.Grouping> = [.system, .writer],
        zone: TimeZoneOffsets = .utc, _ change: (inout RetentionRules) -> Void
    ) -> [Int: [String]] {
        var rules = RetentionRules()
        change(&rules)
        let groups = Retention.decide(snapshots, by: rules, groupedBy: groupedBy, now: now, zone: zone)
        #expect(groups.flatMap(\.members).sorted() == Array(snapshots.indices), "each is judged once")
        let all = groups.flatMap { zip($0.members, $0.reasons) }
        return Dictionary(uniqueKeysWithValues: all.filter { !$1.isEmpty }.map { ($0, $1.map(\.description)) })
    }

    @Test func newestOfEachPeriod() throws {
        let days = try history(["2024-01-30T08:00", "2024-01-30T20:00", "2024-01-31T08:00", "2024-02-01T09:00"])
        #expect(
            kept(days) { $0.counts[.daily] = .upTo(2) } == [2: ["daily snapshot"], 3: ["daily snapshot"]])
        #expect(
            kept(days) { $0.counts[.monthly] = .unlimited }
                == [0: ["oldest monthly snapshot"], 2: ["monthly snapshot"], 3: ["monthly snapshot"]])
        #expect(kept(days) { $0.last = .upTo(1) } == [3: ["last snapshot"]])
        #expect(kept(days) { $0.last = .unlimited }.count == 4)
        #expect(kept(days) { $0.counts[.hourly] = .upTo(0) }.isEmpty)
        #expect(
            kept(days) {
                $0.last = .upTo(1); $0.counts[.yearly] = .upTo(1)
            }[3] == ["last snapshot", "yearly snapshot"])
    }

    /// Of a leap year: 29 February is a day of its own, and a year before it leads to 1 March.
    @Test func leapDays() throws {
        let days = try history(["2023-02-28", "2023-03-01", "2023-03-02", "2024-02-28", "2024-02-29"])
        #expect(kept(days) { $0.counts[.daily] = .upTo(2) }.keys.sorted() == [3, 4])
        #expect(kept(days) { $0.within = CalendarSpan("1y") }.keys.sorted() == [2, 3, 4])
        #expect(kept(days) { $0.counts[.yearly] = .upTo(2) }.keys.sorted() == [2, 4])
        // A month before 31 March is the third day after 29 February.
        let march = try history(["2024-03-02T12:00", "2024-03-02T12:01", "2024-03-31T12:00"])
        #expect(kept(march) { $0.within = CalendarSpan("1m") }.keys.sorted() == [1, 2])
    }

    /// Weeks begin on Monday, also around the end of a year.
    @Test func weeks() throws {
        let days = try history(["2024-12-29", "2024-12-30", "2025-01-05", "2025-01-06"])
        #expect(kept(days) { $0.counts[.weekly] = .upTo(3) }.keys.sorted() == [0, 2, 3])
    }

    /// A day is one of local time; the hour that comes twice is two hours, and the one that is skipped is none.
    @Test func clocksThatAreMoved() throws {
        let midnight = try history(["2024-07-01T21:30", "2024-07-01T22:30"])
        #expect(
            kept(midnight) { $0.counts[.daily] = .upTo(9) } == [0: ["oldest daily snapshot"], 1: ["daily snapshot"]])
        #expect(kept(midnight, zone: berlin) { $0.counts[.daily] = .upTo(2) }[0] == ["daily snapshot"])
        // 00:10 and 00:20 UTC are 02:10 and 02:20 in summer time, 01:15 UTC is 02:15 again.
        let back = try history(["2024-10-26T23:10", "2024-10-27T00:10", "2024-10-27T00:20", "2024-10-27T01:15"])
        #expect(kept(back, zone: berlin) { $0.counts[.hourly] = .upTo(3) }.keys.sorted() == [0, 2, 3])
        // A day before 12:00 is 12:00, whether the day had 23 hours, 24 or 25.
        for (day, before) in [("2024-03-31T10:00", "2024-03-30T11:00"), ("2024-10-27T11:00", "2024-10-26T10:00")] {
            let just = try #require(Timestamp(before + ":00.001Z")).milliseconds
            let span = try #require(CalendarSpan("1d"))
            #expect(span.before(try #require(Timestamp(day + ":00.000Z")), berlin) == just - 1)
        }
    }

    @Test func tagsAndGroups() throws {
        let all = [
            try snapshot("2024-01-01", position: 2, tags: ["year", "paper"]),
            try snapshot("2024-01-02", position: 4, tags: ["year"]),
            try snapshot("2024-01-03", position: 6), try snapshot("2024-01-04", position: 8, system: "mail"),
        ]
        #expect(kept(all) { $0.tags = [["year", "paper"], ["none"]] } == [0: ["has tags [year, paper]"]])
        #expect(kept(all) { $0.last = .upTo(1) }.keys.sorted() == [2, 3])
        #expect(kept(all, groupedBy: []) { $0.last = .upTo(1) }.keys.sorted() == [3])
        #expect(kept(all, groupedBy: [.system, .tags]) { $0.last = .upTo(1) }.keys.sorted() == [0, 1, 2, 3])
    }

    // MARK: What a hostile or broken writer does

    /// A snapshot dated after now neither takes a place nor moves the end from which spans are counted.
    @Test func future() throws {
        var all = try history(["2026-05-29", "2026-05-30", "2026-05-31"])
        all.append(try snapshot("2040-01-01", position: 8))
        all.append(try snapshot("2026-05-31", position: 10, recorded: "2039-01-01"))
        let result = kept(all) {
            $0.last = .upTo(1); $0.within = CalendarSpan("1d")
        }
        #expect(result == [2: ["within 1d", "last snapshot"], 3: ["dated after now"], 4: ["dated after now"]])
    }

    /// One that is dated back, to be the newest of a day that is over, does not take that day's place, and is not let go
    /// either. A long backup that ends after a short one is no such thing.
    @Test func datedBack() throws {
        var all = try history(["2026-05-01", "2026-05-02", "2026-05-03"])
        all.append(try snapshot("2026-05-01T23:59", position: 10, opened: 9))
        all.append(try snapshot("2026-05-02T23:59", position: 12, opened: 11, recorded: "2026-05-04"))
        all.append(try snapshot("2026-05-02T10:00", position: 14, opened: 3, recorded: "2026-05-04"))
        let result = kept(all) { $0.counts[.daily] = .upTo(10) }
        #expect(result[0] == ["daily snapshot"] && result[1] == ["daily snapshot"] && result[2] == ["daily snapshot"])
        #expect(result[3] == ["dated before an earlier one"] && result[4] == ["dated before an earlier one"])
        #expect(result[5] == nil)
    }

    /// What one writer plants, be it ever so much, does not push out another's.
    @Test func burst() throws {
        var all = try history(["2026-05-01", "2026-05-02", "2026-05-03"])
        for number in 0..<500 {
            all.append(try snapshot("2026-05-04", position: 10 + 2 * number, writer: "stolen"))
        }
        #expect(kept(all) { $0.last = .upTo(3) }.keys.filter { $0 < 3 }.count == 3)
        #expect(kept(all, groupedBy: [.system]) { $0.last = .upTo(3) }.keys.filter { $0 < 3 }.count == 0)
    }

    /// Whatever the writers say: each period of a group that has a believed snapshot keeps one, in any order of input.
    @Test func anyOrder() throws {
        var random = SeededGenerator(seed: 58)
        for _ in 0..<200 {
            let all = try (0..<40).map { number in
                let day = random.next() % 28 + 1
                return try snapshot("2026-04-\(day < 10 ? "0" : "")\(day)", position: 2 * number + 2, opened: 0)
            }
            let result = kept(all) { $0.counts[.daily] = .unlimited }
            let reference = Set(all.map(\.started)).count
            #expect(result.values.filter { $0 == ["daily snapshot"] }.count == reference)
            let turned = kept(all.reversed()) { $0.counts[.daily] = .unlimited }
            #expect(Set(turned.keys.map { all.count - 1 - $0 }) == Set(result.keys))
        }
    }

    @Test func wordsOfRules() {
        for (text, shown) in [("1y5m7d2h", "1y5m7d2h"), ("2h1y", "1y2h"), ("2w", "14d"), ("36h", "36h")] {
            #expect(CalendarSpan(text)?.description == shown)
        }
        for text in ["", "7", "d", "7x", "-7d", "7d7d", "0d", "1.5d", "100001d", "99999999999999999999d", "7 d", "٣d"] {
            #expect(CalendarSpan(text) == nil, "\(text)")
        }
        for text in ["", "-1", "+1", "x", "1.5", "99999999999999999999", "٣"] {
            #expect(RetentionRules.Count(text) == nil, "\(text)")
        }
        #expect(RetentionRules.Count("unlimited") == .unlimited && RetentionRules.Count("7") == .upTo(7))
        #expect(CalendarSpan("100000y100000m100000d")?.before(now, .utc) == .min)
        var rules = RetentionRules()
        #expect(rules.isEmpty)
        rules.counts[.daily] = .upTo(0)
        #expect(rules.isEmpty)
        rules.last = .upTo(3)
        #expect(!rules.isEmpty && rules.isByNumberAlone)
    }
}
