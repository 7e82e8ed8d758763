extension PruneRun {
    /// Deletes what earlier runs have swept and not deleted.
    func deleteSwept(_ state: RepositoryState, _ inventory: Inventory) throws {
        try delete(state.packs.filter { $0.isSwept && isDue($0) && inventory.packs[$0.pack.name] != nil })
    }

    /// Deletes swept packs, several at once.
    func delete(_ packs: [PackState]) throws { try deleting(packs) {} }

    /// Deletes swept packs while `work` is done, which must not need their room, and returns when both have ended.
    func deleting<R>(_ packs: [PackState], while work: () throws -> R) throws -> R {
        let names = packs.map { ObjectName.content(.packs, $0.pack.name) }
        let (store, cancellation) = (store, cancellation)
        let result: Result<R, any Error>
        if names.isEmpty || store.capabilities.parallelCalls <= 1 {
            try Self.delete(names, store, cancellation)
            result = Result { try work() }
        } else {
            let (deletion, worked) = Thread.beside({ try Self.delete(names, store, cancellation) }, while: work)
            try deletion.get()
            result = worked
        }
        report.requests.deletions += names.count
        for pack in packs { report.deleted.add(pack.pack.length) }
        return try result.get()
    }

    private func delete(_ names: [ObjectName]) throws {
        try Self.delete(names, store, cancellation)
        report.requests.deletions += names.count
    }

    /// How many removals are made durable together, so that a prune that is stopped stops soon.
    private static let deletionsMax = 64

    private static func delete(_ names: [ObjectName], _ store: any ObjectStore, _ cancellation: Cancellation) throws {
        guard !names.isEmpty else { return }
        // Those of one folder together.
        let names = names.sorted()
        let workers = min(names.count, max(1, store.capabilities.parallelCalls))
        let most = min(deletionsMax, (names.count + workers - 1) / workers)
        let stack = WorkStack<ArraySlice<ObjectName>>()
        stack.push(stride(from: 0, to: names.count, by: most).map { names[$0..<min($0 + most, names.count)] })
        try Thread.runAll(workers) { _ in
            try stack.work { part in
                try cancellation.check()
                do throws(StorageError) { try store.delete(Array(part)) } catch {
                    throw VaultError(
                        .storage, "What nothing uses could not be deleted", nextStep: error.nextStep, cause: error)
                }
            }
        }
    }

    /// Deletes what nothing will name any more: packs that sessions stored and did not name before they ended, segment
    /// maps of sessions that ended without a snapshot, and those of snapshots that are forgotten for good.
    ///
    /// Pack sets stay: what the records mean depends on them.
    func deleteLeftovers(_ state: RepositoryState, _ inventory: inout Inventory) throws {
        let found = try leftovers(state, inventory)
        try delete(found.map(\.name))
        for object in found {
            report.leftovers.add(object.byteCount)
            if let digest = object.name.contentDigest { inventory.forget(digest) }
        }
    }

    func leftovers(
        _ state: RepositoryState, _ inventory: Inventory
    ) throws -> [(name: ObjectName, byteCount: Int)] {
        var found: [(name: ObjectName, byteCount: Int)] = []
        for (digest, byteCount) in inventory.packs.sorted(by: { $0.key < $1.key }) where state.ordinals[digest] == nil {
            let name = ObjectName.content(.packs, digest)
            if let id = try session(of: name), let session = state.sessions[id], !session.isOpen {
                found.append((name, byteCount))
            }
        }
        return found + (try leftoverMaps(state, inventory))
    }

    /// The session that stored a pack, as its header says, without any key; nil when it is no pack of this repository.
    private func session(of name: ObjectName) throws -> SessionID? {
        try prefix(of: name, count: PackLayout.sessionEnd).flatMap {
            PackHeader.session(inPrefix: $0, of: repository.id)
        }
    }

    private func prefix(of name: ObjectName, count: Int) throws -> [UInt8]? {
        report.requests.reads += 1
        do throws(StorageError) { return try store.prefix(of: name, count: count) } catch {
            throw VaultError(.storage, "\(name) cannot be read", nextStep: error.nextStep, cause: error)
        }
    }

    /// The segment maps of snapshots that cannot be recalled any more, because a pack of them is swept.
    func lostMaps(_ state: RepositoryState, _ inventory: Inventory) -> [(name: ObjectName, byteCount: Int)] {
        var needed: Set<Digest> = []
        var lost: Set<Digest> = []
        for snapshot in state.snapshots {
            if !snapshot.isLive, !Recall.isWhole(snapshot, state) {
                lost.formUnion(snapshot.maps)
            } else {
                needed.formUnion(snapshot.maps)
            }
        }
        return lost.subtracting(needed).sorted().compactMap { map in
            inventory.sets[map].map { (.content(.sets, map), $0) }
        }
    }

    /// Deletes the segment maps of snapshots of which this run has swept packs.
    func deleteLostMaps(_ inventory: Inventory) throws {
        let state = repository.log.state
        let found = lostMaps(state, inventory)
        guard !found.isEmpty, repository.log.reader.makeDurable(state.head) else { return }
        try delete(found.map(\.name))
        for object in found { report.leftovers.add(object.byteCount) }
    }

    private func leftoverMaps(
        _ state: RepositoryState, _ inventory: Inventory
    ) throws -> [(name: ObjectName, byteCount: Int)] {
        var found = lostMaps(state, inventory)
        var needed: Set<Digest> = []
        for snapshot in state.snapshots {
            needed.formUnion(snapshot.maps)
            if case .object(let digest) = snapshot.body.packs { needed.insert(digest) }
        }
        // A session that is open may be about to name what it stored.
        guard state.openSessions.isEmpty else { return found }
        for (digest, byteCount) in inventory.sets.sorted(by: { $0.key < $1.key }) where !needed.contains(digest) {
            let name = ObjectName.content(.sets, digest)
            if try prefix(of: name, count: 4) == SegmentMapObject.magic { found.append((name, byteCount)) }
        }
        return found
    }
}

extension SnapshotState {
    /// The segment map of its record, and that of the last compaction.
    fileprivate var maps: [Digest] { [body.map, map].compactMap { $0 } }
}

extension ObjectStore {
    /// The first `count` bytes of an object, or all of a shorter one; nil when there is none.
    func prefix(of name: ObjectName, count: Int) throws(StorageError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let result: Result<Int?, StorageError> = bytes.withUnsafeMutableBytes { buffer in
            do throws(StorageError) { return .success(try read(name, offset: 0, into: buffer)) } catch {
                return .failure(error)
            }
        }
        return try result.get().map { Array(bytes[..<$0]) }
    }
}
