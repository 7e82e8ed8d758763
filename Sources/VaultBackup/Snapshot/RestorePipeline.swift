/// Restores one window on a thread of its own while the next is planned. One thread uses it.
final class RestorePipeline {
    private let execute: @Sendable (RestoreWindow) throws -> Void
    private var thread: Thread?
    private let failure = Monitor<(any Error)?>(nil)

    init(_ execute: @escaping @Sendable (RestoreWindow) throws -> Void) { self.execute = execute }

    /// Begins with a window as soon as the one before is done.
    /// - Throws: what ended the one before.
    func start(_ window: RestoreWindow) throws {
        try wait()
        // All pieces of a long file that are in windows before this one have been written.
        if window.goesOn { window.files.first?.settle() }
        let (execute, failure) = (execute, failure)
        thread = try? Thread {
            do { try execute(window) } catch { failure.withLock { $0 = error } }
        }
        if thread == nil { try execute(window) }
    }

    /// Waits until all that was begun is done.
    /// - Throws: what ended it.
    func wait() throws {
        thread?.join()
        thread = nil
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
