/// What a record says, in the terms of people.
public struct RecordLifecycle: Sendable, Equatable {
    /// Ids of the snapshots that it names.
    public var snapshots: [Digest] = []
    /// The packs that it names; of COMPACT those that it replaces.
    public var packs: PackSet?
    /// The hold that it ends.
    public var hold: Digest?
    /// The proposal that it approves.
    public var proposal: Digest?
    /// The kind of the order that it proposes.
    public var order: String?
    /// The reason that was given; empty when none was.
    public var cause = ""
    /// What a proposed keyring changes of the one that was in force then.
    public var changes: [KeyringChange] = []
    /// From when on a hold may be released without an order.
    public var until: Timestamp?
    /// Systems that it names.
    public var systems: [String] = []
    /// What content was opened for.
    public var purpose: ReadingPurpose?
    /// Of how many snapshots content was opened.
    public var opened: Int?
    /// What a drill came to.
    public var verdict: DrillVerdict?
    /// What was handed out or came back.
    public var token: TokenBody?

    /// Says nothing.
    init() {}

    /// Nil for kinds that do nothing of it.
    ///
    /// - Parameter keyring: the one in force at the record.
    init?(_ body: RecordBody, _ keyring: Keyring) {
        switch body {
        case .forget(let body), .recall(let body): take(body)
        case .hold(let body): (snapshots, cause, until) = ([body.snapshot], body.reason, body.until)
        case .release(let body): take(body)
        case .condemn(let body), .sweep(let body): packs = body.packs
        case .compact(let body): packs = body.old
        case .propose(let body):
            order = body.order.kind
            switch body.order {
            case .forget(let body): take(body)
            case .release(let body): take(body)
            case .keyring(let body):
                cause = body.reason
                changes = KeyringChange.between(keyring, body.keyring)
            }
        case .approve(let body): proposal = body.proposal
        case .open(let body): systems = [body.system]
        case .snapshot(let body): systems = [body.system]
        case .drill(let body): (snapshots, verdict) = ([body.snapshot], body.verdict)
        case .access(let body):
            (snapshots, systems, cause) = (body.snapshots, body.systems, body.reason)
            (purpose, opened) = (body.purpose, body.count)
        case .token(let body): (token, cause) = (body, body.reason)
        case .promote(let body): cause = body.reason
        case .genesis, .progress, .abort, .expire, .attest, .unknown: return nil
        }
    }

    private mutating func take(_ body: ForgetBody) { (snapshots, cause) = (body.snapshots, body.reason) }
    private mutating func take(_ body: ReleaseBody) { (hold, cause) = (body.hold, body.reason) }
}
