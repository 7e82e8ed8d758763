/// Which snapshots are kept: the rules of `vault forget`, with the names and the meaning that restic gives them.
public struct RetentionRules: Sendable, Equatable {
    /// Stretches of the calendar; of each the newest snapshot is kept. The raw values are the words for people.
    public enum Period: String, Sendable, CaseIterable {
        case hourly, daily, weekly, monthly, yearly
    }

    /// How many are kept.
    public enum Count: Sendable, Equatable {
        case upTo(Int)
        case unlimited

        /// Parses a number from 0, or `unlimited`; nil for anything else.
        public init?(_ text: String) {
            if text == "unlimited" {
                self = .unlimited
            } else if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) {
                self = .upTo(number)
            } else {
                return nil
            }
        }

        /// Whether it keeps nothing.
        var isZero: Bool { self == .upTo(0) }
    }

    /// The last so many.
    public var last = Count.upTo(0)
    /// The newest of each of the last so many periods that have a snapshot.
    public var counts: [Period: Count] = [:]
    /// All that are less old than this, beside the newest of their group.
    public var within: CalendarSpan?
    /// The newest of each period, of those that are less old than this beside the newest of their group.
    public var periodsWithin: [Period: CalendarSpan] = [:]
    /// All that have each tag of one of these lists.
    public var tags: [[String]] = []

    /// No rule.
    public init() {}

    /// Whether nothing is kept by it.
    public var isEmpty: Bool {
        last.isZero && counts.values.allSatisfy(\.isZero) && within == nil && periodsWithin.isEmpty && tags.isEmpty
    }

    /// Whether it keeps the last ones and looks at nothing else. Whoever can make snapshots can push others out of
    /// that.
    public var isByNumberAlone: Bool {
        !last.isZero && counts.values.allSatisfy(\.isZero) && within == nil && periodsWithin.isEmpty
    }
}

/// Why a snapshot is kept.
public enum RetentionReason: Sendable, Equatable, CustomStringConvertible {
    /// One of the last.
    case last
    /// The newest of its period.
    case period(RetentionRules.Period)
    /// The oldest of all, while the count of the period is not used up.
    case oldest(RetentionRules.Period)
    /// Less old than the span.
    case within(CalendarSpan)
    /// The newest of its period, and less old than the span.
    case periodWithin(RetentionRules.Period, CalendarSpan)
    /// The oldest of all, less old than the span.
    case oldestWithin(RetentionRules.Period, CalendarSpan)
    /// It has these tags.
    case tags([String])
    /// It is dated after now, so it counts for nothing.
    case inFuture
    /// It is dated before one that was in the log already when it was begun, so it counts for nothing. The index is
    /// that one's.
    case outOfOrder(after: Int)

    /// Whether it is kept only since its time cannot be believed.
    public var isDoubt: Bool {
        switch self {
        case .inFuture, .outOfOrder: true
        default: false
        }
    }

    /// A few words, as restic has them.
    public var description: String {
        switch self {
        case .last: "last snapshot"
        case .period(let period): "\(period.rawValue) snapshot"
        case .oldest(let period): "oldest \(period.rawValue) snapshot"
        case .within(let span): "within \(span)"
        case .periodWithin(let period, let span): "\(period.rawValue) within \(span)"
        case .oldestWithin(let period, let span): "oldest \(period.rawValue) within \(span)"
        case .tags(let tags): "has tags [\(tags.joined(separator: ", "))]"
        case .inFuture: "dated after now"
        case .outOfOrder: "dated before an earlier one"
        }
    }
}
