/// What replaying a record came to (`docs/FORMAT.md`, section 11).
public enum RecordEffect: Sendable, Equatable {
    /// It has the effect of its kind.
    case effective
    /// It does not count, not even for the sequence of its writer.
    case void(VoidReason)
    /// It counts for the sequence of its writer, but its condition is not met.
    case withoutEffect(UnmetCondition)
    /// A snapshot whose pack set is missing or damaged: it is taken to exist, but nothing may be written or pruned.
    case undecided(missingSet: Digest)
    /// A kind that this program does not know: nothing may be written or pruned.
    case unknownKind(String)
}

/// Why a record is void.
public enum VoidReason: Sendable, Equatable, CustomStringConvertible {
    /// It is longer than 1 MiB.
    case tooLong(byteCount: Int)
    /// It is not in its canonical form.
    case malformed(String)
    /// Its position, previous, repository or lineage is not that of its place.
    case wrongPlace(field: String)
    /// Its writer, or signer, is not a member.
    case notAMember(MemberID)
    /// Its signature does not verify.
    case badSignature
    /// It is not the next of its writer.
    case wrongSequence(expected: Int, found: Int)
    /// Its subjects are not those of its fields.
    case wrongSubjects
    /// None of its writer's roles allows its kind.
    case roleNotAllowed(kind: String)

    /// One phrase for people.
    public var description: String {
        switch self {
        case .tooLong(let byteCount): "it has \(byteCount) bytes, \(Limits.recordBytesMax) are allowed"
        case .malformed(let reason): "it is not in its canonical form: \(reason)"
        case .wrongPlace(let field): "its \(field) is not that of its place in the log"
        case .notAMember(let id): "\(id) is not a member"
        case .badSignature: "its signature does not verify"
        case .wrongSequence(let expected, let found): "its sequence is \(found), expected was \(expected)"
        case .wrongSubjects: "its subjects are not those of its fields"
        case .roleNotAllowed(let kind): "the roles of its writer do not allow records of the kind \(kind)"
        }
    }
}

/// Which condition of its kind a record does not meet.
public enum UnmetCondition: Sendable, Equatable, CustomStringConvertible {
    /// OPEN with the id of an earlier session.
    case sessionExists(SessionID)
    /// OPEN with another epoch than the one in force.
    case epochNotInForce(Int)
    /// OPEN of a system that the writer may not write.
    case systemNotAllowed(String)
    /// OPEN with a purpose that the writer's roles do not allow.
    case purposeNotAllowed(SessionPurpose)
    /// There is no such session.
    case noSession(SessionID)
    /// The session has been closed before.
    case sessionClosed(SessionID)
    /// The session is another member's.
    case foreignSession(SessionID)
    /// PROGRESS with a pack that was committed before, or twice.
    case packCommittedBefore(Digest)
    /// PROGRESS with a pack of an epoch that was over at the session's previous record.
    case packEpochOver(Digest)
    /// PROGRESS with a pack of an epoch later than the one in force.
    case packEpochNotBegun(Digest)
    /// SNAPSHOT of another system than its session's.
    case otherSystem(String)
    /// SNAPSHOT whose set names a pack that its writer may not use, or that is swept.
    case packNotEligible(ordinal: Int)
    /// SNAPSHOT whose set, or set object, is not a set in its form.
    case setMalformed(String)
    /// EXPIRE of a session that has not been silent for long enough.
    case sessionNotSilent(SessionID)

    /// DRILL of something that is no snapshot.
    case noSnapshot(Digest)
    /// DRILL with a pack that its snapshot does not use.
    case packNotInSnapshot(ordinal: Int)
    /// DRILL or ATTEST with a pack that is not committed, or swept.
    case packNotThere(ordinal: Int)

    /// FORGET, or an order of it, or HOLD of something that is no live snapshot.
    case snapshotNotLive(Digest)
    /// FORGET, or an order of it, of a held snapshot.
    case snapshotHeld(Digest)
    /// FORGET of a snapshot that is not old enough to go by routine.
    case snapshotTooYoung(Digest)
    /// FORGET that would leave snapshots of too few days.
    case tooFewRemain(system: String, days: Int)
    /// Undoing FORGET of a snapshot that is not forgotten.
    case snapshotNotForgotten(Digest)
    /// Undoing FORGET of a snapshot of which a pack has been swept.
    case snapshotSwept(Digest)
    /// RELEASE of a hold that is not in force.
    case noHold(Digest)
    /// RELEASE of a hold before its time, or of one without.
    case holdNotOver(Digest)
    /// CONDEMN of packs that are all in use, of open sessions, condemned or swept.
    case nothingToCondemn
    /// SWEEP of packs that may all not be swept yet.
    case nothingToSweep
    /// COMPACT of a session with another purpose.
    case notMaintenance(SessionID)
    /// COMPACT with a basis that is not before it.
    case basisTooHigh(Int)
    /// APPROVE of an order whose keyring cannot take the place of the one in force.
    case keyringConflict(KeyringConflict)
    /// APPROVE of a proposal that is not there, or has been carried out.
    case noProposal(Digest)
    /// APPROVE by somebody who has approved before.
    case approvedBefore(Digest)
    /// TOKEN handed to somebody who is no member.
    case noHolder(MemberID)
    /// TOKEN handed out that somebody has.
    case tokenIsOut(holder: MemberID)
    /// TOKEN back from somebody who does not have it.
    case tokenNotOut(holder: MemberID)

    /// One phrase for people.
    public var description: String {
        switch self {
        case .sessionExists(let id): "the session \(id) exists already"
        case .epochNotInForce(let epoch): "the epoch \(epoch) is not in force"
        case .systemNotAllowed(let system): "its writer may not write the system '\(system)'"
        case .purposeNotAllowed(let purpose): "the roles of its writer do not allow \(purpose.rawValue) sessions"
        case .noSession(let id): "there is no session \(id)"
        case .sessionClosed(let id): "the session \(id) is closed"
        case .foreignSession(let id): "the session \(id) belongs to another member"
        case .packCommittedBefore(let name): "the pack \(name) has been committed before"
        case .packEpochOver(let name): "the epoch of the pack \(name) was over before the session's last record"
        case .packEpochNotBegun(let name): "the epoch of the pack \(name) has not begun"
        case .otherSystem(let system): "'\(system)' is not the system of its session"
        case .packNotEligible(let ordinal): "the pack with ordinal \(ordinal) is not one that its writer may use"
        case .setMalformed(let reason): "its pack set cannot be read: \(reason)"
        case .noSnapshot(let id): "there is no snapshot \(id)"
        case .packNotInSnapshot(let ordinal): "the pack with ordinal \(ordinal) is not one of its snapshot"
        case .packNotThere(let ordinal): "there is no pack with ordinal \(ordinal)"
        case .sessionNotSilent(let id): "the session \(id) has not been silent for long enough"
        case .snapshotNotLive(let id): "there is no snapshot \(id), or it is forgotten"
        case .snapshotHeld(let id): "the snapshot \(id) is held"
        case .snapshotTooYoung(let id): "the snapshot \(id) is too young to be forgotten without an order"
        case .tooFewRemain(let system, let days):
            "of the system '\(system)' there would remain snapshots of \(days) days only"
        case .snapshotNotForgotten(let id): "the snapshot \(id) is not forgotten"
        case .snapshotSwept(let id): "a pack of the snapshot \(id) has been swept"
        case .noHold(let id): "there is no hold \(id), or it has ended"
        case .holdNotOver(let id): "the time of the hold \(id) is not over"
        case .nothingToCondemn: "none of its packs may be condemned"
        case .nothingToSweep: "none of its packs may be swept yet"
        case .notMaintenance(let id): "the session \(id) is not one of maintenance"
        case .basisTooHigh(let position): "its basis \(position) is not before it"
        case .keyringConflict(let conflict): conflict.description
        case .noProposal(let id): "there is no proposal \(id) that waits"
        case .approvedBefore(let id): "its writer has approved the proposal \(id) before"
        case .noHolder(let id): "\(id), who would get the token, is not a member"
        case .tokenIsOut(let holder): "\(holder) has the token"
        case .tokenNotOut(let holder): "\(holder) does not have the token"
        }
    }
}
