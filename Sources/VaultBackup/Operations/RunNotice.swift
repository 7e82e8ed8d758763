/// Tells people and programs what came out of a run: by mail, by a program of theirs, by a file of metrics.
///
/// What is told names systems, tasks, results and times, nothing else: no path below a source, no name of a file, table
/// or person. Where a message goes on the way is not known to be trusted.
public struct RunNotice: Sendable {
    private let report: RunReport
    private let problems: Int
    private let host: String
    private let cancellation: Cancellation

    /// A notice of a report.
    /// - Parameter problems: how many faults the policy files have.
    public init(
        _ report: RunReport, problems: Int = 0, host: String = Host.name, cancellation: Cancellation = Cancellation()
    ) {
        self.report = report
        self.problems = problems
        self.host = host
        self.cancellation = cancellation
    }

    /// Whether somebody should be told.
    public var hasFailed: Bool { report.hasFailed || problems > 0 }

    /// The body as JSON, one line without its end: what the command gets on its input.
    public var json: [UInt8] {
        CanonicalJSON.encode(
            .object([
                "failed": .bool(hasFailed), "finished": .string(report.finished.description), "host": .string(host),
                "outcomes": .array(report.outcomes.map { Self.json($0) }), "policyProblems": .integer(problems),
                "schema": .integer(1), "started": .string(report.started.description), "type": .string("run"),
            ]))
    }

    private static func json(_ outcome: RunOutcome) -> JSONValue {
        var members: [String: JSONValue] = [
            "milliseconds": .integer(Int(clamping: outcome.nanoseconds / 1_000_000)),
            "result": .string(outcome.result.rawValue), "task": .string(outcome.due.task.rawValue),
        ]
        if let system = outcome.due.system { members["system"] = .string(system) }
        if let bytes = outcome.storedBytes { members["storedBytes"] = .integer(max(0, bytes)) }
        if let snapshot = outcome.snapshot { members["snapshot"] = .string(snapshot.hex) }
        return .object(members)
    }

    /// The body for people, a line for each thing that was done.
    private var lines: [String] {
        var lines = ["Vault on \(host), \(report.started.description):", ""]
        for outcome in report.outcomes {
            let system = outcome.due.system.map { " of \($0)" } ?? ""
            lines.append("\(outcome.due.task.rawValue)\(system): \(outcome.result.rawValue)")
        }
        if problems > 0 { lines.append("policies: \(problems) faults; run 'vault system lint' on that machine") }
        return lines + [
            "", "What exactly happened stands there: 'journalctl -u vault-backup', or the mail of its cron.",
        ]
    }

    // MARK: Telling

    /// Mails the notice to these addresses through the machine's `sendmail`.
    /// - Throws: ``VaultError`` `.failed` when that is missing, refuses, or takes more than five minutes.
    public func mail(to addresses: [String]) throws {
        try letter(to: addresses).send(cancellation)
    }

    /// The notice as a letter.
    func letter(to addresses: [String]) -> Mail {
        Mail(addresses: addresses, subject: "\(hasFailed ? "FAILED" : "done"): vault on \(host)", lines: lines)
    }

    /// Runs a program with the notice as JSON on its input.
    /// - Throws: ``VaultError`` `.failed` unless it ends with exit status 0 within five minutes.
    public func tell(_ command: [[UInt8]]) throws { try tell(command, seconds: Delivery.secondsMax) }

    /// The same with another bound.
    func tell(_ command: [[UInt8]], seconds: Int) throws {
        guard let program = command.first else { return }
        let delivery = Delivery(
            subject: "notification", nextStep: "Run it by hand to see why, or change 'notification' in the policy",
            program: program, arguments: Array(command.dropFirst()), seconds: seconds)
        try delivery.send(json + [0x0a], cancellation)
    }
}
