import Testing

@testable import VaultBackup

@Suite struct PolicyDecodingTests {
    static let file = Array("/p/web.yaml".utf8)

    /// Decodes and checks as far as words tell; the policy is given out only without errors.
    static func decode(_ text: String, defaults: String? = nil) -> (
        policy: SystemPolicy?, problems: [PolicyProblem], inherited: [String]
    ) {
        var problems: [PolicyProblem] = []
        let base = defaults.flatMap { PolicyText(file: Array("/p/defaults.yaml".utf8), Array($0.utf8), &problems) }
        guard let text = PolicyText(file: file, Array(text.utf8), &problems) else { return (nil, problems, []) }
        let draft = PolicyDecoder.decode(text, defaults: base, name: "web")
        draft.check(text)
        problems += draft.log.problems
        return (problems.hasErrors ? nil : draft.policy, problems, draft.inherited)
    }

    /// However many warnings there are, an error is noted: else the policy would be used.
    @Test func errorsAreNotLostBehindWarnings() {
        let paths = Array(repeating: "/etc", count: 150).joined(separator: ", ")
        let found = Self.decode("repository: /b\nsources: {paths: [\(paths), /b]}")
        #expect(found.policy == nil && found.problems.count == 101 && found.problems.last?.isError == true)
    }

    @Test func everyKeyIsRead() throws {
        let text = """
            system: shop
            owner: Office 7
            level: 3
            classification: restricted
            repository: /mnt/backup/
            sources:
              paths: [/srv, "/home/a b"]
              databases: [postgres:shop]
              exclude: ['*.tmp', /srv/x]
              exclude-if-present: [.nobackup]
              exclude-larger-than: 2G
              exclude-caches: false
              one-file-system: true
              defaults-file: /etc/my.cnf
              silence: 30 minutes
            schedule: {backup: 4 hours, copy: 1 day, verify: never, prune: 2 weeks, window: 22:00-05:30, timeout: 8 hours}
            objectives: {rpo: 6 hours, rto: 90 minutes}
            retention:
              keep-last: 2
              keep-daily: 7
              keep-yearly: unlimited
              keep-within: 14d
              keep-within-hourly: 36h
              keep-tag: [gold, [a, b]]
            copies:
              - {path: /mnt/usb, offsite: true, offline: true, medium: usb, every: 1 week}
              - path: /mnt/tape
            drill:
              frequency: 2 weeks
              selection: oldest-unproven
              sample: 12.5
              checks: [databases, script, malware]
              script: [/usr/local/bin/check, "--all"]
              validity: 60 days
              scratch: /var/tmp
              scratch-limit: 50G
              from: /mnt/tape
            notification: {mail: [root, a@b.vn], textfile: /var/x.prom, command: [/bin/true], when: always}
            hooks: {before: [[/bin/a, "1"], [/bin/b]], after: [[/bin/c]]}
            profile: vn-level-3
            """
        let (decoded, problems, _) = Self.decode(text)
        let policy = try #require(decoded, "\(problems)")
        #expect(policy.system == "shop" && policy.owner == "Office 7" && policy.level == 3)
        #expect(policy.classification == .restricted && policy.repository == Array("/mnt/backup".utf8))
        #expect(policy.sources.paths.count == 2 && policy.sources.excludeLargerThan == 2 << 30)
        #expect(policy.sources.silence?.seconds == 1_800 && policy.drill?.scratchLimit == 50 << 30)
        #expect(!policy.sources.excludeCaches && policy.sources.oneFileSystem && policy.sources.exclude.count == 2)
        #expect(policy.schedule.backup.seconds == 14_400 && policy.schedule.verify == nil)
        #expect(policy.schedule.prune == PolicySpan("2 weeks") && policy.schedule.window == PolicyWindow("22:00-05:30"))
        #expect(policy.objectives.rto?.seconds == 5_400)
        let rules = try #require(policy.retention)
        #expect(rules.last == .upTo(2) && rules.counts[.daily] == .upTo(7) && rules.counts[.yearly] == .unlimited)
        #expect(rules.within == CalendarSpan("14d") && rules.periodsWithin[.hourly] == CalendarSpan("36h"))
        #expect(rules.tags == [["gold"], ["a", "b"]])
        #expect(policy.copies.count == 2 && policy.copies[0].isOffline && policy.copies[0].every == .week)
        let drill = try #require(policy.drill)
        #expect(drill.checks == [.files, .databases, .script, .malware] && drill.sample == 12.5)
        #expect(drill.from == policy.copies[1].path)
        #expect(drill.script == ["/usr/local/bin/check", "--all"].map { Array($0.utf8) })
        #expect(policy.notification.on == .always && policy.notification.mail == ["root", "a@b.vn"])
        #expect(policy.hooks.before.count == 2 && policy.hooks.after == [[Array("/bin/c".utf8)]])
        // Written and read again it is the same.
        let again = Self.decode(PolicyWriter(policy).text)
        #expect(again.policy == policy, "\(again.problems)\n\(PolicyWriter(policy).text)")
    }

    @Test func whatIsNotSaidIsSensible() throws {
        let policy = try #require(Self.decode("sources: {paths: [/etc]}").policy)
        #expect(policy.system == "web" && policy.schedule == PolicySchedule() && policy.drill == nil)
        #expect(policy.retention == nil && policy.sources.excludeCaches && policy.classification == .ordinary)
    }

    /// One pass finds them all, each with its place.
    @Test func everyMistakeIsFound() {
        let problems = Self.decode(
            """
            systm: web
            level: 9
            sources:
              paths: [etc, /home]
              databases: postgres:shop
              exclude: ['[']
            keep-daily: 3
            schedule:
              backup: daily
              rpo: 1 day
            retention:
              keep_weekly: 5
            drill:
              checks: [files, scirpt]
              sample: 10%
            notification: {mail: ['a b'], on: failure}
            hooks: {before: ["rm -rf /"]}
            owner:
            """
        ).problems
        let expected = [
            (1, 1, "'systm'", "Did you mean 'system'?"), (2, 8, "from 1 to 5", ""),
            (4, 11, "'etc'", "Begin it with '/'"),
            (5, 14, "must be a list", "'- '"), (6, 13, "'['", ""), (7, 1, "'keep-daily'", "below 'retention:'"),
            (9, 11, "'daily'", "1 day"), (10, 3, "'rpo'", "below 'objectives:'"),
            (12, 3, "'keep_weekly'", "'keep-weekly'"), (14, 19, "'scirpt'", "'script'"),
            (15, 11, "percent", "without '%'"), (16, 23, "mail address", ""), (16, 31, "'on'", "'when'"),
            (17, 18, "must be a list of a program", "no shell"), (18, 1, "Nothing stands behind", ""),
        ]
        for (line, column, message, suggestion) in expected {
            let found = problems.first { $0.place == TextPlace(line: line, column: column) }
            #expect(
                found?.message.contains(message) == true, "\(line):\(column) \(message): \(problems.map(\.description))"
            )
            #expect(
                suggestion.isEmpty || found?.suggestion.contains(suggestion) == true, "\(String(describing: found))")
        }
        #expect(problems.allSatisfy { !$0.message.hasSuffix(".") && $0.file == Self.file })
    }

    @Test func aKeyAtTheMarginReplacesThatOfTheDefaults() throws {
        let defaults =
            "retention: {keep-daily: 7, keep-weekly: 4}\nschedule: {backup: 1 hour}\ndrill: {frequency: 1 week}\nowner: A"
        let (decoded, problems, inherited) = Self.decode(
            "sources: {paths: [/etc]}\nretention: {keep-last: 3, keep-daily: 1}\ndrill: none", defaults: defaults)
        let policy = try #require(decoded, "\(problems)")
        #expect(policy.retention?.counts[.weekly] == nil && policy.retention?.counts[.daily] == .upTo(1))
        #expect(policy.schedule.backup.seconds == 3_600 && policy.drill == nil && policy.owner == "A")
        #expect(inherited == ["owner", "schedule"])
        // A mistake in the defaults is theirs.
        let wrong = Self.decode("sources: {paths: [/etc]}", defaults: "level: 7").problems
        #expect(wrong.map { PathText.readable($0.file) } == ["/p/defaults.yaml"])
        var own: [PolicyProblem] = []
        let text = try #require(PolicyText(file: Self.file, Array("system: x\nfoo: 1".utf8), &own))
        #expect(PolicyDecoder.check(defaults: text).count == 2)
    }

    /// What fits together and what does not.
    @Test(arguments: [
        ("sources: {exclude: [a]}", "saves nothing", true), ("owner: x", "saves nothing", true),
        ("objectives: {rpo: 1 hour}", "RPO of 1 hour cannot be kept", false),
        ("objectives: {rto: 1 hour}", "measured by drills", false),
        ("retention: {keep-last: 3}", "pushes out all others", false),
        ("retention: {}", "keeps nothing", true), ("retention: {keep-daily: 0}", "keeps nothing", true),
        ("drill: {checks: [script]}", "no 'drill.script'", true),
        ("drill: {script: [/bin/true]}", "never run", false),
        ("drill: {validity: 1 day}", "expires after 1 day", false),
        ("drill: {selection: oldest-unproven}", "Without 'sample'", false),
        ("drill: {from: /mnt/x}", "no copy of this policy", true),
        ("repository: /r\ncopies: [{path: /r/}]", "same place as the repository", true),
        ("copies: [{path: /c}, {path: /c}]", "Two copies", true),
        ("repository: /etc", "a source and a place of backups", true),
        ("classification: restricted", "government cipher", false),
        ("repository: sftp:host:/x", "no such store", true), ("copies: [{path: 's3:bucket'}]", "no such store", true),
        ("repository: /a/../b", "'.' or '..'", true), ("system: a/b", "cannot be the name", true),
        ("system: on", "without quotes", true), ("owner: 2026-08-19", "without quotes", true),
        ("copies: [{medium: usb}]", "no 'path'", true),
    ])
    func valuesMustFitTogether(_ text: String, _ words: String, _ isError: Bool) throws {
        let sources = text.hasPrefix("sources") || text.hasPrefix("owner: x") ? "" : "\nsources: {paths: [/etc]}"
        let (policy, problems, _) = Self.decode(text + sources)
        let found = try #require(
            problems.first { $0.message.contains(words) }, "\(text): \(problems.map(\.description))")
        #expect(found.isError == isError)
        #expect((policy == nil) == isError, "\(problems.map(\.description))")
    }

    /// Any text comes back from the writer's quotes.
    @Test func quotesKeepEveryText() throws {
        for text in [
            "plain", "a b", "a: b", "a:", "'", "\"\\", "# x", "- x", "ü 'x'", "\u{1}\u{202e}\n\t", " lead", "0x1f",
            "1e3", "on",
            "2026-08-19", "*x", "[a]", "a #b", "🏳️‍🌈", "it'\u{301}s", "\u{85}\u{2028}", "/a b/c", "~", "%x", "@a", "`",
            "-1",
        ] {
            let written = "a: \(PolicyWriter.quoted(text))\n"
            let (root, faults) = YAMLReader.read(Array(written.utf8))
            guard case .mapping(let entries)? = root?.content, case .scalar(let read, _)? = entries.first?.value.content
            else {
                Issue.record("\(written): \(faults)")
                continue
            }
            #expect(read.hasSameBytes(as: text) && faults.isEmpty, "\(written)")
        }
    }
}
