/// What was achieved against what was to be reached, along time.
struct PlotDrawing {
    enum Mark { case bar, whole, sample }

    /// A measured length of time, in seconds.
    struct Point {
        var time: Timestamp
        var seconds: Double
        var mark: Mark
    }

    let axis: TimeAxis
    let points: [Point]
    /// In seconds; nil when nothing is asked.
    let objective: Int?
    let language: Language
    /// Says what is drawn to whoever cannot see it.
    let label: String

    private static let left = 0.0
    private static let top = 12.0
    private static let bottom = 84.0
    private static let bucketsMax = 140

    /// The worst of each of many short stretches, so that years of backups stay a drawing.
    static func worst(_ gaps: [(end: Timestamp, seconds: Int)], _ axis: TimeAxis) -> [Point] {
        let span = axis.end.milliseconds - axis.start.milliseconds
        var worst: [Int64: Point] = [:]
        for gap in gaps where gap.end >= axis.start {
            let bucket = min(
                Int64(bucketsMax) - 1, (gap.end.milliseconds - axis.start.milliseconds) * Int64(bucketsMax) / span)
            let middle = axis.start.milliseconds + (2 * bucket + 1) * span / Int64(2 * bucketsMax)
            if Double(gap.seconds) > worst[bucket]?.seconds ?? -1 {
                worst[bucket] = Point(
                    time: Timestamp(milliseconds: middle), seconds: Double(gap.seconds), mark: .bar)
            }
        }
        return worst.sorted { $0.key < $1.key }.map(\.value)
    }

    private var highest: Double {
        max(points.map(\.seconds).max() ?? 0, Double(objective ?? 0), 1) * 1.08
    }

    private func y(_ seconds: Double) -> Double { Self.bottom - seconds / highest * (Self.bottom - Self.top) }

    func draw(into page: inout PageText) {
        page.begin(
            "svg",
            [
                ("viewBox", "-5 0 \(TimeAxis.number(TimeAxis.width + 10)) 98"), ("role", "img"), ("aria-label", label),
                ("xmlns", "http://www.w3.org/2000/svg"),
            ])
        axis.draw(into: &page, top: Self.top, bottom: Self.bottom)
        line(y(0), dashes: nil, into: &page)
        let bars = points.filter { $0.mark == .bar }
        if !bars.isEmpty {
            let width = max(1, TimeAxis.width / Double(Self.bucketsMax) - 1.2)
            let path = bars.map { point in
                let left = min(max(0, axis.x(point.time) - width / 2), TimeAxis.width - width)
                return "M\(TimeAxis.number(left)) \(TimeAxis.number(Self.bottom))"
                    + "V\(TimeAxis.number(min(Self.bottom - 0.5, y(point.seconds))))h\(TimeAxis.number(width))"
                    + "V\(TimeAxis.number(Self.bottom))z"
            }.joined()
            page.empty("path", [("d", path), ("fill", "#4a6fa5")])
        }
        for point in points where point.mark != .bar {
            page.empty(
                "circle",
                [
                    ("cx", TimeAxis.number(axis.x(point.time))), ("cy", TimeAxis.number(y(point.seconds))),
                    ("r", "3.4"), ("fill", point.mark == .whole ? "#4a6fa5" : "#fff"), ("stroke", "#2c4a75"),
                    ("stroke-width", "1.3"),
                ])
        }
        scale(into: &page)
        page.end()
    }

    private func scale(into page: inout PageText) {
        if let worst = points.max(by: { $0.seconds < $1.seconds }) {
            let x = axis.x(worst.time)
            word(
                Amounts.duration(milliseconds: Int(worst.seconds * 1_000), language), x, y(worst.seconds) - 5,
                anchor: x > TimeAxis.width - 60 ? "end" : x < 60 ? "start" : "middle", into: &page)
        }
        guard let objective else { return }
        line(y(Double(objective)), dashes: "6 3", into: &page)
        let text = ReportPhrase.objective.text(language, ["value": Amounts.span(objective, language)])
        word(text, Self.left, y(Double(objective)) - 3, anchor: "start", into: &page)
    }

    private func line(_ y: Double, dashes: String?, into page: inout PageText) {
        var attributes: [(name: String, value: String)] = [
            ("x1", "0"), ("x2", TimeAxis.number(TimeAxis.width)), ("y1", TimeAxis.number(y)),
            ("y2", TimeAxis.number(y)), ("stroke", "#111"), ("stroke-width", dashes == nil ? "0.8" : "1.2"),
        ]
        if let dashes { attributes.append(("stroke-dasharray", dashes)) }
        page.empty("line", attributes)
    }

    private func word(_ text: String, _ x: Double, _ y: Double, anchor: String, into page: inout PageText) {
        page.begin(
            "text", [("x", TimeAxis.number(x)), ("y", TimeAxis.number(max(8, y))), ("text-anchor", anchor)])
        page.text(text)
        page.end()
    }
}
