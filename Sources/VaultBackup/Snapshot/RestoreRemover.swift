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
        /// Nil when there are too many above; it is then opened again from the one below.
        var file: OpenFile?
        let name: [UInt8]
        let device: UInt64
        let inode: UInt64
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
        func below(_ name: [UInt8]? = nil) -> [UInt8] {
            // At once: joined one by one, the path of a deep directory would be copied as often as it is deep.
            let names = [path] + levels.dropFirst().map(\.name) + (name.map { [$0] } ?? [])
            return Array(names.joined(separator: [0x2f]))
        }
        var isGone = false
        while let level = levels.last, let file = level.file {
            try cancellation.check()
            if let next = levels[levels.count - 1].left.popLast() {
                do {
                    let status = try next.status ?? FileStatus.read(at: file, next.name)
                    if status.kind != .directory {
                        try unlink(next.name, status, in: file, path: below(next.name))
                    } else if isRemovable(status, device: level.device, below(next.name)) {
                        levels.append(try open(next.name, status, in: file, path: below(next.name)))
                        if levels.count > Self.openMax { levels[levels.count - 1 - Self.openMax].file = nil }
                    } else {
                        levels[levels.count - 1].isKept = true
                    }
                } catch let error as SystemError {
                    problems.add(below(next.name), "cannot be removed: \(error.reason)")
                    levels[levels.count - 1].isKept = true
                }
            } else {
                levels.removeLast()
                func own() -> [UInt8] { levels.isEmpty ? path : below(level.name) }
                if let above = levels.indices.last, levels[above].file == nil {
                    levels[above].file = try reopen(levels[above], from: file, own())
                }
                isGone = removeEmptied(level, in: levels.isEmpty ? directory : levels[levels.count - 1].file, own())
                if !isGone, !levels.isEmpty { levels[levels.count - 1].isKept = true }
            }
        }
        return isGone
    }

    /// Directories on the way that stay open.
    private static let openMax = 128

    /// Opens the directory above one that is open; whoever moved it meanwhile does not lead us elsewhere.
    private func reopen(_ level: Level, from file: OpenFile, _ path: @autoclosure () -> [UInt8]) throws -> OpenFile {
        let above = try OpenFile.openDirectory(at: file, [0x2e, 0x2e])
        let status = try above.status()
        guard (status.device, status.inode) == (level.device, level.inode) else { throw SystemError.notThere(path()) }
        return above
    }

    private func isRemovable(_ status: FileStatus, device: UInt64, _ path: @autoclosure () -> [UInt8]) -> Bool {
        if protected.contains(HardLinks.Key(device: status.device, inode: status.inode)) {
            problems.note(path(), "belongs to this program and is kept")
            return false
        }
        if status.device != device {
            problems.note(path(), "is another file system and is kept")
            return false
        }
        return true
    }

    private func open(
        _ name: [UInt8], _ status: FileStatus, in parent: OpenFile, path: @autoclosure () -> [UInt8]
    ) throws -> Level {
        // Its owner may remove what is in it, but has to let himself in.
        if !isDryRun, status.mode & 0o700 != 0o700, status.owner == Host.effectiveUser {
            try Metadata.setMode(status.mode | 0o700, at: parent, name)
        }
        let file = try OpenFile.openDirectory(at: parent, name)
        // Whoever put another directory in its place meanwhile does not lead us elsewhere.
        let opened = try file.status()
        guard opened.device == status.device, opened.inode == status.inode else {
            throw SystemError.notThere(path())
        }
        let listing = try DirectoryListing.read(file)
        let left = listing.entries.reversed().map { (name: listing.name(of: $0), status: $0.status) }
        return Level(file: file, name: name, device: status.device, inode: status.inode, left: left)
    }

    private func unlink(
        _ name: [UInt8], _ status: FileStatus, in directory: OpenFile, path: @autoclosure () -> [UInt8]
    ) throws {
        if !isDryRun { try DirectoryEntries.remove(at: directory, name) }
        let bytes = status.kind == .file ? Int(clamping: status.size) : 0
        journal.add(.remove, EntryKind(rawValue: status.kind.rawValue) ?? .file, bytes: bytes, path: path())
    }

    private func removeEmptied(_ level: Level, in parent: OpenFile?, _ path: @autoclosure () -> [UInt8]) -> Bool {
        guard !level.isKept, let parent else { return false }
        do {
            if !isDryRun { try DirectoryEntries.removeDirectory(at: parent, level.name) }
            journal.add(.remove, .directory, path: path())
            return true
        } catch {
            problems.add(path(), "cannot be removed: \(error.reason)")
            return false
        }
    }
}
