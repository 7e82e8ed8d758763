internal import Synchronization

/// The last steps of a restore, when all content is there: hard links, what has to go, and the metadata of directories.
/// One thread.
final class RestoreFinisher {
    private let run: RestoreRun
    private let tree: TreeReader
    private var to: OpenDirectoryCache
    private var from: OpenDirectoryCache

    init(_ run: RestoreRun, _ tree: TreeReader) {
        self.run = run
        self.tree = tree
        to = OpenDirectoryCache(run.target)
        from = OpenDirectoryCache(run.target)
    }

    /// Gives files their other names.
    func link(_ member: RestorePlanner.LinkMember, to first: RestorePlanner.LinkMember) throws {
        let path = member.directory.path(of: member.entry.name)
        run.progress.add(entries: 1, bytes: member.entry.contentBytes)
        if isHeldBack(member, first, path) { return }
        do { try makeLink(member, first, path) } catch let error as SystemError {
            try error.throwIfFatal(run.target)
            run.problems.add(path, "cannot be linked: \(error.reason)")
        }
    }

    /// Names a file whose first name could not be restored, and says whether it gets no link: what is damaged does not
    /// take the place of another file.
    private func isHeldBack(_ member: RestorePlanner.LinkMember, _ first: RestorePlanner.LinkMember, _ path: [UInt8])
        -> Bool
    {
        guard let group = member.entry.hardLinkGroup, let what = run.unrestoredGroups.withLock({ $0[group] }) else {
            return false
        }
        let other = "/" + PathText.readable(first.directory.path(of: first.entry.name))
        let isThere = member.existing != nil
        if what == .inPart, !isThere {
            run.problems.add(path, "is damaged: it is the same file as \(other)")
            return false
        }
        run.problems.add(path, "cannot be restored: it is the same file as \(other), which could not be")
        if isThere { run.problems.note(path, "what was there is kept") }
        return true
    }

    private func makeLink(_ member: RestorePlanner.LinkMember, _ first: RestorePlanner.LinkMember, _ path: [UInt8])
        throws
    {
        let kind = member.entry.kind
        guard let existing = member.existing, existing.kind != .directory else {
            run.journal.add(.create, kind, path: path)
            if run.options.dryRun { return }
            return try DirectoryEntries.makeLink(
                from: try from.open(first.directory), first.entry.name, to: try to.open(member.directory),
                member.entry.name)
        }
        let now =
            run.options.dryRun
            ? run.isReplaced(first.entry) ? nil : first.existing
            : try FileStatus.readIfPresent(at: try from.open(first.directory), first.entry.name)
        if let now, (now.device, now.inode) == (existing.device, existing.inode) {
            return run.journal.add(.keep, kind, bytes: member.entry.contentBytes, path: path)
        }
        run.journal.add(.change, kind, path: path)
        if run.options.dryRun { return }
        let source = try from.open(first.directory)
        let directory = try to.open(member.directory)
        let name = try TemporaryName.first { name throws(SystemError) in
            try DirectoryEntries.makeLink(from: source, first.entry.name, to: directory, name)
            return name
        }
        do { try DirectoryEntries.rename(from: directory, name, to: directory, member.entry.name) } catch {
            try? DirectoryEntries.remove(at: directory, name)
            throw error
        }
    }

    /// Keeps files with several names for the next backup, now that they have them all.
    func keepLinked(_ planner: RestorePlanner) {
        guard let restored = run.restored else { return }
        let contents = run.linkedContents.withLock { $0 }
        if contents.isEmpty { return }
        func keep(_ member: RestorePlanner.LinkMember, _ first: RestorePlanner.LinkMember) {
            guard let content = contents[restored.pathHash(first.entry.name, in: first.directory)],
                let status = try? FileStatus.read(at: try to.open(member.directory), member.entry.name),
                let same = try? FileStatus.read(at: try from.open(first.directory), first.entry.name),
                (status.device, status.inode) == (same.device, same.inode)
            else { return }
            restored.keep(content, restored.pathHash(member.entry.name, in: member.directory), status)
        }
        for first in planner.firstMembers { keep(first, first) }
        for (member, first) in planner.links { keep(member, first) }
    }

    /// Sets the flags of a file that has all its names. The file that this restore made or put right is known by its
    /// size and time; another one in its place is left alone.
    func finish(_ first: RestorePlanner.LinkMember) throws {
        guard first.entry.kind == .file, first.entry.flags != nil else { return }
        do {
            let file = try OpenFile.openForReading(at: try from.open(first.directory), first.entry.name)
            let status = try file.status()
            guard status.kind == .file, status.size == UInt64(first.entry.size),
                status.modified == first.entry.modified
            else { return }
            run.metadata.applyFlags(first.entry, to: file, path: first.directory.path(of: first.entry.name))
        } catch let error as SystemError where error.isNotFound || error.isLink {
            // It could not be restored, which has been said.
            return
        }
    }

    /// Removes what is not in the snapshot.
    func remove(_ name: [UInt8], in directory: RestoreTarget.Directory) throws {
        try run.cancellation.check()
        let path = directory.path(of: name)
        do { _ = try run.remover.remove(name, in: try to.open(directory), path: path) } catch let error as SystemError {
            run.problems.add(path, "cannot be removed: \(error.reason)")
        }
    }

    /// Applies the metadata of a directory, after that of all below it: what is made in a directory changes its times.
    func finish(_ directory: RestoreTarget.Directory) throws {
        guard directory.entry != nil || directory.modeBefore != nil else { return }
        do {
            let file = try to.open(directory)
            if let entry = directory.entry, directory.wasThere {
                let deviation = run.metadata.deviation(entry, file, try file.status()) { try self.tree.data($0) }
                run.metadata.correct(entry, deviation, of: file, path: directory.path) { try self.tree.data($0) }
            } else if let entry = directory.entry {
                run.metadata.apply(entry, to: file, path: directory.path) { try self.tree.data($0) }
            } else if let mode = directory.modeBefore {
                try Metadata.setMode(mode, of: file)
            }
        } catch let error as SystemError {
            run.problems.add(directory.path, "cannot be finished: \(error.reason)")
        }
    }
}
