extension LogReader {
    /// A state to read by when records are altered or missing: restore must go on from every snapshot whose own record
    /// is there and signed.
    ///
    /// Behind the damage the chain proves nothing any more, and ordinals may be off. So each later SNAPSHOT record is
    /// judged by itself: its place, its signature against the roster that is known, its repository. Its chunks are
    /// looked for in all packs of the store. Every chunk id is still checked, so that content cannot be exchanged; what
    /// is lost is the certainty that no snapshot was left out.
    ///
    /// - Returns: `state` with the snapshots and packs that were found. It must not be written from.
    func salvage(_ state: RepositoryState) throws(VaultError) -> RepositoryState {
        var state = state
        let known = Set(state.snapshots.map(\.position))
        let first = state.irregularities.filter { $0.kind.isDamage }.map(\.position).min() ?? state.head
        for position in try positions(from: first) where !known.contains(position) {
            guard let stored = try record(position), let signed = try? SignedRecord(decoding: stored),
                isGenuine(signed, at: position, in: state), case .snapshot(let body) = signed.record.body,
                state.member(signed.record.writer, at: position)?.may(.write) == true
            else { continue }
            state.snapshots.append(
                SnapshotState(
                    id: SHA256.digest(stored), position: position, time: signed.record.time,
                    writer: signed.record.writer,
                    body: body, packs: nil))
        }
        try addPacks(to: &state)
        return state
    }

    /// Whether a record stands at its place and is signed by a member that may write or administer.
    func isGenuine(_ signed: SignedRecord, at position: Int, in state: RepositoryState) -> Bool {
        let record = signed.record
        guard record.position == position, record.repository == state.repository, record.lineage == state.lineage,
            let writer = state.member(record.writer, at: position), !writer.roles.isEmpty
        else { return false }
        return signed.isSigned(by: writer)
    }

    private func positions(from first: Int) throws(VaultError) -> [Int] {
        do throws(StorageError) {
            return try store.list("log").compactMap { $0.name.recordPosition }.filter { $0 >= first }.sorted()
        } catch {
            throw storageFailure(error)
        }
    }

    private func addPacks(to state: inout RepositoryState) throws(VaultError) {
        let found: [(name: ObjectName, byteCount: Int)]
        do throws(StorageError) { found = try store.list("packs").sorted { $0.name < $1.name } } catch {
            throw storageFailure(error)
        }
        guard let session = state.sessions.keys.first ?? SessionID([UInt8](repeating: 0, count: 16)) else { return }
        for (name, byteCount) in found {
            guard let digest = name.contentDigest, state.ordinals[digest] == nil else { continue }
            let pack = CommittedPack(
                name: digest, packClass: .data, length: byteCount, segments: 0, epoch: state.keyring.epoch,
                directory: .zero)
            state.ordinals[digest] = state.packs.count
            state.packs.append(
                PackState(
                    pack: pack, session: session, owner: MemberID(words: (0, 0)), position: state.head,
                    time: state.created))
        }
    }
}

extension Irregularity.Kind {
    /// Whether the log itself is damaged, so that records after the place cannot be relied on to be found by replay.
    var isDamage: Bool { self == .missingRecord || self == .alteredRecord }
}
