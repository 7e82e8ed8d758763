extension LogWriter {
    /// Creates a repository: publishes the genesis record, reads it back, and returns a writer.
    ///
    /// Throws ``VaultError/Code/failed`` when there is a repository already. The digest of the genesis record is the
    /// anchor; `beforeStoring` gets it while nothing is stored yet, to keep what must not be lost once there is a
    /// repository.
    public static func create(
        _ repository: RepositoryID, _ body: GenesisBody, in store: any ObjectStore, by signer: Signer,
        clock: any TimeSource, beforeStoring: (_ anchor: Digest) throws(VaultError) -> Void = { _ in }
    ) throws(VaultError) -> LogWriter {
        let record = Record(
            repository: repository, lineage: repository, position: 0, previous: .zero, sequence: 0, time: clock.now(),
            writer: signer.member, body: .genesis(body))
        let outgoing = try Outgoing(record, by: signer)
        // What would not replay must not be stored: a log with a bad first record can never become a repository.
        let writer = LogWriter(
            reader: LogReader(store: store), state: try RepositoryState(genesis: outgoing.stored), clock: clock)
        var unsettled: Outgoing?
        try beforeStoring(writer.state.anchor)
        guard try writer.settle(outgoing, &unsettled) else {
            throw VaultError(
                .failed, "There is a repository at \(store.location) already",
                nextStep: "Open it, or choose another place")
        }
        _ = try writer.reader.open(anchor: writer.state.anchor)
        return writer
    }
}
