/// Backups and drills of a system along time, as a drawing of a few kilobytes however many there are.
struct TimelineDrawing {
    let system: RecoveryReport.System
    let axis: TimeAxis
    let language: Language

    private static let backupTop = 4.0
    private static let backupHeight = 12.0
    private static let drillLine = 32.0
    private static let validLine = 44.0
    private static let bottom = 50.0

    func draw(into page: inout PageText) {
        let own = system.backups.filter { $0.finished >= axis.start }
        let label = ReportDetailPhrase.timelineLabel.text(
            language,
            [
                "backups": Amounts.count(own.count, language), "drills": "\(system.drills.count)",
                "since": Amounts.day(axis.start, axis.zone, language),
            ])
        page.begin("figure")
        page.begin(
            "svg",
            [
                ("viewBox", "-5 0 \(TimeAxis.number(TimeAxis.width + 10)) 64"), ("role", "img"), ("aria-label", label),
                ("xmlns", "http://www.w3.org/2000/svg"),
            ])
        axis.draw(into: &page, top: 2, bottom: Self.bottom)
        drawBackups(own, into: &page)
        for drill in system.drills {
            if drill.isProof { drawValidity(drill.info.body, into: &page) }
            DrillSign(drill).draw(axis.x(drill.info.body.started), Self.drillLine, into: &page)
        }
        page.end()
        page.element("figcaption", label)
        page.end()
    }

    /// A bar for each stretch of days with a backup, so that a day without one is a gap.
    private func drawBackups(_ backups: [RecoveryReport.BackupPoint], into page: inout PageText) {
        let days = Set(backups.map { axis.zone.localTime(of: $0.finished).day }).sorted()
        let width = TimeAxis.width * 86_400_000 / Double(axis.end.milliseconds - axis.start.milliseconds)
        var path = ""
        var index = 0
        while index < days.count {
            var last = index
            while last + 1 < days.count, days[last + 1] == days[last] + 1 { last += 1 }
            let midnight = axis.zone.milliseconds(ofLocal: days[index] * 86_400_000)
            let left = axis.x(Timestamp(milliseconds: midnight))
            let right = min(TimeAxis.width, left + Double(last - index + 1) * width)
            // A day in years is still seen.
            path += "M\(TimeAxis.number(left)) \(TimeAxis.number(Self.backupTop))"
            path += "h\(TimeAxis.number(max(1, right - left)))v\(TimeAxis.number(Self.backupHeight))"
            path += "H\(TimeAxis.number(left))z"
            index = last + 1
        }
        if !path.isEmpty { page.empty("path", [("d", path), ("fill", "#4a6fa5")]) }
        let marks = backups.filter(\.isIncomplete).map { backup in
            "M\(TimeAxis.number(axis.x(backup.finished))) \(TimeAxis.number(Self.backupTop + Self.backupHeight + 1))v5"
        }
        if !marks.isEmpty {
            page.empty("path", [("d", marks.joined()), ("stroke", "#8d0f0f"), ("stroke-width", "1.2")])
        }
    }

    private func drawValidity(_ body: DrillBody, into page: inout PageText) {
        let (left, right) = (axis.x(body.started), axis.x(body.expires))
        page.empty(
            "line",
            [
                ("x1", TimeAxis.number(left)), ("x2", TimeAxis.number(right)), ("y1", TimeAxis.number(Self.validLine)),
                ("y2", TimeAxis.number(Self.validLine)), ("stroke", "#17602b"), ("stroke-width", "3"),
            ])
    }

    /// What the signs mean, once on a page.
    static func legend(_ language: Language, into page: inout PageText) {
        let entries: [(ReportDetailPhrase, DrillSign?)] = [
            (.legendBackup, nil), (.legendIncomplete, nil), (.legendProven, .proven), (.legendOld, .expired),
            (.legendFailed, .failed), (.legendOther, .other), (.legendValid, nil),
        ]
        page.begin("p", [("class", "small")])
        for (number, entry) in entries.enumerated() {
            page.own(number == 0 ? "" : "   ")
            page.begin("span", [("class", "sign")])
            page.begin("svg", [("viewBox", "0 0 16 12"), ("class", "key"), ("xmlns", "http://www.w3.org/2000/svg")])
            switch entry.0 {
            case .legendBackup:
                page.empty("path", [("d", "M1 2h5v9H1zM9 2h6v9H9z"), ("fill", "#4a6fa5")])
            case .legendIncomplete:
                page.empty("path", [("d", "M8 3v7"), ("stroke", "#8d0f0f"), ("stroke-width", "1.4")])
            case .legendValid:
                page.empty("path", [("d", "M1 6h14"), ("stroke", "#17602b"), ("stroke-width", "3")])
            default: entry.1?.draw(8, 6, into: &page)
            }
            page.end()
            page.own(" ")
            page.text(entry.0.text(language))
            page.end()
        }
        page.end()
    }
}
