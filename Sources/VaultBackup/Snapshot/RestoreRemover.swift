/// Removes what is in the way or is not in the snapshot: names below open directories, never through a link, never in
/// another file system, and never what belongs to the repository or to this program.
final class RestoreRemover: Sendable {
    private let isDryRun: Bool
    private let protected: Set<HardLinks.Key>
    private let journal: RestoreJournal
    private let problems: ProblemNotes
    private let cancellation: Cancellation

    init(
        isDryRun: Bool, protected: Set<HardLinks.Key>, journal: RestoreJournal, problems: ProblemNotes,
        cancellation: Cancellation
    ) {
        self.isDryRun = isDryRun
        self.protected = protected
        self.journal = journal
        self.problems = problems
        self.cancellation = cancellation
    }

    /// A directory on the way down.
    private struct Level {
        let file: OpenFile
        let name: [UInt8]
        let path: [UInt8]
        let device: UInt64
        var left: [(name: [UInt8], status: FileStatus?)]
        /// Whether something in it stays.
        var isKept = false
    }

    /// Removes `name` and, if it is a directory, all in it; returns whether nothing is left. Nothing there is no error.
    /// - Throws: ``SystemError`` when the first step fails; further down it is noted and the rest is removed.
    func remove(_ name: [UInt8], in directory: OpenFile, path: [UInt8]) throws -> Bool {
        guard let status = try FileStatus.readIfPresent(at: directory, name) else { return true }
        guard status.kind == .directory else {
            try unlink(name, status, in: directory, path: path)
            return true
        }
        guard isRemovable(status, device: try directory.status().device, path) else { return false }
        var levels = [try open(name, status, in: directory, path: path)]
        var isGone = false
        while let level = levels.last {
            try cancellation.check()
            let parent = levels.count > 1 ? levels[levels.count - 2].file : directory
            if let next = levels[levels.count - 1].left.popLast() {
                let path = level.path + [0x2f] + next.name
                do {
                    let status = try next.status ?? FileStatus.read(at: level.file, next.name)
                    if status.kind != .directory {
                        try unlink(next.name, status, in: level.file, path: path)
                    } else if isRemovable(status, device: level.device, path) {
                        levels.append(try open(next.name, status, in: level.file, path: path))
                    } else {
                        levels[levels.count - 1].isKept = true
                    }
                } catch let error as SystemError {
                    problems.add(path, "cannot be removed: \(error.reason)")
                    levels[levels.count - 1].isKept = true
                }
            } else {
                levels.removeLast()
                isGone = removeEmptied(level, in: parent)
                if !isGone, !levels.isEmpty { levels[levels.count - 1].isKept = true }
            }
        }
        return isGone
    }

    private func isRemovable(_ status: FileStatus, device: UInt64, _ path: [UInt8]) -> Bool {
        if protected.contains(HardLinks.Key(device: status.device, inode: status.inode)) {
            problems.note(path, "belongs to this program and is kept")
            return false
        }
        if status.device != device {
            problems.note(path, "is another file system and is kept")
            return false
        }
        return true
    }

    private func open(_ name: [UInt8], _ status: FileStatus, in parent: OpenFile, path: [UInt8]) throws -> Level {
        // Its owner may remove what is in it, but has to let himself in.
        if !isDryRun, status.mode & 0o700 != 0o700, status.owner == Host.effectiveUser {
            try Metadata.setMode(status.mode | 0o700, at: parent, name)
        }
        let file = try OpenFile.openDirectory(at: parent, name)
        // Whoever put another directory in its place meanwhile does not lead us elsewhere.
        let opened = try file.status()
        guard opened.device == status.device, opened.inode == status.inode else {
            throw SystemError.notThere(path)
        }
        let listing = try DirectoryListing.read(file)
        let left = listing.entries.reversed().map { (name: listing.name(of: $0), status: $0.status) }
        return Level(file: file, name: name, path: path, device: status.device, left: left)
    }

    private func unlink(_ name: [UInt8], _ status: FileStatus, in directory: OpenFile, path: [UInt8]) throws {
        if !isDryRun { try DirectoryEntries.remove(at: directory, name) }
        let bytes = status.kind == .file ? Int(clamping: status.size) : 0
        journal.add(.remove, EntryKind(rawValue: status.kind.rawValue) ?? .file, bytes: bytes, path: path)
    }

    private func removeEmptied(_ level: Level, in parent: OpenFile) -> Bool {
        if level.isKept { return false }
        do {
            if !isDryRun { try DirectoryEntries.removeDirectory(at: parent, level.name) }
            journal.add(.remove, .directory, path: level.path)
            return true
        } catch {
            problems.add(level.path, "cannot be removed: \(error.reason)")
            return false
        }
    }
}
