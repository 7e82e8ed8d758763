/// Decides what is done with each snapshot: the rules first, then what the log says against it.
struct ForgetPlanner {
    private let request: ForgetRequest
    private let state: RepositoryState
    private let time: Timestamp
    private let member: MemberID
    private let live: [SnapshotState]

    /// - Parameter time: the clock of this machine.
    /// - Parameter member: who is to sign.
    init(_ request: ForgetRequest, _ state: RepositoryState, _ time: Timestamp, _ member: MemberID) {
        self.request = request
        self.state = state
        self.time = time
        self.member = member
        live = state.liveSnapshots
    }

    func plan() throws -> ForgetPlan {
        guard request.snapshots.isEmpty else { return try checked(named()) }
        guard !request.rules.isEmpty else {
            throw VaultError(
                .usage, "No rule says what to keep, so nothing is forgotten",
                nextStep: "Give rules such as --keep-daily 7, or name snapshots")
        }
        return try checked(byRules())
    }

    // MARK: By name

    private func named() throws -> ForgetPlan {
        var chosen: [SnapshotState] = []
        for text in request.snapshots {
            let snapshot = try Snapshots.findLive(text, in: state)
            if !chosen.contains(where: { $0.id == snapshot.id }) { chosen.append(snapshot) }
        }
        for snapshot in chosen {
            guard let hold = state.holds(of: snapshot.id).first else { continue }
            throw VaultError(
                .notAllowed,
                "The snapshot \(snapshot.id.hex.prefix(8)) is held: \(PathText.readable(Array(hold.body.reason.utf8)))",
                nextStep: "Release it first, with 'vault release \(snapshot.id.hex.prefix(8))'")
        }
        let isRoutine = state.refusalOfForgetting(chosen.map(\.id), at: time, by: member) == nil
        let decisions = chosen.sorted { $0.position > $1.position }.map {
            ForgetPlan.Decision(
                snapshot: Snapshots.info($0, state), reasons: [], action: isRoutine ? .forget : .order)
        }
        return plan([ForgetPlan.Group(decisions: decisions)])
    }

    // MARK: By rules

    private func byRules() throws -> ForgetPlan {
        if let system = request.system, !live.contains(where: { $0.isOf(system) }) {
            throw VaultError(
                .usage, "There is no snapshot of the system '\(PathText.readable(Array(system.utf8)))'",
                nextStep: "See 'vault snapshots'")
        }
        let judged = live.indices.filter { place in
            let snapshot = live[place]
            let hasTags = request.tags.contains { $0.allSatisfy(snapshot.body.tags.contains) }
            return snapshot.isOf(request.system) && (request.tags.isEmpty || hasTags)
        }
        let groups = Retention.decide(
            live.map(retentionSnapshot), among: judged, by: request.rules, groupedBy: request.grouping, now: time,
            zone: request.zone)
        var actions: [Digest: ForgetPlan.Action] = [:]
        var candidates: [SnapshotState] = []
        for group in groups {
            for (place, reasons) in zip(group.members, group.reasons) where reasons.isEmpty {
                let snapshot = live[place]
                if state.isHeld(snapshot.id) {
                    actions[snapshot.id] = .obstructed(.held)
                } else {
                    candidates.append(snapshot)
                }
            }
        }
        for (_, snapshots) in Snapshots.bySystem(candidates) {
            actions.merge(routine(snapshots.sorted { $0.position < $1.position })) { $1 }
        }
        return plan(
            groups.map { group in
                let first = group.members.first.map { live[$0] }
                let tags = first.map { Set($0.body.tags).sorted { $0.hasBytesBefore($1) } }
                return ForgetPlan.Group(
                    system: request.grouping.contains(.system) ? first?.body.system : nil,
                    writer: request.grouping.contains(.writer)
                        ? first.map { state.nameOfMember($0.writer) } : nil,
                    tags: request.grouping.contains(.tags) ? tags : nil,
                    decisions: zip(group.members, group.reasons).map { place, reasons in
                        ForgetPlan.Decision(
                            snapshot: Snapshots.info(live[place], state), reasons: reasons,
                            action: actions[live[place].id] ?? .keep)
                    })
            })
    }

    private func retentionSnapshot(_ snapshot: SnapshotState) -> RetentionSnapshot {
        RetentionSnapshot(
            started: snapshot.body.started, recorded: snapshot.time,
            opened: state.sessions[snapshot.body.session]?.opened ?? snapshot.position, position: snapshot.position,
            system: snapshot.body.system, tags: snapshot.body.tags, writer: snapshot.writer.hex)
    }

    // MARK: The routine of the repository

    /// What is done with snapshots of one system that no rule keeps, in the order of the log: as many of those that are
    /// old enough go as the number of days allows, the first in the log first.
    private func routine(_ candidates: [SnapshotState]) -> [Digest: ForgetPlan.Action] {
        guard let first = candidates.first else { return [:] }
        let now = state.now(time, of: member, from: first.position)
        var reckoned: [Digest: Timestamp] = [:]
        for (snapshot, time) in state.reckonedTimes(system: first.body.system, now: now) {
            reckoned[snapshot.id] = time
        }
        var actions: [Digest: ForgetPlan.Action] = [:]
        var old: [Digest] = []
        for snapshot in candidates {
            let dueTime = reckoned[snapshot.id].map { self.due($0) }
            if let dueTime, dueTime <= now {
                old.append(snapshot.id)
            } else {
                actions[snapshot.id] = request.mayOrder ? .order : .obstructed(.tooYoung(until: dueTime))
            }
        }
        var (least, most) = (0, old.count)
        while least < most {
            let middle = (least + most + 1) / 2
            let isAllowed = state.refusalOfForgetting(old.prefix(middle), at: time, by: member) == nil
            if isAllowed { least = middle } else { most = middle - 1 }
        }
        for (number, id) in old.enumerated() {
            actions[id] = number < least ? .forget : request.mayOrder ? .order : .obstructed(.tooFewRemain)
        }
        return actions
    }

    /// When a snapshot of this time may go by routine.
    private func due(_ reckoned: Timestamp) -> Timestamp {
        let (age, isOver) = Int64(state.keyring.expiryAge).multipliedReportingOverflow(by: 1_000)
        let (due, isLate) = reckoned.milliseconds.addingReportingOverflow(age)
        return Timestamp(milliseconds: isOver || isLate ? .max : due)
    }

    private func plan(_ groups: [ForgetPlan.Group]) -> ForgetPlan {
        ForgetPlan(
            groups: groups, routine: (state.keyring.expiryAge, state.keyring.expiryKeep),
            zone: request.zone.name(at: time))
    }

    /// Refuses to leave a system without a snapshot whose time can be believed.
    private func checked(_ plan: ForgetPlan) throws -> ForgetPlan {
        guard !request.mayRemoveAll else { return plan }
        let decisions = plan.decisions
        let forgotten = Set(decisions.filter(\.action.forgets).map(\.snapshot.id))
        let doubted = Set(decisions.filter { $0.reasons.contains(where: \.isDoubt) }.map(\.snapshot.id))
        for (system, snapshots) in Snapshots.bySystem(live) {
            let going = snapshots.filter { forgotten.contains($0.id) }
            let remains = snapshots.contains { !forgotten.contains($0.id) && !doubted.contains($0.id) }
            guard !going.isEmpty, !remains else { continue }
            throw VaultError(
                .usage,
                "This would forget all snapshots of the system '\(PathText.readable(Array(system.utf8)))'"
                    + (going.count < snapshots.count ? " whose time can be believed" : ""),
                nextStep: "Keep some of them, such as with --keep-last 1, or give --unsafe-allow-remove-all")
        }
        return plan
    }
}
