/// The things that a run does by itself, in the order in which it does them.
public enum RunTask: String, Sendable, CaseIterable {
    case backup, copy, forget, prune, verify, drill
}

/// What is known of a repository before a run. Times are those of the log or of this client's own notes.
public struct RunFacts: Sendable {
    /// When the newest snapshot of each system was begun.
    public var lastSnapshot: [String: Timestamp] = [:]
    /// When the last drill of each system was begun.
    public var lastDrill: [String: Timestamp] = [:]
    /// For each copy of a policy, by its directory, when it was completed last, and whether the repository has gone on
    /// since.
    public var copies: [[UInt8]: (completed: Timestamp?, isBehind: Bool)] = [:]
    /// When the pack that was read longest ago was read; nil when one never was.
    public var lastVerified: Timestamp?
    /// When a prune of this client ended last.
    public var lastPruned: Timestamp?

    /// Nothing was ever done.
    public init() {}
}

/// Something that is due, and why.
public struct DueTask: Sendable, Equatable {
    /// What is to be done.
    public var task: RunTask
    /// For which system; nil for what concerns the whole repository.
    public var system: String?
    /// The directory of the copy that is to be brought up to date.
    public var copy: [UInt8]?
    /// Why, in a few words.
    public var reason: String
}

/// Says what is due. Pure: nothing is remembered but what was done, so a run that was missed is made up by the next.
///
/// 1. A thing is due when it was never done, or when at least its span has passed since, less an eighth of it and at
///    most three hours: else a nightly run that begins some minutes earlier than the last would do nothing.
/// 2. What is dated after now was not done: a clock that was wrong once must not stop backups for years.
/// 3. Outside its window a system is left alone, unless the thing is overdue by twice its span.
public struct RunPlanner: Sendable {
    private let facts: RunFacts
    private let now: Timestamp
    private let zone: TimeZoneOffsets
    private let isForced: Bool

    private static let slackMaxSeconds = 3 * 3_600

    /// A planner at a moment.
    /// - Parameter isForced: whether everything is due that a policy asks for.
    public init(_ facts: RunFacts, now: Timestamp, zone: TimeZoneOffsets, isForced: Bool = false) {
        self.facts = facts
        self.now = now
        self.zone = zone
        self.isForced = isForced
    }

    /// What is due for the policies of one repository, in the order in which it is to be done.
    public func due(_ policies: [SystemPolicy]) -> [DueTask] {
        RunTask.allCases.flatMap { task -> [DueTask] in
            switch task {
            case .backup: policies.compactMap(backup)
            case .copy: copies(policies)
            case .forget: policies.compactMap(forget)
            case .prune: repositoryWide(.prune, policies, facts.lastPruned) { $0.schedule.prune }
            case .verify: repositoryWide(.verify, policies, facts.lastVerified) { $0.schedule.verify }
            case .drill: policies.compactMap(drill)
            }
        }
    }

    /// Why something is due, if it is.
    private func reason(_ last: Timestamp?, every span: PolicySpan, _ window: PolicyWindow?) -> String? {
        guard let last else { return isOpen(window, elapsed: nil, span) ? "it was never done" : nil }
        guard !last.isClearlyAfter(now) else {
            return isOpen(window, elapsed: nil, span) ? "the last time is dated after now" : nil
        }
        let elapsed = Int((now.milliseconds - last.milliseconds) / 1_000)
        let slack = min(span.seconds / 8, Self.slackMaxSeconds)
        guard isForced || elapsed >= span.seconds - slack, isOpen(window, elapsed: elapsed, span) else { return nil }
        return "the last time was \(Amounts.span(max(0, elapsed), .english)) ago"
    }

    private func isOpen(_ window: PolicyWindow?, elapsed: Int?, _ span: PolicySpan) -> Bool {
        guard let window, !isForced else { return true }
        if let elapsed, elapsed >= 2 * span.seconds { return true }
        return window.contains(Int(zone.localTime(of: now).timeOfDay / 60_000))
    }

    // MARK: Each task

    private func backup(_ policy: SystemPolicy) -> DueTask? {
        guard !policy.sources.isEmpty else { return nil }
        return reason(facts.lastSnapshot[policy.system], every: policy.schedule.backup, policy.schedule.window).map {
            DueTask(task: .backup, system: policy.system, reason: $0)
        }
    }

    /// After each backup the rules are asked; that costs nothing when they let nothing go.
    private func forget(_ policy: SystemPolicy) -> DueTask? {
        guard policy.retention != nil, isForced || backup(policy) != nil else { return nil }
        return DueTask(task: .forget, system: policy.system, reason: "a backup is due")
    }

    private func drill(_ policy: SystemPolicy) -> DueTask? {
        guard let drill = policy.drill else { return nil }
        return reason(facts.lastDrill[policy.system], every: drill.frequency, policy.schedule.window).map {
            DueTask(task: .drill, system: policy.system, reason: $0)
        }
    }

    /// What the most demanding of the policies asks for.
    private func repositoryWide(
        _ task: RunTask, _ policies: [SystemPolicy], _ last: Timestamp?, _ span: (SystemPolicy) -> PolicySpan?
    ) -> [DueTask] {
        policies.compactMap { policy in
            span(policy).flatMap { reason(last, every: $0, policy.schedule.window) }
        }.prefix(1).map { DueTask(task: task, reason: $0) }
    }

    /// A copy without a span of its own follows each backup.
    private func copies(_ policies: [SystemPolicy]) -> [DueTask] {
        var seen: Set<[UInt8]> = []
        return policies.flatMap { policy in
            policy.copies.compactMap { copy -> DueTask? in
                guard !seen.contains(copy.path) else { return nil }
                let known = facts.copies[copy.path]
                let due: String?
                if let span = copy.every ?? policy.schedule.copy {
                    due = reason(known?.completed, every: span, policy.schedule.window)
                } else if backup(policy) != nil {
                    due = "a backup is due"
                } else {
                    due = known?.isBehind == false && !isForced ? nil : "the repository has gone on since"
                }
                guard let due else { return nil }
                seen.insert(copy.path)
                return DueTask(task: .copy, copy: copy.path, reason: due)
            }
        }
    }
}
