/// What administrators decide together (`docs/FORMAT.md`, section 11.4).
public enum Order: Sendable, Equatable {
    /// Forgets snapshots that routine may not let go yet.
    case forget(ForgetBody)
    /// Ends a hold before its time.
    case release(ReleaseBody)
    /// Changes who may do what, or the rules.
    case keyring(KeyringBody)

    /// The stored word for the kind.
    public var kind: String {
        switch self {
        case .forget: "forget"
        case .release: "release"
        case .keyring: "keyring"
        }
    }

    /// The reason that was given; empty when none was.
    public var reason: String {
        switch self {
        case .forget(let body): body.reason
        case .release(let body): body.reason
        case .keyring(let body): body.reason
        }
    }

    var json: JSONValue {
        var fields: [String: JSONValue]
        switch self {
        case .forget(let body): fields = body.fields
        case .release(let body): fields = body.fields
        case .keyring(let body): fields = body.fields
        }
        fields["kind"] = .string(kind)
        return .object(fields)
    }

    /// Reads an order; nil for a kind that this program does not know.
    init?(_ fields: JSONFields) throws(FormatError) {
        switch try fields.string("kind") {
        case "forget":
            try fields.requireOnly(ForgetBody.fieldNames + ["kind"])
            self = .forget(try ForgetBody(fields))
        case "release":
            try fields.requireOnly(ReleaseBody.fieldNames + ["kind"])
            self = .release(try ReleaseBody(fields))
        case "keyring":
            try fields.requireOnly(KeyringBody.fieldNames + ["kind"])
            self = .keyring(try KeyringBody(fields))
        default: return nil
        }
    }
}

/// Puts an order before the administrators.
public struct ProposeBody: Sendable, Equatable {
    /// The order, which approvals carry out exactly as it stands here.
    public var order: Order

    /// A body as given.
    public init(order: Order) { self.order = order }
}

/// Approves a proposal; the last approval that is needed carries the order out.
public struct ApproveBody: Sendable, Equatable {
    /// SHA-256 of the PROPOSE record.
    public var proposal: Digest

    /// A body as given.
    public init(proposal: Digest) { self.proposal = proposal }
}
