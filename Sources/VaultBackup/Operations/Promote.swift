/// What a promotion did.
public struct PromoteReport: Sendable {
    /// The copy that it was.
    public var copy: CopyMarker
    /// Position of the PROMOTE record.
    public var position: Int
    /// Snapshots that it has.
    public var snapshots: Int
    /// Records that this client had seen in the original and that are not in it.
    public var recordsLost: Int
    /// Packs that its log names and that are missing or too short.
    public var packsMissing: Int
}

/// Makes a copy the repository, when the original is lost or given up.
///
/// 1. The PROMOTE record is durable, and remembered by this client, before the marker goes. Whoever is killed in between
///    does the same again.
/// 2. What this client remembers of the original is given up for the promoted copy, and for nothing else.
public enum Promote {
    /// Promotes the copy at `location`. On return it may be written, and this client takes it for the repository.
    ///
    /// - Parameter identity: an identity of the repository; asked after everything else has been found in order.
    /// - Throws: ``VaultError`` `.usage` for what is no copy and a reason that is too long, `.notAllowed` for an identity without the role administer,
    ///   `.sessionConflict` while it is copied to, `.rolledBack` for another history, `.damaged`, `.storage`.
    public static func run(
        _ location: [UInt8], reason: String, client: Client, identity: (Repository) throws -> Identity
    ) throws -> PromoteReport {
        try ForgetBody.checkReason(reason)
        let shown = PathText.readable(location)
        guard let store = try client.store(at: location) as? LocalStore, let marker = try store.copyMarker() else {
            throw VaultError(.usage, "\(shown) is no copy", nextStep: "See 'vault copy list'")
        }
        let repository = try client.open(location)
        let lock = try CopyPlace.lock(store, shown)
        defer { withExtendedLifetime(lock) {} }
        let state = try repository.log.refresh()
        if let refusal = state.refusalOfAnyWriting { throw refusal }
        let lost = client.recordsBehind(repository)
        let identity = try identity(repository)
        guard state.keyring.member(identity.id)?.may(.administer) == true else {
            throw VaultError(
                .notAllowed, "'\(identity.name)' may not promote a copy",
                nextStep: "Use an identity with the role administer, such as the recovery kit")
        }
        let signer = Signer(member: identity.id, seed: identity.secrets.ed25519Seed)
        let after = try publish(marker, reason, store, state, client, signer)
        try takeOver(Pin(after), of: after.repository, nil, client, "The promotion is in the log of the copy")
        do throws(StorageError) { try store.removeMarker() } catch {
            throw VaultError(storing: "promotion", error)
        }
        try client.remember(location, of: after.repository)
        CopyRecord(marker, at: location).forget(client.folders)
        let wanted = after.packs.indices.filter { !after.packs[$0].isSwept }
        return PromoteReport(
            copy: marker, position: after.head, snapshots: after.snapshots.count, recordsLost: lost,
            packsMissing: PackScan.absences(wanted, after, store).count)
    }

    /// The state after the PROMOTE record, which a run that was killed may have written already.
    private static func publish(
        _ marker: CopyMarker, _ reason: String, _ store: LocalStore, _ state: RepositoryState, _ client: Client,
        _ signer: Signer
    ) throws -> RepositoryState {
        let reader = LogReader(store: store)
        let head = try reader.record(state.head).flatMap { try? SignedRecord(decoding: $0) }
        if case .promote(let body)? = head?.record.body, body.copy == marker.id { return state }
        let log = LogWriter(reader: reader, state: state, clock: client.clock)
        _ = try log.publish(.promote(PromoteBody(copy: marker.id, reason: reason)), by: signer)
        return log.state
    }

    /// The pin moves to the other history, and caches that go by the places of packs in the old one go.
    ///
    /// - Parameter what: what was done already, for a message.
    /// - Throws: ``VaultError`` `.failed`.
    static func takeOver(
        _ pin: Pin, of id: RepositoryID, _ copy: CopyMarker?, _ client: Client, _ what: String
    ) throws(VaultError) {
        let folders = copy.map { CopyRecord.folders(of: $0.id, id, client.folders) } ?? client.folders
        if let index = folders.cache(of: id, "index") { ChunkIndex.clear(folder: index) }
        // What was read of the original says nothing about the bytes of this one.
        if let cache = folders.cache(of: id) {
            try? DirectoryEntries.remove(at: nil, PathBytes.join(cache, Array(VerifyMemory.fileName.utf8)))
        }
        do { try FolderFiles(folder: folders.config(of: id)).write(PinFile.fileName, pin.encode()) } catch {
            throw VaultError(
                .failed, "\(what), but this user cannot remember it",
                nextStep: "Check the permissions of \(PathText.readable(client.folders.config)), "
                    + "then run the same command again", cause: error)
        }
    }
}
