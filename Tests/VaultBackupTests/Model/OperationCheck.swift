@testable import VaultBackup

/// What must hold after a schedule, when the power has failed and everybody starts anew.
struct OperationCheck {
    private let schedule: OperationSchedule
    private let clock: OffClock

    init(_ schedule: OperationSchedule) {
        self.schedule = schedule
        clock = OffClock(schedule.time, seed: 1)
    }

    private var ledger: Ledger { schedule.ledger }

    func run() throws {
        ledger.count("records lost with the power", try schedule.store.losePower())
        // Whoever has seen the log sees it again, and nothing that he remembers is ahead of it.
        for number in OperationSchedule.jobs.indices {
            do { _ = try schedule.open("client-\(number)", clock: clock) } catch {
                ledger.violation("client \(number) cannot open the repository again: \(error)")
            }
        }
        let before = try look("")
        try recallable(before.state)
        // All sessions are dead by now, also to clocks that were ahead; what this prune does, it does alone.
        schedule.time.withLock { $0 += OffClock.aheadMax + 10 * 86_400_000 }
        let keeper = try schedule.open("settled", clock: FixedClock(schedule.time))
        var request = PruneRequest()
        request.maxUnused = .bytes(0)
        request.keepUnfinished = 0
        // What the first stored for nothing goes with the second.
        for _ in 0..<2 {
            _ = try Prune.run(request, with: MaintainAccess(keeper, schedule.world.fixture.person))
        }
        let after = try look(" after a last prune")
        try nothingIsLeft(after.state)
        count(after.state)
    }

    /// Every live snapshot restores exactly, and those that were acknowledged and never to be forgotten are live.
    private func look(_ when: String) throws -> Repository {
        let repository = try schedule.open("reader\(when.count)", clock: clock)
        let state = repository.state
        if let bad = state.irregularities.first(where: { $0.kind != .withoutEffect }) {
            ledger.violation("the log\(when): \(bad)")
        }
        for snapshot in state.liveSnapshots {
            ledger.count("checked")
            do {
                if let wrong = try schedule.differences(snapshot, repository) { ledger.violation(wrong + when) }
            } catch { ledger.violation("the snapshot \(snapshot.id.hex.prefix(8))\(when): \(error)") }
            if try schedule.store.size(.content(.sets, snapshot.body.map)) == nil {
                ledger.violation("the segment map of \(snapshot.id.hex.prefix(8)) is gone\(when)")
            }
        }
        let live = Set(state.liveSnapshots.map(\.id))
        let entries = ledger.entries
        for id in entries.acknowledged.subtracting(entries.forgettable) where !live.contains(id) {
            ledger.violation("the acknowledged snapshot \(id.hex.prefix(8)) is gone\(when)")
        }
        return repository
    }

    /// What the log says can be brought back has its packs and its map.
    private func recallable(_ state: RepositoryState) throws {
        for snapshot in state.snapshots where !snapshot.isLive && Recall.isWhole(snapshot, state) {
            ledger.count("recallable")
            for ordinal in snapshot.packs?.ordinals ?? PackSet().ordinals {
                let pack = state.packs[ordinal].pack
                if try schedule.store.size(.content(.packs, pack.name)) != pack.length {
                    ledger.violation("pack \(ordinal) of \(snapshot.id.hex.prefix(8)), which can be recalled, is gone")
                }
            }
            if try schedule.store.size(.content(.sets, snapshot.body.map)) == nil {
                ledger.violation("the segment map of \(snapshot.id.hex.prefix(8)), which can be recalled, is gone")
            }
        }
    }

    /// In the store is what live snapshots use, and nothing else.
    private func nothingIsLeft(_ state: RepositoryState) throws {
        let used = state.usedPacks ?? PackSet()
        for (name, _) in try schedule.store.list("packs") {
            guard let digest = name.contentDigest else { continue }
            guard let ordinal = state.ordinals[digest] else {
                let session = try PackHeader.session(
                    inPrefix: schedule.store.prefix(of: name, count: PackLayout.sessionEnd) ?? [],
                    of: state.repository)
                ledger.violation(
                    "\(name) is left after the last prune, unnamed; its session: "
                        + "\(String(describing: session.map { state.sessions[$0] }))")
                continue
            }
            if !used.contains(ordinal) {
                ledger.violation("\(name) is left after the last prune: \(state.packs[ordinal])")
            }
        }
    }

    private func count(_ state: RepositoryState) {
        ledger.count("condemned", state.packs.count { $0.isCondemned })
        ledger.count("swept", state.packs.count { $0.isSwept })
        ledger.count("moved", state.packs.count { $0.isMoved })
        ledger.count("moved again", state.packs.count { $0.isMoved && $0.isSwept })
    }
}

/// The time of all, with nothing added.
private final class FixedClock: TimeSource {
    private let time: Monitor<Int64>

    init(_ time: Monitor<Int64>) { self.time = time }

    func now() -> Timestamp { Timestamp(milliseconds: time.withLock { $0 }) }
    func monotonicNanoseconds() -> UInt64 { 0 }
}
