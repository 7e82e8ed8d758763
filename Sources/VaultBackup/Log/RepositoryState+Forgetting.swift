/// Which snapshots may go, and by what clock (`docs/FORMAT.md`, section 11.2).
///
/// 1. A held snapshot stays. A hold ends by a record, never by time alone.
/// 2. The clock of one member decides nothing where another member has written: *now* is no later than what the last
///    other one said.
/// 3. Snapshots that were planted count by the days on which they can have come, not by their number or their dates.
extension RepositoryState {
    /// Snapshots that are not forgotten, in the order of the log.
    public var liveSnapshots: [SnapshotState] { snapshots.filter(\.isLive) }

    /// Holds that are in force, in the order of the log.
    public var liveHolds: [HoldState] { holds.filter(\.isInForce) }

    /// The holds in force of a snapshot.
    public func holds(of snapshot: Digest) -> [HoldState] {
        liveHolds.filter { $0.body.snapshot == snapshot }
    }

    /// Whether a snapshot is held.
    public func isHeld(_ snapshot: Digest) -> Bool { !holds(of: snapshot).isEmpty }

    /// The time that counts for a record of `writer`, whose clock says `time`, that refers to records from `first` on.
    public func now(_ time: Timestamp, of writer: MemberID, from first: Int) -> Timestamp {
        guard let other = lastRecord(notBy: writer), other.position >= first else { return time }
        return min(time, other.time)
    }

    /// The reckoned times of the snapshots of a system, forgotten ones too, in the order of the log; nil for one that
    /// lies in the future.
    public func reckonedTimes(system: String, now: Timestamp) -> [(snapshot: SnapshotState, time: Timestamp?)] {
        var last: Timestamp?
        return snapshots.filter { $0.body.system.hasSameBytes(as: system) }.map { snapshot in
            guard snapshot.time <= now else { return (snapshot, nil) }
            let claims = [snapshot.time, last, snapshot.witnessed.flatMap { $0 <= now ? $0 : nil }]
            last = claims.compactMap { $0 }.max()
            return (snapshot, last)
        }
    }

    /// Why a maintainer alone may not let these snapshots go now; nil when it may.
    ///
    /// - Parameter ids: ids of snapshots, each once.
    /// - Parameter time: the clock of `writer`, who is to sign the record.
    public func refusalOfForgetting(_ ids: some Collection<Digest>, at time: Timestamp, by writer: MemberID)
        -> UnmetCondition?
    {
        if let unmet = unmetForgetting(ids) { return unmet }
        let named = Set(ids)
        let chosen = snapshots.filter { named.contains($0.id) }
        guard let first = chosen.first else { return nil }
        let now = now(time, of: writer, from: first.position)
        for (system, _) in Dictionary(grouping: chosen, by: { Array($0.body.system.utf8) }) {
            let system = String(decoding: system, as: UTF8.self)
            var days: Set<Int64> = []
            for (snapshot, reckoned) in reckonedTimes(system: system, now: now) {
                if named.contains(snapshot.id) {
                    guard let reckoned, isOld(reckoned, now) else { return .snapshotTooYoung(snapshot.id) }
                } else if snapshot.isLive, let reckoned {
                    days.insert(reckoned.milliseconds / 86_400_000)
                }
            }
            guard days.count >= keyring.expiryKeep else { return .tooFewRemain(system: system, days: days.count) }
        }
        return nil
    }

    private func isOld(_ reckoned: Timestamp, _ now: Timestamp) -> Bool {
        // Below 2⁵³ seconds and years up to 9999, so nothing overflows.
        now.milliseconds - reckoned.milliseconds >= Int64(keyring.expiryAge) * 1_000
    }

    /// What forbids to let these snapshots go even with an order.
    func unmetForgetting(_ ids: some Collection<Digest>) -> UnmetCondition? {
        let live = Set(liveSnapshots.map(\.id))
        if let other = ids.first(where: { !live.contains($0) }) { return .snapshotNotLive(other) }
        let held = Set(liveHolds.map(\.body.snapshot))
        return ids.first { held.contains($0) }.map { .snapshotHeld($0) }
    }

    func unmetCondition(recall body: ForgetBody) -> UnmetCondition? {
        for id in body.snapshots {
            guard let snapshot = snapshot(id), !snapshot.isLive else { return .snapshotNotForgotten(id) }
            if let set = snapshot.packs, absent(set) != nil { return .snapshotSwept(id) }
        }
        return nil
    }

    func unmetCondition(of body: HoldBody, _ record: Record) -> UnmetCondition? {
        guard let snapshot = snapshot(body.snapshot), snapshot.isLive else { return .snapshotNotLive(body.snapshot) }
        guard let writer = keyring.member(record.writer),
            writer.may(.administer) || writer.mayWrite(system: snapshot.body.system)
        else { return .systemNotAllowed(snapshot.body.system) }
        return nil
    }

    func unmetCondition(of body: ReleaseBody, _ record: Record) -> UnmetCondition? {
        guard let hold = liveHolds.first(where: { $0.id == body.hold }) else { return .noHold(body.hold) }
        let now = now(record.time, of: record.writer, from: hold.position)
        guard let until = hold.body.until, until < now else { return .holdNotOver(body.hold) }
        return nil
    }

    func unmetCondition(of body: ApproveBody, _ record: Record) -> UnmetCondition? {
        guard let proposal = proposals.first(where: { $0.id == body.proposal }), !proposal.isCarriedOut else {
            return .noProposal(body.proposal)
        }
        guard !proposal.approvals.contains(record.writer) else { return .approvedBefore(body.proposal) }
        return completes(proposal, by: record.writer) ? unmetCondition(of: proposal.order) : nil
    }

    /// The administrators whose approvals of it count now.
    func approvers(of proposal: ProposalState) -> [Member] {
        proposal.approvals.compactMap { keyring.member($0) }.filter { $0.may(.administer) }
    }

    /// Whether this member's approval is the last one needed.
    func completes(_ proposal: ProposalState, by writer: MemberID) -> Bool {
        let others = approvers(of: proposal)
        return others.count + 1 >= keyring.administratorQuorum && !others.contains { $0.id == writer }
    }

    /// What forbids to carry an order out now; nil when nothing does.
    func unmetCondition(of order: Order) -> UnmetCondition? {
        switch order {
        case .forget(let body): unmetForgetting(body.snapshots)
        case .release(let body): liveHolds.contains { $0.id == body.hold } ? nil : .noHold(body.hold)
        case .keyring(let body): unmetCondition(of: body).map { .keyringConflict($0) }
        }
    }

    mutating func forget(_ ids: [Digest], at position: Int) {
        let named = Set(ids)
        for k in snapshots.indices where named.contains(snapshots[k].id) { snapshots[k].forgotten = position }
    }

    mutating func recall(_ ids: [Digest], at position: Int) {
        let named = Set(ids)
        for k in snapshots.indices where named.contains(snapshots[k].id) {
            snapshots[k].forgotten = nil
            snapshots[k].since = position
            if let set = snapshots[k].packs { revive(set) }
        }
    }

    mutating func release(_ id: Digest, at position: Int) {
        for k in holds.indices where holds[k].id == id { holds[k].released = position }
    }

    mutating func approve(_ id: Digest, _ record: Record) {
        guard let k = proposals.firstIndex(where: { $0.id == id }) else { return }
        let isLast = completes(proposals[k], by: record.writer)
        proposals[k].approvals.append(record.writer)
        guard isLast else { return }
        proposals[k].carriedOut = record.position
        switch proposals[k].order {
        case .forget(let body): forget(body.snapshots, at: record.position)
        case .release(let body): release(body.hold, at: record.position)
        case .keyring(let body): take(body.keyring, record)
        }
    }
}
