internal import Synchronization

/// One of the files that are being worked on, for the eye. Safe from any thread.
final class CurrentPath: Sendable {
    private struct State {
        var path: [UInt8] = []
        var notedAt: UInt64 = 0
    }

    private let state = Mutex(State())
    private let clock: any TimeSource

    /// Small files come and go faster than anybody reads: one in this many nanoseconds is enough.
    private static let interval: UInt64 = 100_000_000
    /// A file of so many bytes will be worked on for a while, so it is always noted.
    private static let largeBytes: UInt64 = 8 << 20

    init(clock: any TimeSource = SystemClock()) { self.clock = clock }

    /// Notes a file of `size` bytes; its path is put together only when it is kept.
    func note(size: UInt64, _ path: () -> [UInt8]) {
        let now = clock.monotonicNanoseconds()
        state.withLock { state in
            guard size >= Self.largeBytes || now >= state.notedAt + Self.interval || state.notedAt == 0 else { return }
            state = State(path: path(), notedAt: now)
        }
    }

    /// The path that was noted last; empty when none was.
    var path: [UInt8] { state.withLock { $0.path } }
}
