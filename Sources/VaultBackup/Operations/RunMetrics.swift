/// What came out of a run, and what is known of each system, as Prometheus' node exporter reads it from a file.
///
/// A drill that never ran has no line of its own: the time 0 stands for it, so that a rule by age fires.
public struct RunMetrics: Sendable {
    private let report: RunReport
    private let status: [StatusReport]

    /// Metrics of a run.
    /// - Parameter status: where each repository stands after it.
    public init(_ report: RunReport, status: [StatusReport]) {
        self.report = report
        self.status = status
    }

    /// Writes the file, durably and as a whole: a reader sees the old one or the new one.
    /// - Throws: ``VaultError`` `.failed`.
    public func write(to path: [UInt8]) throws {
        do { try AtomicFile.write(path, Array(text.utf8), mode: 0o644) } catch {
            throw VaultError(
                .failed, "The metrics \(PathText.readable(path)) cannot be written",
                nextStep: "Make its directory, and let this user write there", cause: error)
        }
    }

    /// The text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
    var text: String {
        var text = Exposition()
        text.add("vault_run_finished_seconds", "When the last run ended.", [([], seconds(report.finished))])
        text.add(
            "vault_run_failed", "Whether something of the last run failed.", [([], report.hasFailed ? "1" : "0")])
        text.add(
            "vault_run_task_result", "What became of each task of the last run: 1 for the result that it had.",
            report.outcomes.map { outcome in
                (
                    [
                        ("task", outcome.due.task.rawValue), ("system", outcome.due.system ?? ""),
                        ("result", outcome.result.rawValue),
                    ], "1"
                )
            })
        let systems = status.flatMap(\.systems)
        func each(_ name: String, _ help: String, _ value: (SystemStatus) -> String) {
            text.add(name, help, systems.map { ([("system", $0.snapshot.system)], value($0)) })
        }
        each("vault_snapshot_started_seconds", "When the newest snapshot was begun.") { seconds($0.snapshot.time) }
        each("vault_snapshots", "Number of snapshots.") { String($0.snapshots) }
        each("vault_snapshot_problems", "What is missing in the newest snapshot.") { String($0.snapshot.problems) }
        each("vault_drill_proven_seconds", "When the last drill that proved something was begun; 0 for never.") {
            $0.lastProven.map { seconds($0.body.started) } ?? "0"
        }
        each("vault_drill_expires_seconds", "Until when that proof counts; 0 for none.") {
            $0.lastProven.map { seconds($0.body.expires) } ?? "0"
        }
        each("vault_proven_ratio", "How much of the newest snapshot's bytes is proven.") {
            String(Double($0.coverage.percent) / 100)
        }
        each("vault_recoverable", "1 when the verdict is proven, else 0.") { $0.verdict == .proven ? "1" : "0" }
        return text.text
    }

    private func seconds(_ time: Timestamp) -> String { String(time.milliseconds / 1_000) }
}

/// Lines of the text format.
private struct Exposition {
    private(set) var text = ""

    mutating func add(
        _ name: String, _ help: String, _ samples: [(labels: [(name: String, value: String)], value: String)]
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            text += labels.isEmpty ? "\(name) \(sample.value)\n" : "\(name){\(labels)} \(sample.value)\n"
        }
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
