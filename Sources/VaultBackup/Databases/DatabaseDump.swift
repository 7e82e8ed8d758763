internal import Synchronization

/// A dump that programs write: they are started at the first read, and judged as soon as the stream has ended.
final class DatabaseDump: Sendable {
    /// The programs at work.
    struct Running: Sendable {
        /// What comes before all that `read` yields.
        var head: [UInt8] = []
        /// Fills the buffer with what comes next; fewer bytes mean the end.
        var read: @Sendable (UnsafeMutableRawBufferPointer, Cancellation) throws -> Int
        /// Called at the end of the stream. Throws unless every program that took part ended with success and the dump is
        /// whole; then there must be no snapshot.
        var end: @Sendable (StreamEnds, Cancellation) throws -> DatabaseCapture
    }

    private struct State {
        var running: Running?
        var ends = StreamEnds()
        /// Set when the stream has ended.
        var result: Result<DatabaseCapture, any Error>?
    }

    /// The name of its file.
    let file: [UInt8]
    private let subject: String
    private let start: @Sendable (Cancellation) throws -> Running
    private let state = Mutex(State())

    /// - Parameter subject: what it is of, for messages.
    init(
        of subject: String, file: [UInt8], _ start: @escaping @Sendable (Cancellation) throws -> Running
    ) {
        self.subject = subject
        self.file = file
        self.start = start
    }

    /// Fills the buffer with what comes next of the dump; fewer bytes mean its end. One thread reads.
    func read(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        if state.withLock({ $0.running == nil }) {
            let running = try explain { try start(cancellation) }
            state.withLock { $0.running = running }
        }
        let (running, count) = state.withLock { state in
            let count = min(state.running?.head.count ?? 0, buffer.count)
            buffer.copyBytes(from: state.running?.head.prefix(count) ?? [])
            state.running?.head.removeFirst(count)
            return (state.running, count)
        }
        guard let running else { return 0 }
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let total = try count + explain { try running.read(rest, cancellation) }
        let ends = state.withLock { state in
            state.ends.note(UnsafeRawBufferPointer(rebasing: buffer[..<total]))
            return state.ends
        }
        if total < buffer.count {
            // Not only when all other databases are done: a transaction keeps its server from tidying up.
            let result = Result { try explain { try running.end(ends, cancellation) } }
            state.withLock { $0.result = result }
        }
        return total
    }

    /// What the dump is of; throws what its end threw.
    func finish() throws -> DatabaseCapture {
        guard let result = state.withLock({ $0.result }) else {
            throw VaultError(.failed, "The dump of \(subject) was not read to its end")
        }
        return try result.get()
    }

    /// Says of what a failure is.
    private func explain<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as VaultError where error.code == .failed {
            let cause = (error.cause as? VaultError).map { "\(error.message): \($0.message)" } ?? error.message
            throw VaultError(
                .failed,
                "\(subject.prefix(1).uppercased() + subject.dropFirst()) cannot be saved, so there is no snapshot",
                nextStep: Silence.nextStep(
                    after: error,
                    or:
                        "Check with the database's own client, as the same user and with the same variables, that it is "
                        + "there and may be read, and run the backup again"),
                cause: VaultError(.failed, cause))
        }
    }
}
