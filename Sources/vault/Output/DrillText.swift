internal import VaultBackup

/// Drills for people and programs.
enum DrillText {
    // MARK: For people

    /// Writes the report of a drill that was run.
    static func write(_ report: DrillReport, _ console: Console) throws {
        if console.isJSON { return try console.result("drill-run", json(report)) }
        for finding in report.findings {
            let place = finding.path.isEmpty ? "" : "/\(PathText.readable(finding.path)): "
            try console.line("Failed: \(place)\(finding.reason.shown) (\(finding.check.rawValue))")
        }
        let unnamed = report.evidence.failureCount - report.findings.count
        if unnamed > 0 { try console.line("Failed: \(Units.count(unnamed)) more") }
        for note in report.notes { try console.line("Note: \(note.shown)") }
        if console.isQuiet { return }
        var facts = Facts()
        let record = report.isOnRecord ? "\(report.id.hex.prefix(8)), " : "of a copy or elsewhere, so not on record, "
        let copy = report.evidence.circumstances?.copy.map { ", of copy \($0.hex.prefix(8))" } ?? ""
        facts.add("Drill", record + report.verdict.rawValue + copy)
        add(report.evidence, to: &facts)
        facts.add("Attested", Units.count(report.attested, "pack", "packs") + " for reuse by other writers")
        facts.add("Coverage", coverage(report.coverage, report.evidence.ended))
        facts.add("Evidence", report.evidenceDigest.hex)
        if let teardown = report.teardownMilliseconds { facts.add("Cleaned up", "in " + duration(teardown)) }
        if let kept = report.kept {
            facts.add("Kept", "\(PathText.readable(kept.path)) until \(Units.minute(kept.until))")
        }
        try console.write(facts)
    }

    /// A drill with its checked evidence.
    static func facts(_ proof: DrillProof) -> Facts {
        var facts = Facts()
        facts.add("Drill", proof.info.id.hex)
        let suffix = (proof.info.isExpired ? ", expired" : "") + copy(proof.info)
        facts.add("Verdict", proof.info.body.verdict.rawValue + suffix)
        facts.add("By", proof.info.member.shown)
        add(proof.evidence, to: &facts)
        facts.add("Evidence", "\(proof.info.body.evidence.hex), signature and record agree")
        return facts
    }

    private static func add(_ evidence: DrillEvidence, to facts: inout Facts) {
        facts.add(
            "Snapshot",
            "\(evidence.snapshot.digest.hex.prefix(8)) of \(evidence.system.shown)\(selection(evidence))")
        facts.add("Began", evidence.started.description)
        facts.add("Scope", scope(evidence))
        facts.add(
            "Compared",
            "\(Units.count(evidence.compared.entries)) of \(Units.count(evidence.total.entries)) entries, "
                + "\(Units.bytes(evidence.compared.bytes)) of \(Units.bytes(evidence.total.bytes)), "
                + "\(Units.count(evidence.compared.packs)) of \(Units.count(evidence.total.packs, "pack", "packs"))")
        for (number, check) in evidence.checks.enumerated() {
            facts.add(
                number == 0 ? "Checks" : "",
                "\(check.name.rawValue): \(check.verdict.rawValue), "
                    + "\(Units.count(check.compared)) of \(Units.count(check.expected))")
        }
        for (number, item) in evidence.skipped.enumerated() {
            facts.add(number == 0 ? "Left out" : "", "\(Units.count(item.count)): \(item.reason.text(.english))")
        }
        let phases = evidence.phases.filter { $0.name.isAlways || $0.milliseconds > 0 }
        facts.add("Phases", phases.map { "\($0.name.rawValue) \(duration($0.milliseconds))" }.joined(separator: ", "))
        let parts = phases.filter(\.name.isRecovery).map(\.name.rawValue).joined(separator: ", ")
        let ofWhat = evidence.scope == .whole ? "" : " of the sample"
        facts.add("RTO", "\(duration(evidence.rtoMilliseconds))\(ofWhat): \(parts)\(objective(.rto, evidence))")
        facts.add(
            "RPO",
            "\(age(evidence.rpoSeconds)), from the start of the backup to the start of the drill"
                + objective(.rpo, evidence))
        if let isolation = evidence.circumstances?.isolation, !isolation.isEmpty {
            facts.add("Isolation", isolation.map(\.rawValue).sorted().joined(separator: ", "))
        }
        facts.add("Counts until", evidence.expires.description)
    }

    /// What was asked for, and whether it was reached.
    private static func objective(_ which: DrillEvidence.MissedObjective, _ evidence: DrillEvidence) -> String {
        guard let asked = evidence.circumstances else { return "" }
        let seconds = which == .rto ? asked.rtoSeconds : asked.rpoSeconds
        guard seconds > 0 else { return "" }
        let isMissed = evidence.missedObjectives.contains(which)
        return "; objective \(age(seconds)): \(isMissed ? "missed" : "reached")"
    }

    private static func selection(_ evidence: DrillEvidence) -> String {
        guard let chosen = evidence.circumstances, chosen.selection != .named else { return "" }
        return ", \(chosen.selection.rawValue) of \(Units.count(chosen.candidates))"
    }

    private static func scope(_ evidence: DrillEvidence) -> String {
        if evidence.scope == .whole { return "the whole snapshot" }
        let (whole, rest) = evidence.sample.hundredths.quotientAndRemainder(dividingBy: 100)
        let percent = rest == 0 ? "\(whole)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
        return "\(percent) % of the data, oldest proof first"
    }

    /// How much of a snapshot is proven.
    static func coverage(_ coverage: Coverage, _ now: Timestamp) -> String {
        let oldest = coverage.oldest.map { StatusText.age(of: $0, now) } ?? "-"
        return "\(coverage.percent) % of \(Units.bytes(coverage.bytes)) stored, by packs; oldest "
            + (coverage.isOldestNeverProven ? "unproven byte: \(oldest)" : "proof: \(oldest)")
    }

    private static func duration(_ milliseconds: Int) -> String {
        Amounts.duration(milliseconds: milliseconds, .english)
    }

    private static func age(_ seconds: Int) -> String { duration(seconds * 1_000) }

    private static func copy(_ drill: DrillInfo) -> String {
        drill.body.copy.map { ", copy \($0.hex.prefix(8))" } ?? ""
    }

    /// The drills on record.
    static func table(_ drills: [DrillInfo]) -> Table {
        var table = Table([
            .init(title: "ID"), .init(title: "TIME (UTC)"), .init(title: "SYSTEM", widthMin: 8),
            .init(title: "VERDICT"), .init(title: "SCOPE"), .init(title: "SNAPSHOT", isOptional: true),
            .init(title: "COMPARED", isRight: true, isOptional: true), .init(title: "BY", isOptional: true),
            .init(title: "COUNTS UNTIL", isOptional: true),
        ])
        for drill in drills {
            table.add([
                String(drill.id.hex.prefix(8)), Units.minute(drill.body.started), drill.system.shown,
                drill.body.verdict.rawValue + (drill.isExpired ? ", expired" : "") + copy(drill),
                drill.body.scope.rawValue,
                String(drill.snapshot.hex.prefix(8)), Units.bytes(drill.body.bytes), drill.member.shown,
                Units.minute(drill.body.expires),
            ])
        }
        return table
    }
}

extension DrillEvidence.Phase.Name {
    /// Whether there is no drill without it.
    fileprivate var isAlways: Bool { [.open, .plan, .restore, .compare, .packs].contains(self) }
}
