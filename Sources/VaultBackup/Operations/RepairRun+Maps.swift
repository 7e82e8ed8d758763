internal import Synchronization

extension RepairRun {
    /// Makes segment maps again that are missing or damaged, from the trees of their snapshots: the same map is sealed
    /// to the same bytes, so that the hash in the log tells whether it is the same.
    func rebuildMaps(_ state: RepositoryState) throws {
        for snapshot in state.liveSnapshots where snapshot.map == snapshot.body.map {
            let name = ObjectName.content(.sets, snapshot.body.map)
            guard !report.fetched.contains(name.text), !repository.store.isIntact(name),
                let bytes = try map(of: snapshot, state), SHA256.digest(bytes) == snapshot.body.map
            else { continue }
            if request.applies { try repository.store.putRight(name, bytes) }
            report.rebuilt.append(name.text)
        }
    }

    private func map(of snapshot: SnapshotState, _ state: RepositoryState) throws -> [UInt8]? {
        guard let set = snapshot.packs, set == (try PackUsage.recordedSet(snapshot, state, repository.store)),
            let session = state.sessions[snapshot.body.session]
        else { return nil }
        let noted = Mutex(UsedSegments())
        let opened = SnapshotReader(
            reader, snapshot, index: index(state),
            note: { _, place in
                if let place { noted.withLock { $0.mark(place.ordinal, segment: place.segment) } }
            })
        var seen: Set<ChunkID> = []
        guard try TreeVerifier(opened, cancellation: cancellation).check(&seen).isEmpty else { return nil }
        var used = noted.withLock { $0 }
        // What a session has stored counts as used by its snapshot.
        for ordinal in session.packs.ordinals {
            for segment in 0..<state.packs[ordinal].pack.segments { used.mark(ordinal, segment: segment) }
        }
        guard PackSet(used.ordinals()) == set else { return nil }
        return try SegmentMapObject.make(
            used, set.ordinals, state, indexKey: access.index, session: session.id, epoch: snapshot.body.epoch)
    }
}
