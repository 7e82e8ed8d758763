/// A hold as the log shows it to everybody.
public struct HoldInfo: Sendable, Equatable {
    /// SHA-256 of its record.
    public var id: Digest
    /// Why, in the words of who placed it.
    public var reason: String
    /// When it was placed, by its writer's clock.
    public var time: Timestamp
    /// From when on it may be released without an order; nil when only an order can.
    public var until: Timestamp?
    /// Name of the member that placed it.
    public var writer: String

    init(_ hold: HoldState, _ state: RepositoryState) {
        id = hold.id
        reason = hold.body.reason
        time = hold.time
        until = hold.body.until
        writer = state.nameOfMember(hold.writer)
    }
}

/// A hold that ended, and how.
public struct ReleasedHold: Sendable {
    /// The hold.
    public var hold: HoldInfo
    /// How many administrators have approved, and how many must; nil when its time was over, so that nobody had to.
    public var approvals: Order.Approvals?
}

/// Keeps snapshots from being forgotten, and lets them go again.
public enum Holds {
    /// Places a hold. On return its record is durable.
    ///
    /// - Parameter text: the snapshot, as ``Snapshots/find(_:in:)`` takes it.
    /// - Parameter until: from when on a maintainer may release it without an order.
    /// - Throws: ``VaultError`` `.usage` for a snapshot that is not there, a reason that is too long, or a time that is
    ///   over; `.notAllowed`.
    public static func hold(
        _ text: String, reason: String, until: Timestamp? = nil, with access: SigningAccess
    ) throws -> (snapshot: SnapshotInfo, hold: HoldInfo) {
        let repository = access.repository
        try ForgetBody.checkReason(reason)
        let state = try repository.log.refresh()
        let snapshot = try Snapshots.findLive(text, in: state)
        if let until, until <= repository.clock.now() {
            throw VaultError(
                .usage, "The hold would be over at \(until), which has passed", nextStep: "Give a later time")
        }
        guard access.member.may(.administer) || access.member.may(.write) else {
            throw refusal(access, "hold snapshots")
        }
        let body = HoldBody(snapshot: snapshot.id, reason: reason, until: until)
        let record = try repository.log.publish(.hold(body), by: access.signer)
        repository.advancePin()
        let after = repository.state
        guard let hold = after.holds.first(where: { $0.id == record.digest }) else {
            throw VaultError(.failed, "The hold was written, but is not in the log", nextStep: "Run 'vault log show'")
        }
        return (Snapshots.info(snapshot, after), HoldInfo(hold, after))
    }

    /// Ends all holds of a snapshot: those whose time is over by a record, the others by an order. On return the records
    /// are durable.
    ///
    /// - Throws: ``VaultError`` `.usage` for a snapshot that is not there or not held, `.notAllowed`.
    public static func release(_ text: String, reason: String = "", with access: SigningAccess) throws -> (
        snapshot: SnapshotInfo, released: [ReleasedHold]
    ) {
        let repository = access.repository
        try ForgetBody.checkReason(reason)
        let state = try repository.log.refresh()
        let snapshot = try Snapshots.findLive(text, in: state)
        let holds = state.holds(of: snapshot.id)
        guard !holds.isEmpty else {
            throw VaultError(
                .usage, "The snapshot \(snapshot.id.hex.prefix(8)) is not held", nextStep: "See 'vault snapshots'")
        }
        let time = repository.clock.now()
        var released: [ReleasedHold] = []
        for hold in holds {
            let body = ReleaseBody(hold: hold.id, reason: reason)
            let now = state.now(time, of: access.member.id, from: hold.position)
            if let until = hold.body.until, until < now {
                guard access.member.may(.maintain) || access.member.may(.administer) else {
                    throw refusal(access, "release holds")
                }
                _ = try repository.log.publish(.release(body), by: access.signer)
                released.append(ReleasedHold(hold: HoldInfo(hold, state), approvals: nil))
            } else {
                let subject = hold.body.until.map { "The hold goes on until \($0), and ending it before that" }
                let approvals = try Order.release(body).carryOut(
                    subject ?? "The hold has no end, and releasing it", with: access)
                released.append(ReleasedHold(hold: HoldInfo(hold, state), approvals: approvals))
            }
        }
        repository.advancePin()
        return (Snapshots.info(snapshot, repository.state), released)
    }

    static func refusal(_ access: SigningAccess, _ what: String) -> VaultError {
        VaultError(
            .notAllowed, "'\(access.member.name)' may not \(what)",
            nextStep: "Use an identity of a person, with --identity FILE")
    }
}
