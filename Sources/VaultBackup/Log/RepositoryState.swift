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
    /// All snapshots, in the order of the log.
    public internal(set) var snapshots: [SnapshotState] = []
    /// All drills, in the order of the log.
    public internal(set) var drills: [DrillState] = []
    /// Number of records of each member that were not void.
    public internal(set) var sequences: [MemberID: Int] = [:]
    /// Records that did not have the effect of their kind, to be reported.
    public internal(set) var irregularities: [Irregularity] = []

    /// Whether this program may write and prune: not when a record is of an unknown kind, or when a record or set is
    /// missing.
    public var mayWrite: Bool { !irregularities.contains { $0.kind.preventsWriting } }

    /// The sequence number of a member's next record.
    public func nextSequence(of member: MemberID) -> Int { sequences[member, default: 0] }

    /// Whether a new snapshot of `writer` may use the pack: committed, not condemned, not swept, and its own or vouched
    /// for by a reader.
    public func isEligible(_ ordinal: Int, for writer: MemberID) -> Bool {
        guard packs.indices.contains(ordinal) else { return false }
        let pack = packs[ordinal]
        return !pack.isCondemned && !pack.isSwept && (pack.owner == writer || pack.isAttested)
    }

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

/// One committed pack.
public struct PackState: Sendable, Equatable {
    /// What its PROGRESS record says.
    public let pack: CommittedPack
    /// The session that committed it.
    public let session: SessionID
    /// The member that committed it.
    public let owner: MemberID
    /// Position of the PROGRESS record.
    public let position: Int
    /// Time of the PROGRESS record, by its writer's clock.
    public let time: Timestamp
    /// Whether it is about to be taken away. No kind of record of this version condemns.
    public internal(set) var isCondemned = false
    /// Whether it may be deleted. No kind of record of this version sweeps.
    public internal(set) var isSwept = false
    /// Whether a reader has decrypted all of it and found every chunk right.
    public internal(set) var isAttested = false
    /// Place in ``RepositoryState/drills`` of the last drill that proved it; nil when none did.
    public internal(set) var provenBy: Int?
}

/// One snapshot.
public struct SnapshotState: Sendable, Equatable {
    /// SHA-256 of its record; people use the first 16 digits or more.
    public let id: Digest
    /// Position of its record.
    public let position: Int
    /// Time of its record, by its writer's clock.
    public let time: Timestamp
    /// The member that made it.
    public let writer: MemberID
    /// What its record says.
    public let body: SnapshotBody
    /// The packs it uses; nil when its set object is missing or damaged.
    public let packs: PackSet?
}

/// One drill.
public struct DrillState: Sendable, Equatable {
    /// SHA-256 of its record; people use the first 16 digits or more.
    public let id: Digest
    /// Position of its record.
    public let position: Int
    /// Time of its record, by its writer's clock.
    public let time: Timestamp
    /// The member that ran it.
    public let writer: MemberID
    /// The system of its snapshot.
    public let system: String
    /// What its record says.
    public let body: DrillBody
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
