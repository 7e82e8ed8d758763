internal import VaultBackup

/// The report of an audit on one page, and as JSON.
enum AuditText {
    private static let listedMax = 20

    static func write(
        _ report: AuditReport, _ location: String, _ proofFile: PathArgument?, isQuiet: Bool, _ console: Console
    ) throws {
        for finding in report.findings {
            let object = finding.object.isEmpty ? "" : finding.object.shown + ": "
            try console.line("\(word(finding.verdict)): \(object)\(finding.text.shown)")
        }
        if let proofFile { try console.line("Proof: \(proofFile.shown) can be checked by anybody") }
        if isQuiet { return }
        try console.write(facts(report, location))
        for notice in report.notices { try console.line("Note: \(notice.shown)") }
    }

    private static func word(_ verdict: AuditReport.Verdict) -> String {
        switch verdict {
        case .passed: "Passed"
        case .notProven: "Not proven"
        case .stale: "Too old"
        case .damaged: "Damage"
        case .rolledBack: "Rolled back"
        case .forked: "Forked"
        }
    }

    private static func facts(_ report: AuditReport, _ location: String) -> Facts {
        var facts = Facts()
        facts.add("Verdict", word(report.verdict))
        facts.add("Repository", "\(report.repository.hex) at \(location.shown)")
        facts.add("Audited", report.time.description)
        facts.add("Anchor", "\(report.anchor.hex), \(source(report.anchorSource))")
        facts.add("Known", report.pinned.map { "record \($0.position) is as it was seen" } ?? "no later record")
        facts.add(
            "Log",
            "\(Units.count(report.checkpoint.size, "record", "records")): \(Units.count(report.recordsCounted)) "
                + "signed and in order, \(Units.count(report.recordsVoid)) void")
        facts.add("Root", Base64.encode(report.checkpoint.root.bytes))
        for kept in report.kept {
            facts.add(
                "Checkpoint",
                "\(kept.name.shown), \(kept.size) records, by \(kept.signers.joined(separator: ", ").shown): "
                    + (kept.isPartOfLog ? "part of the log" : "not part of the log"))
        }
        facts.add("Packs", packs(report))
        if let sample = report.sample { facts.add("Sample", detection(report) + ". Seed \(sample.seed.hex)") }
        for system in report.systems.prefix(listedMax) {
            let age = system.age.map { "the newest is \(Self.age($0)) old" }
            facts.add(
                "System",
                "\(system.name.shown): \(Units.count(system.snapshots, "snapshot", "snapshots")), "
                    + (age ?? "of unknown age"))
        }
        if report.systems.count > listedMax { facts.add("", "and \(report.systems.count - listedMax) more systems") }
        for snapshot in report.snapshots.suffix(listedMax) {
            facts.add("Snapshot", line(snapshot, report))
        }
        if report.snapshots.count > listedMax {
            facts.add("", "and \(report.snapshots.count - listedMax) earlier snapshots; --json lists all")
        }
        return facts
    }

    private static func source(_ source: AuditReport.AnchorSource) -> String {
        switch source {
        case .trustFile: "as in the trust file"
        case .pin: "as this user knows it"
        case .identity: "as an identity of this user says"
        case .none: "which nothing vouches for"
        }
    }

    private static func packs(_ report: AuditReport) -> String {
        guard report.arePacksChecked else { return "\(Units.count(report.packsNeeded)) needed, not checked" }
        return "\(Units.count(report.packsNeeded)) needed, \(Units.count(report.packsPresent)) present, "
            + "\(Units.count(report.packsRead)) read and right (\(Units.bytes(report.bytesRead)))"
    }

    /// What a sample is worth, rounded down: nobody is promised more than there is.
    private static func detection(_ report: AuditReport) -> String {
        func percent(_ chance: Double) -> String { "\(Int(chance * 1_000) / 10).\(Int(chance * 1_000) % 10) %" }
        let hundredth = hundredth(report)
        return "one damaged pack is found with \(percent(report.detection(damaged: 1))), damage in 1 % of the packs "
            + "(\(hundredth)) with \(percent(report.detection(damaged: hundredth)))"
    }

    /// One per cent of the packs, rounded up.
    private static func hundredth(_ report: AuditReport) -> Int { max(1, (report.packsNeeded + 99) / 100) }

    private static func line(_ snapshot: AuditReport.Snapshot, _ report: AuditReport) -> String {
        let what = "\(snapshot.id.hex.prefix(8)) \(Units.minute(snapshot.started)) \(snapshot.system.shown): "
        guard let packs = snapshot.packs else { return what + "its pack set is missing" }
        if snapshot.packsDamaged > 0 { return what + "\(snapshot.packsDamaged) of \(packs) packs damaged" }
        return what + presence(report) + ", " + proof(snapshot)
    }

    private static func presence(_ report: AuditReport) -> String {
        if !report.arePacksChecked { return "packs not checked" }
        if report.sample == nil { return "all packs right" }
        return report.packsRead > 0 ? "all packs there, a sample right" : "all packs there, none read"
    }

    private static func age(_ seconds: Int) -> String {
        Amounts.duration(milliseconds: seconds * 1_000, .english)
    }

    private static func proof(_ snapshot: AuditReport.Snapshot) -> String {
        guard let drill = snapshot.drill else { return "as claimed by its writer; no drill has proven it" }
        let what =
            drill.scope == .whole
            ? "as a drill of \(Units.minute(drill.started)) proved"
            : "as claimed by its writer; a drill of \(Units.minute(drill.started)) proved \(drill.packs) packs"
        return what + (drill.isExpired ? ", which has expired" : "")
    }

    // MARK: JSON

    static func json(_ report: AuditReport, _ location: String, _ proofFile: PathArgument?) -> [(
        name: String, value: JSON
    )] {
        var members: [(name: String, value: JSON)] = [
            ("verdict", .string(report.verdict.rawValue)), ("time", .string(report.time.description)),
            ("repository", .string(report.repository.hex)), ("location", .string(location)),
            ("anchor", .string(report.anchor.hex)), ("anchorSource", .string(report.anchorSource.rawValue)),
            ("size", .integer(report.checkpoint.size)), ("root", .string(Base64.encode(report.checkpoint.root.bytes))),
            ("head", .string(report.head.digest.hex)), ("recordsCounted", .integer(report.recordsCounted)),
            ("recordsVoid", .integer(report.recordsVoid)), ("arePacksChecked", .bool(report.arePacksChecked)),
            ("packsNeeded", .integer(report.packsNeeded)), ("packsPresent", .integer(report.packsPresent)),
            ("packsRead", .integer(report.packsRead)), ("bytesRead", .integer(report.bytesRead)),
            ("detectionOfOnePack", .number(report.detection(damaged: 1))),
            ("detectionOfOnePercent", .number(report.detection(damaged: hundredth(report)))),
            ("findings", .array(report.findings.map(json))), ("notices", .array(report.notices.map { .string($0) })),
            ("systems", .array(report.systems.map(json))), ("snapshots", .array(report.snapshots.map(json))),
            ("checkpoints", .array(report.kept.map(json))),
        ]
        if let pinned = report.pinned { members.append(("knownPosition", .integer(pinned.position))) }
        if let sample = report.sample { members.append(("sampleSeed", .string(sample.seed.hex))) }
        if let proofFile { members += JSON.path("forkProof", proofFile.bytes) }
        return members
    }

    private static func json(_ finding: AuditReport.Finding) -> JSON {
        .object([
            ("verdict", .string(finding.verdict.rawValue)), ("object", .string(finding.object)),
            ("text", .string(finding.text)),
        ])
    }

    private static func json(_ system: AuditReport.System) -> JSON {
        .object(
            [("name", .string(system.name)), ("snapshots", .integer(system.snapshots))]
                + (system.age.map { [("ageSeconds", .integer($0))] } ?? []))
    }

    private static func json(_ kept: AuditReport.Kept) -> JSON {
        .object([
            ("name", .string(kept.name)), ("size", .integer(kept.size)),
            ("signers", .array(kept.signers.map { .string($0) })), ("isPartOfLog", .bool(kept.isPartOfLog)),
        ])
    }

    private static func json(_ snapshot: AuditReport.Snapshot) -> JSON {
        var members: [(name: String, value: JSON)] = [
            ("id", .string(snapshot.id.hex)), ("position", .integer(snapshot.position)),
            ("system", .string(snapshot.system)), ("started", .string(snapshot.started.description)),
            ("packsDamaged", .integer(snapshot.packsDamaged)),
            ("completeness", .string(snapshot.drill?.provesAll == true ? "proven" : "claimed")),
        ]
        if let packs = snapshot.packs { members.append(("packs", .integer(packs))) }
        if let drill = snapshot.drill {
            members.append(
                (
                    "drill",
                    .object([
                        ("position", .integer(drill.position)), ("started", .string(drill.started.description)),
                        ("expires", .string(drill.expires.description)), ("isExpired", .bool(drill.isExpired)),
                        ("scope", .string(drill.scope.rawValue)), ("packs", .integer(drill.packs)),
                    ])
                ))
        }
        return .object(members)
    }
}
