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
/// 2. Each task stands for itself: what fails is reported, and the others are done. But nothing is forgotten of a
///    system whose backup has just failed.
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

    /// Does what is due. On return each task that is reported as done is as durable as the command of that name makes
    /// it.
    ///
    /// - Throws: ``VaultError`` `.interrupted`; what goes wrong with a task is in the report.
    public func run() throws -> RunReport {
        var report = RunReport(started: client.now)
        for group in groups(&report) { try run(group.policies, at: group.location, &report) }
        report.finished = client.now
        return report
    }

    /// The policies by their repositories, each of which is opened once, however its place is written.
    private func groups(_ report: inout RunReport) -> [(location: [UInt8], policies: [SystemPolicy])] {
        var groups: [(location: [UInt8], place: [UInt8], policies: [SystemPolicy])] = []
        for policy in request.policies {
            do {
                let named = try policy.repository ?? location()
                let place = RepositoryPlace.absolute(named)
                if let index = groups.firstIndex(where: { $0.place == place }) {
                    groups[index].policies.append(policy)
                } else {
                    groups.append((named, place, [policy]))
                }
            } catch {
                report.outcomes.append(
                    failure(DueTask(task: .backup, system: policy.system, reason: "it has no repository"), error))
            }
        }
        return groups.map { ($0.location, $0.policies) }
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
        let now = client.now
        // What is dated after now says nothing about when something was done. A name that only looks alike is
        // another's.
        func last(_ times: [(system: String, time: Timestamp)]) -> [[UInt8]: Timestamp] {
            times.reduce(into: [:]) { last, item in
                guard !item.time.isClearlyAfter(now) else { return }
                let name = Array(item.system.utf8)
                last[name] = max(last[name] ?? item.time, item.time)
            }
        }
        let snapshots = last(state.liveSnapshots.map { ($0.body.system, $0.body.started) })
        let drills = last(state.drills.map { ($0.system, $0.body.started) })
        let copies = Copy.list(repository, client: client)
        var facts = RunFacts()
        for policy in policies {
            let name = Array(policy.system.utf8)
            facts.lastSnapshot[policy.system] = snapshots[name]
            facts.lastDrill[policy.system] = drills[name]
            for path in policy.copies.map(\.path) {
                guard let copy = Self.copy(at: path, copies) else { continue }
                facts.copies[path] = (copy.marker.completion?.time, !copy.hasEverySnapshot)
            }
        }
        facts.lastVerified = HashAge(repository).allReadSince ?? notes.time(of: .verify)
        facts.lastPruned = notes.time(of: .prune)
        return facts
    }

    /// What is known of the copy at a place that a policy names; of disks that take turns there the one that is there
    /// now, else the one with the newest copy.
    static func copy(at path: [UInt8], _ copies: [CopyInfo]) -> CopyInfo? {
        func rank(_ copy: CopyInfo) -> (Int, Int64) {
            (copy.isPresent ? 1 : 0, copy.marker.completion?.time.milliseconds ?? -1)
        }
        let place = RepositoryPlace.absolute(path)
        return copies.filter { $0.location == place }.max { rank($0) < rank($1) }
    }
}
