extension BackupWorker {
    /// Takes in a window of a directory whose entries are all known; keeps what the scan cache has as long as nothing
    /// changed.
    func assemble(_ job: DirectoryJob, _ window: DirectoryWindow) throws {
        let results = window.takeResults()
        let groups = linkGroups(window)
        if job.assembly.built == nil {
            if try isKept(job, window, results, groups) {
                job.assembly.keptCount += results.count
                return
            }
            job.assembly.built = DirectoryAssembly.Built(nodes: DirectoryNodeBuilder.Stream())
            try assembleKept(job)
        }
        for index in results.indices {
            guard let fresh = try entry(job, window, index, results[index], groups[index]) else { continue }
            if !job.selection.isSource, job.selection.children[fresh.entry.name]?.isSource == true {
                context.sources.note(job.path, fresh.entry)
            }
            try put(fresh, window.nameHashes[index], to: job)
        }
        if !window.isLast { context.cache.didUse(results.count * Self.cachedEntryBytes) }
    }

    /// About what an entry takes in the scan cache.
    static var cachedEntryBytes: Int { 150 }

    /// Ends a directory all of whose windows were taken in.
    func complete(_ job: DirectoryJob) throws -> DirectoryWindow.ChildResult {
        guard var built = job.assembly.built else {
            guard let cached = job.cached?.directory else { preconditionFailure("kept is what the cache has") }
            context.cacheWriter?.add(pathHash: job.pathHash, keeping: cached, of: context.cache.bytes)
            return try childResult(
                job, DirectoryNodeBuilder.Result(nodes: cached.nodes, disclosure: cached.disclosure), isUnchanged: true)
        }
        job.assembly.built = nil
        let result = try context.nodeBuilder.finish(&built.nodes) {
            try addNames(.directoryNode, $0, isOfSource: job.selection.isSource)
        }
        // Nodes with access times are of no use to a backup without them.
        context.cacheWriter?.add(
            pathHash: job.pathHash, nodes: context.options.accessTimes ? [] : result.nodes,
            disclosure: result.disclosure, built.cached)
        return try childResult(job, result, isUnchanged: false)
    }

    /// Adds an entry to the nodes and to the next scan cache.
    func put(_ fresh: FreshEntry, _ nameHash: UInt64, to job: DirectoryJob) throws {
        let isOfSource = job.selection.isSource
        if let writer = context.cacheWriter {
            var fields = ByteWriter(capacity: 96)
            fresh.entry.encodeFields(into: &fields, contentOnly: true)
            writer.append(
                ScanCacheWriter.Entry(
                    nameHash: nameHash, identity: isStable(fresh) ? ScanCache.Identity(fresh.status) : .none,
                    groupHash: groupHash(fresh.entry.hardLinkGroup), fields: fields.bytes, ids: fresh.ids),
                to: &job.assembly.built!.cached)
        }
        try context.nodeBuilder.add(fresh.entry, to: &job.assembly.built!.nodes) {
            try addNames(.directoryNode, $0, isOfSource: isOfSource)
        }
    }

    /// Paths of the hard-link groups, by place in the window.
    private func linkGroups(_ window: DirectoryWindow) -> [Int: [UInt8]] {
        guard window.hasLinks else { return [:] }
        var groups: [Int: [UInt8]] = [:]
        for (index, entry) in window.entries.enumerated() {
            guard let status = entry.status, status.kind != .directory, status.linkCount > 1 else { continue }
            groups[index] = context.hardLinks.firstPath(HardLinks.Key(device: status.device, inode: status.inode))
        }
        return groups
    }

    private func groupHash(_ group: [UInt8]?) -> UInt64 {
        guard let group else { return 0 }
        return group.withUnsafeBytes { context.cache.keys.hash($0) } | 1
    }

    /// Whether the directory is, to the end of this window, as the scan cache has it; at its end also whether its nodes
    /// are still there.
    private func isKept(
        _ job: DirectoryJob, _ window: DirectoryWindow, _ results: [DirectoryWindow.Result], _ groups: [Int: [UInt8]]
    ) throws -> Bool {
        // What leads to a source is always put together: its entries say what the sources are.
        guard job.selection.isSource, !context.options.accessTimes, let cached = job.cached,
            !cached.directory.nodes.isEmpty, job.assembly.keptCount + results.count <= cached.count,
            isUnchanged(cached, from: job.assembly.keptCount, window, results, groups)
        else { return false }
        guard window.isLast else { return true }
        return job.assembly.keptCount + results.count == cached.count
            && cached.directory.nodes.allSatisfy { isKnown($0) }
    }

    private func isUnchanged(
        _ cached: CachedEntries, from start: Int, _ window: DirectoryWindow, _ results: [DirectoryWindow.Result],
        _ groups: [Int: [UInt8]]
    ) -> Bool {
        for (index, result) in results.enumerated() {
            switch result {
            case .cached(let place):
                guard place == start + index else { return false }
                guard cached.entry(place).groupHash == groupHash(groups[index]) else { return false }
            case .child(let child):
                guard child.isUnchanged, window.cachedPlaces[index] == start + index,
                    cached.entry(start + index).identity == ScanCache.Identity(child.fresh.status)
                else { return false }
            case .pending, .fresh, .dropped: return false
            }
        }
        return true
    }

    /// The entry for the node.
    private func entry(
        _ job: DirectoryJob, _ window: DirectoryWindow, _ index: Int, _ result: DirectoryWindow.Result,
        _ group: [UInt8]?
    ) throws -> FreshEntry? {
        var fresh: FreshEntry
        switch result {
        case .fresh(let entry): fresh = entry
        case .child(let child): fresh = child.fresh
        case .cached(let place):
            guard let cached = job.cached?.entry(place), let status = window.entries[index].status else { return nil }
            fresh = try restore(job, window.name(index), status, cached)
        case .dropped, .pending: return nil
        }
        fresh.entry.hardLinkGroup = group
        if context.options.accessTimes {
            fresh.entry.accessTime = (fresh.status.accessed.seconds, fresh.status.accessed.nanoseconds)
        }
        return fresh
    }

    /// A change within the resolution of the clock would leave no trace: what changed just now is read again next time.
    func isStable(_ fresh: FreshEntry) -> Bool {
        guard fresh.isCacheable, fresh.entry.incomplete == nil else { return false }
        return fresh.status.changed.seconds < context.scanStart.seconds - 1
    }

    /// An unchanged entry, from its status and the scan cache.
    func restore(
        _ job: DirectoryJob, _ name: [UInt8], _ status: FileStatus, _ cached: ScanCache.Entry
    ) throws -> FreshEntry {
        var fresh = FreshEntry(name: name, status: status, names: context.userNames)
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
    ) throws -> DirectoryWindow.ChildResult {
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
        return DirectoryWindow.ChildResult(fresh: fresh, isUnchanged: isUnchanged)
    }

    /// Attributes and flags of a directory whose status is as the scan cache of the directory above has it.
    private func ownFields(
        _ job: DirectoryJob, _ status: FileStatus
    ) -> (attributes: [ExtendedAttribute], flags: UInt32?, ids: [UInt8])? {
        guard let above = job.window, let cached = job.parent?.cached else { return nil }
        let place = above.cachedPlaces[job.indexInParent]
        guard place >= 0 else { return nil }
        let known = cached.entry(place)
        let bytes = context.cache.bytes
        guard known.identity == ScanCache.Identity(status),
            areKnown(UnsafeRawBufferPointer(rebasing: bytes[known.ids]))
        else { return nil }
        var entry = FreshEntry(name: [], status: status, names: context.userNames).entry
        var reader = ByteReader(Array(bytes[known.fields]), "scan cache entry")
        guard (try? entry.decodeFields(from: &reader)) != nil else { return nil }
        return (entry.attributes, entry.flags, Array(bytes[known.ids]))
    }
}
