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

        /// Such as `ended with exit status 3`, to follow the name of the program.
        var words: String {
            switch self {
            case .exited(let status): "ended with exit status \(status)"
            case .signalled(let signal): "was ended by signal \(signal)"
            }
        }
    }

    private struct State {
        var ending: Ending?
    }

    /// Number of the process.
    let pid: Int32
    let output: OpenFile
    /// Whether the output has room for much more than a program writes at once.
    let isOutputWide: Bool
    let input: Mutex<OpenFile?>
    private let isGroup: Bool
    // The number may be sent a signal only until the process is collected: then it can be another's.
    private let state = Mutex(State())

    private init(pid: Int32, output: OpenFile, isOutputWide: Bool, input: OpenFile?, isGroup: Bool) {
        self.pid = pid
        self.isOutputWide = isOutputWide
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
        // What a user may not have, or no more of, is done without.
        let isWide = vault_widen_pipe(output.writing.fd, outputBytes) >= outputBytes
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
            return ChildProcess(
                pid: pid, output: output.reading, isOutputWide: isWide, input: input?.writing, isGroup: options.isGroup)
        case .failure(let number): throw SystemError(errno: number.errno, operation: "start", path: program)
        }
    }

    /// The most that a user may have without asking.
    private static let outputBytes: Int32 = 1 << 20

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
}
