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
    /// - Throws: ``VaultError`` `.failed` when the system has no memory for it, or allows no more threads.
    public init(_ body: @escaping @Sendable () -> Void) throws(VaultError) {
        let start = Unmanaged.passRetained(Start(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 8 << 20)
        let result = pthread_create(
            &handle, &attributes,
            { argument in
                Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        pthread_attr_destroy(&attributes)
        guard result == 0 else {
            start.release()
            throw VaultError(
                .failed, "The system refuses a thread with 8 MiB for its stack: \(String(cString: strerror(result)))",
                nextStep: "Free some memory or raise the limit of threads ('ulimit -u'), then run the command again")
        }
    }

    /// Waits for the end of the thread. - Precondition: called once.
    public func join() { pthread_join(handle, nil) }

    /// Runs `body` on up to `count` threads, each with its number, waits for all, and throws the first error. Where the
    /// system refuses a thread those before it do the work, or else this one: what is shared out must not need them all.
    public static func runAll(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let failure = Monitor<(any Error)?>(nil)
        let run: @Sendable (Int) -> Void = { number in
            do { try body(number) } catch { failure.withLock { if $0 == nil { $0 = error } } }
        }
        let threads = started(count, run)
        if threads.isEmpty, count > 0 { run(0) }
        for thread in threads { thread.join() }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Runs `side` on a thread of its own while `work` runs on this one; both have ended on return. Where the system refuses
    /// the thread, `side` is run first.
    static func beside<Side, R>(
        _ side: @escaping @Sendable () throws -> Side, while work: () throws -> R
    ) -> (side: Result<Side, any Error>, work: Result<R, any Error>) {
        let outcome = Monitor<Result<Side, any Error>?>(nil)
        let run: @Sendable () -> Void = {
            let result = Result { try side() }
            outcome.withLock { $0 = result }
        }
        let thread = try? Thread(run)
        if thread == nil { run() }
        let result = Result { try work() }
        thread?.join()
        return (outcome.withLock { $0 } ?? Result { try side() }, result)
    }

    /// Starts up to `count` threads; fewer where the system refuses more.
    static func started(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> [Thread] {
        var threads: [Thread] = []
        while threads.count < count {
            let number = threads.count
            guard let thread = try? Thread({ body(number) }) else { break }
            threads.append(thread)
        }
        return threads
    }
}
