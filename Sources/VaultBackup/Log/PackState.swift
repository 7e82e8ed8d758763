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
    /// Whether a maintenance session committed it: it holds segments of other packs.
    public let isMoved: Bool
    /// The member whose word stands for its content; nil when nobody's does but that of a reader.
    public internal(set) var vouchedBy: MemberID?
    // Whether a COMPACT record has named it as new.
    var isNamed = false
    /// Whether a COMPACT record has put others in its place: no writer chooses it any more.
    public internal(set) var isReplaced = false
    /// Position of the last COMPACT record that says of it that it is not whole any more and that not all it held is
    /// elsewhere; nil when none does.
    public internal(set) var lost: Int?
    /// Position of the CONDEMN record because of which it is about to be taken away; nil when it is not.
    public internal(set) var condemned: Int?
    /// Time of the SWEEP record because of which it may be deleted, or has been, by its writer's clock.
    public internal(set) var swept: Timestamp?
    /// Whether a reader has decrypted all of it and found every chunk right, or all of the packs it was moved from.
    public internal(set) var isAttested = false
    /// Place in ``RepositoryState/drills`` of the last drill that proved it; nil when none did.
    public internal(set) var provenBy: Int?

    /// Whether it is about to be taken away.
    public var isCondemned: Bool { condemned != nil }
    /// Whether it may be deleted, or has been.
    public var isSwept: Bool { swept != nil }

    init(
        pack: CommittedPack, session: SessionID, owner: MemberID, position: Int, time: Timestamp, isMoved: Bool = false
    ) {
        self.pack = pack
        self.session = session
        self.owner = owner
        self.position = position
        self.time = time
        self.isMoved = isMoved
        vouchedBy = isMoved ? nil : owner
    }
}
