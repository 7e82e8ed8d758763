/// Runs the owner's programs before and after a backup: to stop a service, to freeze a file system, to make and mount
/// a snapshot of a volume.
///
/// 1. They run one after the other, in the order they stand in. If one before the backup fails, there is no backup.
/// 2. As soon as one of those before was started, all of those after are run, whatever happened: also when the backup
///    failed or was interrupted. What was frozen does not stay frozen.
/// 3. One that fails after the backup does not undo it, and is not passed over in silence.
public struct Hooks: Sendable {
    private let hooks: PolicyHooks
    private let system: String
    private let events: any EventSink
    private let cancellation: Cancellation
    private let clock: any TimeSource
    private let timeoutSeconds: Int

    /// Hooks of a system.
    /// - Parameter timeoutSeconds: how long each may take; then it is ended, and has failed.
    public init(
        _ hooks: PolicyHooks, system: String, timeoutSeconds: Int = 86_400, events: any EventSink = SilentEventSink(),
        clock: any TimeSource = SystemClock(), cancellation: Cancellation = Cancellation()
    ) {
        self.hooks = hooks
        self.system = system
        self.timeoutSeconds = timeoutSeconds
        self.events = events
        self.clock = clock
        self.cancellation = cancellation
    }

    /// Does `work` between the programs.
    /// - Throws: what `work` throws, else ``VaultError`` `.failed` for a program that failed, `.interrupted`.
    public func around<Value>(_ work: () throws -> Value) throws -> Value {
        var isBegun = false
        var word = "failed"
        let result: Result<Value, any Error>
        do {
            for program in hooks.before {
                try cancellation.check()
                isBegun = true
                if let reason = try run(program, phase: "before", result: "", cancellation) {
                    throw VaultError(
                        .failed,
                        "\(Self.name(program)), which is to run before the backup, \(reason), so there is no backup",
                        nextStep: "See what it says, and run the backup again")
                }
            }
            // Without programs before it, work that was begun is reason enough for those after it.
            isBegun = true
            result = .success(try work())
            word = "done"
        } catch { result = .failure(error) }
        guard isBegun else { return try result.get() }
        var failures: [String] = []
        for program in hooks.after {
            // Ctrl-C ended the backup; what was stopped for it is still to be started again.
            let reason: String?
            do { reason = try run(program, phase: "after", result: word, Cancellation()) } catch {
                reason = "cannot be run: \(error)"
            }
            if let reason { failures.append("\(Self.name(program)), which is to run after the backup, \(reason)") }
        }
        let value: Value
        do { value = try result.get() } catch {
            for failure in failures { events.receive(.warning(failure)) }
            throw error
        }
        guard failures.isEmpty else {
            throw VaultError(
                .failed, failures.joined(separator: "; ") + "; the snapshot itself is made",
                nextStep: "See what it says, and undo by hand what it should have undone")
        }
        return value
    }

    private static func name(_ program: [[UInt8]]) -> String {
        "The program \(PathText.readable(program.first ?? []))"
    }

    /// Runs one to its end. Returns why it failed, in words that follow its name.
    private func run(
        _ program: [[UInt8]], phase: String, result: String, _ cancellation: Cancellation
    ) throws -> String? {
        guard let path = program.first else { return nil }
        let variables = ["VAULT_SYSTEM=\(system)", "VAULT_PHASE=\(phase)", "VAULT_RESULT=\(result)"]
        let ending: ChildProcess.Ending?
        do {
            ending = try ChildProcess.run(
                path, Array(program.dropFirst()), variables: variables.map { Array($0.utf8) }, seconds: timeoutSeconds,
                clock: clock
            ) { try cancellation.check() }
        } catch let error as SystemError {
            return "cannot be started: \(error.reason)"
        }
        guard let ending else { return "did not end within \(timeoutSeconds) s, and was ended" }
        return ending == .exited(0) ? nil : ending.words
    }
}
