extension BackupWorker {
    /// Files of one directory are read in batches of at most this many entries and bytes, so that all workers share
    /// large directories.
    private static var batchEntriesMax: Int { 256 }
    private static var batchBytesMax: Int { 4 << 20 }

    /// Lists a directory, compares it with the scan cache, and hands out what has to be read.
    func list(_ job: DirectoryJob) throws {
        defer { context.endListing() }
        do {
            try job.list()
        } catch {
            if error.isNotFound {
                context.problems.add(job.path, "vanished while it was backed up")
                return try skip(job, incomplete: nil)
            }
            context.problems.add(job.path, "cannot be read: \(error.reason)")
            return try skip(job, incomplete: .unreadable)
        }
        context.counters.add(leftOut: context.selector.select(job))
        job.cached = context.options.ignoreScanCache ? nil : context.cache.directory(job.pathHash)
        if job.selection.isSource { context.restored?.note(job.pathHash) }
        match(job)
        reportChanges(job)
        try handOut(job)
    }

    /// A directory that is not, or not wholly, there.
    private func skip(_ job: DirectoryJob, incomplete: TreeEntry.Incomplete?) throws {
        guard let parent = job.parent else {
            throw VaultError(.failed, "The directory / cannot be read", nextStep: "Run as a user who may read it")
        }
        var result = DirectoryJob.Result.dropped
        if let incomplete, let status = parent.listing?.entries[job.indexInParent].status {
            var fresh = FreshEntry(name: job.name, status: status, names: context.userNames)
            fresh.entry.incomplete = incomplete
            fresh.isCacheable = false
            context.counters.add(entries: 1, bytes: 0)
            result = .child(DirectoryJob.ChildResult(fresh: fresh, isUnchanged: false))
        }
        parent.set([(job.indexInParent, result)])
        try finishOne(parent)
    }

    /// Finds the entries of the listing in the scan cache.
    private func match(_ job: DirectoryJob) {
        guard let listing = job.listing else { return }
        let keys = context.cache.keys
        job.nameHashes = listing.names.withUnsafeBytes { names in
            listing.entries.map {
                keys.hash(UnsafeRawBufferPointer(rebasing: names[$0.nameOffset..<$0.nameOffset + $0.nameByteCount]))
            }
        }
        guard let cached = job.cached else {
            job.cachedPlaces = [Int](repeating: -1, count: listing.entries.count)
            return
        }
        // Both are in the order of names; as long as nothing came or went, they run side by side.
        var places: [UInt64: Int]?
        job.cachedPlaces = job.nameHashes.indices.map { index in
            let hash = job.nameHashes[index]
            if index < cached.entries.count, cached.entries[index].nameHash == hash { return index }
            if places == nil {
                places = Dictionary(
                    cached.entries.enumerated().map { ($1.nameHash, $0) }, uniquingKeysWith: { first, _ in first })
            }
            return places?[hash] ?? -1
        }
    }

    private func handOut(_ job: DirectoryJob) throws {
        guard let listing = job.listing else { return }
        job.prepare(count: listing.entries.count)
        let keys = context.cache.keys
        var results: [(Int, DirectoryJob.Result)] = []
        var children: [BackupTask] = []
        var streams: [BackupTask] = []
        var batches: [[Int]] = [[]]
        var batchBytes = 0
        var unchangedBytes = 0
        var hasLinks = false
        for (index, entry) in listing.entries.enumerated() {
            guard let status = entry.status else {
                context.problems.add(job.path(of: listing.name(of: entry)), "vanished while it was backed up")
                results.append((index, .dropped))
                continue
            }
            if status.kind == .directory {
                let hash = keys.path(job.pathHash, job.nameHashes[index])
                let child = job.child(index, oneFileSystem: context.options.oneFileSystem, pathHash: hash) {
                    context.selector.isVirtual(job, $0)
                }
                if let child {
                    children.append(.directory(child))
                } else {
                    results.append((index, .dropped))
                }
                continue
            }
            if status.linkCount > 1 {
                hasLinks = true
                context.hardLinks.note(
                    HardLinks.Key(device: status.device, inode: status.inode),
                    path: job.path(of: listing.name(of: entry)))
            }
            if let stream = stream(job, entry) {
                streams.append(.stream(job, index, stream))
                continue
            }
            if isUnchanged(job, index, status) {
                results.append((index, .cached(job.cachedPlaces[index])))
                unchangedBytes += status.kind == .file ? Int(status.size) : 0
                context.secondReading?.offer(job, index, unchanged: status)
                continue
            }
            let size = status.kind == .file ? Int(clamping: status.size) : 0
            if batches[batches.count - 1].count >= Self.batchEntriesMax
                || (batchBytes > 0 && batchBytes + size > Self.batchBytesMax)
            {
                batches.append([])
                batchBytes = 0
            }
            batches[batches.count - 1].append(index)
            batchBytes += size
        }
        // What is not in the snapshot is no entry.
        let count = results.count { if case .dropped = $0.1 { false } else { true } }
        context.counters.add(entries: count, bytes: unchangedBytes)
        job.set(results)
        batches.removeAll(where: \.isEmpty)
        job.expect(children.count + batches.count + (hasLinks ? 1 : 0) + streams.count)
        if hasLinks { context.waitForLinks(job) }
        context.startListings(children.count)
        context.stack.push(streams + children.reversed() + batches.dropFirst().reversed().map { .entries(job, $0) })
        // The first batch is done here: its names are still warm.
        if let first = batches.first { try read(job, first) }
        try finishOne(job)
    }

    private func stream(_ job: DirectoryJob, _ entry: DirectoryListing.Entry) -> StreamSource? {
        guard !job.streams.isEmpty, let name = job.listing?.name(of: entry) else { return nil }
        return job.streams.first { $0.name == name }
    }

    /// Whether the scan cache knows the entry as it is, and all its chunks are still there.
    private func isUnchanged(_ job: DirectoryJob, _ index: Int, _ status: FileStatus) -> Bool {
        let place = job.cachedPlaces[index]
        guard place >= 0, let entry = job.cached?.entries[place], entry.identity == ScanCache.Identity(status) else {
            return false
        }
        return areKnown(UnsafeRawBufferPointer(rebasing: context.cache.bytes[entry.ids]))
    }

    /// Notes that a piece of a directory's work is done; the last one completes it, and perhaps the directories above.
    func finishOne(_ job: DirectoryJob) throws {
        var current = job
        while current.finishOne() {
            let result = try complete(current)
            current.close()
            guard let parent = current.parent else { return context.finishRoot(result) }
            parent.set([(current.indexInParent, .child(result))])
            current = parent
        }
    }
}
