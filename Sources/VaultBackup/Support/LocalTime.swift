/// How far local time is from UTC at each moment: what makes days, hours and months out of moments.
public struct TimeZoneOffsets: Sendable {
    private let seconds: @Sendable (Int64) -> Int

    /// Offsets as `seconds` says them: for a moment in seconds since 1970, the seconds east of UTC.
    public init(seconds: @escaping @Sendable (Int64) -> Int) { self.seconds = seconds }

    /// Universal time.
    public static let utc = TimeZoneOffsets { _ in 0 }

    /// Local time at a moment.
    func localTime(of time: Timestamp) -> LocalTime { localTime(ofMilliseconds: time.milliseconds) }

    private func localTime(ofMilliseconds milliseconds: Int64) -> LocalTime {
        LocalTime(milliseconds: milliseconds, offset: seconds(Self.floor(milliseconds, 1_000)))
    }

    /// Such as `UTC+07:00`: the offset at a moment.
    public func name(at time: Timestamp) -> String {
        let minutes = seconds(time.milliseconds / 1_000) / 60
        guard minutes != 0 else { return "UTC" }
        return "UTC\(minutes < 0 ? "-" : "+")\(Amounts.timeOfDay(abs(minutes)))"
    }

    /// The moment of a local time, in milliseconds since 1970. Of a time that clocks show twice, one of the two; one
    /// that they skip is moved by what is skipped.
    func milliseconds(ofLocal local: Int64) -> Int64 {
        // The offset is looked up as if the local time were UTC, then once more where that leads.
        let near = Int64(seconds(Self.floor(local, 1_000)))
        return local - Int64(seconds(Self.floor(local - near * 1_000, 1_000))) * 1_000
    }

    fileprivate static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }
}

/// A moment as local clocks and calendars show it.
struct LocalTime: Equatable {
    /// Milliseconds since 1970-01-01 00:00 of local time.
    let local: Int64
    /// Seconds east of UTC.
    let offset: Int

    fileprivate init(milliseconds: Int64, offset: Int) {
        local = milliseconds + Int64(offset) * 1_000
        self.offset = offset
    }

    /// Days since 1970-01-01.
    var day: Int64 { TimeZoneOffsets.floor(local, 86_400_000) }

    /// Weeks from Monday to Sunday, as ISO 8601 has them, by number since the one of 1970-01-01.
    var week: Int64 { TimeZoneOffsets.floor(day + 3, 7) }

    /// Hours since 1970-01-01 00:00.
    var hour: Int64 { TimeZoneOffsets.floor(local, 3_600_000) }

    /// Year, month from 1 and day from 1.
    var date: (year: Int64, month: Int64, day: Int64) { Timestamp.date(day) }

    /// Milliseconds since midnight, as the clock shows them.
    var timeOfDay: Int64 { local - day * 86_400_000 }
}
