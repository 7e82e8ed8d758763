internal import VaultBackup

/// Members and changes of them, for people and programs.
enum AccessText {
    private static let idDigits = 8

    /// Writes who may do what.
    static func write(_ report: MemberReport, _ console: Console) throws {
        if console.isJSON {
            return try console.result(
                "access-list",
                [("members", .array(report.members.map { .object(json($0)) }))] + rules(report)
                    + [("warnings", .array(report.warnings.map { .string($0) }))])
        }
        for line in table(report.members).lines(width: console.width) { try console.line(line) }
        if console.isQuiet { return }
        try console.line("")
        for line in ruleLines(report) { try console.line(line) }
        for warning in report.warnings { try console.line("Warning: \(warning.shown)") }
    }

    /// Writes the rules.
    static func writeRules(_ report: MemberReport, _ console: Console) throws {
        if console.isJSON { return try console.result("access-policy", rules(report)) }
        for line in ruleLines(report) { try console.line(line) }
    }

    private static func table(_ members: [MemberInfo]) -> Table {
        var table = Table([
            .init(title: "NAME", widthMin: 12), .init(title: "KIND"), .init(title: "ROLES", widthMin: 12),
            .init(title: "SYSTEMS", isOptional: true), .init(title: "SINCE", isOptional: true), .init(title: "ID"),
        ])
        for info in members {
            let member = info.member
            table.add([
                member.name.shown, info.removed == nil ? member.kind.rawValue : "removed", roles(member),
                systems(member), Units.minute(info.joined.time), String(member.id.hex.prefix(idDigits)),
            ])
        }
        return table
    }

    private static func roles(_ member: Member) -> String {
        let roles = member.roles.sorted().map(\.rawValue)
        return roles.isEmpty ? "none" : roles.joined(separator: ",")
    }

    private static func systems(_ member: Member) -> String {
        guard member.may(.write) else { return "-" }
        return member.systems.contains(Member.anySystem)
            ? "all" : member.systems.map(\.shown).joined(separator: ",")
    }

    private static func ruleLines(_ report: MemberReport) -> [String] {
        [
            orders(report),
            "Routine: keeps snapshots of \(Units.count(report.expiry.days, "day", "days")) of each system, each for at "
                + "least \(age(report.expiry.age))",
            "Keys: epoch \(report.epoch)",
        ]
    }

    /// How many administrators an order takes; one of one is marked as what it is.
    static func orders(_ report: MemberReport) -> String {
        var text = "Orders: \(report.needed) of \(report.administrators) administrators must approve"
        if report.isOneOfOne { text += " (1 of 1: one decides alone)" }
        if !report.waiting.isEmpty {
            text += "; \(Units.count(report.waiting.count, "order waits", "orders wait")), see vault approve"
        }
        return text
    }

    /// A number of seconds in words, in days where it is whole days.
    static func age(_ seconds: Int) -> String {
        seconds % 86_400 == 0 ? Units.count(seconds / 86_400, "day", "days") : Units.count(seconds, "second", "seconds")
    }

    /// One member.
    static func facts(_ info: MemberInfo) -> Facts {
        let member = info.member
        var facts = Facts()
        facts.add("Name", member.name.shown)
        facts.add("Kind", member.kind.rawValue)
        facts.add("Id", member.id.hex)
        facts.add(info.removed == nil ? "Roles" : "Roles were", roles(member).replacing(",", with: ", "))
        if member.may(.write) { facts.add("Systems", systems(member).replacing(",", with: ", ")) }
        facts.add("Since", "\(info.joined.time), record \(info.joined.position)")
        if let removed = info.removed { facts.add("Removed", "\(removed.time), record \(removed.removed)") }
        facts.add("Records", Units.count(info.records))
        facts.add("Holds keys", keys(member))
        return facts
    }

    private static func keys(_ member: Member) -> String {
        let tags = SecretTag.given(by: member.roles)
        let words = [
            tags.contains(.read) ? "content and names" : nil, tags.contains(.index) ? "index" : nil,
            tags.contains(.dedup) ? "to recognise content" : nil,
        ].compactMap { $0 }
        return words.isEmpty ? "none" : words.joined(separator: ", ")
    }

    // MARK: Changes

    /// Writes what a change came to.
    static func write(
        _ report: MemberChangeReport, places: [StoragePlace], _ console: Console
    ) throws -> ExitStatus {
        if console.isJSON {
            try console.result("access-change", json(report, places))
            return .done
        }
        if console.isQuiet { return .done }
        for change in report.changes { try console.line(change.description.shown) }
        try console.line(OrderText.sentence(report.approvals))
        if report.cutsAnew {
            console.notice(
                "You do not hold the secret by which content is cut, so a new one was drawn: files that change are stored "
                    + "whole once more")
        }
        try writeAftermath(of: report, places, console)
        return .done
    }

    /// Writes what is to be known, and to be done, after a change.
    static func writeAftermath(of report: MemberChangeReport, _ places: [StoragePlace], _ console: Console) throws {
        for member in report.members where report.approvals.isCarriedOut { warn(member, report, console) }
        for token in report.tokensOut {
            console.warning(
                "'\(token.holder.shown)' still has the \(token.body.device.shown) \(token.body.serial.shown): ask for it, "
                    + "then run vault access token return \(token.body.serial.shown)")
        }
        for kit in report.usedKits { console.warning(kit.text(.english).shown) }
        guard let remains = report.remains, report.approvals.isCarriedOut else { return }
        try console.line("")
        for line in lines(remains, places) {
            let isPlace = line.hasPrefix(" ")
            for part in isPlace ? [line] : TextWidth.wrapped(line, console.width ?? 100) { try console.line(part) }
        }
    }

    private static func warn(_ member: Member, _ report: MemberChangeReport, _ console: Console) {
        let isNew = report.changes.contains(.admitted(member))
        if isNew { console.notice("The id of '\(member.name.shown)' is \(groups(member.id.hex)): compare it") }
        if member.kind == .machine, member.may(.read) || member.may(.drill) {
            console.warning(
                "'\(member.name.shown)' is a machine that can read every snapshot without a passphrase: whoever takes it "
                    + "reads them too")
        }
    }

    /// Digits in groups of four, to be read to each other.
    static func groups(_ digits: String) -> String {
        let characters = Array(digits)
        return stride(from: 0, to: characters.count, by: 4)
            .map { String(characters[$0..<min($0 + 4, characters.count)]) }.joined(separator: " ")
    }

    /// What a leaver keeps, plainly.
    static func lines(_ remains: Remains, _ places: [StoragePlace]) -> [String] {
        let names = remains.members.map { "'\($0.name.shown)'" }.joined(separator: ", ")
        var lines: [String] = []
        if remains.couldRead {
            lines.append(
                "From record \(remains.upTo + 1) on, what is written is sealed to keys that \(names) never had. What was "
                    + "written before (\(Units.count(remains.snapshots, "snapshot", "snapshots")) of "
                    + "\(Units.count(remains.systems, "system", "systems"))) stays readable with the old keys, wherever "
                    + "a copy of the packs was kept or can still be had.")
            lines.append(
                "To seal that anew, so that the old keys open nothing in this repository any more: vault access rewrite."
            )
        } else {
            lines.append(
                remains.keepsSome
                    ? "No key to content is taken from \(names): 'vault access list' shows which roles remain."
                    : "\(names) held no key to content, and gets none of the keys in force from now on.")
        }
        if remains.canConfirm {
            lines.append(
                "The secret by which chunks are recognised stays the same: with a file in hand, \(names) can find out "
                    + "from the store whether that file was backed up, also in the future. A new one: vault access "
                    + "rotate --new-group, after which everything is stored once more.")
        }
        if !remains.openWriters.isEmpty {
            lines.append(
                "Sessions that are open now (\(remains.openWriters.map(\.shown).joined(separator: ", "))) may still add "
                    + "what they sealed to the old keys before they learn of the new ones.")
        }
        // A paper has no way to the storage, and to the other papers.
        if remains.members.allSatisfy({ $0.kind == .kit }) { return lines }
        if !places.isEmpty {
            lines.append("Change on the storage what gives \(names) access to it; no key does that:")
            lines += places.map { "  " + place($0) }
        }
        for kit in remains.kits {
            lines.append(
                "'\(kit.shown)' opens everything: if \(names) could get at the paper, replace it with "
                    + "vault recovery-kit replace.")
        }
        return lines
    }

    private static func place(_ place: StoragePlace) -> String {
        let name = place.copy.map { "the copy '\($0.shown)' at " } ?? ""
        guard let rights = place.rights else { return "\(name)\(PathText.readable(place.location)), not there now" }
        let mode = String(rights.mode, radix: 8)
        return "\(name)\(PathText.readable(place.location)): user \(rights.owner), group \(rights.group), mode "
            + String(repeating: "0", count: max(0, 4 - mode.count)) + mode
    }
}
