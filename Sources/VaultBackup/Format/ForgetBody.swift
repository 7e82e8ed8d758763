/// Lets snapshots go (`docs/FORMAT.md`, sections 11 and 11.2). Their packs stay until they are condemned and swept.
public struct ForgetBody: Sendable, Equatable {
    /// Most snapshots that one record names.
    public static let snapshotsMax = 4_096
    /// Longest reason, in bytes of UTF-8.
    public static let reasonBytesMax = 1_024

    /// Why, for people.
    public var reason: String
    /// Ids of the snapshots, ascending.
    public private(set) var snapshots: [Digest]

    /// A body as given; the ids are brought into order, each once.
    ///
    /// - Precondition: 1 to ``snapshotsMax`` snapshots, at most ``reasonBytesMax`` bytes of reason.
    public init(snapshots: some Sequence<Digest>, reason: String = "") {
        self.snapshots = Set(snapshots).sorted()
        self.reason = reason
        precondition((1...Self.snapshotsMax).contains(self.snapshots.count), "snapshots outside the stored form")
        precondition(reason.utf8.count <= Self.reasonBytesMax, "reason outside the stored form")
    }

    static let fieldNames = ["reason", "snapshots"]

    var fields: [String: JSONValue] {
        ["reason": .string(reason), "snapshots": .array(snapshots.map { .string($0.hex) })]
    }

    init(_ fields: JSONFields) throws(FormatError) {
        reason = try fields.reason()
        snapshots = []
        for text in try fields.strings("snapshots") {
            guard let id = Digest(hex: text), snapshots.last.map({ $0 < id }) ?? true else {
                throw fields.error("field 'snapshots' does not hold ids in ascending order")
            }
            snapshots.append(id)
        }
        guard (1...Self.snapshotsMax).contains(snapshots.count) else {
            throw fields.error("field 'snapshots' has \(snapshots.count) ids, 1 to \(Self.snapshotsMax) allowed")
        }
    }
}

/// Keeps a snapshot from being forgotten until the hold is released.
public struct HoldBody: Sendable, Equatable {
    /// Why, for people.
    public var reason: String
    /// Id of the snapshot.
    public var snapshot: Digest
    /// From when on a maintainer may release it without an order; nil when only an order can.
    public var until: Timestamp?

    /// A body as given. - Precondition: at most ``ForgetBody/reasonBytesMax`` bytes of reason.
    public init(snapshot: Digest, reason: String, until: Timestamp? = nil) {
        precondition(reason.utf8.count <= ForgetBody.reasonBytesMax, "reason outside the stored form")
        self.reason = reason
        self.snapshot = snapshot
        self.until = until
    }

    static let fieldNames = ["reason", "snapshot", "until"]

    var fields: [String: JSONValue] {
        [
            "reason": .string(reason), "snapshot": .string(snapshot.hex),
            "until": .string(until?.description ?? ""),
        ]
    }

    init(_ fields: JSONFields) throws(FormatError) {
        reason = try fields.reason()
        snapshot = try fields.digest("snapshot")
        until = try fields.string("until").isEmpty ? nil : try fields.time("until")
    }
}

/// Ends a hold.
public struct ReleaseBody: Sendable, Equatable {
    /// SHA-256 of the HOLD record.
    public var hold: Digest
    /// Why, for people.
    public var reason: String

    /// A body as given. - Precondition: at most ``ForgetBody/reasonBytesMax`` bytes of reason.
    public init(hold: Digest, reason: String = "") {
        precondition(reason.utf8.count <= ForgetBody.reasonBytesMax, "reason outside the stored form")
        self.hold = hold
        self.reason = reason
    }

    static let fieldNames = ["hold", "reason"]

    var fields: [String: JSONValue] { ["hold": .string(hold.hex), "reason": .string(reason)] }

    init(_ fields: JSONFields) throws(FormatError) {
        hold = try fields.digest("hold")
        reason = try fields.reason()
    }
}

extension ForgetBody {
    /// Whether the words of a person fit into a record, asked before one is made.
    /// - Throws: ``VaultError`` `.usage`.
    static func checkReason(_ reason: String) throws(VaultError) {
        guard reason.utf8.count <= reasonBytesMax else {
            throw VaultError(
                .usage, "The reason has \(reason.utf8.count) bytes, \(reasonBytesMax) are allowed",
                nextStep: "Give a shorter one")
        }
    }
}

extension JSONFields {
    func reason() throws(FormatError) -> String {
        try string("reason", bytes: 0...ForgetBody.reasonBytesMax)
    }
}
