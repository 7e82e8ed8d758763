internal import VaultBackup

extension DrillText {
    /// A drill as the log has it.
    static func json(_ drill: DrillInfo) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("id", .string(drill.id.hex)), ("position", .integer(drill.position)),
            ("snapshot", .string(drill.snapshot.hex)), ("system", .string(drill.system)),
            ("verdict", .string(drill.body.verdict.rawValue)), ("isExpired", .bool(drill.isExpired)),
            ("scope", .string(drill.body.scope.rawValue)), ("started", .string(drill.body.started.description)),
            ("expires", .string(drill.body.expires.description)), ("entries", .integer(drill.body.entries)),
            ("bytes", .integer(drill.body.bytes)), ("packs", .integer(drill.body.packs.count)),
            ("member", .string(drill.member)), ("evidenceSHA256", .string(drill.body.evidence.hex)),
        ]
        if let copy = drill.body.copy { members.append(("copy", .string(copy.hex))) }
        return members
    }

    /// How much of a snapshot is proven.
    static func json(_ coverage: Coverage) -> [(name: String, value: JSON)] {
        [
            ("unit", .string("pack")), ("bytes", .integer(coverage.bytes)),
            ("provenBytes", .integer(coverage.provenBytes)), ("expiredBytes", .integer(coverage.expiredBytes)),
            ("newerBytes", .integer(coverage.newerBytes)), ("percent", .integer(coverage.percent)),
            ("oldest", .string(coverage.oldest?.description ?? "")),
            ("isOldestNeverProven", .bool(coverage.isOldestNeverProven)),
        ]
    }

    /// What the evidence says.
    static func json(_ evidence: DrillEvidence) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("verdict", .string(evidence.verdict.rawValue)), ("scope", .string(evidence.scope.rawValue)),
            ("snapshot", .string(evidence.snapshot.digest.hex)), ("system", .string(evidence.system)),
            ("started", .string(evidence.started.description)), ("ended", .string(evidence.ended.description)),
            ("expires", .string(evidence.expires.description)), ("rtoMilliseconds", .integer(evidence.rtoMilliseconds)),
            ("rpoSeconds", .integer(evidence.rpoSeconds)),
            ("phases", .array(evidence.phases.map(json))), ("checks", .array(evidence.checks.map(json))),
            ("compared", json(evidence.compared)), ("total", json(evidence.total)),
            ("sampleHundredths", .integer(evidence.sample.hundredths)),
            ("failureCount", .integer(evidence.failureCount)),
            (
                "skipped",
                .array(
                    evidence.skipped.map {
                        .object([("reason", .string($0.reason.rawValue)), ("count", .integer($0.count))])
                    })
            ),
            ("challengeFiles", .integer(evidence.challenge.files)),
            ("challengeResponse", .string(evidence.challenge.response.hex)),
            ("previousEvidenceSHA256", .string(evidence.previous.hex)), ("program", .string(evidence.program)),
            ("missedObjectives", .array(evidence.missedObjectives.map { .string($0.rawValue) })),
        ]
        if let circumstances = evidence.circumstances { members += json(circumstances) }
        return members
    }

    private static func json(_ circumstances: DrillEvidence.Circumstances) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("selection", .string(circumstances.selection.rawValue)),
            ("candidates", .integer(circumstances.candidates)),
            ("isolation", .array(circumstances.isolation.map(\.rawValue).sorted().map { .string($0) })),
        ]
        if circumstances.rpoSeconds > 0 { members.append(("rpoObjectiveSeconds", .integer(circumstances.rpoSeconds))) }
        if circumstances.rtoSeconds > 0 { members.append(("rtoObjectiveSeconds", .integer(circumstances.rtoSeconds))) }
        if let copy = circumstances.copy { members.append(("copy", .string(copy.hex))) }
        return members
    }

    /// A drill that was run.
    static func json(_ report: DrillReport) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("id", .string(report.id.hex)), ("position", .integer(report.position)),
            ("isOnRecord", .bool(report.isOnRecord)),
            ("evidenceSHA256", .string(report.evidenceDigest.hex)), ("attestedPacks", .integer(report.attested)),
            ("coverage", .object(json(report.coverage))),
        ]
        members += json(report.evidence)
        members.append(("findings", .array(report.findings.map(json))))
        members.append(("notes", .array(report.notes.map { .string($0) })))
        if let teardown = report.teardownMilliseconds { members.append(("teardownMilliseconds", .integer(teardown))) }
        if let kept = report.kept {
            members += JSON.path("kept", kept.path) + [("keptUntil", .string(kept.until.description))]
        }
        return members
    }

    private static func json(_ phase: DrillEvidence.Phase) -> JSON {
        .object([("name", .string(phase.name.rawValue)), ("milliseconds", .integer(phase.milliseconds))])
    }

    private static func json(_ check: DrillCheck) -> JSON {
        .object([
            ("name", .string(check.name.rawValue)), ("verdict", .string(check.verdict.rawValue)),
            ("expected", .integer(check.expected)), ("compared", .integer(check.compared)),
        ])
    }

    private static func json(_ amount: DrillEvidence.Amount) -> JSON {
        .object([
            ("bytes", .integer(amount.bytes)), ("entries", .integer(amount.entries)),
            ("packs", .integer(amount.packs)),
        ])
    }

    private static func json(_ finding: DrillFinding) -> JSON {
        .object(
            [("check", .string(finding.check.rawValue))]
                + (finding.path.isEmpty ? [] : JSON.path("path", [0x2f] + finding.path))
                + [("reason", .string(finding.reason))])
    }
}
