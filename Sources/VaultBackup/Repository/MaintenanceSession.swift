/// One session of a maintainer: moved packs are stored, named in the log, and put in the place of others, which closes
/// the session.
final class MaintenanceSession {
    let id: SessionID
    let epoch: Int
    private let access: MaintainAccess
    private let usesReserve: Bool
    private let lock: SessionLock
    /// What has been stored so far, in order.
    private(set) var packs: [CommittedPack] = []

    private static let silence = 86_400

    /// Opens a session.
    ///
    /// - Parameter usesReserve: whether on a full disk its records are written in the space that is kept for those that
    ///   lead to deletions.
    /// - Throws: ``VaultError`` as ``LogWriter/publish(_:by:)`` does.
    init(_ access: MaintainAccess, usesReserve: Bool = false) throws {
        self.access = access
        self.usesReserve = usesReserve
        let repository = access.repository
        id = SessionID(from: repository.random)
        lock = SessionLock(id, repository)
        epoch = access.keys.epoch
        // The session is of no system, yet its record has one that its writer may write.
        let system = access.member.systems.first { $0 != Member.anySystem } ?? "maintenance"
        // After an error the file of the lock stays: the record may be there all the same, and then the next prune sees
        // that nobody is behind it.
        try publish(
            .open(OpenBody(epoch: epoch, purpose: .maintenance, session: id, silence: Self.silence, system: system)))
    }

    /// Takes a pack that is durable in the store. - Precondition: the session's id is in its header.
    func note(_ pack: CommittedPack) { packs.append(pack) }

    /// Names the stored packs in the log and puts them in the place of others.
    ///
    /// - Parameter basis: the last position replayed when the segments were chosen.
    /// - Parameter moves: the packs that each stored pack replaces, in the order of ``note(_:)``.
    func compact(basis: Int, _ moves: [PackSet]) throws {
        try compact(basis: basis, groups: moves.map { ($0, 1) })
    }

    /// The same where several stored packs take the place of others.
    ///
    /// - Parameter groups: what is replaced, and by how many of the stored packs, in the order of ``note(_:)``.
    func compact(basis: Int, groups: [(old: PackSet, count: Int)]) throws {
        let log = access.repository.log
        _ = try log.publish(.progress(ProgressBody(packs: packs, session: id)), by: access.signer)
        let ordinals = log.state.ordinals
        var rest = packs[...]
        let moved = try groups.map { old, count in
            let new = try rest.prefix(count).map { pack in
                // Another pack in its place would take content away.
                guard let new = ordinals[pack.name] else {
                    throw VaultError(.failed, "The pack \(pack.name.hex.prefix(8)) is not in the log")
                }
                return new
            }
            rest = rest.dropFirst(count)
            return CompactBody.Move(old: old, new: PackSet(new.sorted()))
        }
        _ = try log.publish(.compact(CompactBody(basis: basis, moves: moved, session: id)), by: access.signer)
        lock.remove()
    }

    /// Puts packs that are there already in the place of others, or beside lost ones, which closes the session.
    func replace(basis: Int, _ moves: [CompactBody.Move]) throws {
        try publish(.compact(CompactBody(basis: basis, moves: moves, session: id)))
        lock.remove()
    }

    private func publish(_ body: RecordBody) throws {
        let repository = access.repository
        _ =
            usesReserve
            ? try repository.publishUsingReserve(body, by: access.signer)
            : try repository.log.publish(body, by: access.signer)
    }

    /// Closes the session without effect; what it stored is taken away by the next prune. A failure is no harm.
    func abort() {
        if (try? access.repository.log.publish(.abort(AbortBody(session: id)), by: access.signer)) != nil {
            lock.remove()
        }
    }
}
