extension Verify {
    /// Packs whose bytes were found to be those of their names before the keys were there.
    public struct Ahead: Sendable {
        /// Their ordinals.
        var hashed: Set<Int>

        /// None.
        public init() { hashed = [] }

        init(hashed: Set<Int>) { self.hashed = hashed }
    }

    /// Opens the keys for a verification while packs are hashed already: making a key from a passphrase takes half a
    /// second of one processor, on purpose, and a hash needs no key.
    ///
    /// At most ``bytesMax`` are: they are read once more to be opened, and more of them would not stay in memory while
    /// somebody looks for a passphrase.
    ///
    /// - Parameter open: gets the keys, and may ask for a passphrase; when it returns, no other pack is begun.
    /// - Throws: what `open` throws.
    public static func opening(
        _ request: VerifyRequest, _ repository: Repository, _ open: () throws -> ReadAccess
    ) throws -> (access: ReadAccess, ahead: Ahead) {
        // What is read in part is chosen later, and a single processor is the one that makes the key.
        guard request.readDataPercent == 100, request.ageMaxSeconds == nil, request.workers != 1,
            Host.processorCount > 1
        else { return (try open(), Ahead()) }
        let state = repository.state
        let store = repository.store
        let opened = Cancellation()
        let (ahead, access) = Thread.beside({ hashAhead(state, store, until: opened) }) {
            defer { opened.cancel() }
            return try open()
        }
        return (try access.get(), try ahead.get())
    }

    private static let bytesMax = 1 << 30

    /// Hashes packs in their order until it is cancelled. What is wrong is not said here: it is found again.
    static func hashAhead(_ state: RepositoryState, _ store: any ObjectStore, until end: Cancellation) -> Ahead {
        let verifier = PackVerifier(store: store, access: nil)
        var ahead = Ahead()
        var byteCount = 0
        for (ordinal, pack) in state.packs.enumerated() where !pack.isSwept {
            byteCount += pack.pack.length
            if end.isCancelled || byteCount > bytesMax { break }
            let found = Result { try verifier.check(ordinal, pack.description) }
            if case .success(nil) = found { ahead.hashed.insert(ordinal) }
        }
        return ahead
    }
}
