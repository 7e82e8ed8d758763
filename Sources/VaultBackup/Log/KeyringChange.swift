/// One difference between two keyrings, for people.
public enum KeyringChange: Sendable, Equatable, CustomStringConvertible {
    /// A member comes.
    case admitted(Member)
    /// A member goes.
    case removed(Member)
    /// A member has another name or kind.
    case renamed(Member, to: Member)
    /// A member has more or fewer roles.
    case roles(Member, given: [Role], taken: [Role])
    /// A member may write other systems.
    case systems(Member)
    /// New keys are drawn.
    case epoch(Int)
    /// A new dedup group begins.
    case group(Int)
    /// Other rules of approval.
    case quorum(needed: Int, administrators: Int)
    /// Other rules of routine expiry.
    case expiry(days: Int, age: Int)

    /// What a keyring changes of another.
    static func between(_ old: Keyring, _ new: Keyring) -> [KeyringChange] {
        var changes: [KeyringChange] = []
        for member in old.members where new.member(member.id) == nil { changes.append(.removed(member)) }
        for member in new.members {
            guard let before = old.member(member.id) else {
                changes.append(.admitted(member))
                continue
            }
            if !member.name.hasSameBytes(as: before.name) || member.kind != before.kind {
                changes.append(.renamed(before, to: member))
            }
            let given = member.roles.subtracting(before.roles).sorted()
            let taken = before.roles.subtracting(member.roles).sorted()
            if !given.isEmpty || !taken.isEmpty { changes.append(.roles(member, given: given, taken: taken)) }
            if member.systems != before.systems { changes.append(.systems(member)) }
        }
        if new.epoch != old.epoch { changes.append(.epoch(new.epoch)) }
        if new.group.number != old.group.number { changes.append(.group(new.group.number)) }
        if new.administratorQuorum != old.administratorQuorum {
            changes.append(
                .quorum(
                    needed: new.administratorQuorum, administrators: new.members.count { $0.may(.administer) }))
        }
        if new.expiryKeep != old.expiryKeep || new.expiryAge != old.expiryAge {
            changes.append(.expiry(days: new.expiryKeep, age: new.expiryAge))
        }
        return changes
    }

    /// The member that it is about; nil for rules and keys.
    public var member: Member? {
        switch self {
        case .admitted(let member), .removed(let member), .systems(let member), .roles(let member, _, _),
            .renamed(_, to: let member):
            member
        case .epoch, .group, .quorum, .expiry: nil
        }
    }

    /// One phrase.
    public var description: String {
        switch self {
        case .admitted(let member):
            return "admits the \(member.kind.rawValue) '\(member.name)' (\(member.id.hex.prefix(8))): "
                + Self.words(member.roles.sorted())
                + (member.may(.write) ? ", systems: \(Self.words(member.systems))" : "")
        case .removed(let member):
            return "removes the \(member.kind.rawValue) '\(member.name)' (\(member.id.hex.prefix(8)))"
        case .renamed(let old, let new):
            return "makes the \(old.kind.rawValue) '\(old.name)' (\(old.id.hex.prefix(8))) "
                + "the \(new.kind.rawValue) '\(new.name)'"
        case .roles(let member, let given, let taken):
            let parts = [
                given.isEmpty ? nil : "gives \(Self.words(given))", taken.isEmpty ? nil : "takes \(Self.words(taken))",
            ]
            return "'\(member.name)': " + parts.compactMap { $0 }.joined(separator: ", ")
        case .systems(let member): return "'\(member.name)' may write the systems: \(Self.words(member.systems))"
        case .epoch(let epoch): return "draws new keys: epoch \(epoch)"
        case .group(let number):
            return "begins dedup group \(number): nothing that was stored before is recognised any more"
        case .quorum(let needed, let administrators):
            return "orders take \(needed) of \(administrators) administrators"
        case .expiry(let days, let age):
            let least = age % 86_400 == 0 ? Self.of(age / 86_400, "day") : Self.of(age, "second")
            return "routine keeps snapshots of \(Self.of(days, "day")) of each system, each for at least \(least)"
        }
    }

    private static func of(_ count: Int, _ unit: String) -> String { "\(count) \(unit)\(count == 1 ? "" : "s")" }

    private static func words(_ roles: [Role]) -> String {
        roles.isEmpty ? "no role" : roles.map(\.rawValue).joined(separator: ", ")
    }

    private static func words(_ systems: [String]) -> String {
        systems.contains(Member.anySystem) ? "all" : systems.isEmpty ? "none" : systems.joined(separator: ", ")
    }
}
