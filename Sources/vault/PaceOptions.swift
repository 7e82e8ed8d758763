internal import ArgumentParser
internal import VaultBackup

/// How fast and how urgently a command may work.
struct PaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read at most so many bytes a second in all; K, M, G are understood.", valueName: "rate"))
    var limitRead: SizeArgument?

    @Option(help: ArgumentHelp("Write at most so many bytes a second in all.", valueName: "rate"))
    var limitWrite: SizeArgument?

    @Option(
        help: ArgumentHelp("Use at most so much processor time; 100 is one processor in full.", valueName: "percent"))
    var limitCpu: Double?

    @Flag(help: "Let other programs go first: nice 19, batch scheduling, idle disk class.")
    var lowPriority = false

    func validate() throws {
        for rate in [limitRead, limitWrite] where rate?.byteCount == 0 {
            throw ValidationError("A limit is at least one byte a second")
        }
        if let limitCpu, !(limitCpu >= 1 && limitCpu <= 100_000) {
            throw ValidationError("--limit-cpu is a number of percent from 1 on, without '%'")
        }
    }
}

extension Context {
    /// The same context for a command that keeps to a pace. To be called before any thread is started.
    func paced(_ options: PaceOptions) -> Context {
        if options.lowPriority {
            for reason in Priority.lower() { console.warning("The priority could not be lowered: \(reason)") }
        }
        let clock = PaceClock.system(cancellation)
        var context = self
        context.pace = Pace(
            read: options.limitRead.map { TokenBucket(bytesPerSecond: $0.byteCount, clock: clock) },
            write: options.limitWrite.map { TokenBucket(bytesPerSecond: $0.byteCount, clock: clock) },
            processor: options.limitCpu.map { ProcessorShare(percent: $0, clock: clock) })
        return context
    }
}
