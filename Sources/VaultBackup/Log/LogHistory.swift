/// Every record of a log, replayed from the first on without any cache: what an auditor judges.
public struct LogHistory: Sendable {
    /// One record.
    public struct Entry: Sendable, Equatable {
        /// Where it stands, and SHA-256 of its stored bytes.
        public let point: LogPoint
        /// Its hash as a leaf of the log's tree.
        public let leaf: Digest
        /// Stored bytes.
        public let byteCount: Int
        /// Its kind, time, writer and session as it says itself; nil when it cannot be read.
        public let claim: Claim?
        /// What it came to.
        public let effect: RecordEffect
    }

    /// What a record says of itself.
    public struct Claim: Sendable, Equatable {
        /// Its kind.
        public let kind: String
        /// When it was written, by its writer's clock.
        public let time: Timestamp
        /// The member that wrote it.
        public let writer: MemberID
        /// The session it belongs to.
        public let session: SessionID?
        /// What it lets go, keeps or orders; nil for other kinds.
        public let lifecycle: RecordLifecycle?
    }

    /// What the log means.
    public internal(set) var state: RepositoryState
    /// All records up to the head or to the first that is missing; the index is the position.
    public internal(set) var entries: [Entry]
    /// Positions of records above one that is missing: nothing can be said of them.
    public internal(set) var unjudged: [Int] = []

    /// Number of records that the tree covers.
    public var size: Int { entries.count }

    /// The head of the tree over the first `size` records. - Precondition: there are as many.
    public func checkpoint(size: Int) -> Checkpoint {
        precondition(size <= entries.count, "a checkpoint covers records that there are")
        let root = MerkleTree.root(entries[..<size].lazy.map(\.leaf))
        return Checkpoint(origin: Checkpoint.origin(of: state.lineage), size: size, root: root)
    }

    /// The head of the tree over all records.
    public var checkpoint: Checkpoint { checkpoint(size: size) }
}

extension LogReader {
    /// Reads and replays the whole log. Damage is in the result; thrown is what leaves nothing to judge.
    ///
    /// - Throws: ``VaultError`` `.repositoryNotFound`, `.unsupportedFormat`, `.damaged` for a first record that is
    ///   none, `.storage`.
    public func history() throws(VaultError) -> LogHistory {
        guard let genesis = try record(0) else {
            // Says whether there is no repository, or only no first record.
            _ = try open()
            throw VaultError(.storage, "The log in \(store.location) changes while it is read")
        }
        let state = try RepositoryState(genesis: genesis)
        let first = LogHistory.Entry(stored: genesis, position: 0, effect: .effective, state.keyring)
        var history = LogHistory(state: state, entries: [first])
        repeat { try extend(&history) } while try !noteLaterRecords(&history)
        return history
    }

    private func extend(_ history: inout LogHistory) throws(VaultError) {
        while let stored = try record(history.size) {
            let effect: RecordEffect
            let keyring = history.state.keyring
            do throws(StorageError) {
                effect = try history.state.apply(stored) { (digest) throws(StorageError) in
                    try store.get(.content(.sets, digest))
                }
            } catch {
                throw storageFailure(error)
            }
            history.entries.append(LogHistory.Entry(stored: stored, position: history.size, effect: effect, keyring))
        }
    }

    /// False when there are new records to read: only what stays absent is missing.
    private func noteLaterRecords(_ history: inout LogHistory) throws(VaultError) -> Bool {
        let size = history.size
        do throws(StorageError) {
            history.unjudged = try store.list("log").compactMap(\.name.recordPosition).filter { $0 >= size }.sorted()
        } catch {
            throw storageFailure(error)
        }
        guard !history.unjudged.isEmpty else { return true }
        if try record(size) != nil { return false }
        history.state.noteMissingRecord(at: size)
        return true
    }
}

extension LogHistory.Entry {
    fileprivate init(stored: [UInt8], position: Int, effect: RecordEffect, _ keyring: Keyring) {
        let record = (try? SignedRecord(decoding: stored))?.record
        self.init(
            point: LogPoint(position: position, digest: SHA256.digest(stored)), leaf: MerkleTree.leaf(stored),
            byteCount: stored.count,
            claim: record.map {
                LogHistory.Claim(
                    kind: $0.body.kind, time: $0.time, writer: $0.writer, session: $0.body.session,
                    lifecycle: RecordLifecycle($0.body, keyring))
            }, effect: effect)
    }
}
