/// A length of time in units of the calendar, such as `1y6m`, `14d` or `36h`.
public struct CalendarSpan: Sendable, Equatable, CustomStringConvertible {
    /// Most of a unit that is taken: beyond any history.
    static let numberMax = 100_000

    /// Calendar years.
    public var years = 0
    /// Calendar months.
    public var months = 0
    /// Calendar days.
    public var days = 0
    /// Hours of 60 minutes.
    public var hours = 0

    /// No time at all.
    public init() {}

    /// Parses numbers with a unit each, `y`, `m` (months), `w`, `d` or `h`, each unit once, in any order; nil for
    /// anything else, for no time at all, and above 100,000 of a unit.
    public init?(_ text: String) {
        var seen: Set<UInt8> = []
        var digits = ""
        for byte in text.utf8 {
            if (0x30...0x39).contains(byte) {
                digits.unicodeScalars.append(Unicode.Scalar(byte))
                continue
            }
            guard let number = Int(digits), number <= Self.numberMax, seen.insert(byte).inserted else { return nil }
            digits = ""
            switch byte {
            case UInt8(ascii: "y"): years = number
            case UInt8(ascii: "m"): months = number
            case UInt8(ascii: "w"): days += 7 * number
            case UInt8(ascii: "d"): days += number
            case UInt8(ascii: "h"): hours = number
            default: return nil
            }
        }
        guard digits.isEmpty, self != CalendarSpan() else { return nil }
    }

    /// The form that is parsed.
    public var description: String {
        [(years, "y"), (months, "m"), (days, "d"), (hours, "h")].filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }

    /// The moment so long before `time`, in milliseconds since 1970: the same time of day on the day that the calendar
    /// leads to, then the hours. A day that the month has not, such as 31 February, is as many days into the next one.
    func before(_ time: Timestamp, _ zone: TimeZoneOffsets) -> Int64 { moved(-1, time, zone) }

    /// The moment so long after `time`, by the same rules; at most the last one that has a timestamp.
    public func after(_ time: Timestamp, _ zone: TimeZoneOffsets) -> Timestamp {
        Timestamp(milliseconds: moved(1, time, zone))
    }

    private func moved(_ sign: Int64, _ time: Timestamp, _ zone: TimeZoneOffsets) -> Int64 {
        let local = zone.localTime(of: time)
        let date = local.date
        let month = date.year * 12 + date.month - 1 + sign * (Int64(years) * 12 + Int64(months))
        // Before the year 0 there is no snapshot.
        guard month > 0 else { return .min }
        let day = Timestamp.days(month / 12, month % 12 + 1, 1) + date.day - 1 + sign * Int64(days)
        return zone.milliseconds(ofLocal: day * 86_400_000 + local.timeOfDay) + sign * Int64(hours) * 3_600_000
    }
}
