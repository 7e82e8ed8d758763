extension Backup {
    /// Makes the snapshot of a run that has read all sources; or finds that it is the last one.
    static func publish(
        _ request: BackupRequest, _ access: WriteAccess, _ session: WriteSession, _ sources: SourceTree,
        _ run: BackupRun, _ outcome: BackupRun.Outcome, _ started: Timestamp, _ cancellation: Cancellation
    ) throws -> (LastSnapshot.Found, [DatabaseCapture]) {
        let last = LastSnapshot(scanCache: request.isStream ? nil : cachePath(request, access, sources))
        do {
            let databases = try request.confirmStreams?() ?? []
            try cancellation.check()
            if request.options.skipIfUnchanged, let sources = run.knownSources,
                let found = last.find(sources, request.system, access)
            {
                run.discard()
                session.abort()
                run.keepScanCache()
                return (found, databases)
            }
            let id = try run.finish(privatePart(request, sources, outcome, databases))
            last.forget()
            let record = try commit(request, access, session, outcome, run, id, started)
            last.remember(record.digest, run.sources)
            run.keepScanCache()
            return (LastSnapshot.Found(id: record.digest, position: record.position, isEarlier: false), databases)
        } catch {
            run.abandon(error)
            throw error
        }
    }

    private static func privatePart(
        _ request: BackupRequest, _ sources: SourceTree, _ outcome: BackupRun.Outcome,
        _ databases: [DatabaseCapture]
    ) -> PrivatePart {
        var part = PrivatePart()
        part.command = request.command
        part.databases = databases
        part.description = request.description
        part.entries = outcome.progress.entries
        part.host = Host.name
        part.paths = sources.paths
        part.problems = outcome.problems.map { ($0.path, $0.reason) }
        part.problemCount = outcome.problemCount
        part.sample = outcome.sample
        part.version = Version.text
        if sources.root.isSource {
            var root = outcome.root.fresh.entry
            root.child = nil
            part.root = root
        }
        return part
    }

    /// Stores set and map, and publishes the SNAPSHOT record.
    private static func commit(
        _ request: BackupRequest, _ access: WriteAccess, _ session: WriteSession, _ outcome: BackupRun.Outcome,
        _ run: BackupRun, _ privatePart: ChunkID, _ started: Timestamp
    ) throws -> PublishedRecord {
        let repository = access.repository
        var used = outcome.used
        used.formUnion(run.lateUse)
        for (ordinal, segmentCount) in session.committedPacks() {
            for segment in 0..<segmentCount { used.mark(ordinal, segment: segment) }
        }
        let ordinals = used.ordinals()
        let state = repository.state
        let mapBytes = try SegmentMapObject.make(
            used, ordinals, state, indexKey: access.index, session: session.id, epoch: session.epoch)
        let mapDigest = SHA256.digest(mapBytes)
        let (packs, object) = SnapshotBody.Packs.placing(PackSet(ordinals), repository.id)
        do throws(StorageError) {
            _ = try repository.store.put(.content(.sets, mapDigest), mapBytes)
            if let object { _ = try repository.store.put(object.name, object.bytes) }
        } catch {
            throw VaultError(storing: "pack set of the snapshot", error)
        }
        guard let child = outcome.root.fresh.entry.child else {
            throw VaultError(.failed, "The snapshot has no top directory")
        }
        let body = SnapshotBody(
            bytes: min(max(outcome.progress.bytes, 0), CanonicalJSON.integerMax), entries: outcome.progress.entries,
            epoch: session.epoch,
            finished: repository.clock.now(), map: mapDigest, privatePart: privatePart, problems: outcome.problemCount,
            disclosure: child.disclosure, node: child.node, session: session.id, packs: packs, started: started,
            system: request.system, tags: request.tags)
        return try session.finish(body)
    }
}
