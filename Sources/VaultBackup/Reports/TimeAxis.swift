/// Where moments lie on the width of a drawing.
struct TimeAxis {
    static let width = 700.0
    let start: Timestamp
    let end: Timestamp
    let zone: TimeZoneOffsets

    init(_ start: Timestamp, _ end: Timestamp, _ zone: TimeZoneOffsets) {
        self.start = start
        self.end = max(end, Timestamp(milliseconds: start.milliseconds + 1_000))
        self.zone = zone
    }

    /// Units from the left, within the drawing.
    func x(_ time: Timestamp) -> Double {
        let share = Double(time.milliseconds - start.milliseconds) / Double(end.milliseconds - start.milliseconds)
        return min(max(share, 0), 1) * Self.width
    }

    /// Marks with their words, at most 13: first days of months, or days where there are few months.
    var marks: [(x: Double, text: String)] {
        let (first, last) = (zone.localTime(of: start).day, zone.localTime(of: end).day)
        var days: [Int64] = []
        if last - first > 62 {
            days = (first...last).filter { Timestamp.date($0).2 == 1 }
        } else if last > first {
            days = Array((first + 1)...last)
        }
        let step = max(1, (days.count + 12) / 13)
        return days.enumerated().filter { $0.offset % step == 0 }.map { item in
            let date = Timestamp.date(item.element)
            let text =
                last - first > 62
                ? "\(date.0)-\(Amounts.two(date.1))" : "\(Amounts.two(date.1))-\(Amounts.two(date.2))"
            return (x(Timestamp(milliseconds: zone.milliseconds(ofLocal: item.element * 86_400_000))), text)
        }
    }

    /// Draws the marks: lines from `top` to `bottom`, and words below.
    func draw(into page: inout PageText, top: Double, bottom: Double) {
        for mark in marks {
            page.empty(
                "line",
                [
                    ("x1", Self.number(mark.x)), ("x2", Self.number(mark.x)), ("y1", Self.number(top)),
                    ("y2", Self.number(bottom)), ("stroke", "#ccc"), ("stroke-width", "0.6"),
                ])
            // A word at the edge would lie over its neighbour.
            guard mark.x > 18, mark.x < Self.width - 18 else { continue }
            page.begin(
                "text",
                [("x", Self.number(mark.x)), ("y", Self.number(bottom + 10)), ("text-anchor", "middle")])
            page.own(mark.text)
            page.end()
        }
    }

    /// A number with one digit behind the point, always with a point.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let scaled = Int((value * 10).rounded())
        let (whole, tenth) = abs(scaled).quotientAndRemainder(dividingBy: 10)
        return (scaled < 0 ? "-" : "") + (tenth == 0 ? "\(whole)" : "\(whole).\(tenth)")
    }
}

/// The signs for drills. Each has a shape of its own, so that they are told apart without colour.
enum DrillSign {
    case proven, expired, failed, other

    init(_ drill: RecoveryReport.DrillPoint) {
        if drill.isProof {
            self = drill.info.isExpired ? .expired : .proven
        } else {
            self = drill.info.body.verdict == .failed ? .failed : .other
        }
    }

    /// Draws it around a point.
    func draw(_ x: Double, _ y: Double, into page: inout PageText) {
        let (cx, cy) = (TimeAxis.number(x), TimeAxis.number(y))
        switch self {
        case .proven: page.empty("circle", [("cx", cx), ("cy", cy), ("r", "4"), ("fill", "#17602b")])
        case .expired:
            page.empty(
                "circle",
                [
                    ("cx", cx), ("cy", cy), ("r", "3.4"), ("fill", "#fff"), ("stroke", "#6b4a00"),
                    ("stroke-width", "1.4"),
                ])
            page.empty("circle", [("cx", cx), ("cy", cy), ("r", "1.2"), ("fill", "#6b4a00")])
        case .failed:
            let (l, r) = (TimeAxis.number(x - 4), TimeAxis.number(x + 4))
            let (t, b) = (TimeAxis.number(y - 4), TimeAxis.number(y + 4))
            page.empty(
                "path",
                [("d", "M\(l) \(t)L\(r) \(b)M\(l) \(b)L\(r) \(t)"), ("stroke", "#8d0f0f"), ("stroke-width", "2.2")])
        case .other:
            page.empty(
                "rect",
                [
                    ("x", TimeAxis.number(x - 3.4)), ("y", TimeAxis.number(y - 3.4)), ("width", "6.8"),
                    ("height", "6.8"), ("fill", "#fff"), ("stroke", "#111"), ("stroke-width", "1.4"),
                ])
        }
    }
}
