/// A member that was removed.
public struct FormerMember: Sendable, Equatable {
    /// Who it was, with the roles it had last.
    public let member: Member
    /// Position of the record that removed it: what it wrote before stays valid.
    public let removed: Int
    /// Time of that record, by its writer's clock.
    public let time: Timestamp
}

/// When a member was admitted.
public struct Admission: Sendable, Equatable {
    /// Position of the record that did it.
    public let position: Int
    /// Time of that record, by its writer's clock.
    public let time: Timestamp
}

/// Why a keyring cannot take the place of the one in force.
public enum KeyringConflict: Sendable, Equatable, CustomStringConvertible {
    /// It was made from another keyring than the one in force.
    case otherBasis
    /// Chunkers, groups or rules that an order does not change.
    case fixedPart
    /// Two members have this name.
    case nameTwice(String)
    /// Fewer administrators than have to approve.
    case tooFewAdministrators(Int)
    /// Nobody could read.
    case noReader
    /// This member loses a secret, but the epoch stays.
    case noNewEpoch(String)
    /// Epoch, read key, commitments or chain do not go on from those in force.
    case epochDoesNotFollow
    /// The slots are not those of the members.
    case wrongSlots

    /// One phrase for people.
    public var description: String {
        switch self {
        case .otherBasis: "members or rules were changed after it was proposed"
        case .fixedPart: "it changes a part of the keyring that no order changes"
        case .nameTwice(let name): "two members would have the name '\(name)'"
        case .tooFewAdministrators(let count):
            "\(count) \(count == 1 ? "member" : "members") could administer, fewer than have to approve"
        case .noReader: "nobody could read"
        case .noNewEpoch(let name): "'\(name)' loses keys, which takes a new epoch"
        case .epochDoesNotFollow: "its epoch does not follow the one in force"
        case .wrongSlots: "it does not have one slot for each member that is due keys"
        }
    }
}

/// How members and epochs change (`docs/FORMAT.md`, section 11.4).
extension RepositoryState {
    /// SHA-256 of the keyring in force, which an order to change it names.
    public var keyringDigest: Digest { SHA256.digest(CanonicalJSON.encode(keyring.json)) }

    /// The member of this id, also when it was removed.
    public func knownMember(_ id: MemberID) -> Member? { keyring.member(id) ?? formerMembers[id]?.member }

    /// The member of this id if it was one at `position`, as far as it is known when it left.
    public func member(_ id: MemberID, at position: Int) -> Member? {
        keyring.member(id) ?? formerMembers[id].flatMap { position <= $0.removed ? $0.member : nil }
    }

    /// The members whose signatures under a checkpoint of so many records count: those of now, and those who were removed
    /// after the records that it covers.
    func signers(size: Int) -> [Member] {
        keyring.members + formerMembers.values.filter { $0.removed >= size }.map(\.member).sorted { $0.id < $1.id }
    }

    /// The name of a member, also of a removed one; its id when there is none.
    public func nameOfMember(_ id: MemberID) -> String { knownMember(id)?.name ?? id.hex }

    /// Why an order with this body must not be carried out now; nil when it may.
    func unmetCondition(of body: KeyringBody) -> KeyringConflict? {
        let new = body.keyring
        guard body.basis == keyringDigest else { return .otherBasis }
        guard new.databaseChunkAverage == keyring.databaseChunkAverage,
            new.filesChunkAverage == keyring.filesChunkAverage, hasFollowingGroups(new)
        else { return .fixedPart }
        var names: Set<[UInt8]> = []
        for member in new.members where !names.insert(Array(member.name.utf8)).inserted {
            return .nameTwice(member.name)
        }
        let administrators = new.members.count { $0.may(.administer) }
        guard administrators >= new.administratorQuorum else { return .tooFewAdministrators(administrators) }
        guard new.members.contains(where: { $0.may(.read) }) else { return .noReader }
        if let conflict = epochConflict(new) { return conflict }
        return Self.hasRightSlots(new) ? nil : .wrongSlots
    }

    /// Whether its dedup groups are those in force, or go on from them with a new epoch.
    private func hasFollowingGroups(_ new: Keyring) -> Bool {
        if new.groups == keyring.groups { return true }
        return new.epoch > keyring.epoch && Array(new.groups.dropLast()) == keyring.groups
            && new.group.epoch == new.epoch && new.group.name.hasSameBytes(as: keyring.group.name)
    }

    private func epochConflict(_ new: Keyring) -> KeyringConflict? {
        if new.epoch == keyring.epoch {
            guard new.readKey == keyring.readKey, new.indexCommitments == keyring.indexCommitments,
                new.chain == keyring.chain
            else { return .epochDoesNotFollow }
            let loser = keyring.members.first { !SecretTag.lost($0.roles, new.member($0.id)?.roles).isEmpty }
            return loser.map { .noNewEpoch($0.name) }
        }
        guard new.epoch == keyring.epoch + 1, new.readKey != keyring.readKey,
            new.chain.count == keyring.chain.count + 1, Array(new.chain.dropLast()) == keyring.chain,
            new.indexCommitments.filter({ $0.key != new.epoch }) == keyring.indexCommitments
        else { return .epochDoesNotFollow }
        return nil
    }

    private static func hasRightSlots(_ new: Keyring) -> Bool {
        let expected = new.members.compactMap { member -> (MemberID, Int)? in
            let count = SecretTag.given(by: member.roles).count
            return count == 0 ? nil : (member.id, Slot.sealedCount(count))
        }
        return expected.count == new.slots.count
            && zip(expected, new.slots).allSatisfy { due, slot in
                slot.epoch == new.epoch && slot.member == due.0 && slot.sealed.count == due.1
            }
    }

    /// Puts a keyring in force. Sessions end whose writer may not write them any more.
    mutating func take(_ new: Keyring, _ record: Record) {
        for member in keyring.members where new.member(member.id) == nil {
            formerMembers[member.id] = FormerMember(member: member, removed: record.position, time: record.time)
        }
        for member in new.members where keyring.member(member.id) == nil {
            formerMembers[member.id] = nil
            admissions[member.id] = Admission(position: record.position, time: record.time)
        }
        keyring = new
        readKeys[new.epoch] = new.readKey
        for session in openSessions {
            let role: Role = session.purpose == .maintenance ? .maintain : .write
            if let writer = new.member(session.writer), writer.may(role), writer.mayWrite(system: session.system) {
                continue
            }
            sessions[session.id]?.end = .removal
        }
    }

    /// The first member of a keyring in a record whose id is not that of its keys; nil when there is none.
    static func memberOfOtherID(in body: RecordBody) -> Member? {
        let keyring: Keyring
        switch body {
        case .genesis(let body): keyring = body.keyring
        case .propose(let body):
            guard case .keyring(let order) = body.order else { return nil }
            keyring = order.keyring
        default: return nil
        }
        return keyring.members.first { $0.id != MemberID(x25519: $0.x25519, ed25519: $0.ed25519) }
    }
}
