/// A snapshot as the rules of retention see it.
public struct RetentionSnapshot: Sendable, Equatable {
    /// When it began, by its writer's clock.
    public var started: Timestamp
    /// When its record was written, by its writer's clock.
    public var recorded: Timestamp
    /// Position of the record that opened its session.
    public var opened: Int
    /// Position of its own record.
    public var position: Int
    /// The system it is of.
    public var system: String
    /// Its public words.
    public var tags: [String]
    /// Who made it.
    public var writer: String

    /// A snapshot as given.
    public init(
        started: Timestamp, recorded: Timestamp, opened: Int, position: Int, system: String, tags: [String] = [],
        writer: String
    ) {
        self.started = started
        self.recorded = recorded
        self.opened = opened
        self.position = position
        self.system = system
        self.tags = tags
        self.writer = writer
    }
}

/// What rules keep (`docs/RETENTION.md`).
///
/// 1. A snapshot that is kept by any rule is kept.
/// 2. Who makes snapshots says when they were made, so a time is believed only where the log does not speak against it.
///    What is dated after now, or before one that stood in the log when it was begun, takes nobody's place: the others
///    are judged as if it were not there. It is kept itself, since it may be real and only its clock wrong.
/// 3. Each group is judged for itself.
public enum Retention {
    /// What makes a group; those that agree in all of them are one. The raw values are the words for people.
    public enum Grouping: String, Sendable, CaseIterable {
        case system, tags, writer
    }

    /// Snapshots that are judged together, by their indices.
    public struct Group: Sendable, Equatable {
        /// Newest first.
        public var members: [Int]
        /// Why each member is kept, in the order of ``members``; nothing when it is not.
        public var reasons: [[RetentionReason]]
    }

    /// Judges snapshots.
    ///
    /// - Parameter snapshots: all that there are; each is evidence of what time it was.
    /// - Parameter judged: indices of those that are judged; nil for all.
    /// - Parameter now: the time of whoever asks.
    /// - Parameter zone: what a day is.
    /// - Returns: the groups, in the order of the names of their systems, writers and tags.
    public static func decide(
        _ snapshots: [RetentionSnapshot], among judged: [Int]? = nil, by rules: RetentionRules,
        groupedBy grouping: Set<Grouping>, now: Timestamp, zone: TimeZoneOffsets
    ) -> [Group] {
        let doubts = doubts(snapshots, now: now)
        let grouped = Dictionary(grouping: judged ?? Array(snapshots.indices)) { key(snapshots[$0], grouping) }
        let ordered = grouped.sorted { $0.key.lexicographicallyPrecedes($1.key) { $0.lexicographicallyPrecedes($1) } }
        return ordered.map { _, members in
            let newestFirst = members.sorted {
                (snapshots[$0].started, snapshots[$0].position) > (snapshots[$1].started, snapshots[$1].position)
            }
            let counted = newestFirst.filter { doubts[$0] == nil }
            let kept = Dictionary(
                uniqueKeysWithValues: zip(counted, reasons(counted.map { snapshots[$0] }, rules, zone)))
            return Group(
                members: newestFirst,
                reasons: newestFirst.map { index in
                    kept[index] ?? tagReasons(snapshots[index], rules) + (doubts[index].map { [$0] } ?? [])
                })
        }
    }

    private static func key(_ snapshot: RetentionSnapshot, _ grouping: Set<Grouping>) -> [[UInt8]] {
        var key: [[UInt8]] = []
        if grouping.contains(.system) { key.append(Array(snapshot.system.utf8)) }
        if grouping.contains(.writer) { key.append(Array(snapshot.writer.utf8)) }
        if grouping.contains(.tags) {
            let tags = Set(snapshot.tags).map { Array($0.utf8) }
            key.append(contentsOf: tags.sorted { $0.lexicographicallyPrecedes($1) })
        }
        return key
    }

    // MARK: Times that are not believed

    /// Why the time of a snapshot is not believed, by index.
    private static func doubts(_ snapshots: [RetentionSnapshot], now: Timestamp) -> [Int: RetentionReason] {
        var doubts: [Int: RetentionReason] = [:]
        for (index, snapshot) in snapshots.enumerated()
        where snapshot.started.isClearlyAfter(now) || snapshot.recorded.isClearlyAfter(now) {
            doubts[index] = .inFuture
        }
        // A session can be opened only at the end of the log. So a snapshot was begun after every record that stands
        // before its session, of which those of the same system are asked what time it was.
        let bySystem = Dictionary(grouping: snapshots.indices.filter { doubts[$0] == nil }) {
            Array(snapshots[$0].system.utf8)
        }
        for members in bySystem.values {
            let inLog = members.sorted { snapshots[$0].position < snapshots[$1].position }
            let byOpening = members.sorted { snapshots[$0].opened < snapshots[$1].opened }
            var next = 0
            var latest: Int?
            for index in byOpening {
                while next < inLog.count, snapshots[inLog[next]].position < snapshots[index].opened {
                    if latest.map({ snapshots[$0].recorded < snapshots[inLog[next]].recorded }) ?? true {
                        latest = inLog[next]
                    }
                    next += 1
                }
                if let latest, snapshots[latest].recorded.isClearlyAfter(snapshots[index].started) {
                    doubts[index] = .outOfOrder(after: latest)
                }
            }
        }
        return doubts
    }

    // MARK: Rules

    /// The reasons for each snapshot of a group, newest first: the algorithm of restic's `ApplyPolicy`.
    private static func reasons(
        _ snapshots: [RetentionSnapshot], _ rules: RetentionRules, _ zone: TimeZoneOffsets
    ) -> [[RetentionReason]] {
        guard let newest = snapshots.first?.started else { return [] }
        var last = KeptPeriods(rules.last)
        var counts = RetentionRules.Period.allCases.map { ($0, KeptPeriods(rules.counts[$0] ?? .upTo(0))) }
        var spans = RetentionRules.Period.allCases.compactMap { period in
            rules.periodsWithin[period].map { (period, $0, after: $0.before(newest, zone), KeptPeriods(.unlimited)) }
        }
        let within = rules.within.map { ($0, after: $0.before(newest, zone)) }
        return snapshots.enumerated().map { number, snapshot in
            var reasons = tagReasons(snapshot, rules)
            let local = zone.localTime(of: snapshot.started)
            let isOldest = number == snapshots.count - 1
            if let within, snapshot.started.milliseconds > within.after { reasons.append(.within(within.0)) }
            if last.take(.number(number), isOldest) != nil { reasons.append(.last) }
            for place in counts.indices {
                let period = counts[place].0
                guard let isNew = counts[place].1.take(bucket(local, period), isOldest) else { continue }
                reasons.append(isNew ? .period(period) : .oldest(period))
            }
            for place in spans.indices where snapshot.started.milliseconds > spans[place].after {
                let (period, span, _, _) = spans[place]
                guard let isNew = spans[place].3.take(bucket(local, period), isOldest) else { continue }
                reasons.append(isNew ? .periodWithin(period, span) : .oldestWithin(period, span))
            }
            return reasons
        }
    }

    private static func tagReasons(_ snapshot: RetentionSnapshot, _ rules: RetentionRules) -> [RetentionReason] {
        rules.tags.filter { $0.allSatisfy(snapshot.tags.contains) }.map { .tags($0) }
    }
}
