/// What `vault run` is asked to do.
public struct RunRequest: Sendable {
    /// The policies; those of one repository are treated together.
    public var policies: [SystemPolicy]
    /// Only these tasks; nil for all.
    public var only: Set<RunTask>?
    /// Whether what is not due yet is done too.
    public var isForced = false
    /// Whether it is only said what is due.
    public var isDryRun = false
    /// What a day and a window are.
    public var zone = TimeZoneOffsets.utc
    /// Directory for drills that name none.
    public var scratch: [UInt8]

    /// A run of what is due.
    public init(_ policies: [SystemPolicy], scratch: [UInt8]) {
        self.policies = policies
        self.scratch = scratch
    }
}

/// Does what is due by the policies of this machine: backups, copies, retention, prune, a look at all bytes, drills.
///
/// 1. One run at a time for each user: the second does nothing. What was missed is due at the next.
/// 2. Each task stands for itself: what fails is reported, and the others are done. But nothing is forgotten of a system
///    whose backup has just failed.
/// 3. Nobody is asked for anything. What needs an identity that is not at hand is skipped, and says so.
public struct Run: Sendable {
    let request: RunRequest
    let client: Client
    /// Where the repository of policies is that name none.
    let location: @Sendable () throws -> [UInt8]
    /// An identity that opens without anybody; nil when this user has none for that.
    let identity: @Sendable (Repository, Client.Purpose) throws -> Identity?
    let events: any EventSink
    let cancellation: Cancellation

    /// A run.
    /// - Parameter location: the repository of policies that name none.
    /// - Parameter identity: opens an identity without asking anybody; nil when there is none for the purpose.
    public init(
        _ request: RunRequest, client: Client, location: @escaping @Sendable () throws -> [UInt8],
        identity: @escaping @Sendable (Repository, Client.Purpose) throws -> Identity?,
        events: any EventSink = SilentEventSink(), cancellation: Cancellation = Cancellation()
    ) {
        self.request = request
        self.client = client
        self.location = location
        self.identity = identity
        self.events = events
        self.cancellation = cancellation
    }

    /// Does what is due. On return each task that is reported as done is as durable as the command of that name makes it.
    ///
    /// - Throws: ``VaultError`` `.interrupted`; what goes wrong with a task is in the report.
    public func run() throws -> RunReport {
        var report = RunReport(started: client.now)
        defer { report.finished = client.now }
        var groups: [(location: [UInt8], policies: [SystemPolicy])] = []
        for policy in request.policies {
            let place: [UInt8]
            do { place = try policy.repository ?? location() } catch {
                report.outcomes.append(
                    failure(DueTask(task: .backup, system: policy.system, reason: "it has no repository"), error))
                continue
            }
            if let index = groups.firstIndex(where: { $0.location == place }) {
                groups[index].policies.append(policy)
            } else {
                groups.append((place, [policy]))
            }
        }
        for group in groups { try run(group.policies, at: group.location, &report) }
        report.finished = client.now
        return report
    }

    private func run(_ policies: [SystemPolicy], at place: [UInt8], _ report: inout RunReport) throws {
        let repository: Repository
        do { repository = try client.open(place) } catch {
            try stopIfInterrupted(error)
            for policy in policies {
                report.outcomes.append(
                    failure(
                        DueTask(task: .backup, system: policy.system, reason: "the repository cannot be opened"), error)
                )
            }
            return
        }
        let notes = RunNotes(repository)
        let planner = RunPlanner(
            facts(repository, policies, notes), now: client.now, zone: request.zone, isForced: request.isForced)
        let tasks = RunTasks(self, repository, policies, notes)
        var failed: Set<String> = []
        for due in planner.due(policies) where request.only?.contains(due.task) ?? true {
            try cancellation.check()
            if request.isDryRun {
                report.outcomes.append(RunOutcome(due: due, result: .planned, message: due.reason))
                continue
            }
            if due.task == .forget, let system = due.system, failed.contains(system) {
                report.outcomes.append(
                    RunOutcome(
                        due: due, result: .skipped,
                        message: "nothing is forgotten of a system whose backup has just failed"))
                continue
            }
            let started = client.clock.monotonicNanoseconds()
            var outcome: RunOutcome
            do { outcome = try tasks.run(due) } catch {
                try stopIfInterrupted(error)
                outcome = failure(due, error)
            }
            outcome.nanoseconds = client.clock.monotonicNanoseconds() - started
            if outcome.result == .failed, due.task == .backup, let system = due.system { failed.insert(system) }
            if outcome.result == .failed { events.receive(.warning(outcome.message)) }
            report.outcomes.append(outcome)
        }
    }

    private func stopIfInterrupted(_ error: any Error) throws {
        try cancellation.check()
        if let error = error as? VaultError, error.code == .interrupted { throw error }
    }

    func failure(_ due: DueTask, _ error: any Error) -> RunOutcome {
        let known = error as? VaultError
        return RunOutcome(
            due: due, result: .failed, message: known?.message ?? "\(error)", nextStep: known?.nextStep ?? "",
            code: known?.code ?? .failed)
    }

    private func facts(_ repository: Repository, _ policies: [SystemPolicy], _ notes: RunNotes) -> RunFacts {
        let state = repository.state
        var facts = RunFacts()
        let now = client.now
        // What is dated after now says nothing about when something was done.
        for snapshot in state.liveSnapshots where !snapshot.body.started.isClearlyAfter(now) {
            let system = snapshot.body.system
            facts.lastSnapshot[system] = max(facts.lastSnapshot[system] ?? snapshot.body.started, snapshot.body.started)
        }
        let systems = Dictionary(
            state.snapshots.map { ($0.id, $0.body.system) }, uniquingKeysWith: { first, _ in first })
        for drill in state.drills where !drill.body.started.isClearlyAfter(now) {
            guard let system = systems[drill.body.snapshot] else { continue }
            facts.lastDrill[system] = max(facts.lastDrill[system] ?? drill.body.started, drill.body.started)
        }
        facts.lastVerified = HashAge(repository).complete ?? notes.time(of: .verify)
        facts.lastPruned = notes.time(of: .prune)
        for copy in Copy.list(repository, client: client) {
            facts.copies[copy.location] = (copy.marker.completion?.time, !copy.hasEverySnapshot)
        }
        return facts
    }
}
