import Testing
import VaultTestSupport

@testable import VaultBackup

/// What a report says is what the log and the evidence say.
@Suite struct RecoveryReportTests {
    private func report(
        _ fixture: DrillFixture, _ change: (inout RecoveryReportRequest) -> Void = { _ in }
    ) throws -> RecoveryReport {
        var request = RecoveryReportRequest()
        change(&request)
        return try RecoveryReport(request, fixture.repository, copies: [])
    }

    private func objectives(rpo: String, rto: String) -> PolicyObjectives {
        var objectives = PolicyObjectives()
        (objectives.rpo, objectives.rto) = (PolicySpan(rpo), PolicySpan(rto))
        return objectives
    }

    @Test func measuredAndEstimatedStayApart() throws {
        let fixture = try DrillFixture("cd src; for i in 1 2 3 4 5 6 7 8; do head -c 12000000 /dev/urandom > $i; done")
        let sampled = try fixture.drill { $0.percent = 20 }
        let guess = try #require(try report(fixture).systems.first)
        #expect(guess.recoveryTime.measured == nil && guess.facts.measuredRTO == nil)
        let estimate = try #require(guess.recoveryTime.estimatedMilliseconds)
        // A pack may hold something of every file: then even a sample compares all of them.
        let (some, all) = (sampled.evidence.compared.bytes, sampled.evidence.total.bytes)
        #expect(estimate == Int(Double(sampled.evidence.rtoMilliseconds) / min(1, Double(some) / Double(all))))
        #expect(guess.status.measuredRTO?.isWhole == false)
        // What a sample took is not held against the objective of the whole, even where it would miss it.
        let page = try page(fixture) { $0.objectives = ["web": objectives(rpo: "1 hour", rto: "1 second")] }
        #expect(page.contains("nothing was measured that could be held against it"))
        #expect(page.contains("estimated") && !page.contains("kept 0 of 0"))

        let whole = try fixture.drill()
        let measured = try #require(try report(fixture).systems.first)
        #expect(measured.recoveryTime.measured?.milliseconds == whole.evidence.rtoMilliseconds)
        #expect(measured.recoveryTime.estimatedMilliseconds == nil && measured.facts.provenPercent == 100)
        #expect(measured.drills.count == 2 && measured.drills.allSatisfy(\.isProof))
        #expect(measured.facts.readers == 1 && measured.facts.administrators == 1 && measured.facts.damage == 0)
    }

    private func page(
        _ fixture: DrillFixture, _ language: Language = .english,
        _ change: (inout RecoveryReportRequest) -> Void = { _ in }
    ) throws -> String {
        String(decoding: ReportPage(try report(fixture, change), language, zone: .utc).html(), as: UTF8.self)
    }

    @Test func objectivesAreHeldAgainstWhatWasMeasured() throws {
        let fixture = try DrillFixture("echo web > src/file")
        fixture.clock.set(days: 3)
        try fixture.backup()
        try fixture.drill()
        let strict = try page(fixture) { $0.objectives = ["web": objectives(rpo: "1 day", rto: "1 hour")] }
        #expect(strict.contains("Objective 24 h: missed 1 of 2 times") && strict.contains("kept 1 of 1 times"))
        #expect(strict.contains("not met"))
        let lax = try page(fixture) { $0.objectives = ["web": objectives(rpo: "1 week", rto: "1 hour")] }
        #expect(lax.contains("Objective 7 d: kept 2 of 2 times") && !lax.contains("missed"))
        let status = try Status.run(fixture.repository, objectives: ["web": objectives(rpo: "1 day", rto: "1 hour")])
        let gap = try #require(status.systems.first?.longestGap)
        #expect((3 * 86_400...3 * 86_400 + 600).contains(gap))
        #expect(status.systems.first?.objectives.rpo?.seconds == 86_400)
        // A name that only looks alike is another system.
        try fixture.backup(system: "caf\u{e9}")
        let others = try Status.run(
            fixture.repository, objectives: ["cafe\u{301}": objectives(rpo: "1 day", rto: "1 hour")])
        #expect(others.systems.allSatisfy { $0.objectives == PolicyObjectives() })
    }

    /// Old evidence is not read for a status; that of the last drills is, and counts only while it is there.
    @Test func onlyEvidenceThatCanCountIsRead() throws {
        let fixture = try DrillFixture("echo web > src/file")
        for _ in 0..<3 { try fixture.drill() }
        let drills = fixture.state.drills
        for drill in drills.dropLast() { try fixture.repository.store.delete(.content(.evidence, drill.body.evidence)) }
        #expect(try Status.run(fixture.repository).verdict == .proven)
        // The report has them all in its timeline, so it misses them, and says so.
        let found = try report(fixture).findings.map { $0.text(.english, .utc) }
        #expect(found.count { $0.contains("is missing or not right") } == 2)
        try fixture.repository.store.delete(.content(.evidence, drills[2].body.evidence))
        let status = try Status.run(fixture.repository)
        #expect(status.verdict == .notProven && status.systems[0].coverage.provenBytes == 0)
        #expect(status.systems[0].reason == "the evidence of the last drill does not count: it is missing")
        #expect(status.systems[0].why.text(.vietnamese).hasPrefix("bằng chứng"))
    }

    @Test func findingsAreSortedAndNamed() throws {
        let fixture = try DrillFixture("echo web > src/file")
        try fixture.backup(system: "mail")
        try fixture.drill(alter: "echo other > file") { $0.snapshot = "latest:web" }
        #expect(try self.report(fixture).systems.map(\.name) == ["web", "mail"], "the worst comes first")
        // One whose clock runs ahead.
        fixture.clock.set(days: 20)
        try fixture.backup(system: "ahead")
        fixture.clock.set(days: 0)
        let report = try report(fixture)
        #expect(report.systems.first { $0.name == "ahead" }?.futureBackups == 1)
        #expect(report.systems.first { $0.name == "ahead" }?.facts.newestAge == nil)
        let weights = report.findings.map(\.weight)
        #expect(weights == weights.sorted { (order($0)) < (order($1)) } && weights.contains(.notProven))
        let text = report.findings.map { $0.system + ": " + $0.text(.english, .utc) }.joined(separator: "\n")
        #expect(text.contains("ahead: 1 snapshots say that they were made later than now"), "\(text)")
        for language in Language.allCases {
            let page = try page(fixture, language)
            #expect(page.contains("lang=\"\(language.rawValue)\"") && page.contains("id=\"s2\""))
        }
        #expect(thrownCode { _ = try self.report(fixture) { $0.system = "none" } } == .usage)
    }

    /// A system that was never backed up is in no snapshot, and yet it is missed.
    @Test func whatWasNeverBackedUpIsMissed() throws {
        let fixture = try DrillFixture("echo web > src/file")
        try fixture.drill()
        #expect(try Status.run(fixture.repository, expected: ["web"]).verdict == .proven)
        let status = try Status.run(fixture.repository, expected: ["web", "mail"])
        #expect(status.verdict == .notProven && status.absent == ["mail"])
        #expect(try Status.run(fixture.repository, system: "mail", expected: ["mail"]).absent == ["mail"])
        let page = try page(fixture) { $0.expected = ["web", "mail"] }
        #expect(page.contains("1 of 2 systems are proven to be recoverable; 1 never backed up."))
        #expect(!(try self.report(fixture) { $0.expected = ["mail"] }).copies.isWithoutError)
    }

    private func order(_ weight: ReportFinding.Weight) -> Int {
        ReportFinding.Weight.allCases.firstIndex(of: weight) ?? -1
    }

    /// The page is well-formed, loads nothing, and nothing in a name opens a tag, whoever chose it.
    @Test func hostileNamesStayText() throws {
        let fixture = try DrillFixture("echo web > src/file")
        let names = [
            "<script>alert(1)</script>", "a\" onload='x' b=\"", "&lt;b&gt;\u{202e}\u{0}x", "]]>--><!--", "\u{1b}[2J",
        ]
        for name in names { try fixture.backup(system: name) }
        let held = try Snapshots.find("latest:\(names[0])", in: fixture.repository)
        let hold = HoldBody(snapshot: held.id, reason: "<img src=x onerror=y>")
        _ = try fixture.repository.log.publish(.hold(hold), by: fixture.access.signer)
        for language in Language.allCases {
            var report = try report(fixture)
            for index in report.systems.indices {
                report.systems[index].assessments = .init(
                    profile: "<i>", items: [.init(text: "<b>", state: .gap, evidence: "\"'>")])
            }
            let html = ReportPage(report, language, zone: .utc).html()
            let page = String(decoding: html, as: UTF8.self)
            let file = fixture.path + "/page.html"
            try AtomicFile.write(Array(file.utf8), html)
            let checked = try #require(runProgram(["xmllint", "--noout", "--nonet", file]))
            #expect(checked.status == 0, "\(checked.output.prefix(500))")
            for forbidden in [
                "<script", "<img", "<i>", "onload=\"", " style=\"", "src=\"", "url(", "@import", "\u{202e}", "\u{1b}",
            ] {
                #expect(!page.contains(forbidden), "\(forbidden)")
            }
            let links = page.components(separated: "://").dropFirst().map { String($0.prefix(11)) }
            #expect(Set(links).isSubset(of: ["www.w3.org/"]), "only the names of forms: \(Set(links))")
            #expect(
                page.contains("&lt;script&gt;") && page.contains("default-src 'none'".replacing("'", with: "&#39;")))
        }
    }
}

extension String {
    fileprivate func components(separated by: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: by) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
