/// Does single tasks of a run.
struct RunTasks {
    private let run: Run
    private let repository: Repository
    private let policies: [SystemPolicy]
    private let notes: RunNotes

    /// How long the disk of a copy may be away where its policy does not say it.
    private static let offlineSecondsMax = 30 * 86_400

    init(_ run: Run, _ repository: Repository, _ policies: [SystemPolicy], _ notes: RunNotes) {
        self.run = run
        self.repository = repository
        self.policies = policies
        self.notes = notes
    }

    /// - Throws: what the task throws; the caller makes an outcome of it.
    func run(_ due: DueTask) throws -> RunOutcome {
        let policy = due.system.flatMap { system in policies.first { $0.system.hasSameBytes(as: system) } }
        switch due.task {
        case .backup: return try backup(due, policy)
        case .copy: return try copy(due)
        case .forget: return try forget(due, policy)
        case .prune: return try prune(due)
        case .verify: return try verify(due)
        case .drill: return try drill(due, policy)
        }
    }

    private func skipped(_ due: DueTask, _ message: String, nextStep: String = "") -> RunOutcome {
        RunOutcome(due: due, result: .skipped, message: message, nextStep: nextStep)
    }

    // MARK: Backup

    private func backup(_ due: DueTask, _ policy: SystemPolicy?) throws -> RunOutcome {
        guard let policy else { return skipped(due, "no policy asks for it") }
        guard let identity = try run.identity(repository, .write) else {
            throw VaultError(
                .wrongIdentity, "This user has no identity that may add snapshots without a passphrase",
                nextStep: "Make one for a machine with 'vault identity create', and have it granted the role write")
        }
        let access = try WriteAccess(repository, identity)
        let sources = policy.sources
        var options = DatabaseOptions()
        options.defaultsFile = sources.defaultsFile
        if let silence = sources.silence { options.silenceSeconds = silence.seconds }
        let names = try sources.databases.map { try DatabaseName(Array($0.utf8)) }
        let hooks = Hooks(
            policy.hooks, system: policy.system, timeoutSeconds: policy.schedule.timeout.seconds, events: run.events,
            clock: run.client.clock, cancellation: run.cancellation)
        let result = try hooks.around {
            var request =
                names.isEmpty
                ? BackupRequest(paths: sources.paths, system: policy.system)
                : try DatabaseBackup.request(
                    names, paths: sources.paths, options: options, system: policy.system, clock: run.client.clock,
                    cancellation: run.cancellation)
            for pattern in sources.exclude { try request.options.exclude.add(pattern) }
            request.options.excludeIfPresent = sources.excludeIfPresent
            request.options.excludeLargerThan = sources.excludeLargerThan
            request.options.excludeCaches = sources.excludeCaches
            request.options.oneFileSystem = sources.oneFileSystem
            request.options.pace = run.client.pace
            return try Backup.run(request, with: access, events: run.events, cancellation: run.cancellation)
        }
        var outcome = RunOutcome(
            due: due, result: result.problemCount == 0 ? .done : .incomplete,
            message: "snapshot \(result.snapshot.hex.prefix(8)), \(result.entries) entries")
        if result.problemCount > 0 {
            outcome.message += ", \(result.problemCount) problems"
            outcome.nextStep = "See 'vault snapshots latest --details'"
            outcome.code = .incompleteSources
        }
        outcome.storedBytes = result.storedBytes
        outcome.snapshot = result.snapshot
        return outcome
    }

    // MARK: Copies

    private func copy(_ due: DueTask) throws -> RunOutcome {
        guard let path = due.copy,
            let copy = policies.lazy.flatMap(\.copies).first(where: { $0.path == path })
        else { return skipped(due, "no policy asks for it") }
        var request = CopyRequest(to: path)
        request.requiresMount = copy.isOffline
        let report: CopyReport
        do {
            report = try Copy.run(
                request, repository, client: run.client, events: run.events, cancellation: run.cancellation)
        } catch let error as VaultError where error.code == .repositoryNotFound && copy.isOffline {
            // A disk in a safe is meant to be absent; only its age counts.
            return try absent(due, copy, error)
        }
        guard report.findings.isEmpty else {
            throw VaultError(
                .damaged, "The copy \(PathText.readable(path)) is not complete: \(report.findings[0])",
                nextStep: "Run 'vault repair' to see what is damaged")
        }
        return RunOutcome(
            due: due, result: .done, message: "\(report.packs) packs copied", storedBytes: report.bytes)
    }

    private func absent(_ due: DueTask, _ copy: PolicyCopy, _ error: VaultError) throws -> RunOutcome {
        let known = Run.copy(at: copy.path, Copy.list(repository, client: run.client))
        let now = run.client.now
        // What is dated after now has no age: else a clock that was wrong once would excuse the disk for years.
        let completed = known?.marker.completion.map(\.time).flatMap { $0.isClearlyAfter(now) ? nil : $0 }
        let age = completed.map { max(0, Amounts.seconds(from: $0, to: now)) }
        let limit = copy.every?.seconds ?? Self.offlineSecondsMax
        guard let age, age <= limit else {
            throw VaultError(
                .repositoryNotFound,
                "The disk of the copy \(PathText.readable(copy.path)) is not there, and "
                    + (age.map { "its copy is \(Amounts.span($0, .english)) old" } ?? "no copy on it is known"),
                nextStep: "Connect it; the next run brings it up to date", cause: error)
        }
        return skipped(due, "its disk is not there; the copy is \(Amounts.span(age, .english)) old")
    }

    // MARK: Retention

    private func forget(_ due: DueTask, _ policy: SystemPolicy?) throws -> RunOutcome {
        guard let policy, let rules = policy.retention else { return skipped(due, "no policy asks for it") }
        var request = ForgetRequest()
        request.rules = rules
        request.system = policy.system
        request.zone = run.request.zone
        request.reason = "by policy"
        _ = try repository.log.refresh()
        guard repository.state.liveSnapshots.contains(where: { $0.isOf(policy.system) }) else {
            return skipped(due, "there is no snapshot")
        }
        let plan = try Forget.plan(request, in: repository).plan
        let count = plan.decisions.count { $0.action == .forget }
        guard count > 0 else { return RunOutcome(due: due, result: .done, message: "nothing is to be forgotten yet") }
        guard let identity = try run.identity(repository, .maintain) else {
            return skipped(
                due, "\(count) snapshots could be forgotten, but nobody is here who may",
                nextStep: "Forget them yourself, or let a machine have the role maintain")
        }
        let report = try Forget.run(request, with: SigningAccess(repository, identity))
        let done = report.plan.decisions.count { $0.action == .forget }
        return RunOutcome(due: due, result: .done, message: "\(done) snapshots forgotten")
    }

    private func prune(_ due: DueTask) throws -> RunOutcome {
        guard let identity = try run.identity(repository, .maintain) else {
            return skipped(
                due, "nobody is here who may prune",
                nextStep: "Run 'vault prune' yourself, or let a machine have the role maintain")
        }
        let report = try Prune.run(
            PruneRequest(), with: MaintainAccess(repository, identity), events: run.events,
            cancellation: run.cancellation)
        notes.note(.prune, at: run.client.now)
        return RunOutcome(due: due, result: .done, message: "\(report.deleted.packs) packs deleted")
    }

    // MARK: Proof

    private func verify(_ due: DueTask) throws -> RunOutcome {
        var request = VerifyRequest(readDataPercent: 100)
        // What another verification has read meanwhile need not be read again.
        let span = policies.compactMap(\.schedule.verify).min() ?? .week
        request.ageMaxSeconds = run.request.isForced ? nil : span.seconds / 2
        let report = try Verify.run(
            request, repository, with: nil, events: run.events, cancellation: run.cancellation)
        guard report.findings.isEmpty else {
            throw VaultError(
                .damaged, "\(report.findings.count) findings, the first: \(report.findings[0])",
                nextStep: "Run 'vault verify --read-data' to see all, and 'vault repair' to see what can be healed")
        }
        notes.note(.verify, at: run.client.now)
        return RunOutcome(due: due, result: .done, message: "\(report.packsRead) packs read and found right")
    }

    private func drill(_ due: DueTask, _ policy: SystemPolicy?) throws -> RunOutcome {
        guard let policy, let drill = policy.drill else { return skipped(due, "no policy asks for it") }
        guard let identity = try run.identity(repository, .read) else {
            return skipped(
                due, "a drill is due, and needs a person: nobody is here who may read",
                nextStep: "Run 'vault drill run --snapshot latest:\(policy.system)'")
        }
        let note = try ReadingNote(.drill, reason: "by policy") { run.events.receive(.warning($0)) }
        let access = try ReadAccess(repository, identity, noting: note)
        let copy = try drill.from.map { access.reading(try run.client.open($0)) }
        let report = try Drill.run(
            Self.request(drill, policy, scratch: run.request.scratch), with: access, from: copy, events: run.events,
            cancellation: run.cancellation)
        var outcome = RunOutcome(due: due, result: .done, message: "\(report.verdict.rawValue)")
        switch report.verdict {
        case .proven: break
        case .failed:
            outcome.result = .failed
            outcome.code = .drillFailed
        default:
            outcome.result = .notProven
            outcome.code = .notProven
        }
        if outcome.code != nil { outcome.nextStep = "See 'vault drill show latest'" }
        return outcome
    }

    private static func request(_ drill: PolicyDrill, _ policy: SystemPolicy, scratch: [UInt8]) -> DrillRequest {
        var request = DrillRequest(scratch: drill.scratch ?? scratch)
        request.scratchBytesMax = drill.scratchLimit
        request.system = policy.system
        request.selection =
            switch drill.selection {
            case .newest: .newest
            case .random: .random
            case .oldestUnproven: .oldestUnproven
            }
        if drill.sample < 100 { request.percent = drill.sample }
        request.validSeconds = drill.validity.seconds
        request.databases = drill.checks.contains(.databases)
        request.malware = drill.checks.contains(.malware)
        if drill.checks.contains(.script) { request.script = drill.script }
        request.rpoSeconds = policy.objectives.rpo?.seconds ?? 0
        request.rtoSeconds = policy.objectives.rto?.seconds ?? 0
        return request
    }
}
