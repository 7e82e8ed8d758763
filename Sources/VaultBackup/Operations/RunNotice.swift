/// Tells people and programs what came out of a run: by mail, by a program of theirs, by a file of metrics.
///
/// What is told names systems, tasks, results and times, nothing else: no path below a source, no name of a file, table or
/// person. Where a message goes on the way is not known to be trusted.
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
    var text: String {
        var lines = ["Vault on \(host), \(report.started.description):", ""]
        for outcome in report.outcomes {
            let system = outcome.due.system.map { " of \($0)" } ?? ""
            lines.append("\(outcome.due.task.rawValue)\(system): \(outcome.result.rawValue)")
        }
        if problems > 0 { lines.append("policies: \(problems) faults; run 'vault system lint' on that machine") }
        lines += ["", "What exactly happened stands there: 'journalctl -u vault-backup', or the mail of its cron."]
        return lines.map(Self.oneLine).joined(separator: "\n") + "\n"
    }

    /// What came with a control character would be another line, or a header.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }))
    }

    // MARK: Telling

    /// Mails the notice to these addresses through the machine's `sendmail`.
    /// - Throws: ``VaultError`` `.failed` when that is missing or refuses.
    public func mail(to addresses: [String], sendmail: [UInt8] = Array("/usr/sbin/sendmail".utf8)) throws {
        let subject = "\(hasFailed ? "FAILED" : "done"): vault on \(host)"
        let header = [
            "To: \(addresses.joined(separator: ", "))", "Subject: \(subject)", "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
        ].map(Self.oneLine).joined(separator: "\n")
        // The addresses stand in the header only: one that begins with a dash would be an option.
        try feed(sendmail, [Array("-t".utf8), Array("-oi".utf8)], Array((header + "\n\n" + text).utf8), "mail")
    }

    /// Runs a program with the notice as JSON on its input.
    /// - Throws: ``VaultError`` `.failed` unless it ends with exit status 0.
    public func tell(_ command: [[UInt8]]) throws {
        guard let program = command.first else { return }
        try feed(program, Array(command.dropFirst()), json + [0x0a], "notification")
    }

    private func feed(_ program: [UInt8], _ arguments: [[UInt8]], _ body: [UInt8], _ what: String) throws {
        var options = ChildProcess.Options()
        options.input = .pipe
        options.isGroup = true
        options.outputIsErrors = true
        let failed = { (reason: String, cause: (any Error)?) in
            VaultError(
                .failed, "The \(what) cannot be sent: \(PathText.readable(program)) \(reason)",
                nextStep: "Run it by hand to see why, or change 'notification' in the policy", cause: cause)
        }
        do {
            let child = try ChildProcess.start(program, arguments, options: options)
            do {
                try body.withUnsafeBytes { try child.write($0) { try cancellation.check() } }
            } catch let error as SystemError where error.isBrokenPipe {
                // Who does not read it may still do what is to be done.
            }
            child.closeInput()
            let ending = try child.wait()
            guard ending == .exited(0) else { throw failed("ended with \(ending)", nil) }
        } catch let error as SystemError {
            throw failed("cannot be run", error)
        }
    }
}
