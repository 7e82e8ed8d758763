/// What became of one thing that was due.
public struct RunOutcome: Sendable {
    /// In a word. The raw values are the words in JSON and metrics.
    public enum Result: String, Sendable, CaseIterable {
        case done
        /// Done, but something of it is missing.
        case incomplete
        /// Nobody is there who could do it; not a failure.
        case skipped
        /// A drill did not prove what it should.
        case notProven = "not-proven"
        case failed
        /// Only planned: a dry run.
        case planned
    }

    /// What was due, and why.
    public var due: DueTask
    /// What became of it.
    public var result: Result
    /// A sentence or a few words; nothing of what is in files or databases.
    public var message: String
    /// What a person should do; empty when nothing.
    public var nextStep = ""
    /// The class of a failure.
    public var code: VaultError.Code?
    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64 = 0
    /// What was added to the store, in bytes, by a backup.
    public var storedBytes: Int?
    /// The snapshot that a backup made.
    public var snapshot: Digest?
}

/// What a run did.
public struct RunReport: Sendable {
    /// When it began.
    public var started: Timestamp
    /// When it ended.
    public var finished: Timestamp
    /// What was due, in the order in which it was done.
    public var outcomes: [RunOutcome] = []

    /// A report of nothing.
    public init(started: Timestamp) {
        self.started = started
        finished = started
    }

    /// The worst that happened.
    public var worst: VaultError.Code? {
        let order: [VaultError.Code] = [
            .damaged, .rolledBack, .drillFailed, .failed, .storage, .unsupportedFormat, .repositoryNotFound,
            .sessionConflict, .wrongIdentity, .notAllowed, .usage, .notProven, .evidenceExpired, .incompleteSources,
        ]
        let codes = outcomes.compactMap(\.code)
        return order.first(where: codes.contains) ?? codes.first
    }

    /// Whether somebody should be told.
    public var hasFailed: Bool { outcomes.contains { [.failed, .incomplete, .notProven].contains($0.result) } }
}
