/// One system: its facts, its drawings, its requirements, its drills.
extension ReportPage {
    func add(_ system: RecoveryReport.System, _ number: Int, to page: inout PageText) {
        let status = system.status
        page.begin("section", [("class", "system"), ("id", "s\(number)")])
        page.begin("div", [("class", "head")])
        page.element("h3", system.name)
        badge(status.verdict.word(language), status.verdict.rawValue, into: &page)
        page.element("span", status.why.text(language))
        page.end()
        let axis = TimeAxis(report.since, report.time, zone)
        TimelineDrawing(system: system, axis: axis, language: language).draw(into: &page)
        addFacts(system, to: &page)
        addPlots(system, axis, to: &page)
        addAssessments(system, to: &page)
        addDrills(system, to: &page)
        page.end()
    }

    /// What was measured, what was estimated and what is claimed, each in a line of its own that says which.
    private func addFacts(_ system: RecoveryReport.System, to page: inout PageText) {
        let status = system.status
        let coverage = status.coverage
        page.begin("dl")
        func fact(_ name: String, _ value: String) {
            page.element("dt", name)
            page.element("dd", value)
        }
        fact(tell(.rpoNow), age(status.snapshot.time))
        fact(tell(.rpoWorst), status.worstAge(at: report.time).map { against(span($0), status.objectives.rpo) } ?? "-")
        let time = system.recoveryTime
        let measured = time.measured.map { "\(duration($0.milliseconds)), \(day($0.drilled))" }
        fact(tell(.rtoMeasured), measured.map { against($0, status.objectives.rto) } ?? "-")
        if let estimate = time.estimatedMilliseconds {
            let percent = TimeAxis.number(time.estimatedFromPercent ?? 0)
            fact(
                tell(.rtoEstimated), tell(.estimateFrom, ["value": duration(estimate), "percent": percent]))
        }
        fact(
            tell(.coverage),
            tell(
                .coverageText,
                [
                    "percent": "\(coverage.percent)", "bytes": Amounts.bytes(coverage.bytes, language),
                    "newer": Amounts.bytes(coverage.newerBytes, language),
                    "expired": Amounts.bytes(coverage.expiredBytes, language),
                ]))
        if let oldest = coverage.oldest {
            fact(
                tell(coverage.isOldestNeverProven ? ReportDetailPhrase.oldestNever : .oldestProof),
                "\(age(oldest)) (\(minute(oldest)))")
        }
        if let proven = status.lastProven {
            fact(
                say(.lastProof),
                "\(minute(proven.body.started)), \(proven.member); "
                    + "\(say(.validUntil).lowercased()) \(minute(proven.body.expires))")
        }
        fact(tell(.snapshots), Amounts.count(status.snapshots, language))
        page.end()
    }

    private func against(_ value: String, _ objective: PolicySpan?) -> String {
        guard let objective else { return value }
        return "\(value) (\(say(.objective, ["value": span(objective.seconds)])))"
    }

    // MARK: Plots

    private func addPlots(_ system: RecoveryReport.System, _ axis: TimeAxis, to page: inout PageText) {
        let gaps = system.gaps(at: report.time).filter { $0.end >= axis.start }
        let objectives = system.status.objectives
        if !gaps.isEmpty {
            add(
                .rpoPlot, .rpoPlotNote, PlotDrawing.worst(gaps, axis), gaps.map { Double($0.seconds) },
                objectives.rpo, axis, to: &page)
        }
        let times = system.drills.compactMap { drill -> PlotDrawing.Point? in
            guard drill.isProof, let evidence = drill.evidence else { return nil }
            return PlotDrawing.Point(
                time: evidence.started, seconds: Double(evidence.rtoMilliseconds) / 1_000,
                mark: evidence.scope == .whole ? .whole : .sample)
        }
        // A sample is never held against the objective of the whole.
        let whole = times.filter { $0.mark == .whole }.map(\.seconds)
        if !times.isEmpty { add(.rtoPlot, .rtoPlotNote, times, whole, objectives.rto, axis, to: &page) }
    }

    private func add(
        _ title: ReportDetailPhrase, _ note: ReportDetailPhrase, _ points: [PlotDrawing.Point], _ measured: [Double],
        _ objective: PolicySpan?, _ axis: TimeAxis, to page: inout PageText
    ) {
        let caption = tell(note, ["verdict": kept(measured, objective)])
        page.begin("figure")
        page.element("h4", tell(title))
        PlotDrawing(
            axis: axis, points: points, objective: objective?.seconds, language: language,
            label: "\(tell(title)). \(caption)"
        ).draw(into: &page)
        page.element("figcaption", caption)
        page.end()
    }

    private func kept(_ measured: [Double], _ objective: PolicySpan?) -> String {
        guard let objective else { return tell(.noObjective) }
        let missed = measured.count { $0 > Double(objective.seconds) }
        let values = [
            "value": span(objective.seconds), "missed": Amounts.count(missed, language),
            "count": Amounts.count(measured.count, language),
        ]
        if measured.isEmpty { return tell(.nothingMeasured, values) }
        return tell(missed == 0 ? ReportDetailPhrase.objectiveMet : .objectiveMissed, values)
    }

    // MARK: Requirements and drills

    private func addAssessments(_ system: RecoveryReport.System, to page: inout PageText) {
        guard let assessments = system.assessments else { return }
        page.element("h4", tell(.profile, ["name": assessments.profile]))
        page.begin("table")
        page.begin("thead")
        page.row([say(.required), say(.state), say(.found)], header: true)
        page.end()
        page.begin("tbody")
        for item in assessments.items {
            page.begin("tr")
            page.element("td", item.text)
            page.begin("td", [("class", "w")])
            let word =
                switch item.state {
                case .met: say(.met)
                case .gap: say(.gap)
                case .unknown: say(.unknown)
                }
            badge(word, item.state.rawValue, into: &page)
            page.end()
            page.element("td", item.evidence)
            page.end()
        }
        page.end()
        page.end()
    }

    private func addDrills(_ system: RecoveryReport.System, to page: inout PageText) {
        page.element("h4", tell(.drills))
        if system.drills.isEmpty { return page.element("p", tell(.noDrill)) }
        page.begin("table")
        page.begin("thead")
        page.row(
            [tell(.drillTime), say(.verdict), tell(.drillKind), tell(.compared), say(.byWhom), "ID", tell(.evidence)],
            header: true, classes: [3: "n"])
        page.end()
        page.begin("tbody")
        for drill in system.drills.suffix(drillsListedMax).reversed() {
            let body = drill.info.body
            var verdict = body.verdict.word(language)
            if drill.info.isExpired { verdict += ", \(tell(.expired))" }
            if drill.evidence == nil { verdict += " (?)" }
            page.begin("tr")
            page.element("td", minute(body.started), class: "w")
            page.element("td", verdict)
            page.element("td", tell(body.scope == .whole ? ReportDetailPhrase.wholeSnapshot : .sample))
            page.element("td", Amounts.bytes(body.bytes, language), class: "n")
            page.element("td", drill.info.member)
            page.element("td", String(drill.info.id.hex.prefix(8)), class: "w")
            page.begin("td")
            page.element("code", body.evidence.hex)
            page.end()
            page.end()
        }
        page.end()
        page.end()
        let more = system.drills.count - drillsListedMax
        if more > 0 { page.element("p", tell(.moreDrills, ["count": "\(more)"]), class: "small") }
    }
}
