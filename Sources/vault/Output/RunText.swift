internal import VaultBackup

/// What a run did, for people and programs.
enum RunText {
    /// Writes the report of a run.
    static func write(_ report: RunReport, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "run",
                [
                    ("started", .string(report.started.description)),
                    ("finished", .string(report.finished.description)), ("failed", .bool(report.hasFailed)),
                    ("outcomes", .array(report.outcomes.map { .object(json($0)) })),
                ])
        }
        if report.outcomes.isEmpty {
            if !console.isQuiet { try console.line("Nothing is due") }
            return
        }
        for outcome in report.outcomes where !console.isQuiet || outcome.code != nil {
            try console.line(line(outcome))
            if !outcome.nextStep.isEmpty { try console.line("    \(outcome.nextStep.shown)") }
        }
    }

    private static func line(_ outcome: RunOutcome) -> String {
        var subject = outcome.due.task.rawValue
        if let system = outcome.due.system { subject += " \(system.shown)" }
        if let copy = outcome.due.copy { subject += " \(PathText.readable(copy))" }
        let time = outcome.nanoseconds == 0 ? "" : " (\(Units.duration(outcome.nanoseconds)))"
        let word = outcome.result == .planned ? "due" : outcome.result.rawValue
        return "\(subject): \(word)\(outcome.message.isEmpty ? "" : ", " + outcome.message.shown)\(time)"
    }

    private static func json(_ outcome: RunOutcome) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [("task", .string(outcome.due.task.rawValue))]
        if let system = outcome.due.system { members.append(("system", .string(system))) }
        if let copy = outcome.due.copy { members += JSON.path("copy", copy) }
        members += [
            ("reason", .string(outcome.due.reason)), ("result", .string(outcome.result.rawValue)),
            ("message", .string(outcome.message)), ("nextStep", .string(outcome.nextStep)),
            ("seconds", .seconds(outcome.nanoseconds)),
        ]
        if let code = outcome.code { members.append(("code", .string(code.rawValue))) }
        if let bytes = outcome.storedBytes { members.append(("storedBytes", .integer(bytes))) }
        if let snapshot = outcome.snapshot { members.append(("snapshot", .string(snapshot.hex))) }
        return members
    }
}
