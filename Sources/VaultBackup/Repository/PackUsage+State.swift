extension PackUsage {
    /// Counts what the live snapshots of `state` use; see ``PackUsage``. Nil when the set of one is missing: then every
    /// pack counts as used.
    ///
    /// - Parameter unknown: is told of each snapshot whose segment map cannot be used.
    init?(
        _ state: RepositoryState, store: any ObjectStore, keys: KeyMaterial, packs: PackReader,
        unknown: (SnapshotState) -> Void
    ) throws {
        self.init(segmentCounts: state.packs.map(\.pack.segments))
        var targets: Set<Int> = []
        for snapshot in state.snapshots where snapshot.isLive {
            guard let current = snapshot.packs else { return nil }
            // A map made for the packs of now; else that of the record, which is followed through compactions.
            if let map = snapshot.map, map != snapshot.body.map {
                let bytes = try Self.map(map, snapshot, state, store, keys)
                if bytes == nil { unknown(snapshot) }
                add(current, map: bytes) { _ in false }
                continue
            }
            guard let recorded = try Self.recordedSet(snapshot, state, store) else {
                unknown(snapshot)
                add(current, map: nil) { _ in false }
                continue
            }
            let bytes = try Self.map(snapshot.body.map, snapshot, state, store, keys)
            if bytes == nil { unknown(snapshot) }
            let joined = current.subtracting(recorded).ordinals
            if snapshot.isMended {
                // What stands for lost packs has no origin in them, so all of it counts as used.
                add(recorded, map: bytes, isGone: { !current.contains($0) }) { _ in false }
                for ordinal in joined { markAll(ordinal) }
            } else {
                add(recorded, map: bytes) { !current.contains($0) }
                targets.formUnion(joined)
            }
        }
        let moved = targets.sorted().map { ordinal in
            (ordinal: ordinal, directory: try? packs.directory(of: state.packs[ordinal].description))
        }
        follow(moved) { state.ordinals[$0] }
    }

    /// The packs that the snapshot's record names; nil when its object is missing.
    static func recordedSet(
        _ snapshot: SnapshotState, _ state: RepositoryState, _ store: any ObjectStore
    ) throws -> PackSet? {
        switch snapshot.body.packs {
        case .inline(let set): return set
        case .malformed: return nil
        case .object(let digest):
            guard let stored = try object(digest, store) else { return nil }
            return try? PackSet(decodingObject: stored, state.repository)
        }
    }

    /// The opened segment map; nil when it is missing or cannot be opened.
    private static func map(
        _ digest: Digest, _ snapshot: SnapshotState, _ state: RepositoryState, _ store: any ObjectStore,
        _ keys: KeyMaterial
    ) throws -> [UInt8]? {
        guard let stored = try object(digest, store),
            let object = try? SegmentMapObject(decoding: stored, state.repository),
            let index = keys.indexSecret(of: object.epoch)
        else { return nil }
        return try? SealedBox.open(
            object.sealed, key: index, purpose: "segment-map", repository: state.repository,
            context: snapshot.body.session.bytes)
    }

    private static func object(_ digest: Digest, _ store: any ObjectStore) throws -> [UInt8]? {
        let stored: [UInt8]?
        do throws(StorageError) { stored = try store.get(.content(.sets, digest)) } catch {
            throw VaultError(.storage, "A pack set cannot be read", nextStep: error.nextStep, cause: error)
        }
        return stored.flatMap { SHA256.digest($0) == digest ? $0 : nil }
    }
}
