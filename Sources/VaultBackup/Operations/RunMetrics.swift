/// What came out of a run, and what is known of each system, as Prometheus' node exporter reads it from a file.
///
/// 1. What never happened has its line: a drill or a backup that was never made stands there with the time 0, so that a
///    rule by age fires.
/// 2. No two lines have the same name and labels: the exporter would drop the whole file.
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
        // Several copies and several repositories have the same labels.
        var results: [(labels: [String], count: Int)] = []
        for outcome in report.outcomes {
            let labels = [outcome.due.task.rawValue, outcome.due.system ?? "", outcome.result.rawValue]
            if let index = results.firstIndex(where: { $0.labels.elementsEqual(labels) { $0.hasSameBytes(as: $1) } }) {
                results[index].count += 1
            } else {
                results.append((labels, 1))
            }
        }
        text.add(
            "vault_run_task_result", "How many tasks of the last run had this result.",
            results.map { labels, count in
                (zip(["task", "system", "result"], labels).map { (name: $0, value: $1) }, String(count))
            })
        addSystems(to: &text)
        return text.text
    }

    private func addSystems(to text: inout Exposition) {
        func each(_ name: String, _ help: String, _ value: (SystemStatus, StatusReport) -> String?) {
            let samples = status.flatMap { report -> [Exposition.Sample] in
                func sample(_ system: String, _ value: String) -> Exposition.Sample {
                    ([("system", system), ("repository", String(report.repository.hex.prefix(8)))], value)
                }
                return report.systems.map { sample($0.snapshot.system, value($0, report) ?? "0") }
                    + report.absent.map { sample($0, "0") }
            }
            text.add(name, help, samples)
        }
        each("vault_snapshot_started_seconds", "When the newest snapshot was begun; 0 for never.") { system, _ in
            seconds(system.snapshot.time)
        }
        each("vault_snapshots", "Number of snapshots.") { system, _ in String(system.snapshots) }
        each("vault_snapshot_problems", "What is missing in the newest snapshot.") { system, _ in
            String(system.snapshot.problems)
        }
        each("vault_drill_proven_seconds", "When the last drill that proved something was begun; 0 for never.") {
            system, _ in
            system.lastProven.map { seconds($0.body.started) }
        }
        each("vault_drill_expires_seconds", "Until when that proof counts; 0 for none.") { system, _ in
            system.lastProven.map { seconds($0.body.expires) }
        }
        each("vault_proven_ratio", "How much of the newest snapshot's bytes is proven.") { system, _ in
            String(Double(system.coverage.percent) / 100)
        }
        each("vault_recoverable", "1 when the verdict is proven and the log is whole, else 0.") {
            $0.verdict == .proven && $1.damage.isEmpty ? "1" : "0"
        }
    }

    private func seconds(_ time: Timestamp) -> String { String(time.milliseconds / 1_000) }
}

/// Lines of the text format.
private struct Exposition {
    typealias Sample = (labels: [(name: String, value: String)], value: String)

    private(set) var text = ""

    mutating func add(_ name: String, _ help: String, _ samples: [Sample]) {
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
