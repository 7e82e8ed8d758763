@testable import VaultBackup

/// One process of a schedule: the real log reader and writer, on packs that say in clear which chunks they hold.
struct ScheduledProcess {
    enum Job: CaseIterable { case backup, prune, compaction, forgetting, restore }

    /// What a process does wrong on purpose, to see that it shows.
    enum Mistake: CaseIterable { case deletesCondemned, basisTooLate, restoreGivesUp }

    let store: ScheduledStore
    let log: LogWriter
    let clock: JumpingClock
    var random: SplitMix
    var mistake: Mistake?
    static let chunkCount = 4

    init(_ store: ScheduledStore, seed: UInt64, mistake: Mistake?) throws {
        self.store = store
        self.mistake = mistake
        random = SplitMix(seed: seed)
        clock = JumpingClock(seed: seed)
        let reader = LogReader(store: store)
        log = LogWriter(reader: reader, state: try reader.open().state, clock: clock)
    }

    mutating func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    /// Does the job a few times; what a rule of the log refuses is tried again, as people do.
    mutating func run(_ job: Job, times: Int) throws {
        for _ in 0..<times where !store.isDead {
            do {
                switch job {
                case .backup: try backUp()
                case .prune: try prune()
                case .compaction: try compact()
                case .forgetting: try forget()
                case .restore: try restore()
                }
            } catch let error as VaultError where error.code != .damaged && error.code != .rolledBack {
                continue
            } catch is StorageError {
                continue
            }
        }
    }

    static func holds(_ bytes: [UInt8]?) -> UInt8 { bytes?.first ?? 0 }

    private mutating func storePack(_ holds: UInt8) throws -> CommittedPack {
        let bytes = [holds] + random.bytes(16)
        let name = SHA256.digest(bytes)
        for _ in 0..<20 {
            if (try? store.put(.content(.packs, name), bytes)) != nil { break }
        }
        guard try store.size(.content(.packs, name)) == bytes.count else { throw StorageError(.io, "not stored") }
        return CommittedPack(
            name: name, packClass: .data, length: bytes.count, segments: 1, epoch: 1, directory: .zero)
    }

    private func bytes(_ ordinal: Int) throws -> [UInt8]? {
        try store.get(.content(.packs, log.state.packs[ordinal].pack.name))
    }

    private mutating func open(_ purpose: SessionPurpose, _ member: TestMember) throws -> SessionID {
        let id = SessionID(random.bytes(16))!
        let body = OpenBody(epoch: 1, purpose: purpose, session: id, silence: 3_600, system: "a")
        _ = try log.publish(.open(body), by: member.signer)
        return id
    }

    private mutating func backUp() throws {
        let session = try open(.backup, Cast.machine)
        var missing = UInt8(1 + draw(1 << Self.chunkCount - 1))
        let needs = missing
        var used: [Int] = []
        let known = log.state
        for ordinal in known.packs.indices.reversed()
        where missing != 0 && draw(4) != 0 && known.isEligible(ordinal, for: Cast.machine.member.id) {
            let held = Self.holds(try bytes(ordinal)) & missing
            if held != 0 { used.append(ordinal) }
            missing &= ~held
        }
        if missing != 0 {
            let pack = try storePack(missing)
            _ = try log.publish(.progress(ProgressBody(packs: [pack], session: session)), by: Cast.machine.signer)
            guard let ordinal = log.state.ordinals[pack.name] else { return }
            used.append(ordinal)
        }
        var body = Sample.snapshot(session: session, packs: .inline(PackSet(used)))
        body.tags = [String(needs)]
        _ = try log.publish(.snapshot(body), by: Cast.machine.signer)
    }

    private mutating func prune() throws {
        try log.refresh()
        for session in log.state.openSessions where draw(3) == 0 {
            _ = try? log.publish(.expire(ExpireBody(session: session.id)), by: Cast.keeper.signer)
        }
        let condemnable = log.state.condemnable()
        if !condemnable.isEmpty {
            _ = try log.publish(.condemn(PruneBody(packs: condemnable)), by: Cast.keeper.signer)
        }
        let sweepable = log.state.sweepable()
        if !sweepable.isEmpty { _ = try log.publish(.sweep(PruneBody(packs: sweepable)), by: Cast.keeper.signer) }
        let state = log.state
        for pack in state.packs where pack.isSwept || mistake == .deletesCondemned && pack.isCondemned {
            try store.delete(.content(.packs, pack.pack.name))
        }
    }

    private mutating func compact() throws {
        let session = try open(.maintenance, Cast.keeper)
        let seen = log.state
        guard let used = seen.usedPacks, !used.isEmpty else { return }
        let old = Array(used.ordinals)[draw(used.count)]
        guard let stored = try bytes(old) else { return }
        // The chunks that a snapshot takes from its packs are spread over them; all of them count here.
        let users = seen.liveSnapshots.filter { $0.packs?.contains(old) ?? true }
        let wanted = users.reduce(UInt8(0)) { $0 | Self.needs($1) }
        let kept = Self.holds(stored) & wanted
        guard kept != 0 else { return }
        let pack = try storePack(kept)
        _ = try log.publish(.progress(ProgressBody(packs: [pack], session: session)), by: Cast.keeper.signer)
        guard let new = log.state.ordinals[pack.name] else { return }
        if mistake == .basisTooLate { try log.refresh() }
        let basis = mistake == .basisTooLate ? log.state.head : seen.head
        let move = CompactBody.Move(old: PackSet([old]), new: PackSet([new]))
        _ = try log.publish(
            .compact(CompactBody(basis: basis, moves: [move], session: session)), by: Cast.keeper.signer)
    }

    private mutating func forget() throws {
        try log.refresh()
        let live = log.state.liveSnapshots.map(\.id)
        let gone = log.state.snapshots.filter { !$0.isLive }.map(\.id)
        if !gone.isEmpty, draw(4) == 0 {
            _ = try log.publish(.recall(ForgetBody(snapshots: [gone[draw(gone.count)]])), by: Cast.keeper.signer)
        } else if live.count > 1 {
            _ = try log.publish(.forget(ForgetBody(snapshots: [live[draw(live.count)]])), by: Cast.keeper.signer)
        }
    }

    static func needs(_ snapshot: SnapshotState) -> UInt8 { snapshot.body.tags.first.flatMap { UInt8($0) } ?? 0 }

    /// Reads a snapshot, and the log again where a pack is missing.
    private mutating func restore() throws {
        try log.refresh()
        let live = log.state.liveSnapshots
        guard !live.isEmpty else { return }
        let id = live[draw(live.count)].id
        while let snapshot = log.state.snapshot(id), snapshot.isLive {
            var held: UInt8 = 0
            var isWhole = true
            for ordinal in snapshot.packs?.ordinals ?? PackSet().ordinals {
                let stored = try bytes(ordinal)
                isWhole = isWhole && stored != nil
                held |= Self.holds(stored)
            }
            if isWhole, Self.needs(snapshot) & ~held == 0 { return }
            if mistake != .restoreGivesUp { try log.refresh() }
            if log.state.snapshot(id) == snapshot {
                throw VaultError(.damaged, "A restore of the live snapshot \(id.hex.prefix(8)) misses a pack")
            }
        }
    }
}

/// A clock that goes forwards, backwards and stands still.
final class JumpingClock: TimeSource {
    private let state: Monitor<(random: SplitMix, time: Int64)>

    init(seed: UInt64) { state = Monitor((SplitMix(seed: seed), 1_700_000_000_000)) }

    func now() -> Timestamp {
        state.withLock { state in
            let jumps: [Int64] = [0, 1, 60_000, 7_200_000, 400 * 86_400_000, -400 * 86_400_000]
            state.time += jumps[Int(state.random.next() % UInt64(jumps.count))]
            return Timestamp(milliseconds: state.time)
        }
    }

    func monotonicNanoseconds() -> UInt64 { 0 }
}
