extension RestorePlanner {
    /// The place for the target itself.
    /// - Throws: ``VaultError`` when the target cannot be looked at or prepared.
    func makeTop(_ entry: TreeEntry?) throws -> RestorePlace {
        do { return try prepareTop(entry) } catch let error as SystemError {
            throw RestoreTarget.unusable(target.location, error)
        }
    }

    private func prepareTop(_ entry: TreeEntry?) throws -> RestorePlace {
        let place = RestorePlace(entry: entry, parent: nil)
        var hasMetadata = target.isNew
        if !target.isNew, let policy = run.options.overwrite {
            let root = try target.openRoot()
            place.setListing(try DirectoryListing.read(root))
            let status = try root.status()
            switch policy {
            case .always, .ifChanged: hasMetadata = true
            case .ifNewer: hasMetadata = entry.map { RestoreDecision.isNewer($0, than: status) } ?? false
            case .never: break
            }
        }
        var givesACL = false
        if run.metadata.restoresAttributes, !(target.isNew && run.options.dryRun) {
            let root = try target.openRoot()
            if target.isNew { try ExtendedAttributes.removeACLs(root) }
            givesACL = ExtendedAttributes.hasDefaultACL(root)
        }
        let directory = RestoreTarget.Directory(
            nil, entry: hasMetadata ? entry : nil, wasThere: !target.isNew, givesACL: givesACL,
            pathHash: run.restored?.targetHash ?? 0)
        place.directory = directory
        directories.append(directory)
        return place
    }

    /// The directory of a place, made now with those above it if it is not there yet; nil, after noting the problem
    /// once, when it cannot be made.
    func make(_ place: RestorePlace) throws -> RestoreTarget.Directory? {
        // Without recursion: a hostile tree may be deep.
        var pending: [RestorePlace] = []
        var above = place
        while above.directory == nil {
            guard !above.isLost, let parent = above.parent else { return nil }
            pending.append(above)
            above = parent
        }
        var directory = above.directory
        while let next = pending.popLast(), let parent = directory { directory = try make(next, in: parent) }
        return pending.isEmpty ? directory : nil
    }

    private func make(
        _ place: RestorePlace, in parent: RestoreTarget.Directory
    ) throws -> RestoreTarget.Directory? {
        guard let entry = place.entry else { return nil }
        do {
            let existing = try existing(entry.name, in: parent)
            place.directory =
                existing?.kind == .directory
                ? try find(place, entry, existing, in: parent) : try make(place, entry, existing, in: parent)
        } catch let error as SystemError {
            try error.throwIfFatal(run.target)
            run.problems.add(place.path, "cannot be made: \(error.reason)")
        }
        if let directory = place.directory { directories.append(directory) } else { place.isLost = true }
        return place.directory
    }

    private func pathHash(_ name: [UInt8], in parent: RestoreTarget.Directory) -> UInt64 {
        run.restored?.pathHash(name, in: parent) ?? 0
    }

    /// What has this name in a directory that was there before; in any other there is nothing.
    private func existing(_ name: [UInt8], in parent: RestoreTarget.Directory) throws -> FileStatus? {
        guard parent.wasThere, run.options.overwrite != nil else { return nil }
        return try FileStatus.readIfPresent(at: try openDirectories.open(parent), name)
    }

    private func make(
        _ place: RestorePlace, _ entry: TreeEntry, _ existing: FileStatus?, in parent: RestoreTarget.Directory
    ) throws -> RestoreTarget.Directory? {
        if existing != nil, RestoreDecision(entry, existing: existing, run.options) != .replace {
            run.problems.add(
                place.path, "cannot be made: something that is no directory is in the way and is to be kept")
            return nil
        }
        if !run.options.dryRun {
            let file = try openDirectories.open(parent)
            if existing != nil { try DirectoryEntries.remove(at: file, entry.name) }
            try DirectoryEntries.makeDirectory(at: file, entry.name, mode: 0o700)
            if parent.givesACL {
                try ExtendedAttributes.removeACLs(OpenFile.openDirectory(at: file, entry.name))
            }
        }
        run.journal.add(existing == nil ? .create : .change, .directory, path: place.path)
        return RestoreTarget.Directory(parent, entry.name, entry: entry, pathHash: pathHash(entry.name, in: parent))
    }

    /// Takes in a directory that is there. Its owner lets himself in where the mode does not; the mode comes back at
    /// the end.
    private func find(
        _ place: RestorePlace, _ entry: TreeEntry, _ existing: FileStatus?, in parent: RestoreTarget.Directory
    ) throws -> RestoreTarget.Directory? {
        guard let existing else { return nil }
        let above = try openDirectories.open(parent)
        var modeBefore: UInt16?
        let isLocked =
            existing.mode & 0o700 != 0o700 && existing.owner == run.metadata.user && !run.metadata.isPrivileged
        if isLocked, !run.options.dryRun {
            try Metadata.setMode(existing.mode | 0o700, at: above, entry.name)
            modeBefore = existing.mode
        }
        let file = try OpenFile.openDirectory(at: above, entry.name)
        place.setListing(try DirectoryListing.read(file))
        let hasMetadata =
            switch run.options.overwrite {
            case .always, .ifChanged: true
            case .ifNewer: RestoreDecision.isNewer(entry, than: existing)
            case .never, nil: false
            }
        let isRight = !hasMetadata || run.metadata.deviation(entry, file, existing) { try self.tree.data($0) }.isEmpty
        run.journal.add(isRight ? .keep : .change, .directory, path: place.path)
        return RestoreTarget.Directory(
            parent, entry.name, entry: hasMetadata ? entry : nil, wasThere: true, modeBefore: modeBefore,
            givesACL: run.metadata.restoresAttributes && ExtendedAttributes.hasDefaultACL(file),
            pathHash: pathHash(entry.name, in: parent))
    }

    /// Decides what becomes of an entry that is no directory; nil, after noting the problem, when it cannot be
    /// restored.
    func decide(
        _ entry: TreeEntry, in place: RestorePlace, _ directory: RestoreTarget.Directory
    ) throws -> RestoreDecision? {
        let existing = place.existing(entry.name)
        let decision = RestoreDecision(entry, existing: existing, run.options)
        guard existing?.kind == .directory, decision == .replace else { return decision }
        let path = directory.path(of: entry.name)
        guard run.options.delete else {
            run.problems.add(path, "cannot be restored: a directory is in the way, which only --delete removes")
            return nil
        }
        do {
            guard try run.remover.remove(entry.name, in: openDirectories.open(directory), path: path) else {
                run.problems.add(path, "cannot be restored: the directory in the way cannot be removed")
                return nil
            }
        } catch let error as SystemError {
            try error.throwIfFatal(run.target)
            run.problems.add(path, "cannot be restored: the directory in the way cannot be removed: \(error.reason)")
            return nil
        }
        return .create
    }

    /// Ends the visit of a directory. What only the target has is noted to be removed, unless the snapshot may have
    /// more than could be read.
    func leave(_ place: RestorePlace, _ damage: [String]) throws {
        for sentence in damage { run.problems.add(place.path, sentence) }
        let extra = place.leave()
        guard run.options.delete, damage.isEmpty, let directory = place.directory else { return }
        let selection = run.options.selection
        for (name, isDirectory) in extra {
            if !selection.isAll {
                let path = TreePath.join(topPath, place.path(of: name))
                guard selection.place(path, isDirectory: isDirectory).verdict == .selected else { continue }
            }
            deletions.append((directory, name))
        }
    }
}
