internal import VaultBackup

/// What was decided about each snapshot, for people and programs.
enum ForgetText {
    private static let idDigits = 8

    /// Writes a report.
    static func write(_ report: ForgetReport, isByName: Bool, _ console: Console) throws {
        if console.isJSON { return try console.result("forget", json(report)) }
        if isByName {
            for decision in report.plan.decisions { try console.line(sentence(decision, report)) }
        } else {
            for group in report.plan.groups { try write(group, report.plan, console) }
        }
        if report.plan.groups.isEmpty { console.notice("No snapshot is judged, so none is forgotten") }
        guard !console.isQuiet else { return }
        if !isByName, !report.plan.groups.isEmpty {
            for line in TextWidth.wrapped(summary(report), console.width ?? .max) { try console.line(line) }
        }
        for note in notes(report, isByName) {
            for line in TextWidth.wrapped(note, console.width ?? .max) { try console.line(line) }
        }
    }

    // MARK: For people

    private static func sentence(_ decision: ForgetPlan.Decision, _ report: ForgetReport) -> String {
        let name =
            "\(decision.snapshot.id.hex.prefix(idDigits)) of \(decision.snapshot.system.shown), "
            + "\(Units.minute(decision.snapshot.time)) UTC"
        if report.isDryRun { return "Would forget \(name)" + (decision.action == .order ? ", by order" : "") }
        guard decision.action == .order, let approvals = report.approvals else { return "Forgot \(name)" }
        guard approvals.isCarriedOut else {
            return "Not yet forgotten: \(name). \(OrderText.sentence(approvals))"
        }
        return "Forgot \(name), by order: \(words(approvals))"
    }

    /// Such as `approved by 1 of 1`.
    static func words(_ approvals: Order.Approvals) -> String {
        "approved by \(approvals.given) of \(approvals.needed)"
    }

    private static func write(_ group: ForgetPlan.Group, _ plan: ForgetPlan, _ console: Console) throws {
        var title: [String] = []
        if let system = group.system { title.append("system \(system.shown)") }
        if let writer = group.writer { title.append("by \(writer.shown)") }
        if let tags = group.tags {
            title.append(tags.isEmpty ? "without tags" : "tags \(tags.map(\.shown).joined(separator: ","))")
        }
        let text = title.joined(separator: ", ")
        try console.line(text.isEmpty ? "All snapshots" : text.prefix(1).uppercased() + text.dropFirst())
        var table = Table([
            .init(title: "", widthMin: 6), .init(title: "ID"), .init(title: "TIME (UTC)"),
            .init(title: "WHY", widthMin: 12), .init(title: "TAGS", isOptional: true),
        ])
        for decision in group.decisions {
            table.add([
                verb(decision.action), String(decision.snapshot.id.hex.prefix(idDigits)),
                Units.minute(decision.snapshot.time), why(decision),
                decision.snapshot.tags.map(\.shown).joined(separator: " "),
            ])
        }
        for line in table.lines(width: console.width) { try console.line(line) }
        try console.line("")
    }

    private static func verb(_ action: ForgetPlan.Action) -> String {
        switch action {
        case .keep, .obstructed: "keep"
        case .forget, .order: "forget"
        }
    }

    private static func why(_ decision: ForgetPlan.Decision) -> String {
        switch decision.action {
        case .keep: return decision.reasons.map(\.description.shown).joined(separator: ", ")
        case .forget: return "no rule keeps it"
        case .order: return "no rule keeps it; by order"
        case .obstructed(.held):
            let hold = decision.snapshot.holds.first
            let until = hold?.until.map { " until \(Units.minute($0))" } ?? ""
            return "held\(until): \(hold?.reason.shown ?? "")"
        case .obstructed(.tooYoung(let until)):
            return until.map { "not before \(Units.minute($0).prefix(10))" } ?? "its time lies ahead"
        case .obstructed(.tooFewRemain): return "leaves too few days"
        }
    }

    private static func summary(_ report: ForgetReport) -> String {
        let decisions = report.plan.decisions
        let forgotten = decisions.count { $0.action.forgets }
        let verb = report.isDryRun ? "Would forget" : "Forgot"
        return "\(verb) \(Units.count(forgotten)) of \(Units.count(decisions.count, "snapshot", "snapshots")). "
            + "Days are those of \(report.plan.zone)."
    }

    /// What needs to be explained of this report.
    private static func notes(_ report: ForgetReport, _ isByName: Bool) -> [String] {
        let decisions = report.plan.decisions
        let obstacles = decisions.compactMap { if case .obstructed(let obstacle) = $0.action { obstacle } else { nil } }
        var notes: [String] = []
        let undue = obstacles.count { $0 != .held }
        if undue > 0 {
            let routine = report.plan.routine
            notes.append(
                "The repository keeps every snapshot for \(AccessText.age(routine.age)), and "
                    + "\(Units.count(routine.days, "day", "days")) with one, so \(Units.count(undue)) that no rule keeps "
                    + "\(undue == 1 ? "stays" : "stay"); --early has an administrator order them to go.")
        }
        let doubted = decisions.count { $0.reasons.contains(where: \.isDoubt) }
        if doubted > 0 {
            notes.append(
                "\(Units.count(doubted, "snapshot is", "snapshots are")) not dated as the log can have it, so "
                    + "\(doubted == 1 ? "it counts" : "they count") for no rule and \(doubted == 1 ? "stays" : "stay"): a "
                    + "clock was wrong, or somebody planted \(doubted == 1 ? "it" : "them").")
        }
        let isForgotten = decisions.contains { $0.action == .forget } || report.approvals?.isCarriedOut ?? false
        if let approvals = report.approvals, !isByName {
            notes.append("What was not due was ordered: \(words(approvals)).")
        }
        if isForgotten, !report.isDryRun {
            notes.append("Nothing is gone yet: until prune, 'vault forget --undo SNAPSHOT' brings one back.")
        }
        return notes
    }

    // MARK: For programs

    private static func json(_ report: ForgetReport) -> [(name: String, value: JSON)] {
        let groups = report.plan.groups.map { group in
            var members: [(name: String, value: JSON)] = []
            if let system = group.system { members.append(("system", .string(system))) }
            if let writer = group.writer { members.append(("writer", .string(writer))) }
            if let tags = group.tags { members.append(("tags", .array(tags.map { .string($0) }))) }
            members.append(("snapshots", .array(group.decisions.map { .object(json($0)) })))
            return JSON.object(members)
        }
        let decisions = report.plan.decisions
        return [
            ("dryRun", .bool(report.isDryRun)), ("zone", .string(report.plan.zone)),
            ("judged", .integer(decisions.count)), ("forgotten", .integer(decisions.count { $0.action.forgets })),
            ("routineAgeSeconds", .integer(report.plan.routine.age)),
            ("routineDays", .integer(report.plan.routine.days)), ("groups", .array(groups)),
        ] + json(report.approvals)
    }

    /// The members that say how far an order has come.
    static func json(_ approvals: Order.Approvals?) -> [(name: String, value: JSON)] {
        guard let approvals else { return [] }
        return [
            (
                "order",
                .object([
                    ("approved", .integer(approvals.given)), ("needed", .integer(approvals.needed)),
                    ("carriedOut", .bool(approvals.isCarriedOut)), ("proposal", .string(approvals.proposal.hex)),
                ])
            )
        ]
    }

    private static func json(_ decision: ForgetPlan.Decision) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("snapshot", .object(SnapshotText.json(decision.snapshot))), ("action", .string(verb(decision.action))),
            ("byOrder", .bool(decision.action == .order)),
            ("reasons", .array(decision.reasons.map { .string($0.description) })),
        ]
        guard case .obstructed(let obstacle) = decision.action else { return members }
        switch obstacle {
        case .held: members.append(("obstacle", .string("held")))
        case .tooYoung(let until):
            members.append(("obstacle", .string("too-young")))
            if let until { members.append(("dueFrom", .string(until.description))) }
        case .tooFewRemain: members.append(("obstacle", .string("too-few-remain")))
        }
        return members
    }
}
