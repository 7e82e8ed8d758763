internal import VaultBackup

/// Records of the log for people and programs.
enum LogText {
    static func table(_ records: [RecordInfo]) -> Table {
        var table = Table([
            .init(title: "RECORD", isRight: true), .init(title: "TIME (UTC)"), .init(title: "KIND"),
            .init(title: "BY", isOptional: true, widthMin: 8), .init(title: "EFFECT", widthMin: 8),
            .init(title: "ABOUT", widthMin: 20), .init(title: "DIGEST", isOptional: true),
        ])
        for record in records {
            table.add([
                String(record.point.position), record.claim.map { Units.minute($0.time) } ?? "-",
                (record.claim?.kind ?? "-").shown, (record.writer ?? "-").shown,
                effect(record), record.about.shown,
                String(record.point.digest.hex.prefix(16)),
            ])
        }
        return table
    }

    static func facts(_ record: RecordInfo) -> Facts {
        var facts = Facts()
        facts.add("Record", String(record.point.position))
        facts.add("Kind", (record.claim?.kind ?? "cannot be read").shown)
        facts.add("Time", record.claim?.time.description ?? "-")
        facts.add("By", (record.writer ?? "-").shown)
        if !record.about.isEmpty { facts.add("About", record.about.shown) }
        if let session = record.claim?.session { facts.add("Session", session.hex) }
        if let lifecycle = record.claim?.lifecycle { add(lifecycle, to: &facts) }
        facts.add("Effect", effect(record))
        facts.add("Size", Units.bytes(record.byteCount))
        facts.add("Digest", record.point.digest.hex)
        return facts
    }

    private static let snapshotsShownMax = 20

    private static func add(_ lifecycle: RecordLifecycle, to facts: inout Facts) {
        if let order = lifecycle.order { facts.add("Order", order) }
        for (index, id) in lifecycle.snapshots.prefix(snapshotsShownMax).enumerated() {
            facts.add(index == 0 ? "Snapshots" : "", id.hex)
        }
        if lifecycle.snapshots.count > snapshotsShownMax {
            facts.add("", "and \(lifecycle.snapshots.count - snapshotsShownMax) more; --json lists all")
        }
        for (index, change) in lifecycle.changes.enumerated() {
            facts.add(index == 0 ? "Changes" : "", change.description.shown)
        }
        if let packs = lifecycle.packs { facts.add("Packs", Units.count(packs.count)) }
        if let hold = lifecycle.hold { facts.add("Hold", hold.hex) }
        if let proposal = lifecycle.proposal { facts.add("Proposal", proposal.hex) }
        if let until = lifecycle.until { facts.add("Until", until.description) }
        if !lifecycle.cause.isEmpty { facts.add("Cause", lifecycle.cause.shown) }
    }

    private static func effect(_ record: RecordInfo) -> String {
        record.reason.isEmpty ? record.effect : "\(record.effect): \(record.reason.shown)"
    }

    static func json(_ record: RecordInfo) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("position", .integer(record.point.position)), ("digest", .string(record.point.digest.hex)),
            ("byteCount", .integer(record.byteCount)), ("effect", .string(record.effect)),
            ("reason", .string(record.reason)), ("about", .string(record.about)),
            ("systems", .array(record.systems.map { .string($0) })),
        ]
        if let claim = record.claim {
            members += [
                ("kind", .string(claim.kind)), ("time", .string(claim.time.description)),
                ("writer", .string(record.writer ?? "")), ("writerId", .string(claim.writer.hex)),
            ]
            if let session = claim.session { members.append(("session", .string(session.hex))) }
            if let lifecycle = claim.lifecycle { members += json(lifecycle) }
        }
        return members
    }

    private static func json(_ lifecycle: RecordLifecycle) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = []
        if let order = lifecycle.order { members.append(("order", .string(order))) }
        if !lifecycle.snapshots.isEmpty {
            members.append(("snapshots", .array(lifecycle.snapshots.map { .string($0.hex) })))
        }
        if !lifecycle.changes.isEmpty {
            members.append(("changes", .array(lifecycle.changes.map { .string($0.description) })))
        }
        if let packs = lifecycle.packs { members.append(("packCount", .integer(packs.count))) }
        if let hold = lifecycle.hold { members.append(("hold", .string(hold.hex))) }
        if let proposal = lifecycle.proposal { members.append(("proposal", .string(proposal.hex))) }
        if let until = lifecycle.until { members.append(("until", .string(until.description))) }
        if !lifecycle.cause.isEmpty { members.append(("cause", .string(lifecycle.cause))) }
        if let purpose = lifecycle.purpose { members.append(("purpose", .string(purpose.rawValue))) }
        if let opened = lifecycle.opened { members.append(("snapshotCount", .integer(opened))) }
        if let verdict = lifecycle.verdict { members.append(("verdict", .string(verdict.rawValue))) }
        if let token = lifecycle.token {
            members += [
                ("action", .string(token.action.rawValue)), ("device", .string(token.device)),
                ("serial", .string(token.serial)), ("holder", .string(token.holder.hex)),
            ]
        }
        return members
    }
}
