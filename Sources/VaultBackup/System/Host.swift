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

    /// Waits a moment.
    public static func pause(milliseconds: Int) {
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        nanosleep(&time, nil)
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

    /// Local time as this process has it: `TZ`, else the system's zone; UTC where neither says one.
    public static var localTimeZone: TimeZoneOffsets {
        tzset()
        return TimeZoneOffsets { seconds in
            var (time, parts) = (time_t(seconds), tm())
            return localtime_r(&time, &parts) == nil ? 0 : parts.tm_gmtoff
        }
    }

    /// Number of this process.
    static var processID: Int { Int(getpid()) }

    /// Whether there is a process of this number.
    static func isRunning(_ process: Int) -> Bool {
        guard let number = pid_t(exactly: process), number > 0 else { return false }
        return kill(number, 0) == 0 || errno == EPERM
    }

    /// Whether this process may do everything on this machine.
    public static var isRoot: Bool { geteuid() == 0 }

    /// The user that system calls are made as.
    static var effectiveUser: UInt32 { geteuid() }

    /// Group that new files of this process belong to.
    static var effectiveGroup: UInt32 { getegid() }

    /// Processors this process may use, at least 1.
    public static var processorCount: Int { max(1, Int(vault_processor_count())) }

    /// Value of an environment variable as the bytes that it is; nil when it is not set.
    public static func environmentValue(_ name: String) -> [UInt8]? {
        getenv(name).map { value in (0..<strlen(value)).map { UInt8(bitPattern: value[$0]) } }
    }

    /// All environment variables as `NAME=value`.
    static var environment: [[UInt8]] {
        var items: [[UInt8]] = []
        guard var next = vault_environment() else { return items }
        while let item = next.pointee {
            items.append(Array(UnsafeRawBufferPointer(start: item, count: strlen(item))))
            next += 1
        }
        return items
    }

    /// The file of the program that this process runs, with links followed; nil when the kernel does not say.
    public static var programPath: [UInt8]? { try? PathBytes.resolved(Array("/proc/self/exe".utf8)) }

    /// Home directory of the user of this process as the user database has it; nil when it has none. For services that
    /// start without `HOME`.
    public static var homeDirectory: [UInt8]? { userEntry { $0.pw_dir } }

    /// Login name of the user of this process; nil when the user database has none.
    public static var userName: [UInt8]? { userEntry { $0.pw_name } }

    private static func userEntry(_ field: (passwd) -> UnsafeMutablePointer<CChar>?) -> [UInt8]? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let start = buffer.baseAddress,
                getpwuid_r(geteuid(), &entry, start, buffer.count, &found) == 0, found != nil,
                let value = field(entry), value[0] != 0
            else { return nil }
            return (0..<strlen(value)).map { UInt8(bitPattern: value[$0]) }
        }
    }

    /// Makes this process fit to hold secrets and many files; to be called before any thread or file. A limit that
    /// cannot be changed stays: nothing here is needed for a correct backup.
    ///
    /// 1. No memory image of the process is written anywhere.
    /// 2. What it makes belongs to its user alone, unless a mode is set on purpose.
    /// 3. It may open as many files as the administrator allows.
    /// 4. A reader that went away is an error of `write`, not the end of the process.
    /// 5. Descriptors 0 to 2 are open, so that no file of a repository gets a number that messages are written to.
    /// 6. A large block of memory that is given up goes back to the system. glibc by itself keeps blocks of up to 32 MiB
    ///    once one was given up (mallopt(3), M_MMAP_THRESHOLD): lists that grow would leave all their earlier places.
    public static func prepareProcess() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        // A core limit of 0 does not stop a program that takes cores from a pipe; this does.
        _ = vault_set_not_dumpable()
        umask(0o077)
        var files = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 {
            files.rlim_cur = files.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        }
        signal(SIGPIPE, SIG_IGN)
        vault_return_blocks_above(256 << 10)
        for number: Int32 in 0...2 where fcntl(number, F_GETFD) == -1 {
            // Takes the lowest free number, which is this one.
            _ = vault_openat(AT_FDCWD, "/dev/null", O_RDWR, 0)
        }
    }
}
