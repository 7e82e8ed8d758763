internal import VaultBackup

extension AccessText {
    static func json(_ info: MemberInfo) -> [(name: String, value: JSON)] {
        let member = info.member
        var members: [(name: String, value: JSON)] = [
            ("name", .string(member.name)), ("kind", .string(member.kind.rawValue)), ("id", .string(member.id.hex)),
            ("roles", .array(member.roles.sorted().map { .string($0.rawValue) })),
            ("systems", .array(member.systems.map { .string($0) })),
            ("since", .string(info.joined.time.description)), ("sinceRecord", .integer(info.joined.position)),
            ("records", .integer(info.records)), ("isRemoved", .bool(info.removed != nil)),
        ]
        if let removed = info.removed {
            members += [
                ("removed", .string(removed.time.description)), ("removedRecord", .integer(removed.removed)),
            ]
        }
        return members
    }

    static func rules(_ report: MemberReport) -> [(name: String, value: JSON)] {
        [
            ("epoch", .integer(report.epoch)), ("approvalsNeeded", .integer(report.needed)),
            ("administrators", .integer(report.administrators)), ("isOneOfOne", .bool(report.isOneOfOne)),
            ("routineDays", .integer(report.expiry.days)), ("routineAgeSeconds", .integer(report.expiry.age)),
            ("ordersWaiting", .integer(report.waiting.count)),
        ]
    }

    static func administration(_ report: MemberReport) -> [(name: String, value: JSON)] {
        [
            ("approvalsNeeded", .integer(report.needed)), ("administrators", .integer(report.administrators)),
            ("isOneOfOne", .bool(report.isOneOfOne)), ("ordersWaiting", .integer(report.waiting.count)),
            ("warnings", .array(report.warnings.map { .string($0) })),
        ]
    }

    static func json(_ report: MemberChangeReport, _ places: [StoragePlace]) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("changes", .array(report.changes.map { .string($0.description) })),
            ("members", .array(report.members.map { .string($0.id.hex) })),
            ("epoch", .integer(report.epoch)),
        ]
        members += ForgetText.json(report.approvals)
        return members + aftermath(of: report, places)
    }

    /// What is to be known, and to be done, after a change.
    static func aftermath(of report: MemberChangeReport, _ places: [StoragePlace]) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = [
            ("tokensOut", .array(report.tokensOut.map { .object(TokenText.json($0)) })),
            ("usedKits", .array(report.usedKits.map { .string($0.text(.english)) })),
        ]
        guard let remains = report.remains else { return members }
        members.append(
            (
                "remains",
                .object([
                    ("couldRead", .bool(remains.couldRead)), ("canConfirm", .bool(remains.canConfirm)),
                    ("upToRecord", .integer(remains.upTo)), ("snapshots", .integer(remains.snapshots)),
                    ("systems", .integer(remains.systems)),
                    ("openWriters", .array(remains.openWriters.map { .string($0) })),
                    ("kits", .array(remains.kits.map { .string($0) })),
                    ("storage", .array(places.map { .object(json($0)) })),
                ])
            ))
        return members
    }

    private static func json(_ place: StoragePlace) -> [(name: String, value: JSON)] {
        var members = JSON.path("location", place.location)
        if let copy = place.copy { members.append(("copy", .string(copy))) }
        if let rights = place.rights {
            members += [
                ("user", .integer(Int(rights.owner))), ("group", .integer(Int(rights.group))),
                ("mode", .string(String(rights.mode, radix: 8))),
            ]
        }
        return members
    }
}
