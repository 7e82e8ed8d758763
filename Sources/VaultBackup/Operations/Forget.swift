/// What to forget.
public struct ForgetRequest: Sendable {
    /// Snapshots by name, as ``Snapshots/find(_:in:)`` takes them; empty when rules decide.
    public var snapshots: [String] = []
    /// What is kept of all others.
    public var rules = RetentionRules()
    /// The system whose snapshots are judged; nil for all.
    public var system: String?
    /// Judged are snapshots that have each tag of one of these lists; all when there is none.
    public var tags: [[String]] = []
    /// What makes a group, which is judged for itself.
    public var grouping: Set<Retention.Grouping> = [.system, .writer]
    /// What a day is.
    public var zone = TimeZoneOffsets.utc
    /// Whether what routine may not let go yet is let go by an order, when rules decide.
    public var mayOrder = false
    /// Whether all snapshots of a system may go.
    public var mayRemoveAll = false
    /// Why, for people; public.
    public var reason = ""

    /// A request of nothing.
    public init() {}
}

/// What keeps a snapshot that no rule keeps.
public enum ForgetObstacle: Sendable, Equatable {
    /// It is held.
    case held
    /// It is not old enough to go by routine: not before this time. Nil when its time cannot be told.
    case tooYoung(until: Timestamp?)
    /// Too few days with a snapshot of its system would remain.
    case tooFewRemain
}

/// What is done with each snapshot, and why.
public struct ForgetPlan: Sendable {
    /// What is done with one.
    public enum Action: Sendable, Equatable {
        /// A rule keeps it, or its time cannot be believed.
        case keep
        /// It is forgotten by routine.
        case forget
        /// It is forgotten by an order of the administrators.
        case order
        /// Something else keeps it.
        case obstructed(ForgetObstacle)

        /// Whether it goes.
        public var forgets: Bool { self == .forget || self == .order }
    }

    /// One snapshot.
    public struct Decision: Sendable {
        /// The snapshot.
        public var snapshot: SnapshotInfo
        /// Why rules keep it.
        public var reasons: [RetentionReason]
        /// What is done with it.
        public var action: Action
    }

    /// Snapshots that were judged together.
    public struct Group: Sendable {
        /// Of all the same, by what the grouping has.
        public var system: String?
        /// Name of their writer.
        public var writer: String?
        /// Their tags.
        public var tags: [String]?
        /// Newest first.
        public var decisions: [Decision]
    }

    /// The groups; one without names when snapshots were named.
    public var groups: [Group]
    /// The routine of the repository: seconds that a snapshot stays at least, and days with one that remain.
    public var routine: (age: Int, days: Int)
    /// What a day was, such as `UTC+01:00`.
    public var zone: String

    /// All decisions.
    public var decisions: [Decision] { groups.flatMap(\.decisions) }
}

/// What was forgotten.
public struct ForgetReport: Sendable {
    /// What was decided.
    public var plan: ForgetPlan
    /// How far the order has come, when one was needed.
    public var approvals: Order.Approvals?
    /// Whether nothing was written.
    public var isDryRun: Bool
}

/// Forgets snapshots, by rules or by name. Their packs stay until prune takes them; so long it can be undone.
///
/// 1. What was decided is checked again at the place in the log where it takes effect: a snapshot that is held meanwhile
///    stays, and two that run at once forget nothing that one of them would have kept.
/// 2. On a full disk its records are written in the space that is kept for this.
/// 3. Without a rule or a name nothing is forgotten, and never the last believable snapshot of a system without its own
///    word.
public enum Forget {
    /// How often a decision is made anew because others have written meanwhile.
    private static let triesMax = 3

    /// What would be done, without doing it. Needs no key.
    ///
    /// It is judged as if the first member did it that may.
    /// - Throws: as ``run(_:with:)``.
    public static func plan(_ request: ForgetRequest, in repository: Repository) throws -> ForgetReport {
        let state = repository.state
        guard let member = state.keyring.members.first(where: { $0.may(.maintain) }) else {
            throw VaultError(
                .notAllowed, "The repository has no member that may forget", nextStep: "See 'vault identity show'")
        }
        let plan = try ForgetPlanner(request, state, repository.clock.now(), member.id).plan()
        return ForgetReport(plan: plan, approvals: nil, isDryRun: true)
    }

    /// Forgets. On return the records are durable.
    ///
    /// - Throws: ``VaultError`` `.usage` for a request that is none, for a name that means no snapshot, and for one that
    ///   would leave a system without any; `.notAllowed` for a snapshot that is held, and for a member that may not.
    public static func run(_ request: ForgetRequest, with access: SigningAccess) throws -> ForgetReport {
        let repository = access.repository
        try ForgetBody.checkReason(request.reason)
        guard access.member.may(.maintain) else { throw Holds.refusal(access, "forget snapshots") }
        var tries = 0
        while true {
            tries += 1
            let state = try repository.log.refresh()
            if let refusal = state.refusalOfAnyWriting { throw refusal }
            let plan = try ForgetPlanner(request, state, repository.clock.now(), access.member.id).plan()
            do {
                let approvals = try publish(plan, request.reason, access)
                repository.advancePin()
                return ForgetReport(plan: plan, approvals: approvals, isDryRun: false)
            } catch let error as VaultError where [.usage, .notAllowed].contains(error.code) && tries < triesMax {
                // Refused at its place in the log: if others have written, what they wrote decides anew.
                guard try repository.log.refresh().head > state.head else { throw error }
            }
        }
    }

    private static func publish(
        _ plan: ForgetPlan, _ reason: String, _ access: SigningAccess
    ) throws -> Order.Approvals? {
        // A record for each system: the routine of one does not depend on another's.
        let bySystem = Dictionary(grouping: plan.decisions.filter { $0.action == .forget }) {
            Array($0.snapshot.system.utf8)
        }
        for (_, decisions) in bySystem.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            for part in parts(decisions) {
                let body = ForgetBody(snapshots: part, reason: reason)
                _ = try access.repository.publishUsingReserve(.forget(body), by: access.signer)
            }
        }
        var approvals: Order.Approvals?
        for part in parts(plan.decisions.filter { $0.action == .order }) {
            let order = Order.forget(ForgetBody(snapshots: part, reason: reason))
            approvals = try order.carryOut("Forgetting what is not due by routine", with: access)
        }
        return approvals
    }

    /// Ids in the order of the log, so many at a time as a record takes.
    private static func parts(_ decisions: [ForgetPlan.Decision]) -> [ArraySlice<Digest>] {
        let ids = decisions.sorted { $0.snapshot.position < $1.snapshot.position }.map(\.snapshot.id)
        return stride(from: 0, to: ids.count, by: ForgetBody.snapshotsMax).map {
            ids[$0..<min($0 + ForgetBody.snapshotsMax, ids.count)]
        }
    }
}
