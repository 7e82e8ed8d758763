internal import Glibc
internal import Synchronization

/// How fast an operation may go, so that a live server is not disturbed: bytes read, bytes written, and processor time.
/// One value is shared by all threads of a process. Without limits nothing is counted and nothing waits.
public struct Pace: Sendable {
    /// Bytes read from sources, restored files and the repository together.
    public var read: TokenBucket?
    /// Bytes written to the repository and to restored files together.
    public var write: TokenBucket?
    /// Processor time of the process.
    public var processor: ProcessorShare?

    /// No limits.
    public static let free = Pace()

    /// A pace; see the properties.
    public init(read: TokenBucket? = nil, write: TokenBucket? = nil, processor: ProcessorShare? = nil) {
        self.read = read
        self.write = write
        self.processor = processor
    }

    /// Waits until bytes that were read are paid for.
    func didRead(_ byteCount: Int) {
        read?.take(byteCount)
        processor?.wait()
    }

    /// Waits until bytes may be written.
    func willWrite(_ byteCount: Int) {
        write?.take(byteCount)
        processor?.wait()
    }

    /// Waits until the process may compute.
    func willCompute() { processor?.wait() }

    /// Bytes to read at once: all, or so many that the waits between are short.
    func readSlice(_ wanted: Int) -> Int { read.map { min(wanted, $0.slice) } ?? wanted }

    /// Bytes to write at once.
    func writeSlice(_ wanted: Int) -> Int { write.map { min(wanted, $0.slice) } ?? wanted }
}

/// Where limits take the time from and how they wait; tests bring their own.
public struct PaceClock: Sendable {
    /// Nanoseconds of a clock that never goes back.
    var now: @Sendable () -> UInt64
    /// Nanoseconds that all threads of the process have computed.
    var processorTime: @Sendable () -> UInt64
    /// Waits so many nanoseconds.
    var sleep: @Sendable (UInt64) -> Void
    /// Whether waiting makes no sense any more.
    var isCancelled: @Sendable () -> Bool

    /// The clocks of this machine; waits end when the work is cancelled.
    public static func system(_ cancellation: Cancellation) -> PaceClock {
        PaceClock(
            now: { read(CLOCK_MONOTONIC) }, processorTime: { read(CLOCK_PROCESS_CPUTIME_ID) },
            sleep: { nanoseconds in
                var time = timespec(
                    tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
                // A signal may end the wait early; the caller looks at the clock again.
                nanosleep(&time, nil)
            }, isCancelled: { cancellation.isCancelled })
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        let result = clock_gettime(clock, &time)
        precondition(result == 0, "every Linux kernel has this clock")
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static let sleepMax: UInt64 = 50_000_000

    /// Waits until a moment, in short steps, so that cancelling is noticed.
    func sleep(until moment: UInt64) {
        while true {
            let time = now()
            if time >= moment || isCancelled() { return }
            sleep(min(moment - time, Self.sleepMax))
        }
    }
}

/// Bytes per second for all threads together. Each taking moves the moment up to which bytes are paid for, and waits
/// for it; an idle time is not saved up beyond a tenth of a second (the generic cell rate algorithm).
public final class TokenBucket: Sendable {
    private let nanosecondsPerByte: Double
    private let clock: PaceClock
    private let paidUntil: Mutex<UInt64>
    private static let savedMax: UInt64 = 100_000_000
    private static let sliceMin = 16 << 10
    private static let sliceMax = 1 << 20

    /// Bytes to move at once, so that the waits are about a tenth of a second.
    let slice: Int

    /// - Precondition: `bytesPerSecond` is at least 1.
    public init(bytesPerSecond: Int, clock: PaceClock) {
        precondition(bytesPerSecond > 0, "a rate is at least one byte a second")
        nanosecondsPerByte = 1e9 / Double(bytesPerSecond)
        self.clock = clock
        slice = min(max(bytesPerSecond / 10, Self.sliceMin), Self.sliceMax)
        let now = clock.now()
        paidUntil = Mutex(now)
    }

    /// Takes so many bytes and waits until they are paid for.
    func take(_ byteCount: Int) {
        guard byteCount > 0 else { return }
        let now = clock.now()
        let due = paidUntil.withLock { paid in
            // At very low rates a time may be longer than the clock counts: then the wait is for ever.
            let cost = UInt64(exactly: (Double(byteCount) * nanosecondsPerByte).rounded()) ?? .max
            let (sum, isOverflow) = max(paid, now - min(now, Self.savedMax)).addingReportingOverflow(cost)
            paid = isOverflow ? .max : sum
            return paid
        }
        if due > now { clock.sleep(until: due) }
    }
}

/// A share of processor time for the process: 100 percent is one processor in full, as `top` counts.
public final class ProcessorShare: Sendable {
    private let percent: Double
    private let clock: PaceClock
    /// Since when, and from which processor time on, use is compared with what is allowed. The second goes below zero
    /// where more time was not used than the process has computed at all.
    private let origin: Mutex<(time: UInt64, used: Double)>
    private static let savedMax = 100_000_000.0

    /// - Precondition: `percent` is above 0.
    public init(percent: Double, clock: PaceClock) {
        precondition(percent > 0, "a share is above zero")
        self.percent = percent
        self.clock = clock
        origin = Mutex((clock.now(), Double(clock.processorTime())))
    }

    /// Waits until the process has used no more than its share since the start.
    func wait() {
        let (now, used) = (clock.now(), clock.processorTime())
        let due: UInt64? = origin.withLock { origin in
            let allowed = Double(now &- origin.time) * percent / 100
            let balance = allowed - (Double(used) - origin.used)
            if balance < 0 {
                let (due, isOverflow) = now.addingReportingOverflow(
                    UInt64(exactly: (-balance * 100 / percent).rounded()) ?? .max)
                return isOverflow ? .max : due
            }
            // What was not used is not saved up: waiting for a disk must not be followed by a storm.
            if balance > Self.savedMax { origin.used -= balance - Self.savedMax }
            return nil
        }
        if let due { clock.sleep(until: due) }
    }
}
