internal import CLinux
internal import Glibc
internal import Synchronization

/// A program that a test started.
///
/// Not Foundation's `Process`: that one lists `/proc/self/fd` before each start and reads past its buffer once this
/// process has some 1,365 descriptors open, which suites that run beside one another do have.
public final class Program: Sendable {
    /// What could not be started, and why.
    public struct NotStarted: Error, CustomStringConvertible {
        /// Sentence for the report of the test.
        public let description: String
    }

    /// Number of the process.
    public let pid: Int32
    private let ended = Mutex<Int32?>(nil)

    private init(pid: pid_t) { self.pid = pid }

    /// Starts a program, looked for in PATH unless it has a `/`. `environment` nil passes on ours, `directory` nil means
    /// ours; `input` nil is an empty input. Descriptors stay the caller's; no others reach the program.
    public static func start(
        _ command: [String], environment: [String: String]? = nil, directory: String? = nil, input: Int32? = nil,
        output: Int32, errors: Int32
    ) throws -> Program {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // Copies above 2 first, as one of those that were given may be 0, 1 or 2.
        let given = [(input, 0), (output, 1), (errors, 2)].map { ($0.0.map { fcntl($0, F_DUPFD_CLOEXEC, 3) }, $0.1) }
        defer { for copy in given.compactMap(\.0) { close(copy) } }
        for (copy, number) in given {
            if let copy {
                posix_spawn_file_actions_adddup2(&actions, copy, Int32(number))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDONLY, 0)
            }
        }
        _ = vault_spawn_closing_from(&actions, 3)
        if let directory { _ = vault_spawn_in_directory(&actions, directory) }
        // Signals have their default effect, and none is blocked.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var pid: pid_t = 0
        let items = environment.map { $0.map { "\($0)=\($1)" } }
        let number = withCStrings(command) { arguments in
            withCStrings(items ?? []) {
                posix_spawnp(&pid, command[0], &actions, &attributes, arguments, items == nil ? environ : $0)
            }
        }
        guard number == 0 else {
            throw NotStarted(description: "\(command[0]) cannot be started: \(String(cString: strerror(number)))")
        }
        return Program(pid: pid)
    }

    /// Waits for the end; returns the exit status, or 128 plus the number of the signal that ended it.
    @discardableResult
    public func wait() -> Int32 { collect(0) ?? -1 }

    /// Whether it has not ended yet.
    public var isRunning: Bool { collect(WNOHANG) == nil }

    // The number is another process's once it was collected, so that is done once, under the lock.
    private func collect(_ options: Int32) -> Int32? {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            var result: pid_t
            repeat { result = waitpid(pid, &status, options) } while result < 0 && errno == EINTR
            guard result == pid else { return nil }
            ended = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
            return ended
        }
    }

    // Calls `body` with an array of C strings that ends with nil.
    private static func withCStrings<R>(
        _ items: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        var strings = items.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        return body(&strings)
    }
}

/// A pipe whose reading end is read to its end.
public struct OutputPipe: ~Copyable {
    private let ends: (reading: Int32, writing: Int32)

    /// Makes a pipe that no other program inherits.
    public init() throws {
        var ends: [Int32] = [-1, -1]
        guard vault_pipe_cloexec(&ends) == 0 else { throw Program.NotStarted(description: "no pipe: \(errno)") }
        self.ends = (ends[0], ends[1])
    }

    /// The end to give to a program.
    public var writing: Int32 { ends.writing }

    /// Everything that is written until the last writer has closed its end; ours is closed first.
    public consuming func read() -> [UInt8] {
        close(ends.writing)
        defer { close(ends.reading) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(ends.reading, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }
}

/// Runs a program found in PATH, as `env` does: `NAME=value` arguments before it are variables. Returns its exit status,
/// output and errors; nil when there is no such program.
public func runProgram(_ arguments: [String]) -> (status: Int32, output: String)? {
    guard let pipe = try? OutputPipe(),
        let program = try? Program.start(["/usr/bin/env"] + arguments, output: pipe.writing, errors: pipe.writing)
    else { return nil }
    let output = pipe.read()
    let status = program.wait()
    // env answers 127 when there is no such program.
    return status == 127 ? nil : (status, String(decoding: output, as: UTF8.self))
}
