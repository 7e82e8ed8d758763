/// Builds moved packs and stores them; several work at once, each on a thread and with memory of its own.
final class PackMover {
    private let access: MaintainAccess
    private let session: (id: SessionID, epoch: Int)
    private let cancellation: Cancellation
    /// Seals sparse segments anew; nil when this member may not read.
    private let thinner: SegmentThinner?
    private var source = RawBuffer(capacity: 1)
    private var reads = 0

    private init(
        _ access: MaintainAccess, _ session: (id: SessionID, epoch: Int), thins: Bool, _ cancellation: Cancellation
    ) {
        self.access = access
        self.session = session
        self.cancellation = cancellation
        thinner = thins ? access.reading.map { SegmentThinner($0) } : nil
    }

    /// What became of a plan.
    struct Outcome: Sendable {
        /// The pack that is stored now; nil when all its sources are damaged, or there was no room.
        var pack: CommittedPack?
        var damaged: [(ordinal: Int, error: VaultError)] = []
        var hasRoom = true
        var reads = 0
    }

    /// Carries out plans on several threads; the outcomes are in their order. Once there is no room, no further one is
    /// begun, and those are missing at the end or have none.
    static func move(
        _ plans: [MovedPackPlan], _ access: MaintainAccess, _ session: MaintenanceSession, request: PruneRequest,
        _ cancellation: Cancellation
    ) throws -> [Outcome] {
        struct Progress {
            var next = 0
            var isFull = false
            var outcomes: [Int: Outcome] = [:]
        }
        let progress = Monitor(Progress())
        let parameters = (id: session.id, epoch: session.epoch)
        let most = request.workers > 0 ? request.workers : Host.processorCount
        let workers = max(1, min(plans.count, most, access.repository.store.capabilities.parallelCalls))
        let thins = request.thinsSegments
        try Thread.runAll(workers) { _ in
            let mover = PackMover(access, parameters, thins: thins, cancellation)
            func next() -> Int? {
                progress.withLock { progress in
                    guard progress.next < plans.count, !progress.isFull else { return nil }
                    defer { progress.next += 1 }
                    return progress.next
                }
            }
            while let number = next() {
                do {
                    let outcome = try mover.move(plans[number])
                    progress.withLock { progress in
                        progress.outcomes[number] = outcome
                        if !outcome.hasRoom { progress.isFull = true }
                    }
                } catch {
                    progress.withLock { $0.isFull = true }
                    throw error
                }
            }
        }
        return progress.withLock { progress in (0..<progress.next).compactMap { progress.outcomes[$0] } }
    }

    private func move(_ plan: MovedPackPlan) throws -> Outcome {
        var outcome = Outcome()
        reads = 0
        if let pack = try build(plan, &outcome) {
            do throws(StorageError) {
                _ = try access.repository.store.put(.content(.packs, pack.name), pack.buffer.used)
                outcome.pack = CommittedPack(
                    name: pack.name, packClass: pack.packClass, length: pack.buffer.count,
                    segments: pack.directory.segments.count, epoch: pack.epoch, directory: pack.directoryDigest)
            } catch {
                let failure = VaultError(storing: "pack \(pack.name.hex.prefix(8))", error)
                guard failure.isNoSpace else { throw failure }
                outcome.hasRoom = false
            }
        }
        outcome.reads = reads
        return outcome
    }

    /// Builds a moved pack. Sources that are damaged are left as they are: nobody could tell any more, without keys,
    /// that what was copied from them is damaged.
    private func build(_ plan: MovedPackPlan, _ outcome: inout Outcome) throws -> FinishedPack? {
        var plan = plan
        while !plan.isEmpty {
            var current: MoveSource?
            do {
                return try plan.build(
                    repository: access.repository.id, session: session.id, epoch: session.epoch,
                    indexKey: access.index, thinner: thinner
                ) { source in
                    try cancellation.check()
                    // Also what is found when its segments are opened is damage of this one.
                    current = source
                    return try read(source)
                }
            } catch let error as VaultError where error.code == .damaged {
                guard let current else { throw error }
                outcome.damaged.append((current.ordinal, error))
                plan = plan.removing(current)
            }
        }
        return nil
    }

    private func read(_ source: MoveSource) throws -> UnsafeRawBufferPointer {
        let length = source.pack.length
        if self.source.capacity < length { self.source = RawBuffer(capacity: length) }
        self.source.count = length
        try access.packs.read(
            source.pack, offset: 0, into: UnsafeMutableRawBufferPointer(start: self.source.base, count: length))
        reads += 1
        guard SHA256.digest(self.source.used) == source.pack.name else {
            throw PackReader.damaged(source.pack.name, "holds other bytes than its name says")
        }
        return self.source.used
    }
}
