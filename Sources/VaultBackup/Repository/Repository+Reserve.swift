extension Repository {
    /// Publishes a record that leads to deletions; on a full disk in the space that is kept for this
    /// (``SpaceReserve``), of which the rest is laid aside again.
    ///
    /// - Parameter keepsRest: false for who goes on to delete, and calls ``keepReserve()`` in the end.
    func publishUsingReserve(
        _ body: RecordBody, by signer: Signer, keepsRest: Bool = true
    ) throws(VaultError) -> PublishedRecord {
        do throws(VaultError) { return try log.publish(body, by: signer) } catch {
            guard error.isNoSpace, let reserve = store as? any SpaceReserve, reserve.releaseReserve() else {
                throw error
            }
            defer { if keepsRest { reserve.keepReserve() } }
            return try log.publish(body, by: signer)
        }
    }

    /// Lays space aside for the next record that leads to deletions, as far as there is room.
    func keepReserve() { (store as? any SpaceReserve)?.keepReserve() }
}

extension VaultError {
    /// Whether the store is full.
    var isNoSpace: Bool { (cause as? StorageError)?.kind == .noSpace }
}
