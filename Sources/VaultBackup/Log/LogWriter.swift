internal import Synchronization

/// Publishes records (`docs/FORMAT.md`, section 11).
///
/// 1. A record is published by put-if-absent at the next position. Who loses replays the winner's record, checks again,
///    and takes the next.
/// 2. Never are two different records of this writer sent to one position: an outcome that stays unknown is kept and
///    settled, with the same bytes, before anything else is sent.
/// 3. Success is reported after the record has been read back and replayed, and was effective.
///
/// May be used from several threads; calls block, and publications happen one after another.
public final class LogWriter: Sendable {
    /// How many positions are tried before giving up. Each lost one means that another writer made progress.
    static let positionsMax = 1_000
    /// How often the same bytes are sent to a position while the outcome is unknown.
    static let putsMax = 5

    let reader: LogReader
    /// Why nothing is published here at all; nil when there is no such reason.
    let refusal: VaultError?
    private let clock: any TimeSource
    private let published: (@Sendable (RecordBody) -> Void)?
    // Held during a whole publication; the value is what could not be settled.
    private let publishing: Mutex<Outgoing?>
    private let current: Mutex<RepositoryState>

    /// A writer that goes on from `state`, which `reader` has opened.
    ///
    /// - Parameter refusal: what every publication throws, for a log that must not be written.
    /// - Parameter published: is told of every record that was published, while no other is.
    public init(
        reader: LogReader, state: RepositoryState, clock: any TimeSource, refusal: VaultError? = nil,
        published: (@Sendable (RecordBody) -> Void)? = nil
    ) {
        self.reader = reader
        self.refusal = refusal
        self.clock = clock
        self.published = published
        publishing = Mutex(nil)
        current = Mutex(state)
    }

    /// The state replayed so far.
    public var state: RepositoryState { current.withLock { $0 } }

    /// Replays what others have published and returns the state. Waits for a publication in progress.
    @discardableResult
    public func refresh() throws(VaultError) -> RepositoryState {
        try publishing.withLock { (_) throws(VaultError) in _ = try replay() }
        return state
    }

    /// Publishes a record and returns it when it is durable and effective.
    ///
    /// Throws, with nothing published, what the rules of the log say against it: ``VaultError/Code/notAllowed``,
    /// ``VaultError/Code/sessionConflict``, ``VaultError/Code/wrongIdentity``, ``VaultError/Code/damaged`` or
    /// ``VaultError/Code/unsupportedFormat``. After ``VaultError/Code/storage`` the same call may be made again; it
    /// finds out whether the record has been published meanwhile.
    public func publish(_ body: RecordBody, by signer: Signer) throws(VaultError) -> PublishedRecord {
        if let refusal { throw refusal }
        return try publishing.withLock { (unsettled) throws(VaultError) in
            if let earlier = unsettled {
                let isPublished = try settle(earlier, &unsettled)
                if isPublished {
                    let record = try confirm(earlier)
                    if earlier.isOf(body, signer.member) { return told(record, body) }
                }
            }
            for _ in 0..<Self.positionsMax {
                let outgoing = try prepare(body, signer)
                if try settle(outgoing, &unsettled) { return told(try confirm(outgoing), body) }
                try replay()
            }
            throw VaultError(
                .sessionConflict, "Other writers were faster \(Self.positionsMax) times in a row",
                nextStep: "Try again later")
        }
    }

    private func told(_ record: PublishedRecord, _ body: RecordBody) -> PublishedRecord {
        published?(body)
        return record
    }

    /// Signs the record for the next position, after checking that it will be effective there.
    private func prepare(_ body: RecordBody, _ signer: Signer) throws(VaultError) -> Outgoing {
        var record = draft(body, signer)
        if try refusal(of: record) != nil {
            // What this state refuses, a newer one may allow.
            try replay()
            record = draft(body, signer)
            if let refusal = try refusal(of: record) { throw refusal }
        }
        let outgoing = try Outgoing(record, by: signer)
        // A seed that is not the member's would fill the log with void records.
        guard let writer = state.keyring.member(signer.member), outgoing.isSigned(by: writer) else {
            throw VaultError(
                .wrongIdentity,
                "The identity's signing key is not the one that the repository knows for \(signer.member)")
        }
        return outgoing
    }

    private func draft(_ body: RecordBody, _ signer: Signer) -> Record {
        let time = clock.now()
        return current.withLock { state in
            Record(
                repository: state.repository, lineage: state.lineage, position: state.head + 1,
                previous: state.headDigest,
                sequence: state.nextSequence(of: signer.member), time: time, writer: signer.member, body: body)
        }
    }

    private func refusal(of record: Record) throws(VaultError) -> VaultError? {
        do throws(StorageError) {
            return try state.refusal(of: record) { (digest) throws(StorageError) in
                try reader.store.get(.content(.sets, digest))
            }
        } catch {
            throw reader.storageFailure(error)
        }
    }

    /// Sends the bytes until it is known what stands at the position: true when it is these bytes, false when others.
    func settle(_ outgoing: Outgoing, _ unsettled: inout Outgoing?) throws(VaultError) -> Bool {
        var last: StorageError?
        for _ in 0..<Self.putsMax {
            var failure: StorageError?
            do throws(StorageError) {
                if try reader.store.put(.record(outgoing.position), outgoing.stored) == .created {
                    unsettled = nil
                    return true
                }
            } catch {
                failure = error
                last = error
                if error.kind == .outcomeUnknown { unsettled = outgoing }
            }
            if let there = try reader.record(outgoing.position) {
                guard failure != nil, there == outgoing.stored else {
                    unsettled = nil
                    return there == outgoing.stored
                }
                // It can be seen, but the failed put did not promise that it survives a power loss. One that finds it
                // does.
                unsettled = outgoing
            } else if let failure, failure.kind != .outcomeUnknown {
                throw reader.storageFailure(failure)
            }
        }
        throw VaultError(
            .storage,
            "Whether record \(outgoing.position) was stored could not be found out in \(Self.putsMax) tries",
            nextStep: "Check the store, then run the same command again", cause: last)
    }

    /// Reads the record back, replays it, and makes sure that it has its effect.
    private func confirm(_ outgoing: Outgoing) throws(VaultError) -> PublishedRecord {
        let applied = try replay()
        let digest = SHA256.digest(outgoing.stored)
        let (head, irregularity) = current.withLock { state in
            (state.head, state.irregularities.first { $0.position == outgoing.position })
        }
        guard head >= outgoing.position else {
            throw VaultError(
                .storage, "The store took the record at position \(outgoing.position) but does not show it",
                nextStep: "Check the store, then run the same command again")
        }
        if let point = applied.first(where: { $0.point.position == outgoing.position })?.point, point.digest != digest {
            throw VaultError(
                .damaged, "The store gives other bytes for the record at position \(outgoing.position) than it took",
                nextStep: "Check the store, then run 'vault verify'")
        }
        if let irregularity {
            throw VaultError(
                .failed, "The record at position \(outgoing.position) has no effect: \(irregularity.reason)",
                nextStep: "Run the same command again")
        }
        return PublishedRecord(record: outgoing.record, digest: digest)
    }

    @discardableResult
    private func replay() throws(VaultError) -> [LogReader.Applied] {
        try current.withLock { (state) throws(VaultError) in try reader.refresh(&state) }
    }
}
