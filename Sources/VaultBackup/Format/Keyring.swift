/// What a member may do (`docs/FORMAT.md`, sections 6 and 11). The raw values are the stored words.
public enum Role: String, Sendable, CaseIterable, Comparable {
    case administer, audit, drill, maintain, read, write

    /// Whether the word of `l` comes before that of `r`.
    public static func < (l: Role, r: Role) -> Bool { l.rawValue.hasBytesBefore(r.rawValue) }
}

/// What kind of holder a member is. The raw values are the stored words.
public enum MemberKind: String, Sendable, CaseIterable {
    /// A person, with a passphrase.
    case person
    /// A machine, unattended.
    case machine
    /// A recovery kit on paper.
    case kit
}

/// A member of a repository: public keys and what it may do.
public struct Member: Sendable, Equatable {
    /// Stands in ``systems`` for any system.
    public static let anySystem = "*"
    /// Allowed length of a name, in bytes of UTF-8.
    public static let nameBytes = 1...64

    /// Derived from the two public keys.
    public let id: MemberID
    /// The name that people use, 1 to 64 bytes.
    public let name: String
    /// What kind of holder it is.
    public let kind: MemberKind
    /// Public key that verifies its records, 32 bytes.
    public let ed25519: [UInt8]
    /// Public key to which its slots are sealed, 32 bytes.
    public let x25519: [UInt8]
    /// Number of its dedup group.
    public let group: Int
    /// What it may do.
    public let roles: Set<Role>
    /// The systems it may write, in byte order; ``anySystem`` stands for all.
    public let systems: [String]

    /// A member as given; systems are brought into order.
    ///
    /// - Precondition: both keys have 32 bytes.
    public init(
        id: MemberID, name: String, kind: MemberKind, ed25519: [UInt8], x25519: [UInt8], group: Int = 1,
        roles: Set<Role>,
        systems: [String] = [Member.anySystem]
    ) {
        precondition(ed25519.count == 32 && x25519.count == 32, "public keys have 32 bytes")
        self.id = id
        self.name = name
        self.kind = kind
        self.ed25519 = ed25519
        self.x25519 = x25519
        self.group = group
        self.roles = roles
        self.systems = systems.sorted { $0.hasBytesBefore($1) }
    }

    /// The same member in another dedup group.
    func moved(to group: Int) -> Member {
        Member(
            id: id, name: name, kind: kind, ed25519: ed25519, x25519: x25519, group: group, roles: roles,
            systems: systems)
    }

    /// Whether it has the role.
    public func may(_ role: Role) -> Bool { roles.contains(role) }

    /// Whether it may write `system`. Names are equal when their bytes are.
    public func mayWrite(system: String) -> Bool {
        systems.contains { $0 == Member.anySystem || $0.hasSameBytes(as: system) }
    }
}

/// The secrets of one epoch, sealed to one member (`docs/FORMAT.md`, section 6).
public struct Slot: Sendable, Equatable {
    /// Epoch of the secrets, from 1.
    public let epoch: Int
    /// The member that can open it.
    public let member: MemberID
    /// Encapsulated key, 32 bytes.
    public let enc: [UInt8]
    /// Key commitment.
    public let commitment: Digest
    /// Sealed plaintext: 17 bytes and 33 for each secret.
    public let sealed: [UInt8]

    /// A slot as given. - Precondition: `enc` has 32 bytes.
    public init(epoch: Int, member: MemberID, enc: [UInt8], commitment: Digest, sealed: [UInt8]) {
        precondition(enc.count == 32, "an encapsulated key has 32 bytes")
        self.epoch = epoch
        self.member = member
        self.enc = enc
        self.commitment = commitment
        self.sealed = sealed
    }
}

/// Who may do what, and the public side of all keys of a repository (`docs/FORMAT.md`, section 6).
public struct Keyring: Sendable, Equatable {
    /// Allowed average sizes of chunks, powers of two, in bytes.
    public static let chunkAverages = 2_048...4_194_304
    /// The secrets of the epochs that are over, in order.
    public var chain: [EpochWrap]
    /// Epoch in force, from 1.
    public var epoch: Int
    /// Average chunk size of database dumps, in bytes.
    public var databaseChunkAverage: Int
    /// Average chunk size of files, in bytes.
    public var filesChunkAverage: Int
    /// Routine expiry: least age of a snapshot that is forgotten, in seconds.
    public var expiryAge: Int
    /// Routine expiry: number of snapshots of a system that always remain.
    public var expiryKeep: Int
    /// The dedup groups, of which the last is in force; never empty.
    public var groups: [DedupGroup]
    /// Commitments to the index secrets, by epoch.
    public var indexCommitments: [Int: Digest]
    /// Members in the order of their ids.
    public private(set) var members: [Member]
    /// Number of administrators that must approve.
    public var administratorQuorum: Int
    /// Public half of the read key of ``epoch``, 32 bytes.
    public var readKey: [UInt8]
    /// Slots in the order of (epoch, member).
    public private(set) var slots: [Slot]

    /// A keyring as given; members and slots are brought into order.
    public init(
        chain: [EpochWrap] = [], epoch: Int, databaseChunkAverage: Int = 4_096, filesChunkAverage: Int = 65_536,
        expiryAge: Int, expiryKeep: Int,
        groups: [DedupGroup] = [.first], indexCommitments: [Int: Digest], members: [Member],
        administratorQuorum: Int = 1, readKey: [UInt8], slots: [Slot]
    ) {
        self.chain = chain
        self.epoch = epoch
        self.databaseChunkAverage = databaseChunkAverage
        self.filesChunkAverage = filesChunkAverage
        self.expiryAge = expiryAge
        self.expiryKeep = expiryKeep
        precondition(!groups.isEmpty, "there is a group from the beginning")
        self.groups = groups
        self.indexCommitments = indexCommitments
        self.members = members.sorted { $0.id < $1.id }
        self.administratorQuorum = administratorQuorum
        self.readKey = readKey
        self.slots = slots.sorted { ($0.epoch, $0.member) < ($1.epoch, $1.member) }
    }

    /// The dedup group in force.
    public var group: DedupGroup { groups[groups.count - 1] }

    /// The number of the dedup group that was in force in an epoch.
    public func group(inEpoch epoch: Int) -> Int { groups.last { $0.epoch <= epoch }?.number ?? 1 }

    /// The same keyring with these members, who belong to the group in force, and slots, which are brought into order.
    public func with(members: [Member], slots: [Slot]) -> Keyring {
        var changed = self
        changed.members = members.map { $0.moved(to: group.number) }.sorted { $0.id < $1.id }
        changed.slots = slots.sorted { ($0.epoch, $0.member) < ($1.epoch, $1.member) }
        return changed
    }

    /// The member of this id; nil when there is none.
    public func member(_ id: MemberID) -> Member? { members.first { $0.id == id } }

    /// The slot of a member for the epoch in force, or another; nil when there is none.
    public func slot(of member: MemberID, epoch: Int? = nil) -> Slot? {
        slots.first { $0.member == member && $0.epoch == epoch ?? self.epoch }
    }
}
