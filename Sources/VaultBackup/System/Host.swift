internal import CLinux
internal import Glibc

/// The clocks of this machine.
public struct SystemClock: TimeSource {
    /// The clocks of this machine.
    public init() {}

    /// The wall clock, to the millisecond.
    public func now() -> Timestamp {
        let time = read(CLOCK_REALTIME)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Nanoseconds since some moment; goes on while the machine sleeps.
    public func monotonicNanoseconds() -> UInt64 {
        let time = read(CLOCK_BOOTTIME)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        let result = clock_gettime(clock, &time)
        precondition(result == 0, "every Linux kernel has this clock")
        return time
    }
}

/// Facts about this machine.
public enum Host {
    /// Its name; empty when the kernel has none. Bytes that are not UTF-8 are replaced.
    public static var name: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 257) { buffer in
            guard let start = buffer.baseAddress, gethostname(start, 256) == 0 else { return "" }
            buffer[256] = 0
            return String(cString: start)
        }
    }

    /// The user that system calls are made as.
    static var effectiveUser: UInt32 { geteuid() }

    /// Processors this process may use, at least 1.
    public static var processorCount: Int { max(1, Int(vault_processor_count())) }
}
