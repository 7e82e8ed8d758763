/// What the log means up to some position: the result of replaying its records (`docs/FORMAT.md`, section 11).
///
/// A value; it is a pure function of the records up to ``head`` and of the pack sets they name. It never reads or
/// writes anything itself.
public struct RepositoryState: Sendable, Equatable {
    /// The repository.
    public let repository: RepositoryID
    /// The copy of the repository that this log belongs to.
    public let lineage: RepositoryID
    /// SHA-256 of the genesis record: what names the repository to people and pins.
    public let anchor: Digest
    /// When the repository was made, by its maker's clock.
    public let created: Timestamp
    /// The keyring in force.
    public internal(set) var keyring: Keyring
    /// Members that were removed, and not admitted again.
    public internal(set) var formerMembers: [MemberID: FormerMember] = [:]
    /// What admitted each member that the repository was not made with.
    public internal(set) var admissions: [MemberID: Admission] = [:]
    /// Public read keys of all epochs.
    public internal(set) var readKeys: [Int: [UInt8]]

    /// Position of the last record replayed.
    public internal(set) var head: Int
    /// SHA-256 of the stored bytes of the last record replayed.
    public internal(set) var headDigest: Digest
    /// The last record that is not void. Its bytes vouch for all records before it.
    public internal(set) var lastCounted: LogPoint

    /// All sessions ever opened.
    public internal(set) var sessions: [SessionID: SessionState] = [:]
    /// All committed packs; the index is the ordinal.
    public internal(set) var packs: [PackState] = []
    /// Ordinal of each committed pack.
    public internal(set) var ordinals: [Digest: Int] = [:]
    /// All snapshots, forgotten ones too, in the order of the log.
    public internal(set) var snapshots: [SnapshotState] = []
    /// All holds, released ones too, in the order of the log.
    public internal(set) var holds: [HoldState] = []
    /// All orders that were proposed, in the order of the log.
    public internal(set) var proposals: [ProposalState] = []
    /// All drills, in the order of the log.
    public internal(set) var drills: [DrillState] = []
    /// All tokens that were handed out, those that came back too, in the order of the log.
    public internal(set) var tokens: [TokenState] = []
    /// The last record with which each recovery kit opened content, of members and of those that were.
    public internal(set) var kitUses: [MemberID: Admission] = [:]
    // The last record that is not void, and the last one by another member than that one's writer.
    var witnesses: [Witness] = []
    /// Number of records of each member that were not void.
    public internal(set) var sequences: [MemberID: Int] = [:]
    /// Records that did not have the effect of their kind, to be reported.
    public internal(set) var irregularities: [Irregularity] = []

    /// Whether this program may write and prune: not when a record is of an unknown kind, or when a record or set is
    /// missing.
    public var mayWrite: Bool { !irregularities.contains { $0.kind.preventsWriting } }

    /// The sequence number of a member's next record.
    public func nextSequence(of member: MemberID) -> Int { sequences[member, default: 0] }

    /// Whether `writer` may choose the pack for a new snapshot: its content is vouched for by itself or by a reader,
    /// and it is neither condemned nor swept, nor have others been put in its place.
    public func isEligible(_ ordinal: Int, for writer: MemberID) -> Bool {
        isUsable(ordinal, for: writer) && !packs[ordinal].isCondemned && !packs[ordinal].isSwept
            && !packs[ordinal].isReplaced
    }

    /// Whether the content of the pack is vouched for by `writer` or by a reader.
    func isUsable(_ ordinal: Int, for writer: MemberID) -> Bool {
        packs.indices.contains(ordinal) && (packs[ordinal].isAttested || packs[ordinal].vouchedBy == writer)
    }

    /// The last record, not void, by another member than `writer`.
    func lastRecord(notBy writer: MemberID) -> Witness? { witnesses.first { $0.writer != writer } }

    /// Sessions that are open, in the order in which they were opened.
    public var openSessions: [SessionState] {
        sessions.values.filter(\.isOpen).sorted { $0.opened < $1.opened }
    }
}

/// A place in a log and what stands there.
public struct LogPoint: Sendable, Equatable {
    /// Position, from 0.
    public let position: Int
    /// SHA-256 of the stored bytes.
    public let digest: Digest

    /// A point as given.
    public init(position: Int, digest: Digest) {
        self.position = position
        self.digest = digest
    }
}

/// One session.
public struct SessionState: Sendable, Equatable {
    /// How a session ended. The raw values are those of the local cache.
    public enum End: UInt8, Sendable {
        case snapshot = 1
        case abort = 2
        case expire = 3
        case compact = 4
        /// Its writer was removed, or may not write it any more.
        case removal = 5
    }

    /// Its id.
    public let id: SessionID
    /// The member that opened it.
    public let writer: MemberID
    /// What it is for.
    public let purpose: SessionPurpose
    /// The system it backs up.
    public let system: String
    /// After how long without a record others may close it, in seconds.
    public let silence: Int
    /// Position of its OPEN record.
    public let opened: Int
    /// Time of its last effective record, by its writer's clock.
    public internal(set) var lastTime: Timestamp
    /// Epoch in force at its last effective record.
    public internal(set) var lastEpoch: Int
    /// How it ended; nil while it is open.
    public internal(set) var end: End?
    /// Ordinals of the packs it committed.
    public internal(set) var packs = PackSet()

    /// Whether it may still commit packs.
    public var isOpen: Bool { end == nil }
}

/// A record that did not have the effect of its kind.
public struct Irregularity: Sendable, Equatable {
    /// What is the matter. The raw values are those of the local cache.
    public enum Kind: UInt8, Sendable {
        case void = 1
        case withoutEffect = 2
        case missingSet = 3
        case unknownKind = 4
        case missingRecord = 5
        /// A member signed the next record after other bytes than these.
        case alteredRecord = 6

        /// Whether this program must not write or prune because of it.
        public var preventsWriting: Bool { self != .void && self != .withoutEffect }
    }

    /// Position of the record.
    public let position: Int
    /// What is the matter.
    public let kind: Kind
    /// One phrase for people.
    public let reason: String
}
