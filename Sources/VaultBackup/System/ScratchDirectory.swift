/// A directory that one drill, or one scratch server of a database, works in, and nobody else.
///
/// 1. It is new, empty, and open to this user alone; or also to the user of the server, to go through.
/// 2. While its drill runs, a lock says so; a directory without lock and deadline was left by a drill that died.
/// 3. It goes when the drill succeeds. After a failure it stays until a deadline that is written in it; the next drill
///    in the same place removes it then.
final class ScratchDirectory {
    /// Its path.
    let path: [UInt8]
    /// What is restored goes here; it does not exist before.
    let tree: [UInt8]
    private let parent: OpenFile
    private let name: [UInt8]
    private var lock: FileLock?

    /// What a directory is for; its name begins so.
    enum Purpose: String {
        case drill = "vault-drill-"
        case database = "vault-database-"
    }

    private static let lockName = Array("lock".utf8)
    private static let deadlineName = Array("keep-until".utf8)
    private static let idDigits = 16

    /// Makes one below `parent`, which is made if it is missing.
    /// - Throws: ``VaultError`` `.failed` naming the place.
    init(in parentPath: [UInt8], for purpose: Purpose = .drill, random: any RandomSource) throws {
        name = Array(purpose.rawValue.utf8) + Array(Hex.encode(random.bytes(Self.idDigits / 2)).utf8)
        path = PathBytes.join(parentPath, name)
        tree = PathBytes.join(path, Array("tree".utf8))
        do {
            try AtomicFile.createDirectories(parentPath)
            parent = try OpenFile.openDirectory(parentPath, followingLinks: true)
            try DirectoryEntries.makeDirectory(at: parent, name, mode: 0o700)
            if purpose == .database { try Metadata.setMode(0o711, at: parent, name) }
            lock = try FileLock.acquire(PathBytes.join(path, Self.lockName))
            guard lock != nil else { throw SystemError.notThere(path) }
        } catch {
            throw VaultError(
                .failed, "No scratch directory can be made in \(PathText.readable(parentPath))",
                nextStep: "Name a directory that can be written with --scratch", cause: error)
        }
    }

    /// Bytes that can be written there.
    func spaceAvailable() throws -> Int { try FileSystemSpace.available(parent) }

    /// Makes a directory in it that belongs to another user, and is open to nobody else.
    /// - Throws: ``SystemError``.
    func makeDirectory(_ name: [UInt8], owner: UInt32, group: UInt32) throws(SystemError) -> [UInt8] {
        let here = try OpenFile.openDirectory(path)
        try DirectoryEntries.makeDirectory(at: here, name, mode: 0o700)
        if owner != Host.effectiveUser { try Metadata.setOwner(owner, group: group, at: here, name) }
        return PathBytes.join(path, name)
    }

    /// Whether it lies in the directory that `status` is of.
    func lies(in status: FileStatus) throws -> Bool {
        var place = try PathBytes.resolved(path)
        while true {
            let here = try FileStatus.read(place)
            if here.device == status.device, here.inode == status.inode { return true }
            let above = PathBytes.split(place).parent
            if above == place { return false }
            place = above
        }
    }

    /// Lets it stay until a deadline.
    func keep(until deadline: Timestamp) throws {
        try AtomicFile.write(PathBytes.join(path, Self.deadlineName), Array((deadline.description + "\n").utf8))
        lock = nil
    }

    /// Removes it with all that is in it.
    /// - Throws: ``SystemError`` when something stays.
    func remove() throws {
        try Self.remove(name, in: parent)
        lock = nil
    }

    // MARK: What earlier drills left

    /// Removes what drills before this one have left in `parentPath`, when they died or their deadline is over. Returns
    /// the paths of what was removed.
    static func sweep(_ parentPath: [UInt8], for purpose: Purpose = .drill, now: Timestamp) -> [[UInt8]] {
        guard let parent = try? OpenFile.openDirectory(parentPath, followingLinks: true),
            let listing = try? DirectoryListing.read(parent)
        else { return [] }
        var removed: [[UInt8]] = []
        for entry in listing.entries {
            let name = listing.name(of: entry)
            guard let status = entry.status, isOurs(name, status, purpose) else { continue }
            let path = PathBytes.join(parentPath, name)
            // Who holds the lock is still at work.
            guard let lock = try? FileLock.acquire(PathBytes.join(path, lockName)), isOver(path, now) else { continue }
            if (try? remove(name, in: parent)) != nil { removed.append(path) }
            withExtendedLifetime(lock) {}
        }
        return removed
    }

    private static func isOurs(_ name: [UInt8], _ status: FileStatus, _ purpose: Purpose) -> Bool {
        let prefix = Array(purpose.rawValue.utf8)
        return name.starts(with: prefix) && name.count == prefix.count + idDigits
            && Hex.decode(String(decoding: name.dropFirst(prefix.count), as: UTF8.self)) != nil
            && status.kind == .directory && status.owner == Host.effectiveUser
            && status.mode == (purpose == .drill ? 0o700 : 0o711)
    }

    private static func isOver(_ path: [UInt8], _ now: Timestamp) -> Bool {
        guard let text = try? AtomicFile.read(PathBytes.join(path, deadlineName), byteCountMax: 64) else { return true }
        guard let deadline = Timestamp(String(decoding: text.dropLast(), as: UTF8.self)) else { return false }
        return deadline < now
    }

    // MARK: Removing

    private struct Level {
        var file: OpenFile
        var name: [UInt8]
        var left: [(name: [UInt8], isDirectory: Bool)]
    }

    /// Removes a directory below `parent` and all in it, without following a link or leaving the file system. Modes and
    /// flags that were restored, and stand in the way, are taken away.
    static func remove(_ name: [UInt8], in parent: OpenFile) throws {
        let device = try FileStatus.read(at: parent, name).device
        var levels = [try open(name, in: parent, device)]
        while let level = levels.last {
            let above = levels.count > 1 ? levels[levels.count - 2].file : parent
            guard let next = levels[levels.count - 1].left.popLast() else {
                try insist(level.name, in: levels.count > 1 ? above : nil) { () throws(SystemError) in
                    try DirectoryEntries.removeDirectory(at: above, level.name)
                }
                levels.removeLast()
                continue
            }
            if next.isDirectory {
                levels.append(try open(next.name, in: level.file, device))
            } else {
                try insist(next.name, in: level.file) { () throws(SystemError) in
                    try DirectoryEntries.remove(at: level.file, next.name)
                }
            }
        }
    }

    private static func open(_ name: [UInt8], in parent: OpenFile, _ device: UInt64) throws -> Level {
        let status = try FileStatus.read(at: parent, name)
        if status.mode & 0o700 != 0o700, status.owner == Host.effectiveUser {
            try? Metadata.setMode(status.mode | 0o700, at: parent, name)
        }
        let file = try OpenFile.openDirectory(at: parent, name)
        guard try file.status().device == device else {
            throw VaultError(.failed, "\(PathText.readable(name)) is another file system")
        }
        let listing = try DirectoryListing.read(file)
        let left = listing.entries.map { (name: listing.name(of: $0), isDirectory: $0.status?.kind == .directory) }
        return Level(file: file, name: name, left: left)
    }

    /// A restored file or directory may be immutable or append-only.
    private static func insist(
        _ name: [UInt8], in parent: OpenFile?, _ step: () throws(SystemError) -> Void
    ) throws(SystemError) {
        do { try step() } catch  where error.isPermission {
            // What lies above the scratch directory is not ours to change.
            guard let parent else { throw error }
            try? FileFlags.set(0, of: parent)
            if let file = try? OpenFile.openForReading(at: parent, name) { try? FileFlags.set(0, of: file) }
            try step()
        }
    }
}
