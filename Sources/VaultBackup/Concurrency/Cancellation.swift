internal import Synchronization

/// A flag that asks running work to end. Workers look at it between chunks.
public final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let isAskedElsewhere: (@Sendable () -> Bool)?

    /// A flag that is not set.
    ///
    /// - Parameter isAskedElsewhere: another place that may ask for the end, such as a signal that was received. It is
    ///   looked at each time, from any thread, so nothing has to wake up for it; it must be quick.
    public init(or isAskedElsewhere: (@Sendable () -> Bool)? = nil) { self.isAskedElsewhere = isAskedElsewhere }

    /// Asks the work to end; may be called from any thread.
    public func cancel() { flag.store(true, ordering: .relaxed) }

    /// Whether the work was asked to end.
    public var isCancelled: Bool {
        flag.load(ordering: .relaxed) || isAskedElsewhere?() == true
    }

    /// - Throws: ``VaultError`` with code `.interrupted` once ``cancel()`` was called.
    public func check() throws {
        if isCancelled {
            throw VaultError(.interrupted, "The work was interrupted", nextStep: "Run the same command again to go on")
        }
    }
}
