internal import CLinux
internal import Glibc
internal import Synchronization

/// A program that runs beside us: unless the options say otherwise its input is empty, its output comes to us through a
/// pipe, and its errors go where ours go.
///
/// A process that nobody waited for is killed when the object goes away.
final class ChildProcess: Sendable {
    /// Where the streams of the program lead, and what it belongs to.
    struct Options: Sendable {
        /// Its input.
        enum Input: Sendable {
            /// `/dev/null`.
            case nothing
            /// What ``ChildProcess/write(_:)`` is given.
            case pipe
            /// Ours.
            case inherited
            /// A file, from where it stands.
            case file(OpenFile)

            /// What becomes its descriptor 0, unless that is a pipe; -1 for `/dev/null`.
            fileprivate var descriptor: Int32 {
                switch self {
                case .nothing, .pipe: -1
                case .inherited: 0
                case .file(let file): file.fd
                }
            }
        }

        var input = Input.nothing
        /// Its output is ours; ``ChildProcess/read(into:)`` then finds its end.
        var inheritsOutput = false
        /// Its output goes where its errors go.
        var outputIsErrors = false
        /// A file that takes its errors; nil for ours.
        var errors: OpenFile?
        /// It leads a process group of its own, which ``ChildProcess/kill(_:)`` signals as a whole.
        var isGroup = false
        /// `NAME=value` items that come on top of our environment.
        var variables: [[UInt8]] = []

        init() {}
    }

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
    private let input: Mutex<OpenFile?>
    private let isGroup: Bool
    // The number may be sent a signal only until the process is collected: then it can be another's.
    private let state = Mutex(State())

    private init(pid: Int32, output: OpenFile, input: OpenFile?, isGroup: Bool) {
        self.pid = pid
        self.output = output
        self.input = Mutex(input)
        self.isGroup = isGroup
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
        _ program: [UInt8], _ arguments: [[UInt8]] = [], environment: [[UInt8]]? = nil, options: Options = Options()
    ) throws(SystemError) -> ChildProcess {
        let environment = options.variables.isEmpty ? environment : adding(options.variables, to: environment)
        for item in [program] + arguments + (environment ?? []) where item.contains(0) {
            throw SystemError(errno: EINVAL, operation: "start", path: program)
        }
        let output = try pipe()
        var input: (reading: OpenFile, writing: OpenFile)?
        if case .pipe = options.input { input = try pipe() }
        if let input { _ = try SystemCall.run("fcntl") { vault_set_nonblocking(input.writing.fd) } }
        let streams = Streams(
            input: input?.reading.fd ?? options.input.descriptor,
            output: options.outputIsErrors
                ? options.errors?.fd ?? 2 : options.inheritsOutput ? 1 : output.writing.fd,
            errors: options.errors?.fd ?? 2)
        let pid = withCStrings([program] + arguments) { arguments in
            withCStrings(environment ?? []) { items in
                spawn(arguments, environment == nil ? vault_environment() : items, streams, isGroup: options.isGroup)
            }
        }
        switch pid {
        case .success(let pid):
            return ChildProcess(pid: pid, output: output.reading, input: input?.writing, isGroup: options.isGroup)
        case .failure(let number): throw SystemError(errno: number.errno, operation: "start", path: program)
        }
    }

    private static func pipe() throws(SystemError) -> (reading: OpenFile, writing: OpenFile) {
        var ends: [Int32] = [-1, -1]
        _ = try SystemCall.run("pipe") { vault_pipe_cloexec(&ends) }
        return (OpenFile(owning: ends[0]), OpenFile(owning: ends[1]))
    }

    /// Items that replace those of the same name.
    private static func adding(_ items: [[UInt8]], to environment: [[UInt8]]?) -> [[UInt8]] {
        var all = environment ?? []
        if environment == nil { all = Host.environment }
        let names = items.map { $0.prefix { $0 != UInt8(ascii: "=") } + [UInt8(ascii: "=")] }
        return all.filter { item in !names.contains { item.starts(with: $0) } } + items
    }

    /// Writes all bytes to the input. While it waits for the program to read, it calls `check` four times a second, which
    /// throws to end the wait.
    ///
    /// - Parameter dropsOutput: read what the program writes meanwhile, and forget it, so that it does not wait for us.
    /// - Throws: ``SystemError``, `EPIPE` when the program reads no more or the input was closed; and what `check` throws.
    func write(
        _ bytes: UnsafeRawBufferPointer, dropsOutput: Bool = false, _ check: () throws -> Void = {}
    ) throws {
        guard let file = input.withLock({ $0 }) else { throw SystemError(errno: EPIPE, operation: "write") }
        var done = 0
        var isOutputOpen = dropsOutput
        while done < bytes.count {
            try check()
            var wanted = [
                pollfd(fd: file.fd, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: isOutputOpen ? output.fd : -1, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&wanted, 2, 250) <= 0 { continue }
            if wanted[1].revents != 0 { isOutputOpen = try drop() }
            guard wanted[0].revents != 0 else { continue }
            let count = Glibc.write(file.fd, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count >= 0 {
                done += count
            } else if errno != EAGAIN, errno != EINTR {
                throw SystemError(errno: errno, operation: "write")
            }
        }
    }

    /// Reads the output to its end and forgets it: then the program, and what it has started, have ended or given it up.
    func dropOutput(_ check: () throws -> Void) throws {
        repeat { try waitForOutput(check) } while try drop()
    }

    private func drop() throws(SystemError) -> Bool {
        let result: Result<Int, SystemError> = withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) {
            block in
            do throws(SystemError) { return .success(try output.readSome(into: block)) } catch {
                return .failure(error)
            }
        }
        return try result.get() > 0
    }

    /// Ends the input.
    func closeInput() { input.withLock { $0 = nil } }

    /// Reads some of the output, as soon as there is any; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try output.readSome(into: buffer)
    }

    /// Fills the buffer from the output; fewer bytes mean the end. A program may be silent for hours: `check` is called as
    /// in ``waitForOutput(_:)``.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, _ check: () throws -> Void) throws -> Int {
        var done = 0
        while done < buffer.count {
            try waitForOutput(check)
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
            if count == 0 { break }
            done += count
        }
        return done
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

    /// Whether it has not ended; it need not have been waited for.
    var isRunning: Bool {
        guard state.withLock({ $0.ending }) == nil else { return false }
        var info = siginfo_t()
        return waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_signo == 0
    }

    /// Sends a signal, to its group if it leads one; does nothing when the process has been waited for.
    func kill(_ signal: Int32 = SIGTERM) {
        state.withLock { state in
            if state.ending == nil { _ = Glibc.kill(isGroup ? -pid : pid, signal) }
        }
    }

    /// Ends it at once, with its group.
    func end() {
        kill(SIGKILL)
        _ = try? wait()
    }

    private typealias CStrings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    private struct Streams {
        /// -1 for `/dev/null`.
        var input: Int32
        var output: Int32
        var errors: Int32
    }

    private static func spawn(
        _ arguments: CStrings, _ environment: CStrings?, _ streams: Streams, isGroup: Bool
    ) -> Result<Int32, SystemError> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // The output first: were it descriptor 0 (ours being closed), opening /dev/null would take its place.
        if streams.output != 1 { posix_spawn_file_actions_adddup2(&actions, streams.output, 1) }
        if streams.errors != 2 { posix_spawn_file_actions_adddup2(&actions, streams.errors, 2) }
        if streams.input < 0 {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        } else if streams.input != 0 {
            posix_spawn_file_actions_adddup2(&actions, streams.input, 0)
        }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let group = isGroup ? POSIX_SPAWN_SETPGROUP : 0
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))
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
