/// What a record says, by kind (`docs/FORMAT.md`, section 11).
public enum RecordBody: Sendable, Equatable {
    case genesis(GenesisBody)
    case open(OpenBody)
    case progress(ProgressBody)
    case snapshot(SnapshotBody)
    case abort(AbortBody)
    case expire(ExpireBody)
    case drill(DrillBody)
    case attest(AttestBody)
    case promote(PromoteBody)
    case forget(ForgetBody)
    /// Undoes FORGET.
    case recall(ForgetBody)
    case hold(HoldBody)
    case release(ReleaseBody)
    case condemn(PruneBody)
    case sweep(PruneBody)
    case compact(CompactBody)
    case propose(ProposeBody)
    case approve(ApproveBody)
    case access(AccessBody)
    case token(TokenBody)
    /// A kind, or a version of the genesis record, that this program does not know.
    case unknown(kind: String)

    /// The stored word for the kind.
    public var kind: String {
        switch self {
        case .genesis: "genesis"
        case .open: "open"
        case .progress: "progress"
        case .snapshot: "snapshot"
        case .abort: "abort"
        case .expire: "expire"
        case .drill: "drill"
        case .attest: "attest"
        case .promote: "promote"
        case .forget: "forget"
        case .recall: "recall"
        case .hold: "hold"
        case .release: "release"
        case .condemn: "condemn"
        case .sweep: "sweep"
        case .compact: "compact"
        case .propose: "propose"
        case .approve: "approve"
        case .access: "access"
        case .token: "token"
        case .unknown(let kind): kind
        }
    }

    /// The roles that may write this kind after the genesis record, one of them is enough; nil when that is not known.
    public var allowedRoles: Set<Role>? {
        switch self {
        case .unknown: nil
        case .genesis: []
        case .open, .progress: [.write, .maintain]
        case .snapshot: [.write]
        case .abort: [.write, .maintain, .administer]
        case .hold: [.write, .administer]
        case .recall, .release: [.maintain, .administer]
        case .propose, .approve, .token: [.administer]
        case .expire, .forget, .condemn, .sweep, .compact: [.maintain]
        case .drill, .attest, .access: [.read, .drill]
        case .promote: [.administer]
        }
    }

    /// The session that the record belongs to; nil for kinds without one.
    public var session: SessionID? {
        switch self {
        case .genesis, .promote, .unknown, .drill, .attest, .forget, .recall, .hold, .release, .condemn, .sweep,
            .propose, .approve, .access, .token:
            nil
        case .open(let body): body.session
        case .progress(let body): body.session
        case .snapshot(let body): body.session
        case .abort(let body): body.session
        case .expire(let body): body.session
        case .compact(let body): body.session
        }
    }
}

/// Creates the repository.
public struct GenesisBody: Sendable, Equatable {
    /// When the repository was made, by its maker's clock.
    public var created: Timestamp
    /// The first keyring.
    public var keyring: Keyring

    /// A body as given.
    public init(created: Timestamp, keyring: Keyring) {
        self.created = created
        self.keyring = keyring
    }
}

/// What a session is for. The raw values are the stored words.
public enum SessionPurpose: String, Sendable, CaseIterable {
    /// Files and directories.
    case backup
    /// A stream that cannot be read twice.
    case stream
    /// Prune, compaction, repair.
    case maintenance
}

/// Opens a session.
public struct OpenBody: Sendable, Equatable {
    /// The epoch in force.
    public var epoch: Int
    /// What the session is for.
    public var purpose: SessionPurpose
    /// Its id, new in the log.
    public var session: SessionID
    /// After how long without a record others may close it, in seconds.
    public var silence: Int
    /// The system that is backed up.
    public var system: String

    /// A body as given.
    public init(epoch: Int, purpose: SessionPurpose, session: SessionID, silence: Int, system: String) {
        self.epoch = epoch
        self.purpose = purpose
        self.session = session
        self.silence = silence
        self.system = system
    }
}

/// Commits packs.
public struct ProgressBody: Sendable, Equatable {
    /// Digests of index fragments.
    public var index: [Digest]
    /// The packs, in the order that gives them their ordinals; at most 2,048.
    public var packs: [CommittedPack]
    /// The open session.
    public var session: SessionID

    /// A body as given.
    public init(index: [Digest] = [], packs: [CommittedPack], session: SessionID) {
        self.index = index
        self.packs = packs
        self.session = session
    }
}

/// A pack as PROGRESS names it.
public struct CommittedPack: Sendable, Equatable {
    /// SHA-256 of the stored bytes.
    public var name: Digest
    /// What it holds.
    public var packClass: PackClass
    /// Stored bytes.
    public var length: Int
    /// Number of segments.
    public var segments: Int
    /// Epoch of its keys, from 1.
    public var epoch: Int
    /// SHA-256 of its sealed directory.
    public var directory: Digest

    /// A pack as given.
    public init(name: Digest, packClass: PackClass, length: Int, segments: Int, epoch: Int, directory: Digest) {
        self.name = name
        self.packClass = packClass
        self.length = length
        self.segments = segments
        self.epoch = epoch
        self.directory = directory
    }
}

/// Closes a session without a snapshot.
public struct AbortBody: Sendable, Equatable {
    /// The open session.
    public var session: SessionID

    /// A body as given.
    public init(session: SessionID) { self.session = session }
}

/// Closes the session of a writer that has been silent for too long.
public struct ExpireBody: Sendable, Equatable {
    /// The open session.
    public var session: SessionID

    /// A body as given.
    public init(session: SessionID) { self.session = session }
}
