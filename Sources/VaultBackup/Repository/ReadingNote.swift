internal import Synchronization

/// What is put on record when a member reads content.
///
/// 1. One record for each opening, before the first byte of content is read, however many snapshots it is about.
/// 2. No record keeps anybody from reading: where none can be written, that is said, and the reading goes on.
public final class ReadingNote: Sendable {
    private let purpose: ReadingPurpose
    private let reason: String
    private let warn: @Sendable (String) -> Void
    private let isPublished = Mutex(false)

    /// A note that nobody has published yet.
    ///
    /// - Parameter reason: why, in the words of who reads; public.
    /// - Parameter warn: is told, in a sentence, that there is no record and why.
    /// - Throws: ``VaultError`` `.usage` for a reason that is too long.
    public init(
        _ purpose: ReadingPurpose, reason: String = "", warn: @escaping @Sendable (String) -> Void
    ) throws(VaultError) {
        try ForgetBody.checkReason(reason)
        self.purpose = purpose
        self.reason = reason
        self.warn = warn
    }

    func publish(_ snapshots: [SnapshotState], _ repository: Repository, by signer: Signer) {
        let isFirst = isPublished.withLock { done in
            defer { done = true }
            return !done
        }
        guard isFirst else { return }
        if let place = repository.elsewhere {
            return warn("This reading is not in the log: \(place.reason(repository.id))")
        }
        let body = AccessBody(snapshots.map { ($0.id, $0.body.system) }, purpose: purpose, reason: reason)
        do throws(VaultError) {
            _ = try repository.log.publish(.access(body), by: signer)
            repository.advancePin()
        } catch {
            warn("This reading is not in the log: \(error.message)")
        }
    }
}
