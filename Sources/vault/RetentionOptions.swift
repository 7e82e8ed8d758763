internal import ArgumentParser
internal import VaultBackup

/// What is kept, with restic's names.
struct RetentionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Keep the last ones; 'unlimited' keeps all.", valueName: "n"))
    var keepLast: CountArgument?

    @Option(help: ArgumentHelp("Keep the newest of each of the last hours that have one.", valueName: "n"))
    var keepHourly: CountArgument?

    @Option(help: ArgumentHelp("The same for days.", valueName: "n"))
    var keepDaily: CountArgument?

    @Option(help: ArgumentHelp("The same for weeks, from Monday.", valueName: "n"))
    var keepWeekly: CountArgument?

    @Option(help: ArgumentHelp("The same for months.", valueName: "n"))
    var keepMonthly: CountArgument?

    @Option(help: ArgumentHelp("The same for years.", valueName: "n"))
    var keepYearly: CountArgument?

    @Option(
        help: ArgumentHelp(
            "Keep all that are less old than this, beside the newest; such as 14d, 1y6m (m: months), 36h.",
            valueName: "span"))
    var keepWithin: SpanArgument?

    @Option(help: ArgumentHelp("Of those less old than this keep the newest of each hour.", valueName: "span"))
    var keepWithinHourly: SpanArgument?

    @Option(help: ArgumentHelp("The same for days.", valueName: "span"))
    var keepWithinDaily: SpanArgument?

    @Option(help: ArgumentHelp("The same for weeks.", valueName: "span"))
    var keepWithinWeekly: SpanArgument?

    @Option(help: ArgumentHelp("The same for months.", valueName: "span"))
    var keepWithinMonthly: SpanArgument?

    @Option(help: ArgumentHelp("The same for years.", valueName: "span"))
    var keepWithinYearly: SpanArgument?

    @Option(
        name: .customLong("keep-tag"), parsing: .singleValue,
        help: ArgumentHelp("Keep all with this tag, or all of several, a,b; any number.", valueName: "tags"))
    var keepTags: [TagsArgument] = []

    /// The rules that they are.
    var rules: RetentionRules {
        var rules = RetentionRules()
        if let keepLast { rules.last = keepLast.count }
        let counts = [keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly]
        let spans = [
            keepWithinHourly, keepWithinDaily, keepWithinWeekly, keepWithinMonthly, keepWithinYearly,
        ]
        for (period, count) in zip(RetentionRules.Period.allCases, counts) { rules.counts[period] = count?.count }
        for (period, span) in zip(RetentionRules.Period.allCases, spans) { rules.periodsWithin[period] = span?.span }
        rules.within = keepWithin?.span
        rules.tags = keepTags.map(\.tags)
        return rules
    }

    /// Whether any of them was given.
    var isUsed: Bool { rules != RetentionRules() }
}

/// How many are kept: a number, or `unlimited`.
struct CountArgument: ExpressibleByArgument, Sendable {
    let count: RetentionRules.Count

    init?(argument: String) {
        guard let count = RetentionRules.Count(argument) else { return nil }
        self.count = count
    }
}

/// A length of time by the calendar.
struct SpanArgument: ExpressibleByArgument, Sendable {
    let span: CalendarSpan

    init?(argument: String) {
        guard let span = CalendarSpan(argument) else { return nil }
        self.span = span
    }
}

/// Tags that a snapshot must all have: `a,b`.
struct TagsArgument: ExpressibleByArgument, Sendable {
    let tags: [String]

    init?(argument: String) {
        guard let text = TextArgument(argument: argument)?.text else { return nil }
        tags = text.split(separator: ",").map(String.init)
        guard !tags.isEmpty else { return nil }
    }
}

/// What makes a group: `system,writer`, `system,tags`, `system`.
struct GroupingArgument: ExpressibleByArgument, Sendable {
    let grouping: Set<Retention.Grouping>

    init?(argument: String) {
        let words = argument.split(separator: ",", omittingEmptySubsequences: false)
            .map { Retention.Grouping(rawValue: String($0)) }
        guard !words.contains(nil) else { return nil }
        grouping = Set(words.compactMap { $0 })
    }
}

/// A moment to come: `2027-06-30`, `2027-06-30T12:00` (UTC), or how long from now: `90d`, `1y`.
struct UntilArgument: ExpressibleByArgument, Sendable {
    let time: Timestamp

    init?(argument: String) {
        let now = SystemClock().now()
        if let span = CalendarSpan(argument) {
            time = span.after(now, .utc)
        } else if argument.contains("-"), let moment = TimeArgument(argument, now: now) {
            time = moment.time
        } else {
            return nil
        }
    }
}
