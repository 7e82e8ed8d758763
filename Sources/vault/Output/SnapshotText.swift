internal import VaultBackup

/// One snapshot for people and programs.
enum SnapshotText {
    /// What everybody may know of it, and what only readers may, if it is given.
    static func facts(_ info: SnapshotInfo, _ privatePart: PrivatePart?) -> Facts {
        var facts = Facts()
        facts.add("Snapshot", String(info.id.hex.prefix(32)))
        facts.add("System", info.system.shown)
        facts.add("Began", info.time.description)
        facts.add("Ended", info.finished.description)
        facts.add("By", info.writer.shown)
        facts.add("Position", Units.count(info.position))
        facts.add("Entries", Units.count(info.entries))
        facts.add("Content", Units.bytes(info.bytes))
        facts.add("Tags", info.tags.isEmpty ? "-" : info.tags.map(\.shown).joined(separator: " "))
        for hold in info.holds {
            let until = hold.until.map { "until \(Units.minute($0)) UTC" } ?? "until an order releases it"
            facts.add("Held", "\(until), by \(hold.writer.shown): \(hold.reason.shown)")
        }
        guard let privatePart else {
            facts.add("Problems", Units.count(info.problems))
            return facts
        }
        facts.add("Host", privatePart.host.shown)
        facts.add("Program", privatePart.version.shown)
        if !privatePart.description.isEmpty { facts.add("Description", privatePart.description.shown) }
        if !privatePart.command.isEmpty {
            facts.add("Command", privatePart.command.map { PathText.readable($0) }.joined(separator: " "))
        }
        for (number, path) in privatePart.paths.enumerated() {
            facts.add(number == 0 ? "Paths" : "", PathText.readable(path))
        }
        facts.add("Problems", Units.count(privatePart.problemCount))
        for problem in privatePart.problems {
            facts.add("", "/\(PathText.readable(problem.path)): \(problem.reason.shown)")
        }
        return facts
    }

    /// The members of its JSON object.
    static func json(_ info: SnapshotInfo) -> [(name: String, value: JSON)] {
        [
            ("id", .string(info.id.hex)), ("position", .integer(info.position)),
            ("time", .string(info.time.description)), ("finished", .string(info.finished.description)),
            ("system", .string(info.system)), ("writer", .string(info.writer)), ("entries", .integer(info.entries)),
            ("bytes", .integer(info.bytes)), ("problems", .integer(info.problems)),
            ("tags", .array(info.tags.map { .string($0) })),
            ("holds", .array(info.holds.map { .object(json($0)) })),
        ]
    }

    /// The members of a hold.
    static func json(_ hold: HoldInfo) -> [(name: String, value: JSON)] {
        [
            ("id", .string(hold.id.hex)), ("reason", .string(hold.reason)), ("time", .string(hold.time.description)),
            ("writer", .string(hold.writer)),
        ] + (hold.until.map { [("until", .string($0.description))] } ?? [])
    }

    /// The members of a snapshot that was forgotten.
    static func json(_ forgotten: ForgottenSnapshot) -> [(name: String, value: JSON)] {
        var members = json(forgotten.snapshot)
        if let time = forgotten.time { members.append(("forgotten", .string(time.description))) }
        if let writer = forgotten.writer { members.append(("forgottenBy", .string(writer))) }
        return members + [("reason", .string(forgotten.reason)), ("canBeUndone", .bool(forgotten.isWhole))]
    }

    /// The members that only readers may know.
    static func json(_ privatePart: PrivatePart) -> [(name: String, value: JSON)] {
        [
            ("host", .string(privatePart.host)), ("version", .string(privatePart.version)),
            ("description", .string(privatePart.description)),
            ("command", .array(privatePart.command.map { .object(JSON.path("argument", $0)) })),
            ("paths", .array(privatePart.paths.map { .object(JSON.path("path", $0)) })),
            ("problemCount", .integer(privatePart.problemCount)),
            ("problemList", .problems(privatePart.problems.map { Problem(path: $0.path, reason: $0.reason) })),
        ]
    }
}
