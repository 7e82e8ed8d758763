extension Retention {
    /// One stretch of the calendar, or a snapshot of its own.
    enum Bucket: Equatable {
        case number(Int)
        case days(Int64)
        /// An hour that clocks show twice, when they are put back, is two.
        case hour(Int64, offset: Int)
    }

    /// The stretch that a local time lies in.
    static func bucket(_ local: LocalTime, _ period: RetentionRules.Period) -> Bucket {
        switch period {
        case .hourly: .hour(local.hour, offset: local.offset)
        case .daily: .days(local.day)
        case .weekly: .days(local.week)
        case .monthly: .days(local.date.year * 12 + local.date.month)
        case .yearly: .days(local.date.year)
        }
    }

    /// What is left of a count, and which stretch was taken last. Snapshots come newest first.
    struct Slots {
        private var left: RetentionRules.Count
        private var taken: Bucket?

        init(_ count: RetentionRules.Count) { left = count }

        /// Takes a place for a snapshot: true for the first of its stretch, false for the oldest of all, which is kept
        /// while there is room, so that the history is as long as it may be; nil when it gets none.
        mutating func take(_ bucket: Bucket, _ isOldest: Bool) -> Bool? {
            let isNew = bucket != taken
            guard !left.isZero, isNew || isOldest else { return nil }
            taken = bucket
            if case .upTo(let count) = left { left = .upTo(count - 1) }
            return isNew
        }
    }
}
