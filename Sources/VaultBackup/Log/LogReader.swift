/// Opens and follows the log of a repository in a store (`docs/FORMAT.md`, sections 11 and 12).
///
/// 1. Nothing but stored records, pack sets and a checked cache goes into the state.
/// 2. A state that does not descend from the pin is refused.
/// 3. The head is found by reading upwards; a listing is only asked whether something lies above a gap.
public struct LogReader: Sendable {
    /// A record that was replayed.
    public struct Applied: Sendable, Equatable {
        /// Where it stands, and SHA-256 of its stored bytes.
        public let point: LogPoint
        /// What it came to.
        public let effect: RecordEffect
    }

    /// An opened log.
    public struct Opened: Sendable {
        /// What the log says.
        public let state: RepositoryState
        /// Whether the anchor was taken on trust, because none was expected.
        public let isFirstUse: Bool
        /// Number of records that were read and verified, not taken from the cache.
        public let recordsReplayed: Int
    }

    let store: any ObjectStore

    /// A reader of the log in `store`.
    public init(store: any ObjectStore) { self.store = store }

    /// Replays the log up to its head.
    ///
    /// - Parameter anchor: SHA-256 that the genesis record must have; nil to trust what is there, which is reported.
    /// - Parameter pin: what this client has seen before; nil when nothing.
    /// - Parameter cache: where a state is kept between runs. It is brought up to date when that is worth it.
    public func open(anchor: Digest? = nil, pin: Pin? = nil, cache: StateCache? = nil) throws(VaultError) -> Opened {
        guard let genesis = try record(0) else {
            if let position = try lowestPosition(above: -1) {
                throw VaultError(
                    .damaged, "The genesis record is missing in \(store.location), but there is a record \(position)")
            }
            throw VaultError(
                .repositoryNotFound, "There is no repository at \(store.location)",
                nextStep: "Check the place, or create one with 'vault init'")
        }
        let found = SHA256.digest(genesis)
        if let anchor, anchor != found {
            throw VaultError(
                .wrongIdentity,
                "The repository at \(store.location) is not the one of the identity: its anchor is \(found), not \(anchor)",
                nextStep: "Check that this is the right repository and the right identity")
        }
        let cached = try cachedState(cache, found)
        var state: RepositoryState
        if let cached { state = cached } else { state = try RepositoryState(genesis: genesis) }
        let replayed = try refresh(&state).count + (cached == nil ? 1 : 0)
        try noteGap(&state, isThorough: cached == nil)
        if let pin { try check(pin, &state) }
        // The cache only saves time, so that an error in writing it must not stop anything.
        if let cache, replayed >= StateCache.recordsWorthSaving, state.mayWrite { try? cache.save(state) }
        return Opened(state: state, isFirstUse: anchor == nil && pin == nil, recordsReplayed: replayed)
    }

    /// A record at the pinned position that is signed by nobody is damage: it must not keep anybody from restoring. One
    /// that is signed, or missing, shows another history and is refused.
    private func check(_ pin: Pin, _ state: inout RepositoryState) throws(VaultError) {
        let position = pin.point.position
        let stored = try record(position)
        let digest = stored.map { SHA256.digest($0) }
        if let stored, pin.lineage == state.lineage {
            if digest != pin.point.digest {
                if !isSigned(stored, at: position, in: state) { return state.noteAlteredRecord(at: position) }
            } else if let damaged = state.irregularities.first(where: { $0.kind.isDamage && $0.position < position }) {
                // The pinned record is as it was, and it names all before it: what is missing or mangled below is
                // damage, not another history. A signed record in the place of another is no accident.
                if try !isSigned(damaged.position, in: state) { return }
            }
        }
        try pin.check(state, digest: digest)
    }

    /// Whether there is a record at the position that a member signed for it.
    func isSigned(_ position: Int, in state: RepositoryState) throws(VaultError) -> Bool {
        try record(position).map { isSigned($0, at: position, in: state) } ?? false
    }

    /// Whether these bytes are a record that a member signed for the position.
    func isSigned(_ stored: [UInt8], at position: Int, in state: RepositoryState) -> Bool {
        (try? SignedRecord(decoding: stored)).map { isGenuine($0, at: position, in: state) } ?? false
    }

    /// Replays the records above the head of `state` until a position is absent.
    @discardableResult
    public func refresh(_ state: inout RepositoryState) throws(VaultError) -> [Applied] {
        var applied: [Applied] = []
        while let stored = try record(state.head + 1) {
            do throws(StorageError) {
                let effect = try state.apply(stored) { (digest) throws(StorageError) in
                    try store.get(.content(.sets, digest))
                }
                applied.append(Applied(point: LogPoint(position: state.head, digest: state.headDigest), effect: effect))
            } catch {
                throw storageFailure(error)
            }
        }
        return applied
    }

    /// Makes the record at `position` survive a power loss, and with it those before it in its folder: whoever
    /// published them may have been killed, or be, between naming and synchronising. What is remembered durably, the
    /// pin and the local index, must not run ahead of the store. False when that cannot be had.
    func makeDurable(_ position: Int) -> Bool {
        var positions = [position]
        // The first of a folder (FORMAT, section 2) leaves the one before it to the other folder.
        if position > 0, position.isMultiple(of: 1 << 12) {
            positions.append(position - 1)
        }
        return positions.allSatisfy { position in
            guard let there = try? record(position) else { return false }
            // It exists; a put that finds an object vouches for it.
            return (try? store.put(.record(position), there)) != nil
        }
    }

    /// Stored bytes of the record at `position`; nil when there is none.
    func record(_ position: Int) throws(VaultError) -> [UInt8]? {
        do throws(StorageError) { return try store.get(.record(position)) } catch { throw storageFailure(error) }
    }

    func storageFailure(_ error: StorageError) -> VaultError {
        if error.kind == .notFound {
            return VaultError(
                .repositoryNotFound, "There is no repository at \(store.location)", nextStep: error.nextStep,
                cause: error)
        }
        return VaultError(
            .storage, "The log in \(store.location) cannot be read or written", nextStep: error.nextStep, cause: error)
    }

    private func cachedState(_ cache: StateCache?, _ anchor: Digest) throws(VaultError) -> RepositoryState? {
        guard let state = cache?.load(anchor: anchor), let stored = try record(state.head) else { return nil }
        return SHA256.digest(stored) == state.headDigest ? state : nil
    }

    /// Notes a missing record: one that is absent although there are later ones. Writing there would cut those off.
    ///
    /// - Parameter isThorough: whether to list all records, which takes long in a large log, or to look only one
    ///   position further.
    private func noteGap(_ state: inout RepositoryState, isThorough: Bool) throws(VaultError) {
        func hasLater() throws(VaultError) -> Bool {
            try isThorough ? lowestPosition(above: state.head) != nil : record(state.head + 2) != nil
        }
        guard try hasLater() else { return }
        // Records published since the head was found count as later ones too; only what stays absent is missing.
        try refresh(&state)
        if try hasLater(), try record(state.head + 1) == nil { state.noteMissingRecord(at: state.head + 1) }
    }

    private func lowestPosition(above head: Int) throws(VaultError) -> Int? {
        do throws(StorageError) {
            return try store.list("log").compactMap { $0.name.recordPosition }.filter { $0 > head }.min()
        } catch {
            throw storageFailure(error)
        }
    }
}
