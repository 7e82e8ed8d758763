/// Tells other processes of this user on this machine that the process of a session lives: it holds a lock on a file
/// that is named by the session.
struct SessionLock: Sendable {
    private let lock: FileLock?
    private let path: [UInt8]?

    /// Takes the lock of a new session, before its OPEN record is published. Where no file can be written there is
    /// none, and nobody takes the session for dead.
    init(_ id: SessionID, _ repository: Repository) {
        path = repository.folders.cache(of: repository.id, Self.folder).map { PathBytes.join($0, Array(id.hex.utf8)) }
        lock = path.flatMap { try? FileLock.acquire($0) }
    }

    /// Removes the file, once the session is closed.
    func remove() {
        if let path { try? DirectoryEntries.remove(at: nil, path) }
    }

    private static let folder = "sessions"

    /// Closes the sessions of processes of this machine that have died, as far as the member may; what they stored
    /// stays usable.
    /// - Parameter member: the member that closes them.
    /// - Parameter publish: publishes a record of that member.
    /// - Returns: how many were closed.
    @discardableResult
    static func abortDead(
        _ repository: Repository, by member: MemberID, publish: (RecordBody) throws -> Void
    ) throws -> Int {
        guard let folder = repository.folders.cache(of: repository.id, folder),
            let directory = try? OpenFile.openDirectory(folder, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return 0 }
        let state = repository.state
        let mayAbortAny = state.keyring.member(member)?.may(.administer) ?? false
        let open = Dictionary(state.openSessions.map { ($0.id.hex, $0) }, uniquingKeysWith: { first, _ in first })
        var count = 0
        for entry in listing.entries {
            let name = listing.name(of: entry)
            let path = PathBytes.join(folder, name)
            // A session without lock file here may be that of another machine; with the lock held, it lives.
            guard let lock = try? FileLock.acquire(path) else { continue }
            if let session = open[String(decoding: name, as: UTF8.self)] {
                guard mayAbortAny || session.writer == member else { continue }
                try publish(.abort(AbortBody(session: session.id)))
                count += 1
            }
            try? DirectoryEntries.remove(at: nil, path)
            withExtendedLifetime(lock) {}
        }
        return count
    }
}
