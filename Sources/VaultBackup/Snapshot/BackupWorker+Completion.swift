extension BackupWorker {
    /// Makes the nodes of a directory whose entries are all known, or keeps those of the scan cache when nothing
    /// changed.
    func complete(_ job: DirectoryJob) throws -> DirectoryJob.ChildResult {
        var results = job.takeResults()
        let groups = linkGroups(job)
        // What leads to a source is always put together: its entries say what the sources are.
        if job.selection.isSource, let cached = job.cached, !cached.nodes.isEmpty, !context.options.accessTimes,
            isAllUnchanged(job, results, cached, groups),
            cached.nodes.allSatisfy({ isKnown($0) })
        {
            context.cacheWriter?.add(
                pathHash: job.pathHash, block: UnsafeRawBufferPointer(rebasing: context.cache.bytes[cached.block]))
            let built = DirectoryNodeBuilder.Result(nodes: cached.nodes, disclosure: cached.disclosure)
            return try childResult(job, built, isUnchanged: true)
        }
        var entries: [TreeEntry] = []
        var kept: [ScanCacheWriter.Entry] = []
        entries.reserveCapacity(results.count)
        for index in results.indices {
            guard let (entry, cacheEntry) = try assemble(job, index, results[index], groups[index]) else { continue }
            // A large directory is not held twice.
            results[index] = .dropped
            if job.selection.children[entry.name]?.isSource == true { context.sources.note(job.path, entry) }
            entries.append(entry)
            kept.append(cacheEntry)
        }
        let built = try context.nodeBuilder.build(entries) {
            try addNames(.directoryNode, $0, isOfSource: job.selection.isSource)
        }
        entries = []
        // Nodes with access times are of no use to a backup without them.
        context.cacheWriter?.add(
            pathHash: job.pathHash, nodes: context.options.accessTimes ? [] : built.nodes,
            disclosure: built.disclosure, entries: kept)
        return try childResult(job, built, isUnchanged: false)
    }

    /// Paths of the hard-link groups, by place in the listing.
    private func linkGroups(_ job: DirectoryJob) -> [Int: [UInt8]] {
        var groups: [Int: [UInt8]] = [:]
        for (index, entry) in (job.listing?.entries ?? []).enumerated() {
            guard let status = entry.status, status.kind != .directory, status.linkCount > 1 else { continue }
            groups[index] = context.hardLinks.firstPath(HardLinks.Key(device: status.device, inode: status.inode))
        }
        return groups
    }

    private func groupHash(_ group: [UInt8]?) -> UInt64 {
        guard let group else { return 0 }
        return group.withUnsafeBytes { context.cache.keys.hash($0) } | 1
    }

    private func isAllUnchanged(
        _ job: DirectoryJob, _ results: [DirectoryJob.Result], _ cached: ScanCache.Directory, _ groups: [Int: [UInt8]]
    ) -> Bool {
        guard results.count == cached.entries.count else { return false }
        for (index, result) in results.enumerated() {
            switch result {
            case .cached(let place):
                guard place == index, cached.entries[place].groupHash == groupHash(groups[index]) else { return false }
            case .child(let child):
                guard child.isUnchanged, job.cachedPlaces[index] == index,
                    cached.entries[index].identity == ScanCache.Identity(child.fresh.status)
                else { return false }
            case .pending, .fresh, .dropped: return false
            }
        }
        return true
    }

    /// The entry for the node, and what the scan cache keeps of it.
    private func assemble(
        _ job: DirectoryJob, _ index: Int, _ result: DirectoryJob.Result, _ group: [UInt8]?
    ) throws -> (TreeEntry, ScanCacheWriter.Entry)? {
        var fresh: FreshEntry
        switch result {
        case .fresh(let entry): fresh = entry
        case .child(let child): fresh = child.fresh
        case .cached(let place):
            guard let known = try restore(job, index, place) else { return nil }
            fresh = known
        case .dropped, .pending: return nil
        }
        fresh.entry.hardLinkGroup = group
        if context.options.accessTimes {
            fresh.entry.accessTime = (fresh.status.accessed.seconds, fresh.status.accessed.nanoseconds)
        }
        var fields = ByteWriter(capacity: 96)
        fresh.entry.encodeFields(into: &fields, contentOnly: true)
        let entry = ScanCacheWriter.Entry(
            nameHash: job.nameHashes[index],
            identity: isStable(fresh) ? ScanCache.Identity(fresh.status) : .none, groupHash: groupHash(group),
            fields: fields.bytes, ids: fresh.ids)
        return (fresh.entry, entry)
    }

    /// A change within the resolution of the clock would leave no trace: what changed just now is read again next time.
    func isStable(_ fresh: FreshEntry) -> Bool {
        guard fresh.isCacheable, fresh.entry.incomplete == nil else { return false }
        return fresh.status.changed.seconds < context.scanStart.seconds - 1
    }

    /// An unchanged entry, from its status and the scan cache.
    private func restore(_ job: DirectoryJob, _ index: Int, _ place: Int) throws -> FreshEntry? {
        guard let cached = job.cached?.entries[place], let listing = job.listing,
            let status = listing.entries[index].status
        else { return nil }
        var fresh = FreshEntry(name: listing.name(of: listing.entries[index]), status: status, names: context.userNames)
        var reader = ByteReader(Array(context.cache.bytes[cached.fields]), "scan cache entry")
        try fresh.entry.decodeFields(from: &reader)
        fresh.ids = Array(context.cache.bytes[cached.ids])
        switch status.kind {
        case .file: fresh.entry.size = Int(status.size)
        case .symbolicLink:
            do throws(SystemError) {
                let target = try DirectoryEntries.linkTarget(at: job.open(), fresh.entry.name)
                fresh.entry.linkTarget = target
                fresh.entry.size = target.count
            } catch {
                // It has been counted as an entry already, so it stays one.
                context.problems.add(job.path(of: fresh.entry.name), "cannot be read: \(error.reason)")
                fresh.entry.incomplete = .unreadable
            }
        default: break
        }
        return fresh
    }

    /// The directory's own entry.
    private func childResult(
        _ job: DirectoryJob, _ built: DirectoryNodeBuilder.Result, isUnchanged: Bool
    ) throws -> DirectoryJob.ChildResult {
        guard let status = job.status else {
            throw VaultError(.failed, "A directory was completed before it was listed")
        }
        var fresh = FreshEntry(name: job.name, status: status, names: context.userNames)
        if let known = ownFields(job, status) {
            fresh.entry.attributes = known.attributes
            fresh.entry.flags = known.flags
            fresh.ids = known.ids
        } else {
            do {
                let file = try job.open()
                try add(try ExtendedAttributes.read(file), to: &fresh)
                let flags = job.selection.isSource ? try FileFlags.read(file) : 0
                if flags != 0 { fresh.entry.flags = flags }
            } catch let error as SystemError {
                context.problems.add(job.path, "attributes cannot be read: \(error.reason)")
                fresh.isCacheable = false
            }
        }
        fresh.entry.child = (built.top, built.disclosure)
        // The top directory stands for `/` and is no entry.
        if job.parent != nil {
            context.counters.add(entries: 1, bytes: 0)
        } else if job.selection.isSource {
            context.sources.note([], fresh.entry)
        }
        return DirectoryJob.ChildResult(fresh: fresh, isUnchanged: isUnchanged)
    }

    /// Attributes and flags of a directory whose status is as the scan cache of the directory above has it.
    private func ownFields(
        _ job: DirectoryJob, _ status: FileStatus
    ) -> (attributes: [ExtendedAttribute], flags: UInt32?, ids: [UInt8])? {
        guard let parent = job.parent, let cached = parent.cached else { return nil }
        let place = parent.cachedPlaces[job.indexInParent]
        guard place >= 0, cached.entries[place].identity == ScanCache.Identity(status) else { return nil }
        let bytes = context.cache.bytes
        guard areKnown(UnsafeRawBufferPointer(rebasing: bytes[cached.entries[place].ids])) else { return nil }
        var entry = FreshEntry(name: [], status: status, names: context.userNames).entry
        var reader = ByteReader(Array(bytes[cached.entries[place].fields]), "scan cache entry")
        guard (try? entry.decodeFields(from: &reader)) != nil else { return nil }
        return (entry.attributes, entry.flags, Array(bytes[cached.entries[place].ids]))
    }
}
