internal import Synchronization

/// One session of a writer: from OPEN over any number of PROGRESS records to what closes it.
///
/// 1. A pack is durable in the store before a record names it.
/// 2. At most a few packs are stored and not yet named; after a kill no more than those are lost.
/// 3. A second process on this machine can tell whether the session's process lives: it holds a lock on a file of its
///    own.
final class WriteSession: Sendable {
    let id: SessionID
    let epoch: Int
    let system: String
    private let access: WriteAccess
    private let lock: SessionLock

    private struct Waiting {
        var packs: [CommittedPack] = []
        /// What the local index does not know yet.
        var directories: [(pack: Digest, directory: PackDirectory)] = []
        var chunkCount = 0
        /// Of all packs.
        var segmentCounts: [Digest: Int] = [:]
        var lastProgress: UInt64 = 0
    }

    private let waiting: Mutex<Waiting>
    private let chunksWaitingMax: Int
    private let publishing = Mutex(())

    /// Packs after which a PROGRESS record is published, and nanoseconds after which one is published even for one
    /// pack.
    private static let packsWaitingMax = 4
    private static let progressNanoseconds: UInt64 = 60_000_000_000

    private init(
        id: SessionID, epoch: Int, system: String, access: WriteAccess, lock: SessionLock, chunksWaitingMax: Int
    ) {
        self.chunksWaitingMax = chunksWaitingMax
        self.id = id
        self.epoch = epoch
        self.system = system
        self.access = access
        self.lock = lock
        waiting = Mutex(Waiting(lastProgress: access.repository.clock.monotonicNanoseconds()))
    }

    /// Opens a session. Sessions of this writer whose process on this machine has died are closed first; their packs
    /// stay usable.
    ///
    /// - Parameter chunksWaitingMax: chunks after which packs go into the local index, so that what a session remembers
    ///   does not grow with it.
    /// - Throws: ``VaultError`` as ``LogWriter/publish(_:by:)`` does.
    static func open(
        _ access: WriteAccess, purpose: SessionPurpose, system: String, chunksWaitingMax: Int = 1 << 16
    ) throws -> WriteSession {
        let repository = access.repository
        try repository.log.refresh()
        try SessionLock.abortDead(repository, by: access.member.id) {
            _ = try repository.log.publish($0, by: access.signer)
        }
        let id = SessionID(from: repository.random)
        let lock = SessionLock(id, repository)
        let epoch = access.keys.epoch
        let silence = purpose == .stream ? 7 * 86_400 : 86_400
        _ = try repository.log.publish(
            .open(OpenBody(epoch: epoch, purpose: purpose, session: id, silence: silence, system: system)),
            by: access.signer)
        return WriteSession(
            id: id, epoch: epoch, system: system, access: access, lock: lock, chunksWaitingMax: chunksWaitingMax)
    }

    /// Takes a pack that is durable in the store, and publishes a PROGRESS record when enough of them wait: then it
    /// returns true.
    @discardableResult
    func didStore(_ pack: FinishedPack) throws -> Bool {
        let isDue = waiting.withLock { waiting in
            // Read under the lock: another thread may set a later time while this one waits for it.
            let now = access.repository.clock.monotonicNanoseconds()
            waiting.packs.append(
                CommittedPack(
                    name: pack.name, packClass: pack.packClass, length: pack.buffer.count,
                    segments: pack.directory.segments.count, epoch: pack.epoch, directory: pack.directoryDigest))
            waiting.directories.append((pack.name, pack.directory))
            waiting.chunkCount += pack.directory.chunks.count
            waiting.segmentCounts[pack.name] = pack.directory.segments.count
            return waiting.packs.count >= Self.packsWaitingMax || now - waiting.lastProgress > Self.progressNanoseconds
        }
        if isDue { try publishProgress() }
        return isDue
    }

    /// Names all stored packs in the log.
    func publishProgress() throws {
        try publishing.withLock { _ in
            let packs = waiting.withLock { waiting in
                defer {
                    waiting.packs = []
                    waiting.lastProgress = access.repository.clock.monotonicNanoseconds()
                }
                return waiting.packs
            }
            guard !packs.isEmpty else { return }
            _ = try access.repository.log.publish(.progress(ProgressBody(packs: packs, session: id)), by: access.signer)
            if waiting.withLock({ $0.chunkCount }) > chunksWaitingMax { keepInIndex() }
        }
    }

    /// Tells the local index of the packs that are named in the log, so that the next run finds them without reading
    /// them. Nothing else depends on it, so a failure is none.
    private func keepInIndex() {
        let repository = access.repository
        guard let folder = repository.folders.cache(of: repository.id, "index") else { return }
        let ordinals = repository.state.ordinals
        let known = waiting.withLock { waiting in
            let known = waiting.directories.compactMap { pack, directory in ordinals[pack].map { ($0, directory) } }
            waiting.directories.removeAll { ordinals[$0.pack] != nil }
            waiting.chunkCount = waiting.directories.reduce(0) { $0 + $1.directory.chunks.count }
            return known
        }
        if !known.isEmpty { _ = ChunkIndex.open(folder: folder, repository: repository.id).adding(known) }
    }

    /// The session's packs with their ordinals, ascending. - Precondition: all are named in the log.
    func committedPacks() -> [(ordinal: Int, segmentCount: Int)] {
        let ordinals = access.repository.state.ordinals
        return waiting.withLock { $0.segmentCounts }.compactMap { name, count in ordinals[name].map { ($0, count) } }
            .sorted { $0.ordinal < $1.ordinal }
    }

    /// Publishes the snapshot, which closes the session, and returns its id.
    func finish(_ snapshot: SnapshotBody) throws -> PublishedRecord {
        let record = try access.repository.log.publish(.snapshot(snapshot), by: access.signer)
        lock.remove()
        access.repository.advancePin()
        publishing.withLock { _ in keepInIndex() }
        return record
    }

    /// Closes the session without a snapshot; what it stored stays usable for the next one. A failure is no harm: the
    /// session expires.
    func abort() {
        try? publishProgress()
        if (try? access.repository.log.publish(.abort(AbortBody(session: id)), by: access.signer)) != nil {
            lock.remove()
        }
    }
}
