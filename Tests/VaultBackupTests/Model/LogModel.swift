@testable import VaultBackup

/// A guard of the protocol that a run can take out, to see that the model would miss it.
enum ProtocolGuard: String, CaseIterable {
    /// CONDEMN and SWEEP spare the packs of live snapshots. Either does it alone.
    case usedIsSpared
    /// A writer does not choose condemned packs.
    case writerAvoidsCondemned
    /// SWEEP waits for the sessions that were open at CONDEMN.
    case sweepWaits
    /// SWEEP spares what a snapshot has saved.
    case sweepSparesSaved
    /// SNAPSHOT has no effect with a swept pack.
    case snapshotNeedsUnswept
    /// RECALL has no effect with a swept pack.
    case recallNeedsUnswept
    /// COMPACT has no effect with a new pack that is swept.
    case compactNeedsUnswept
    /// COMPACT leaves sets alone that changed after its basis.
    case compactHasBasis
    /// RECALL makes the set of a snapshot as new.
    case recallIsAChange
    /// The maintainer deletes what a SWEEP swept, not what it asked for.
    case deletesSwept
    /// The maintainer deletes after SWEEP, not after CONDEMN.
    case deletesAfterSweep
    /// The maintainer names as basis what it had replayed when it chose the segments.
    case basisIsWhatWasSeen
    /// A pack is in the store before a record names it.
    case packBeforeRecord
    /// A restore that misses a pack reads the log again.
    case restoreRereads
}

/// Everything there is: the log as replay sees it, the packs in the store, and where each process stands.
///
/// Conditions and effects are those of `RepositoryState` itself; only signatures and bytes are left out. A pack is a
/// number; what it holds is a set of two chunks, as bits. Both writers are one machine, so that each may build on the
/// packs of the other. Clocks are free: EXPIRE may come at any time, and FORGET at any age.
struct LogModel {
    struct Writer: Equatable {
        enum Phase: Equatable { case idle, open, stored(Int), committed, done }
        var wants: UInt8
        var phase = Phase.idle
        var session = 0
        var reused: [Int] = []
        var missing: UInt8 = 0
        var triesLeft = 2
        /// Whether it goes on in a session that was opened after it had chosen its packs.
        var isSuccessor = false
    }

    struct Compaction: Equatable {
        enum Phase: Equatable { case idle, open, chosen, stored, committed, done }
        var phase = Phase.idle
        var session = 0
        var basis = 0
        var old = 0
        var new = 0
        var holds: UInt8 = 0
        var successors = 0
    }

    struct Restore: Equatable {
        var snapshot: Int?
        var set: [Int] = []
        var isDone = false
    }

    /// How often each thing may still happen.
    struct Budget: Equatable {
        var forget = 1
        var recall = 1
        var condemn = 1
        var sweep = 1
        var expire = 1
        var crash = 1
        var compact = 1
        var restore = 1
    }

    var log: RepositoryState
    /// By pack number: whether it is in the store, and the chunks it holds.
    var isStored: [Bool] = []
    var content: [UInt8] = []
    /// Number of the pack with an ordinal.
    var numbers: [Int] = []
    /// By snapshot: the chunks it needs.
    var needs: [UInt8] = []
    var writers: [Writer] = []
    var compaction = Compaction()
    /// SWEEP plan that waits, and packs that are yet to be deleted.
    var condemning: PackSet?
    var sweeping: PackSet?
    var deleting: [Int] = []
    var restore = Restore()
    var budget = Budget()
    var sessionCount = 0
    var removed: ProtocolGuard?
    /// What went wrong, if anything.
    var violation: String?

    func isOn(_ guarded: ProtocolGuard) -> Bool { removed != guarded }

    /// A log with two snapshots on one pack, of which one needs half of it, and a pack of a session that was given up.
    init(removing removed: ProtocolGuard? = nil, budget: Budget, wants: [UInt8]) throws {
        var keyring = Cast.keyring
        keyring.expiryKeep = 0
        keyring.expiryAge = 0
        let store = TestStore()
        let genesis = GenesisBody(created: Timestamp(milliseconds: 0), keyring: keyring)
        log = try LogWriter.create(Cast.repository, genesis, in: store, by: Cast.admin.signer, clock: TestClock()).state
        self.removed = removed
        self.budget = budget
        for need: UInt8 in [3, 1] {
            let session = openSession(.backup)
            if numbers.isEmpty { commit(newPack(3, isStored: true), session) }
            snapshot(session, [0], need)
        }
        let session = openSession(.backup)
        commit(newPack(2, isStored: true), session)
        _ = take(.abort(AbortBody(session: id(session))), Cast.machine)
        writers = wants.map { Writer(wants: $0) }
    }

    // MARK: Records

    func id(_ session: Int) -> SessionID { SessionID(words: (7, UInt64(session))) }

    static func digest(_ a: Int, _ b: Int) -> Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        for k in 0..<4 {
            bytes[k] = UInt8(truncatingIfNeeded: a >> (8 * k))
            bytes[8 + k] = UInt8(truncatingIfNeeded: b >> (8 * k))
        }
        return Digest(bytes)!
    }

    /// Publishes: the record gets the next position and is judged there, as every reader judges it.
    mutating func take(_ body: RecordBody, _ member: TestMember, _ set: PackSet? = nil) -> Bool {
        let record = Record(
            repository: log.repository, lineage: log.lineage, position: log.head + 1, previous: log.headDigest,
            sequence: log.nextSequence(of: member.member.id), time: Timestamp(milliseconds: 1_000_000_000_000),
            writer: member.member.id, body: body)
        let digest = Self.digest(log.head + 1, 1)
        if weakened(record, digest, set) { return true }
        return log.take(record, digest, set.map { .set($0) } ?? .none) == .effective
    }

    mutating func openSession(_ purpose: SessionPurpose) -> Int {
        sessionCount += 1
        let open = OpenBody(epoch: 1, purpose: purpose, session: id(sessionCount), silence: 0, system: "a")
        _ = take(.open(open), purpose == .maintenance ? Cast.keeper : Cast.machine)
        return sessionCount
    }

    mutating func newPack(_ holds: UInt8, isStored stored: Bool) -> Int {
        isStored.append(stored)
        content.append(holds)
        return content.count - 1
    }

    @discardableResult
    mutating func commit(_ number: Int, _ session: Int, by member: TestMember = Cast.machine) -> Bool {
        let pack = CommittedPack(
            name: Self.digest(number, 2), packClass: .data, length: 100, segments: 1, epoch: 1, directory: .zero)
        guard take(.progress(ProgressBody(packs: [pack], session: id(session))), member) else { return false }
        numbers.append(number)
        return true
    }

    @discardableResult
    mutating func snapshot(_ session: Int, _ ordinals: [Int], _ need: UInt8) -> Bool {
        let set = PackSet(ordinals)
        let body = SnapshotBody(
            bytes: 0, entries: 0, epoch: 1, finished: log.created, map: .zero, privatePart: ChunkID(.zero),
            problems: 0, disclosure: .zero, node: ChunkID(.zero), session: id(session), packs: .inline(set),
            started: log.created, system: "a")
        guard take(.snapshot(body), Cast.machine, set) else { return false }
        needs.append(need)
        return true
    }

    /// The effect of a record without the guard that is taken out; false when it is not this one's.
    private mutating func weakened(_ record: Record, _ digest: Digest, _ set: PackSet?) -> Bool {
        switch (record.body, removed) {
        case (.condemn(let body), .usedIsSpared):
            return force(record, digest) { log in
                for ordinal in body.packs.ordinals
                where !log.packs[ordinal].isSwept && log.sessions[log.packs[ordinal].session]?.isOpen == false {
                    log.packs[ordinal].condemned = record.position
                }
            }
        case (.sweep(let body), .usedIsSpared):
            let oldest = log.openSessions.first?.opened ?? .max
            return force(record, digest) { log in
                for ordinal in body.packs.ordinals where log.packs[ordinal].condemned ?? .max < oldest {
                    log.packs[ordinal].isSwept = true
                }
            }
        case (.sweep(let body), .sweepWaits):
            return force(record, digest) { log in
                for ordinal in body.packs.subtracting(log.usedPacks ?? PackSet()).ordinals
                where log.packs[ordinal].isCondemned { log.packs[ordinal].isSwept = true }
            }
        case (.sweep(let body), .sweepSparesSaved):
            let oldest = log.openSessions.first?.opened ?? .max
            return force(record, digest) { log in
                for ordinal in body.packs.ordinals where log.packs[ordinal].condemned ?? 0 < oldest {
                    log.packs[ordinal].isSwept = true
                }
            }
        case (.snapshot(let body), .snapshotNeedsUnswept):
            guard log.sessions[body.session]?.isOpen == true else { return false }
        case (.recall, .recallNeedsUnswept): break
        case (.compact(let body), .compactNeedsUnswept):
            guard log.sessions[body.session]?.isOpen == true else { return false }
        case (.compact(let body), .compactHasBasis):
            guard log.unmetCondition(of: body, record) == nil else { return false }
            for k in log.snapshots.indices { log.snapshots[k].since = 0 }
            return false
        case (.recall(let body), .recallIsAChange):
            guard log.unmetCondition(recall: body) == nil else { return false }
            let before = log.snapshots.map(\.since)
            return force(record, digest) { log in
                log.perform(record, digest, .none)
                for k in log.snapshots.indices { log.snapshots[k].since = before[k] }
            }
        default: return false
        }
        return force(record, digest) { $0.perform(record, digest, set.map { .set($0) } ?? .none) }
    }

    /// Takes the place of the record by one without any effect of its own, then does what `body` does.
    private mutating func force(_ record: Record, _ digest: Digest, _ body: (inout RepositoryState) -> Void) -> Bool {
        var other = record
        other.body = .abort(AbortBody(session: id(0)))
        _ = log.take(other, digest, .none)
        log.irregularities.removeLast()
        body(&log)
        return true
    }
}
