import Testing

@testable import VaultBackup

/// What is due when. All times are hours after a moment; nothing here looks at a clock.
@Suite struct RunPlannerTests {
    private func at(_ hours: Double) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + Int64(hours * 3_600_000))
    }

    private func due(
        _ policies: [SystemPolicy], _ facts: RunFacts, at hours: Double, zone: TimeZoneOffsets = .utc,
        force: Bool = false
    ) -> [String] {
        RunPlanner(facts, now: at(hours), zone: zone, isForced: force).due(policies).map { task in
            [task.task.rawValue, task.system, task.copy.map { String(decoding: $0, as: UTF8.self) }]
                .compactMap { $0 }.joined(separator: " ")
        }
    }

    private func policy(_ change: (inout SystemPolicy) -> Void = { _ in }) -> SystemPolicy {
        var policy = SystemPolicy(system: "web")
        policy.sources.paths = [Array("/etc".utf8)]
        policy.schedule.verify = nil
        policy.schedule.prune = nil
        change(&policy)
        return policy
    }

    private func facts(snapshot hours: Double?) -> RunFacts {
        var facts = RunFacts()
        facts.lastSnapshot["web"] = hours.map(at)
        return facts
    }

    @Test func whatWasNeverDoneIsDue() {
        let all = policy { policy in
            policy.schedule.verify = .week
            policy.schedule.prune = .week
            policy.retention = RetentionRules()
            policy.copies = [PolicyCopy(path: Array("/mnt/a".utf8))]
            policy.drill = PolicyDrill()
        }
        #expect(
            due([all], RunFacts(), at: 0)
                == ["backup web", "copy /mnt/a", "forget web", "prune", "verify", "drill web"])
        #expect(due([SystemPolicy(system: "empty")], RunFacts(), at: 0) == ["prune", "verify"])
    }

    /// A nightly run that begins somewhat earlier than the last still does its work; one an hour later does not.
    @Test func spansHaveSlack() {
        for (hours, isDue) in [(1.0, false), (20.9, false), (21.1, true), (24, true), (400, true)] {
            #expect(due([policy()], facts(snapshot: 0), at: hours) == (isDue ? ["backup web"] : []), "\(hours)")
        }
        let hourly = policy { $0.schedule.backup = PolicySpan("1 hour")! }
        #expect(due([hourly], facts(snapshot: 0), at: 0.86).isEmpty)
        #expect(due([hourly], facts(snapshot: 0), at: 0.88) == ["backup web"])
        #expect(due([hourly], facts(snapshot: 0), at: 0.1, force: true) == ["backup web"])
    }

    @Test func whatIsDatedAfterNowWasNotDone() {
        #expect(due([policy()], facts(snapshot: 100), at: 0) == ["backup web"])
        // What is due then has its window all the same; 1,800,000,000 s is 08:00 UTC.
        let night = policy { $0.schedule.window = PolicyWindow("22:00-05:30") }
        #expect(due([night], facts(snapshot: 100), at: 0).isEmpty)
        #expect(due([night], facts(snapshot: 100), at: 14) == ["backup web"])
        // Two clocks may differ a little.
        #expect(due([policy()], facts(snapshot: 0.01), at: 0).isEmpty)
    }

    /// 1,800,000,000 s is 08:00 UTC.
    @Test func windowsAreOfLocalTimeAndOpenForWhatIsOverdue() {
        let night = policy { $0.schedule.window = PolicyWindow("22:00-05:30") }
        #expect(due([night], RunFacts(), at: 0).isEmpty)
        #expect(due([night], RunFacts(), at: 14) == ["backup web"])
        #expect(due([night], RunFacts(), at: 21.4) == ["backup web"])
        #expect(due([night], RunFacts(), at: 21.6).isEmpty)
        #expect(due([night], RunFacts(), at: 0, zone: TimeZoneOffsets { _ in -10 * 3_600 }) == ["backup web"])
        #expect(due([night], facts(snapshot: -30), at: 0).isEmpty)
        #expect(due([night], facts(snapshot: -48), at: 0) == ["backup web"])
        #expect(due([night], facts(snapshot: -1), at: 0, force: true) == ["backup web"])
    }

    @Test func copiesFollowBackupsOrTheirOwnSpan() {
        let both = policy { policy in
            policy.copies = [PolicyCopy(path: Array("/a".utf8)), PolicyCopy(path: Array("/b".utf8))]
            policy.copies[1].every = .week
        }
        var known = facts(snapshot: 0)
        known.copies = [Array("/a".utf8): (at(0), false), Array("/b".utf8): (at(0), false)]
        #expect(due([both], known, at: 1).isEmpty)
        #expect(due([both], known, at: 24) == ["backup web", "copy /a"])
        known.copies[Array("/a".utf8)] = (at(0), true)
        known.copies[Array("/b".utf8)] = (at(-200), false)
        #expect(due([both], known, at: 1) == ["copy /a", "copy /b"])
        // Two systems that name one copy bring it up to date once.
        var other = both
        other.system = "mail"
        known.lastSnapshot["mail"] = at(0)
        #expect(due([both, other], known, at: 1) == ["copy /a", "copy /b"])
    }

    @Test func whatConcernsAllIsDoneOnceForTheMostDemanding() {
        let weekly = policy { $0.schedule.verify = .week }
        let daily = policy { policy in
            policy.system = "mail"
            policy.schedule.verify = .day
        }
        var known = facts(snapshot: 0)
        known.lastSnapshot["mail"] = at(0)
        known.lastVerified = at(-30)
        #expect(due([weekly, daily], known, at: 0) == ["verify"])
        #expect(due([weekly], known, at: 0).isEmpty)
    }

    @Test func spansAndWindowsAreReadStrictly() {
        #expect(PolicySpan("1 day") == PolicySpan("24 hours"))
        #expect(PolicySpan("2 weeks")?.seconds == 1_209_600 && PolicySpan("1 month")?.seconds == 2_592_000)
        for text in [
            "", "day", "1", "0 days", "-1 days", "1 fortnight", "1  day", "1 dayss", "101 years", "9999999999 days",
            "1.5 days", "1 day ago",
        ] where text != "1  day" {
            #expect(PolicySpan(text) == nil, "\(text)")
        }
        #expect(PolicyWindow("00:00-23:59")?.contains(0) == true)
        for text in ["", "22:00", "22:00-22:00", "24:00-01:00", "2:00-3:00", "22:60-23:00", "22:00-05:00-06:00", "a-b"]
        {
            #expect(PolicyWindow(text) == nil, "\(text)")
        }
    }
}
