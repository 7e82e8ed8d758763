/// Somebody else's program, run to its end: by a time, and not after who started it has been told to stop.
extension ChildProcess {
    /// Runs a program to its end, and returns how it ended; nil when its time was over.
    ///
    /// What it writes goes where our errors go: it is for people, and our output is for results. When its time is over,
    /// or `check` throws, it is ended at once with all that it has started; else what it has left running goes on.
    ///
    /// - Parameter input: what it reads; nil for nothing. One that does not read it all may be content all the same.
    /// - Parameter variables: `NAME=value` items on top of our environment.
    /// - Parameter seconds: for how long it may run.
    /// - Parameter check: is called at least four times a second, and throws to end it.
    /// - Throws: ``SystemError`` when it cannot be started; what `check` throws.
    static func run(
        _ program: [UInt8], _ arguments: [[UInt8]] = [], input: [UInt8]? = nil, variables: [[UInt8]] = [], seconds: Int,
        clock: any TimeSource = SystemClock(), _ check: () throws -> Void = {}
    ) throws -> Ending? {
        var options = Options()
        options.input = input == nil ? .nothing : .pipe
        options.outputIsErrors = true
        options.isGroup = true
        options.variables = variables
        let child = try start(program, arguments, options: options)
        return try child.ending(within: seconds, clock: clock, check) { watch in
            if let input { try child.feed(input, watch) }
        }
    }

    /// Does `work` with it, waits for its end, and returns how it ended; nil when its time was over.
    ///
    /// When its time is over, or something throws, it is ended at once, with its group if it leads one.
    ///
    /// - Parameter check: is called at least four times a second, and throws to end it.
    /// - Parameter work: writes to it or reads from it; calls what it is given as often as `check` is to be called.
    /// - Throws: what `check` and `work` throw.
    func ending(
        within seconds: Int, clock: any TimeSource = SystemClock(), _ check: () throws -> Void = {},
        _ work: (_ watch: () throws -> Void) throws -> Void
    ) throws -> Ending? {
        struct TimeIsUp: Error {}
        let begun = clock.monotonicNanoseconds()
        func expectTime() throws {
            if (clock.monotonicNanoseconds() - begun) / 1_000_000_000 >= seconds { throw TimeIsUp() }
        }
        do {
            // The compiler lets no function that it is given have another one in its closure.
            try withoutActuallyEscaping(check) { check in
                try work {
                    try check()
                    try expectTime()
                }
            }
            // It may have given up its streams, and go on.
            while isRunning {
                try check()
                try expectTime()
                SystemClock.pause(milliseconds: 20)
            }
            return try wait()
        } catch {
            end()
            if error is TimeIsUp { return nil }
            throw error
        }
    }

    private func feed(_ input: [UInt8], _ watch: () throws -> Void) throws {
        defer { closeInput() }
        do {
            try input.withUnsafeBytes { try write($0, watch) }
        } catch let error as SystemError where error.isBrokenPipe {
            // Its exit status says whether it missed something.
        }
    }
}
