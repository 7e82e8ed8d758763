internal import Synchronization

/// A flag that asks running work to end. Workers look at it between chunks.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let isFollowingSignals: Bool

    /// A flag that is not set.
    ///
    /// - Parameter followingSignals: whether a signal that asks the process to end sets it too, once
    ///   ``Signals/install()`` was called. Nothing has to wake up for that, and no signal can come too early.
    public init(followingSignals: Bool = false) { isFollowingSignals = followingSignals }

    /// Asks the work to end; may be called from any thread.
    public func cancel() { flag.store(true, ordering: .relaxed) }

    /// Whether the work was asked to end.
    public var isCancelled: Bool {
        flag.load(ordering: .relaxed) || isFollowingSignals && Signals.received != nil
    }

    /// - Throws: ``VaultError`` with code `.interrupted` once ``cancel()`` was called.
    public func check() throws {
        if isCancelled {
            throw VaultError(.interrupted, "The work was interrupted", nextStep: "Run the same command again to go on")
        }
    }
}
