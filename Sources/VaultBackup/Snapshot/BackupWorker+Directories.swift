extension BackupWorker {
    /// Files of one directory are read in batches of at most this many entries and bytes, so that all workers share
    /// large directories.
    private static var batchEntriesMax: Int { 256 }
    private static var batchBytesMax: Int { 4 << 20 }

    /// Lists the names in a directory, and begins with the first of them.
    func list(_ job: DirectoryJob) throws {
        do {
            try job.list()
        } catch {
            defer { context.endListing() }
            if error.isNotFound {
                context.problems.add(job.path, "vanished while it was backed up")
                return try skip(job, incomplete: nil)
            }
            context.problems.add(job.path, "cannot be read: \(error.reason)")
            return try skip(job, incomplete: .unreadable)
        }
        context.selector.begin(job)
        job.cached =
            context.options.ignoreScanCache ? nil : CachedEntries(context.cache, pathHash: job.pathHash)
        if job.selection.isSource { context.restored?.note(job.pathHash) }
        try listWindow(job)
    }

    /// Reads the status of the next entries of a directory, compares them with the scan cache, and hands out what has to
    /// be read.
    func listWindow(_ job: DirectoryJob) throws {
        let listing: DirectoryListing
        do { listing = try job.nextListing(most: context.options.namesPerWindow) } catch {
            context.problems.add(job.path, "cannot be read to its end: \(error.reason)")
            job.listedCount = job.listed.count
            listing = DirectoryListing(names: [], entries: [])
        }
        let selected = context.selector.select(job, listing)
        context.counters.add(leftOut: listing.entries.count - selected.listing.entries.count)
        let window = match(job, selected.listing, selected.rules)
        reportChanges(job, window)
        // Directories that wait for hard links may go on only when every directory is listed to its end.
        defer { if window.isLast { context.endListing() } }
        try handOut(job, window)
    }

    /// A directory that is not, or not wholly, there.
    private func skip(_ job: DirectoryJob, incomplete: TreeEntry.Incomplete?) throws {
        guard let parent = job.parent, let window = job.window else {
            throw VaultError(.failed, "The directory / cannot be read", nextStep: "Run as a user who may read it")
        }
        var result = DirectoryWindow.Result.dropped
        if let incomplete, let status = window.entries[job.indexInParent].status {
            var fresh = FreshEntry(name: job.name, status: status, names: context.userNames)
            fresh.entry.incomplete = incomplete
            fresh.isCacheable = false
            context.counters.add(entries: 1, bytes: 0)
            result = .child(DirectoryWindow.ChildResult(fresh: fresh, isUnchanged: false))
        }
        window.set([(job.indexInParent, result)])
        try finishOne(parent, window)
    }

    /// Finds the entries of a listing in the scan cache.
    private func match(_ job: DirectoryJob, _ listing: DirectoryListing, _ rules: [Int]) -> DirectoryWindow {
        let keys = context.cache.keys
        let hashes = listing.names.withUnsafeBytes { names in
            listing.entries.map {
                keys.hash(UnsafeRawBufferPointer(rebasing: names[$0.nameOffset..<$0.nameOffset + $0.nameByteCount]))
            }
        }
        let places = hashes.map { job.cached?.find($0) ?? -1 }
        return DirectoryWindow(
            listing, rules: rules, nameHashes: hashes, cachedPlaces: places, isLast: job.isListed)
    }

    private func handOut(_ job: DirectoryJob, _ window: DirectoryWindow) throws {
        let keys = context.cache.keys
        var results: [(Int, DirectoryWindow.Result)] = []
        var children: [BackupTask] = []
        var streams: [BackupTask] = []
        var batches: [[Int]] = [[]]
        var batchBytes = 0
        var unchangedBytes = 0
        for (index, entry) in window.entries.enumerated() {
            guard let status = entry.status else {
                context.problems.add(job.path(of: window.name(index)), "vanished while it was backed up")
                results.append((index, .dropped))
                continue
            }
            if status.kind == .directory {
                let hash = keys.path(job.pathHash, window.nameHashes[index])
                let child = job.child(
                    window, index, oneFileSystem: context.options.oneFileSystem, pathHash: hash
                ) { context.selector.isVirtual(job, $0) }
                if let child {
                    children.append(.directory(child))
                } else {
                    results.append((index, .dropped))
                }
                continue
            }
            if status.linkCount > 1 {
                context.hardLinks.note(
                    HardLinks.Key(device: status.device, inode: status.inode),
                    path: job.path(of: window.name(index)))
            }
            if !job.streams.isEmpty, let stream = job.streams.first(where: { $0.name == window.name(index) }) {
                streams.append(.stream(job, window, index, stream))
                continue
            }
            if isUnchanged(job, window.cachedPlaces[index], status) {
                results.append((index, .cached(window.cachedPlaces[index])))
                unchangedBytes += status.kind == .file ? Int(status.size) : 0
                context.secondReading?.offer(job, window, index, unchanged: status)
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
        window.set(results)
        batches.removeAll(where: \.isEmpty)
        window.expect(children.count + batches.count + streams.count)
        context.startListings(children.count)
        context.stack.push(
            streams + children.reversed() + batches.dropFirst().reversed().map { .entries(job, window, $0) })
        // The first batch is done here: its names are still warm.
        if let first = batches.first { try read(job, window, first) }
        try finishOne(job, window)
    }

    /// Whether the scan cache knows the entry as it is, and all its chunks are still there.
    private func isUnchanged(_ job: DirectoryJob, _ place: Int, _ status: FileStatus) -> Bool {
        guard place >= 0, let entry = job.cached?.entry(place), entry.identity == ScanCache.Identity(status) else {
            return false
        }
        return areKnown(UnsafeRawBufferPointer(rebasing: context.cache.bytes[entry.ids]))
    }

    /// Notes that a piece of a window's work is done; the last one goes on with the next window, or completes the
    /// directory, and perhaps the directories above.
    func finishOne(_ job: DirectoryJob, _ window: DirectoryWindow) throws {
        var (job, window) = (job, window)
        while window.finishOne() {
            if window.hasLinks || !job.assembly.waiting.isEmpty {
                job.assembly.waiting.append(window)
            } else {
                try assemble(job, window)
            }
            guard window.isLast else { return context.stack.push([.window(job)]) }
            if !job.assembly.waiting.isEmpty {
                if context.waitForLinks(job) { return }
                try assembleWaiting(job)
            }
            guard let above = try handUp(job) else { return }
            (job, window) = above
        }
    }

    /// Goes on with a directory that waited for hard links.
    func goOn(_ job: DirectoryJob) throws {
        try assembleWaiting(job)
        if let (parent, window) = try handUp(job) { try finishOne(parent, window) }
    }

    private func assembleWaiting(_ job: DirectoryJob) throws {
        let windows = job.assembly.waiting
        job.assembly.waiting = []
        for window in windows { try assemble(job, window) }
    }

    /// Completes a directory and gives it to the one above, which is returned with the window that it is in.
    private func handUp(_ job: DirectoryJob) throws -> (DirectoryJob, DirectoryWindow)? {
        let result = try complete(job)
        job.close()
        guard let parent = job.parent, let window = job.window else {
            context.finishRoot(result)
            return nil
        }
        window.set([(job.indexInParent, .child(result))])
        return (parent, window)
    }
}
