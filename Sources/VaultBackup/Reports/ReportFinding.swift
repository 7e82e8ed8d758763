/// Something that people should look at.
public struct ReportFinding: Sendable {
    /// How serious it is, the worst first. The raw values name it in pages.
    public enum Weight: String, Sendable, CaseIterable { case damaged, failed, expired, notProven = "not-proven", note }

    /// How serious it is.
    public var weight: Weight
    /// The system; empty for the repository.
    public var system: String

    private enum Content {
        case sentence(FindingPhrase, [String: String])
        case reason(ProofReason)
        case caution(MemberCaution)
        case damage(Irregularity)
    }

    private let content: Content
    // A time in the sentence, which the reader's zone decides how to write.
    private let time: Timestamp?

    init(
        _ weight: Weight, _ sentence: FindingPhrase, system: String = "", time: Timestamp? = nil,
        _ values: [String: String] = [:]
    ) {
        (self.weight, self.system, self.time) = (weight, system, time)
        content = .sentence(sentence, values)
    }

    private init(_ weight: Weight, _ content: Content, system: String = "") {
        (self.weight, self.system, self.content, time) = (weight, system, content, nil)
    }

    /// A sentence without full stop.
    public func text(_ language: Language, _ zone: TimeZoneOffsets) -> String {
        switch content {
        case .sentence(let sentence, var values):
            values["time"] = time.map { Amounts.minute($0, zone, language) } ?? "-"
            return sentence.text(language, values)
        case .reason(let reason): return reason.text(language)
        case .caution(let caution): return caution.text(language)
        case .damage(let damage): return FindingPhrase.damage.text(language, ["text": damage.sentence(language)])
        }
    }

    /// Most findings that a page lists; more are counted.
    static let listedMax = 200

    static func all(of report: RecoveryReport, _ state: RepositoryState) -> [ReportFinding] {
        var found = report.status.damage.map { ReportFinding(.damaged, .damage($0)) }
        for name in report.status.absent {
            found.append(ReportFinding(.notProven, .reason(.neverBackedUp), system: name))
        }
        for system in report.systems { found += of(system) }
        let void = state.irregularities.filter { $0.kind == .void || $0.kind == .withoutEffect }
        if let last = void.last {
            found.append(
                ReportFinding(.note, .voidRecords, ["count": "\(void.count)", "position": "\(last.position)"]))
        }
        for copy in report.status.copies where !copy.hasEverySnapshot {
            let name = copy.marker.name
            if let behind = copy.recordsBehind, let done = copy.marker.completion {
                found.append(
                    ReportFinding(.note, .copyBehind, time: done.time, ["name": name, "count": "\(behind)"]))
            } else {
                found.append(ReportFinding(.note, .copyNever, ["name": name]))
            }
        }
        for order in report.status.administration.waiting {
            found.append(ReportFinding(.note, .orderWaits, time: order.time, ["name": order.writer]))
        }
        for caution in report.status.administration.cautions { found.append(ReportFinding(.note, .caution(caution))) }
        // Kept in their order within a weight.
        return Weight.allCases.flatMap { weight in found.filter { $0.weight == weight } }
    }

    private static func of(_ system: RecoveryReport.System) -> [ReportFinding] {
        let (status, name) = (system.status, system.name)
        var found: [ReportFinding] = []
        if system.futureBackups > 0 {
            found.append(ReportFinding(.notProven, .future, system: name, ["count": "\(system.futureBackups)"]))
        }
        for drill in system.drills where drill.evidence == nil {
            found.append(
                ReportFinding(
                    .notProven, .evidenceMissing, system: name, time: drill.info.body.started,
                    ["id": String(drill.info.id.hex.prefix(8))]))
        }
        switch status.verdict {
        case .failed where status.why == .copyFailed:
            found.append(ReportFinding(.failed, .reason(status.why), system: name))
        case .failed:
            let drill = status.lastDrill
            found.append(
                ReportFinding(
                    .failed, .drillFailed, system: name, time: drill?.body.started,
                    ["id": drill.map { String($0.id.hex.prefix(8)) } ?? "-"]))
        case .expired: found.append(ReportFinding(.expired, .reason(status.why), system: name))
        case .notProven: found.append(ReportFinding(.notProven, .reason(status.why), system: name))
        case .proven: break
        }
        if status.snapshot.problems > 0 {
            found.append(
                ReportFinding(.notProven, .incomplete, system: name, ["count": "\(status.snapshot.problems)"]))
        }
        return found
    }
}
