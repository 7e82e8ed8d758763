internal import CLinux
internal import Glibc
internal import Synchronization

/// A program that runs beside us: its input is empty, its output comes to us through a pipe, its errors go where ours
/// go.
///
/// A process that nobody waited for is killed when the object goes away.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum Ending: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    private struct State {
        var ending: Ending?
    }

    /// Number of the process.
    let pid: Int32
    private let output: OpenFile
    // The number may be sent a signal only until the process is collected: then it can be another's.
    private let state = Mutex(State())

    private init(pid: Int32, output: OpenFile) {
        self.pid = pid
        self.output = output
    }

    deinit {
        if state.withLock({ $0.ending }) == nil {
            kill(SIGKILL)
            _ = try? wait()
        }
    }

    /// Starts `program` (looked for in PATH if it has no `/`). `arguments` do not include the program's own name;
    /// `environment` holds `NAME=value` items, nil passes on ours. Signals have their default effect in the new
    /// process.
    static func start(
        _ program: [UInt8], _ arguments: [[UInt8]] = [], environment: [[UInt8]]? = nil
    ) throws(SystemError) -> ChildProcess {
        var ends: [Int32] = [-1, -1]
        _ = try SystemCall.run("pipe") { vault_pipe_cloexec(&ends) }
        let (reading, writing) = (OpenFile(owning: ends[0]), OpenFile(owning: ends[1]))
        for item in [program] + arguments + (environment ?? []) where item.contains(0) {
            throw SystemError(errno: EINVAL, operation: "start", path: program)
        }
        let pid = withCStrings([program] + arguments) { arguments in
            withCStrings(environment ?? []) { items in
                spawn(arguments, environment == nil ? vault_environment() : items, output: writing.fd)
            }
        }
        switch pid {
        case .success(let pid): return ChildProcess(pid: pid, output: reading)
        case .failure(let number): throw SystemError(errno: number.errno, operation: "start", path: program)
        }
    }

    /// Reads some of the output, as soon as there is any; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try output.readSome(into: buffer)
    }

    /// Waits until ``read(into:)`` has something to return, and calls `check` four times a second, which throws to end
    /// the wait.
    func waitForOutput(_ check: () throws -> Void) throws {
        var wanted = pollfd(fd: output.fd, events: Int16(POLLIN), revents: 0)
        repeat { try check() } while poll(&wanted, 1, 250) <= 0
    }

    /// Waits for the end. May be called again, and from several threads.
    func wait() throws(SystemError) -> Ending {
        // First wait without collecting, so that kill() is not locked out meanwhile.
        var info = siginfo_t()
        do { _ = try SystemCall.run("waitid") { waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) } } catch
            where error.errno == ECHILD
        {}
        let result: Result<Ending, SystemError> = state.withLock { state in
            if let ending = state.ending { return .success(ending) }
            var status: Int32 = 0
            do throws(SystemError) { _ = try SystemCall.run("waitpid") { waitpid(pid, &status, 0) } } catch {
                return .failure(error)
            }
            let signal = status & 0x7f
            let ending: Ending = signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
            state.ending = ending
            return .success(ending)
        }
        return try result.get()
    }

    /// Sends a signal; does nothing when the process has been waited for.
    func kill(_ signal: Int32 = SIGTERM) {
        state.withLock { state in
            if state.ending == nil { _ = Glibc.kill(pid, signal) }
        }
    }

    private typealias CStrings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    private static func spawn(_ arguments: CStrings, _ environment: CStrings?, output: Int32) -> Result<
        Int32, SystemError
    > {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // The output first: were it descriptor 0 (ours being closed), opening /dev/null would take its place.
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        guard let program = arguments[0] else { return .failure(SystemError(errno: EINVAL, operation: "start")) }
        var pid: pid_t = 0
        let number = posix_spawnp(&pid, program, &actions, &attributes, arguments, environment)
        return number == 0 ? .success(pid) : .failure(SystemError(errno: number, operation: "start"))
    }

    // Calls `body` with an array of C strings that ends with nil.
    private static func withCStrings<R>(_ items: [[UInt8]], _ body: (CStrings) -> R) -> R {
        let strings = CStrings.allocate(capacity: items.count + 1)
        defer { strings.deallocate() }
        for (k, item) in items.enumerated() {
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: item.count + 1)
            for (i, byte) in item.enumerated() { copy[i] = CChar(bitPattern: byte) }
            copy[item.count] = 0
            strings[k] = copy
        }
        strings[items.count] = nil
        defer { for k in 0..<items.count { strings[k]?.deallocate() } }
        return body(strings)
    }
}
