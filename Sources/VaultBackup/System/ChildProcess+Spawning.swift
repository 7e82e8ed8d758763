internal import CLinux
internal import Glibc

extension ChildProcess {
    typealias CStrings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    /// Descriptors that become those of the program.
    struct Streams {
        /// -1 for `/dev/null`.
        var input: Int32
        var output: Int32
        var errors: Int32
    }

    /// Starts a program whose words are C strings.
    static func spawn(
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

    /// Calls `body` with an array of C strings that ends with nil.
    static func withCStrings<R>(_ items: [[UInt8]], _ body: (CStrings) -> R) -> R {
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
