internal import Glibc

/// A thread of the engine's own. CPU and disk work never runs on the cooperative pool.
///
/// `@unchecked Sendable` because of the handle, which only `join()` touches, once.
public final class Thread: @unchecked Sendable {
    private var handle: pthread_t = 0

    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread with an 8 MiB stack.
    public init(_ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(body)).toOpaque()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 8 << 20)
        let result = pthread_create(
            &handle, &attributes,
            { argument in
                Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, start)
        pthread_attr_destroy(&attributes)
        precondition(result == 0, "the system refuses another thread (error \(result))")
    }

    /// Waits for the end of the thread. - Precondition: called once.
    public func join() { pthread_join(handle, nil) }

    /// Runs `body` on `count` threads, each with its number, waits for all, and throws the first error.
    public static func runAll(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let failure = Monitor<(any Error)?>(nil)
        let threads = (0..<count).map { number in
            Thread {
                do { try body(number) } catch { failure.withLock { if $0 == nil { $0 = error } } }
            }
        }
        for thread in threads { thread.join() }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
