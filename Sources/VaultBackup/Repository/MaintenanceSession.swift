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
    /// - Throws: ``VaultError`` as ``LogWriter/publish(_:by:)`` does.
    init(_ access: MaintainAccess) throws {
        self.access = access
        let repository = access.repository
        id = SessionID(from: repository.random)
        lock = SessionLock(id, repository)
        epoch = access.keys.epoch
        // The session is of no system, yet its record has one that its writer may write.
        let system = access.member.systems.first { $0 != Member.anySystem } ?? "maintenance"
        do {
            _ = try repository.log.publish(
                .open(
                    OpenBody(epoch: epoch, purpose: .maintenance, session: id, silence: Self.silence, system: system)),
                by: access.signer)
        } catch {
            lock.remove()
            throw error
        }
    }

    /// Stores a pack; on return it is durable.
    func store(_ pack: FinishedPack) throws {
        do throws(StorageError) {
            _ = try access.repository.store.put(.content(.packs, pack.name), pack.buffer.used)
        } catch { throw VaultError(storing: "pack \(pack.name.hex.prefix(8))", error) }
        packs.append(
            CommittedPack(
                name: pack.name, packClass: pack.packClass, length: pack.buffer.count,
                segments: pack.directory.segments.count, epoch: pack.epoch, directory: pack.directoryDigest))
    }

    /// Names the stored packs in the log and puts them in the place of others.
    ///
    /// - Parameter basis: the last position replayed when the segments were chosen.
    /// - Parameter moves: the packs that each stored pack replaces, in the order of ``store(_:)``.
    func compact(basis: Int, _ moves: [PackSet]) throws {
        let log = access.repository.log
        _ = try log.publish(.progress(ProgressBody(packs: packs, session: id)), by: access.signer)
        let ordinals = log.state.ordinals
        let moved = try zip(moves, packs).map { old, pack in
            // Another pack in its place would take content away.
            guard let new = ordinals[pack.name] else {
                throw VaultError(.failed, "The pack \(pack.name.hex.prefix(8)) is not in the log")
            }
            return CompactBody.Move(old: old, new: PackSet([new]))
        }
        _ = try log.publish(.compact(CompactBody(basis: basis, moves: moved, session: id)), by: access.signer)
        lock.remove()
    }

    /// Closes the session without effect; what it stored is taken away by the next prune. A failure is no harm.
    func abort() {
        if (try? access.repository.log.publish(.abort(AbortBody(session: id)), by: access.signer)) != nil {
            lock.remove()
        }
    }
}
