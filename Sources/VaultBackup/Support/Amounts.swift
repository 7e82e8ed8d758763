/// Numbers, lengths of time and moments as people read them in their language.
public enum Amounts {
    /// Units of time: as signs beside a number, and as words beside one and beside several.
    private enum Unit: PhraseTable {
        case secondSign, minuteSign, hourSign, daySign
        case minute, minutes, hour, hours, day, days

        var phrase: Phrase {
            switch self {
            case .secondSign: Phrase(en: "s", vi: "giây")
            case .minuteSign: Phrase(en: "min", vi: "phút")
            case .hourSign: Phrase(en: "h", vi: "giờ")
            case .daySign: Phrase(en: "d", vi: "ngày")
            case .minute: Phrase(en: "minute", vi: "phút")
            case .hour: Phrase(en: "hour", vi: "giờ")
            case .day: Phrase(en: "day", vi: "ngày")
            case .minutes: Phrase(en: "minutes", vi: "phút")
            case .hours: Phrase(en: "hours", vi: "giờ")
            case .days: Phrase(en: "days", vi: "ngày")
            }
        }
    }

    /// Such as `999 B`, `1.5 KiB`, `12 GiB`: three digits at most, powers of 1024.
    public static func bytes(_ count: Int, _ language: Language = .english) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var value = Double(count)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        // From 1023.5 on it would be shown as 1024.
        while value >= 1023.5, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(value < 9.95 ? tenths(value, language) : String(Int(value.rounded()))) \(units[unit])"
    }

    /// With a mark between groups of three digits: a comma in English, a point in Vietnamese.
    public static func count(_ value: Int, _ language: Language = .english) -> String {
        let digits = Array(String(value.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += language == .vietnamese ? "." : "," }
            text.append(digit)
        }
        return value < 0 ? "-" + text : text
    }

    /// A length of time in its largest unit, rounded down: `5 min`, `7 h`, `12 d`; `-` for a negative one.
    public static func span(_ seconds: Int, _ language: Language) -> String {
        if seconds < 0 { return "-" }
        if seconds < 60 { return "\(seconds) \(Unit.secondSign.text(language))" }
        if seconds < 3_600 { return "\(seconds / 60) \(Unit.minuteSign.text(language))" }
        if seconds < 2 * 86_400 { return "\(seconds / 3_600) \(Unit.hourSign.text(language))" }
        return "\(count(seconds / 86_400, language)) \(Unit.daySign.text(language))"
    }

    /// A length of time in words, in the largest unit of which there are two, rounded up: `36 hours`, `3 days`; so what
    /// is held against a limit never looks shorter than it is. Less than a minute is a minute.
    public static func words(_ seconds: Int, _ language: Language) -> String {
        let units: [(size: Int, one: Unit, several: Unit)] = [
            (86_400, .day, .days), (3_600, .hour, .hours), (60, .minute, .minutes),
        ]
        let unit = units.first { seconds >= 2 * $0.size } ?? units[2]
        let count = max(1, seconds / unit.size + (seconds % unit.size > 0 ? 1 : 0))
        return "\(self.count(count, language)) \((count == 1 ? unit.one : unit.several).text(language))"
    }

    /// The time since a moment, as ``span(_:_:)`` says it.
    public static func age(of time: Timestamp, _ now: Timestamp, _ language: Language) -> String {
        span(seconds(from: time, to: now), language)
    }

    /// Such as `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`; nothing is shorter than 0.
    public static func duration(milliseconds: Int, _ language: Language) -> String {
        let seconds = Double(max(0, milliseconds)) / 1e3
        if seconds < 9.95 { return "\(tenths(seconds, language)) \(Unit.secondSign.text(language))" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) \(Unit.secondSign.text(language))" }
        let minutes = Unit.minuteSign.text(language)
        if whole < 3600 { return "\(whole / 60) \(minutes) \(whole % 60) \(Unit.secondSign.text(language))" }
        let hours = Unit.hourSign.text(language)
        if whole < 2 * 86_400 { return "\(whole / 3600) \(hours) \(whole / 60 % 60) \(minutes)" }
        return "\(count(whole / 86_400, language)) \(Unit.daySign.text(language)) \(whole / 3600 % 24) \(hours)"
    }

    /// `2026-11-26 14:05` in English, `26/11/2026 14:05` in Vietnamese, by the clock of a zone.
    public static func minute(_ time: Timestamp, _ zone: TimeZoneOffsets, _ language: Language) -> String {
        let minutes = Int(zone.localTime(of: time).timeOfDay / 60_000)
        return "\(day(time, zone, language)) \(timeOfDay(minutes))"
    }

    /// The day alone.
    public static func day(_ time: Timestamp, _ zone: TimeZoneOffsets, _ language: Language) -> String {
        let date = zone.localTime(of: time).date
        switch language {
        case .english: return "\(date.year)-\(two(date.month))-\(two(date.day))"
        case .vietnamese: return "\(two(date.day))/\(two(date.month))/\(date.year)"
        }
    }

    /// `02:30`, of minutes since midnight.
    static func timeOfDay(_ minutes: Int) -> String { "\(two(minutes / 60)):\(two(minutes % 60))" }

    static func seconds(from time: Timestamp, to now: Timestamp) -> Int {
        Int((now.milliseconds - time.milliseconds) / 1_000)
    }

    /// With a zero before a single digit.
    static func two(_ value: some BinaryInteger) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func tenths(_ value: Double, _ language: Language) -> String {
        let scaled = Int((value * 10).rounded())
        return "\(scaled / 10)\(language == .vietnamese ? "," : ".")\(scaled % 10)"
    }
}
