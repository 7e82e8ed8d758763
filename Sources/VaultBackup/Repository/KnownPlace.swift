internal import Synchronization

/// Another place than the one at which a repository is opened: where this client saw it last.
///
/// Whether the repository has moved, or somebody has copied it with another program, cannot be told. A record in a
/// copy would make another history of it, so that reading and drilling, which nobody takes for writing, write nothing
/// here. Whoever adds something here on purpose, such as a snapshot, says by it that this is the repository.
public final class KnownPlace: Sendable {
    /// Absolute path of where the repository was seen last.
    public let path: [UInt8]
    /// Absolute path of where it is opened.
    public let here: [UInt8]
    private let take: @Sendable () -> Void
    private let hasTaken = Mutex(false)

    /// - Parameter take: remembers the place at which the repository is opened instead.
    init(_ path: [UInt8], here: [UInt8], take: @escaping @Sendable () -> Void) {
        (self.path, self.here, self.take) = (path, here, take)
    }

    /// Whether the place at which the repository is opened has been taken for its own.
    var isTaken: Bool { hasTaken.withLock { $0 } }

    /// Takes it when a record says so.
    func published(_ body: RecordBody) {
        if case .access = body { return }
        let isFirst = hasTaken.withLock { done in
            defer { done = true }
            return !done
        }
        if isFirst { take() }
    }

    /// Why nothing is put on record here, and what to do.
    func reason(_ repository: RepositoryID) -> String {
        let place = PathText.readable(here)
        return
            "this user last saw the repository at \(PathText.readable(path)), and a record in a copy of it would make "
            + "another history; if it has moved, run vault log pin -r \(place) --accept \(repository.hex)"
    }
}
