/// One session of a maintainer: moved packs are stored, named in the log, and put in the place of others, which closes
/// the session.
final class MaintenanceSession {
    let id: SessionID
    let epoch: Int
    private let access: MaintainAccess
    private let lock: SessionLock
    /// What has been stored so far, in order.
    private(set) var packs: [CommittedPack] = []

    private static let silence = 86_400

    /// Opens a session.
    ///
    /// - Parameter usesReserve: whether on a full disk the record that opens it is written in the space that is kept for
    ///   those that lead to deletions, because nothing else will be stored.
    /// - Throws: ``VaultError`` as ``LogWriter/publish(_:by:)`` does.
    init(_ access: MaintainAccess, usesReserve: Bool = false) throws {
        self.access = access
        let repository = access.repository
        id = SessionID(from: repository.random)
        lock = SessionLock(id, repository)
        epoch = access.keys.epoch
        // The session is of no system, yet its record has one that its writer may write.
        let system = access.member.systems.first { $0 != Member.anySystem } ?? "maintenance"
        // After an error the file of the lock stays: the record may be there all the same, and then the next prune sees
        // that nobody is behind it.
        let body = OpenBody(epoch: epoch, purpose: .maintenance, session: id, silence: Self.silence, system: system)
        _ =
            usesReserve
            ? try repository.publishUsingReserve(.open(body), by: access.signer)
            : try repository.log.publish(.open(body), by: access.signer)
    }

    /// A session in which packs are to be stored; nil when the store is full, where they would find no room anyway.
    static func openIfRoom(_ access: MaintainAccess) throws -> MaintenanceSession? {
        do { return try MaintenanceSession(access) } catch let error as VaultError where error.isNoSpace { return nil }
    }

    /// Takes a pack that is durable in the store. - Precondition: the session's id is in its header.
    func note(_ pack: CommittedPack) { packs.append(pack) }

    /// Names the stored packs in the log and puts them in the place of others, which leads to deletions: on a full disk
    /// in the space that is kept for those.
    ///
    /// - Parameter basis: the last position replayed when the segments were chosen.
    /// - Parameter moves: the packs that each stored pack replaces, in the order of ``note(_:)``.
    /// - Returns: false, with the session closed without effect, when not even that space was there.
    func compact(basis: Int, _ moves: [PackSet]) throws -> Bool {
        try compact(basis: basis, groups: moves.map { ($0, 1) })
    }

    /// The same where several stored packs take the place of others.
    ///
    /// - Parameter groups: what is replaced, and by how many of the stored packs, in the order of ``note(_:)``.
    func compact(basis: Int, groups: [(old: PackSet, count: Int)]) throws -> Bool {
        do { try publish(basis, groups) } catch let error as VaultError where error.isNoSpace {
            abort()
            return false
        }
        lock.remove()
        return true
    }

    private func publish(_ basis: Int, _ groups: [(old: PackSet, count: Int)]) throws {
        let repository = access.repository
        _ = try repository.publishUsingReserve(.progress(ProgressBody(packs: packs, session: id)), by: access.signer)
        let ordinals = repository.log.state.ordinals
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
        let body = CompactBody(basis: basis, moves: moved, session: id)
        _ = try repository.publishUsingReserve(.compact(body), by: access.signer)
    }

    /// Puts packs that are there already in the place of others, or beside lost ones, which closes the session.
    func replace(basis: Int, _ moves: [CompactBody.Move]) throws {
        let body = CompactBody(basis: basis, moves: moves, session: id)
        _ = try access.repository.publishUsingReserve(.compact(body), by: access.signer)
        lock.remove()
    }

    /// Closes the session without effect; what it stored is taken away by the next prune. A failure is no harm.
    func abort() {
        let body = RecordBody.abort(AbortBody(session: id))
        if (try? access.repository.publishUsingReserve(body, by: access.signer)) != nil { lock.remove() }
    }
}
