/// A recovery report as one HTML file that needs nothing else, neither a network nor a script, and prints on A4.
public struct ReportPage {
    let report: RecoveryReport
    let language: Language
    let zone: TimeZoneOffsets

    /// A page in a language, with times by the clock of a zone.
    public init(_ report: RecoveryReport, _ language: Language, zone: TimeZoneOffsets) {
        (self.report, self.language, self.zone) = (report, language, zone)
    }

    /// Drills of a system that are listed; the drawings have all of the period. Where there are many systems, each gets
    /// less paper.
    var drillsListedMax: Int { report.systems.count > 12 ? 4 : 12 }

    /// The file. Its bytes depend on the report, language and zone alone.
    public func html() -> [UInt8] {
        var page = PageText()
        addHeader(to: &page)
        addOverview(to: &page)
        addFindings(to: &page)
        addCopies(to: &page)
        addPeople(to: &page)
        addHolds(to: &page)
        page.element("h2", say(.systems))
        TimelineDrawing.legend(language, into: &page)
        for (number, system) in report.systems.enumerated() { add(system, number, to: &page) }
        addReading(to: &page)
        addFoot(to: &page)
        return PageText.page(
            title: "\(say(.title)) \(report.repository.hex.prefix(8))", language, style: PageStyle.report, page)
    }

    // MARK: Words

    func say(_ phrase: ReportPhrase, _ values: [String: String] = [:]) -> String { phrase.text(language, values) }

    func tell(_ phrase: ReportDetailPhrase, _ values: [String: String] = [:]) -> String {
        phrase.text(language, values)
    }

    func minute(_ time: Timestamp) -> String { Amounts.minute(time, zone, language) }
    func day(_ time: Timestamp) -> String { Amounts.day(time, zone, language) }
    func age(_ time: Timestamp) -> String { Amounts.age(of: time, report.time, language) }
    func span(_ seconds: Int) -> String { Amounts.span(seconds, language) }
    func duration(_ milliseconds: Int) -> String { Amounts.duration(milliseconds: milliseconds, language) }

    /// A word in the frame of its kind.
    func badge(_ word: String, _ kind: String, into page: inout PageText) {
        page.element("span", word, class: "v v-\(kind)")
    }

    // MARK: The answer

    private func addHeader(to page: inout PageText) {
        page.begin("header")
        page.element("h1", say(.title))
        page.element(
            "p", say(.subtitle, ["repository": report.repository.hex, "position": "\(report.head.position)"]))
        page.element(
            "p",
            say(
                .made,
                [
                    "time": minute(report.time), "zone": zone.name(at: report.time), "version": Version.text,
                    "since": day(report.since),
                ]), class: "small")
        page.element("p", answer, class: "answer")
        let readers = report.status.readers
        page.element(
            "p", readers.isEmpty ? say(.nobodyCan) : say(.whoCan, ["names": readers.joined(separator: ", ")]))
        page.element("p", say(.howKnown), class: "small")
        page.end()
    }

    private var answer: String {
        let count = report.systems.count + report.status.absent.count
        let proven = report.count(.proven)
        if report.systems.isEmpty { return say(.answerNone) }
        if proven == 1, count == 1 { return say(.answerOne) }
        if proven == count { return say(.answerAll, ["count": "\(count)"]) }
        var others = ProofVerdict.worstFirst.filter { $0 != .proven && report.count($0) > 0 }
            .map { "\(report.count($0)) \($0.word(language))" }
        if !report.status.absent.isEmpty {
            others.append("\(report.status.absent.count) \(ProofReason.neverBackedUp.text(language))")
        }
        return say(
            .answerSome,
            ["proven": "\(proven)", "count": "\(count)", "others": others.joined(separator: ", ")])
    }

    // MARK: Overview and findings

    private func addOverview(to page: inout PageText) {
        guard !report.systems.isEmpty else { return }
        page.element("h2", say(.overview))
        page.begin("table")
        page.begin("thead")
        page.row(
            [
                say(.system), say(.verdict), say(.newest), say(.worstGap), say(.recovery), say(.provenShare),
                say(.oldest), say(.lastProof),
            ], header: true, classes: [2: "n", 3: "n", 4: "n", 5: "n", 6: "n", 7: "n"])
        page.end()
        page.begin("tbody")
        for (number, system) in report.systems.enumerated() { addRow(system, number, to: &page) }
        page.end()
        page.end()
    }

    private func addRow(_ system: RecoveryReport.System, _ number: Int, to page: inout PageText) {
        let status = system.status
        page.begin("tr")
        page.begin("td", [("class", "name")])
        page.begin("a", [("href", "#s\(number)")])
        page.text(system.name)
        page.end()
        page.end()
        page.begin("td")
        badge(status.verdict.word(language), status.verdict.rawValue, into: &page)
        page.end()
        page.element("td", age(status.snapshot.time), class: "n")
        let worst = status.worstAge(at: report.time)
        cell(worst.map { span($0) }, against: status.objectives.rpo, worst, into: &page)
        let measured = system.recoveryTime.measured
        cell(measured.map { duration($0.milliseconds) }, against: status.objectives.rto, measured?.seconds, into: &page)
        page.element("td", "\(status.coverage.percent) %", class: "n")
        page.element("td", oldest(status.coverage), class: "n")
        page.element("td", status.lastProven.map { age($0.body.started) } ?? say(.never), class: "n")
        page.end()
    }

    /// What was reached, with a sign that says by its form whether it is what was asked.
    private func cell(_ text: String?, against objective: PolicySpan?, _ seconds: Int?, into page: inout PageText) {
        guard let text, let seconds else { return page.element("td", "-", class: "n") }
        guard let objective else { return page.element("td", text, class: "n") }
        let sign = seconds <= objective.seconds ? "≤" : ">"
        page.begin("td", [("class", "n")])
        page.text("\(text) \(sign) \(span(objective.seconds))")
        if seconds > objective.seconds {
            page.own(" ")
            badge(say(.gap), "gap", into: &page)
        }
        page.end()
    }

    /// How long the byte is without proof that is so for longest.
    func oldest(_ coverage: Coverage) -> String {
        guard let oldest = coverage.oldest else { return "-" }
        return age(oldest) + (coverage.isOldestNeverProven ? ", \(say(.never))" : "")
    }

    private func addFindings(to page: inout PageText) {
        page.element("h2", say(.findings))
        if report.findings.isEmpty { return page.element("p", say(.noFindings)) }
        page.begin("table")
        page.begin("tbody")
        for finding in report.findings.prefix(ReportFinding.listedMax) {
            page.begin("tr")
            page.begin("td", [("class", "w")])
            badge(finding.weight.word(language), finding.weight.rawValue, into: &page)
            page.end()
            page.element("td", finding.system)
            page.element("td", finding.text(language, zone))
            page.end()
        }
        page.end()
        page.end()
        let more = report.findings.count - ReportFinding.listedMax
        if more > 0 { page.element("p", "+ \(more)") }
    }
}
