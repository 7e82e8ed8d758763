/// Builds moved packs and stores them. Threads share the work by stretches of a few MiB, so that all are busy to the
/// end, however few packs there are; the one that brings the last stretch of a pack stores it, while the others go on.
///
/// Memory: of each pack that is being built its bytes, at most one for each thread, and a few MiB for each thread.
final class PackMover: Sendable {
    private struct Task: Sendable {
        let number: Int
        let assembly: MovedPackAssembly
        let stretch: Int
    }

    private struct Progress {
        /// The first plan that was not begun.
        var next = 0
        /// Stretches of plans that were begun, the first of them last.
        var tasks: [Task] = []
        /// Whether no further plan is to be begun.
        var isFull = false
        var outcomes: [Int: Outcome] = [:]
    }

    /// What became of a plan.
    struct Outcome: Sendable {
        /// The pack that is stored now; nil when all its sources are damaged, or there was no room.
        var pack: CommittedPack?
        var damaged: [(ordinal: Int, error: VaultError)] = []
        var hasRoom = true
        var reads = 0
    }

    private let plans: [MovedPackPlan]
    private let access: MaintainAccess
    private let session: MovedPackAssembly.Session
    /// What the member may read; nil when it moves segments as they are.
    private let reading: ReadAccess?
    private let cancellation: Cancellation
    private let progress = Monitor(Progress())
    private let packBuffers: BufferPool
    private let spare = Monitor<[RawBuffer]>([])

    private init(
        _ plans: [MovedPackPlan], _ access: MaintainAccess, _ session: MaintenanceSession, thins: Bool, workers: Int,
        _ cancellation: Cancellation
    ) {
        self.plans = plans
        self.access = access
        self.session = MovedPackAssembly.Session(id: session.id, epoch: session.epoch)
        self.cancellation = cancellation
        reading = thins ? access.reading : nil
        // A plan is begun when no stretch waits: each pack that is not stored yet has somebody else who works on it.
        packBuffers = BufferPool(count: workers, capacity: Limits.dataPackBytes)
    }

    /// Whether somebody with this access reads all bytes of a pack of which some are moved.
    static func readsWhole(_ access: MaintainAccess, _ request: PruneRequest) -> Bool {
        !request.thinsSegments || access.reading == nil
    }

    /// Carries out plans on several threads; the outcomes are in their order. Once there is no room, no further one is
    /// begun, and those are missing at the end.
    static func move(
        _ plans: [MovedPackPlan], _ access: MaintainAccess, _ session: MaintenanceSession, request: PruneRequest,
        _ cancellation: Cancellation
    ) throws -> [Outcome] {
        // One more than processors: one may wait for the disk.
        let most = request.workers > 0 ? request.workers : Host.processorCount + 1
        let workers = max(1, min(most, access.repository.store.capabilities.parallelCalls))
        let mover = PackMover(
            plans, access, session, thins: request.thinsSegments, workers: workers, cancellation)
        try Thread.runAll(workers) { _ in try mover.work() }
        return mover.progress.withLock { progress in (0..<progress.next).compactMap { progress.outcomes[$0] } }
    }

    private func work() throws {
        do {
            guard let first = try next() else { return }
            let maker = SegmentMover(access.packs, reading.map { SegmentThinner($0) })
            try carryOut(first, maker)
            while let task = try next() { try carryOut(task, maker) }
        } catch {
            progress.withLock { progress in
                progress.isFull = true
                progress.tasks = []
            }
            throw error
        }
    }

    private func next() throws -> Task? {
        try progress.withLock { progress in
            if let task = progress.tasks.popLast() { return task }
            guard progress.next < plans.count, !progress.isFull else { return nil }
            progress.outcomes[progress.next] = Outcome()
            progress.tasks = try begin(plans[progress.next], progress.next, in: packBuffers.take())
            progress.next += 1
            return progress.tasks.popLast()
        }
    }

    private func begin(_ plan: MovedPackPlan, _ number: Int, in buffer: RawBuffer) throws -> [Task] {
        let assembly = try MovedPackAssembly(
            plan, readsWhole: reading == nil, access.repository.id, session, reading, buffer: buffer)
        return assembly.stretches.indices.reversed().map { Task(number: number, assembly: assembly, stretch: $0) }
    }

    private func carryOut(_ task: Task, _ maker: SegmentMover) throws {
        try cancellation.check()
        let (assembly, stretch) = (task.assembly, task.assembly.stretches[task.stretch])
        guard assembly.damaged.isEmpty else {
            if assembly.giveUp(task.stretch) { try settle(task) }
            return
        }
        progress.withLock { $0.outcomes[task.number]?.reads += 1 }
        let isLast: Bool
        do {
            let buffer = take(stretch.outputMax)
            let part = try maker.make(stretch, of: assembly.plan, key: assembly.key, in: buffer)
            let (isComplete, free) = assembly.add(part, at: task.stretch)
            spare.withLock { $0 += free }
            isLast = isComplete
        } catch let error as VaultError where error.code == .damaged {
            isLast = assembly.giveUp(task.stretch, error)
        }
        if isLast { try settle(task) }
    }

    /// An empty buffer with room for so many bytes.
    private func take(_ byteCount: Int) -> RawBuffer {
        let found = spare.withLock { spare in
            spare.firstIndex { $0.capacity >= byteCount }.map { spare.remove(at: $0) }
        }
        guard let found else { return RawBuffer(capacity: max(byteCount, MovedPackPlan.stretchBytesMax)) }
        found.count = 0
        return found
    }

    /// Stores a pack all of whose segments are there. Sources that are damaged are left as they are: nobody could tell
    /// any more, without keys, that what was copied from them is damaged. Then the pack is built anew from the others.
    private func settle(_ task: Task) throws {
        let (assembly, number) = (task.assembly, task.number)
        let damaged = assembly.damaged
        guard damaged.isEmpty else {
            let rest = assembly.plan.removing(Set(damaged.map(\.ordinal)))
            assembly.buffer.count = 0
            let tasks = rest.isEmpty ? [] : try begin(rest, number, in: assembly.buffer)
            if rest.isEmpty { packBuffers.give(assembly.buffer) }
            return progress.withLock { progress in
                progress.outcomes[number]?.damaged += damaged
                progress.tasks += tasks
            }
        }
        let stored = try store(try assembly.finish(access.repository.id, indexKey: access.index))
        packBuffers.give(assembly.buffer)
        progress.withLock { progress in
            progress.outcomes[number]?.pack = stored
            guard stored == nil else { return }
            progress.outcomes[number]?.hasRoom = false
            progress.isFull = true
        }
    }

    /// Nil when there is no room.
    private func store(_ pack: FinishedPack) throws -> CommittedPack? {
        do throws(StorageError) {
            _ = try access.repository.store.put(.content(.packs, pack.name), pack.buffer.used)
        } catch {
            let failure = VaultError(storing: "pack \(pack.name.hex.prefix(8))", error)
            guard failure.isNoSpace else { throw failure }
            return nil
        }
        return CommittedPack(
            name: pack.name, packClass: pack.packClass, length: pack.buffer.count,
            segments: pack.directory.segments.count, epoch: pack.epoch, directory: pack.directoryDigest)
    }
}
