extension BackupWorker {
    /// Puts together the entries of a large directory that were as the scan cache has them, before something changed in
    /// a later window: from the cache itself, whose identities are what `stat` said moments ago.
    func assembleKept(_ job: DirectoryJob) throws {
        guard let cached = job.cached else { return }
        var place = 0
        for index in 0..<job.listedCount where place < job.assembly.keptCount {
            let hash = context.cache.keys.hash(job.listed, index)
            // What is left out is not in the cache.
            let entry = cached.entry(place)
            guard entry.nameHash == hash else { continue }
            try put(kept(job, job.listed[index], hash, entry), hash, to: job)
            place += 1
            if place % DirectoryWindow.namesMax == 0 { context.cache.didUse(place * Self.cachedEntryBytes) }
        }
        guard place == job.assembly.keptCount else {
            throw VaultError(.failed, "/\(PathText.readable(job.path)) is in another order than the scan cache has it")
        }
    }

    private func kept(
        _ job: DirectoryJob, _ name: [UInt8], _ hash: UInt64, _ cached: ScanCache.Entry
    ) throws -> FreshEntry {
        var status = FileStatus(cached.identity)
        if status.kind == .characterDevice || status.kind == .blockDevice {
            do throws(SystemError) { status = try FileStatus.read(at: job.open(), name) } catch {
                context.problems.add(job.path(of: name), "cannot be read: \(error.reason)")
                var fresh = FreshEntry(name: name, status: status, names: context.userNames)
                fresh.entry.incomplete = .unreadable
                fresh.entry.device = nil
                return fresh
            }
        }
        var fresh = try restore(job, name, status, cached)
        if cached.groupHash != 0, let device = job.status?.device {
            fresh.entry.hardLinkGroup = context.hardLinks.firstPath(HardLinks.Key(device: device, inode: status.inode))
        }
        if status.kind == .directory {
            // It was found to be what the cache has, so its nodes are.
            guard let child = context.cache.directory(context.cache.keys.path(job.pathHash, hash)),
                let top = child.nodes.last
            else { throw VaultError(.failed, "A directory that was kept is not in the scan cache") }
            fresh.entry.child = (top, child.disclosure)
        }
        return fresh
    }
}

extension FileStatus {
    /// What an identity says; the rest is as of a file with one name that takes no space.
    init(_ identity: ScanCache.Identity) {
        self.init(
            kind: Kind(rawValue: identity.kind) ?? .file, mode: identity.mode, owner: identity.owner,
            group: identity.group, size: identity.size,
            modified: Time(seconds: identity.modifiedSeconds, nanoseconds: identity.modifiedNanoseconds),
            changed: Time(seconds: identity.changedSeconds, nanoseconds: identity.changedNanoseconds),
            inode: identity.inode)
    }
}
