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
    /// The packs it uses now, after all compaction; nil when its set object is missing or damaged.
    public internal(set) var packs: PackSet?
    /// SHA-256 of the segment map that fits ``packs``; nil when there is none since a compaction.
    public internal(set) var map: Digest?
    /// Whether its set has packs of which origins do not tell what it uses: then it uses all of those that its record
    /// does not name.
    public internal(set) var isMended = false
    /// Position of the record that made its set what it is: SNAPSHOT, the last recall or compaction.
    public internal(set) var since: Int
    /// Position of the record that let it go; nil while it is live.
    public internal(set) var forgotten: Int?
    // Time of the last record before it by another member than its writer.
    var witnessed: Timestamp?

    /// Whether it has not been forgotten.
    public var isLive: Bool { forgotten == nil }

    init(
        id: Digest, position: Int, time: Timestamp, writer: MemberID, body: SnapshotBody, packs: PackSet?,
        witnessed: Timestamp? = nil
    ) {
        self.id = id
        self.position = position
        self.time = time
        self.writer = writer
        self.body = body
        self.packs = packs
        self.witnessed = witnessed
        map = body.map
        since = position
    }
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

/// A hold on a snapshot.
public struct HoldState: Sendable, Equatable {
    /// SHA-256 of its record.
    public let id: Digest
    /// Position of its record.
    public let position: Int
    /// Time of its record, by its writer's clock.
    public let time: Timestamp
    /// The member that placed it.
    public let writer: MemberID
    /// What its record says.
    public let body: HoldBody
    /// Position of the record that ended it; nil while it is in force.
    public internal(set) var released: Int?

    /// Whether it has not been released.
    public var isInForce: Bool { released == nil }
}

/// An order that was proposed.
public struct ProposalState: Sendable, Equatable {
    /// SHA-256 of its record.
    public let id: Digest
    /// Position of its record.
    public let position: Int
    /// Time of its record, by its writer's clock.
    public let time: Timestamp
    /// The member that proposed it.
    public let writer: MemberID
    /// The order.
    public let order: Order
    /// Who approved it, in the order of the log.
    public internal(set) var approvals: [MemberID] = []
    /// Position of the approval that carried it out; nil while it waits.
    public internal(set) var carriedOut: Int?

    /// Whether it has been carried out.
    public var isCarriedOut: Bool { carriedOut != nil }
}

/// When a member last wrote, by its clock.
struct Witness: Sendable, Equatable {
    let writer: MemberID
    let time: Timestamp
    let position: Int
}
