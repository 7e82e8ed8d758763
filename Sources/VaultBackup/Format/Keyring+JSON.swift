extension Keyring {
    /// The JSON object of the stored form.
    public var json: JSONValue {
        .object([
            "chain": .array(chain.map(\.json)),
            "chunkers": .object([
                "database": .object(["average": .integer(databaseChunkAverage)]),
                "files": .object(["average": .integer(filesChunkAverage)]),
            ]),
            "epoch": .integer(epoch),
            "expiry": .object(["age": .integer(expiryAge), "keep": .integer(expiryKeep)]),
            "groups": .array(groups.map(\.json)),
            "idx": .array(
                indexCommitments.sorted { $0.key < $1.key }.map {
                    .object(["commitment": .string($0.value.hex), "epoch": .integer($0.key)])
                }),
            "members": .array(members.map(\.json)),
            "quorum": .object(["administrators": .integer(administratorQuorum)]),
            "readKey": .string(Hex.encode(readKey)),
            "reuse": .string("own"),
            "slots": .array(slots.map(\.json)),
            "witnesses": .array([]),
        ])
    }

    /// Reads a keyring and checks all that can be checked without cryptography.
    ///
    /// What later versions of the format may put into reserved places is rejected here.
    public init(json: JSONValue) throws(FormatError) {
        let fields = try JSONFields(json, "keyring")
        try fields.requireOnly([
            "chain", "chunkers", "epoch", "expiry", "groups", "idx", "members", "quorum", "readKey", "reuse", "slots",
            "witnesses",
        ])
        guard try fields.array("witnesses").isEmpty else {
            throw fields.error("holds witnesses, which this version does not know")
        }
        guard try fields.string("reuse") == "own" else { throw fields.error("unknown rule for reuse") }
        let chunkers = try fields.object("chunkers", "keyring chunkers")
        try chunkers.requireOnly(["database", "files"])
        let expiry = try fields.object("expiry", "keyring expiry")
        try expiry.requireOnly(["age", "keep"])
        let quorum = try fields.object("quorum", "keyring quorum")
        try quorum.requireOnly(["administrators"])
        var chain: [EpochWrap] = []
        for value in try fields.array("chain") { chain.append(try EpochWrap(json: value)) }
        self.init(
            chain: chain, epoch: try fields.integer("epoch", Self.epochs),
            databaseChunkAverage: try Self.average(try chunkers.object("database", "keyring database chunker")),
            filesChunkAverage: try Self.average(try chunkers.object("files", "keyring files chunker")),
            expiryAge: try expiry.integer("age"),
            expiryKeep: try expiry.integer("keep"),
            groups: try DedupGroup.list(try fields.array("groups")),
            indexCommitments: try Self.commitments(try fields.array("idx")),
            members: try Self.members(try fields.array("members")),
            administratorQuorum: try quorum.integer("administrators", 1...CanonicalJSON.integerMax),
            readKey: try fields.hex("readKey", count: 32),
            slots: try Self.slots(try fields.array("slots")))
        try validate()
    }

    static let epochs = 1...Int(UInt32.max)

    private func validate() throws(FormatError) {
        guard indexCommitments[epoch] != nil, !indexCommitments.keys.contains(where: { $0 > epoch }) else {
            throw FormatError("keyring: no commitment to the index secret of the epoch, or one of a later epoch")
        }
        guard chain.count == epoch - 1, chain.enumerated().allSatisfy({ $0.element.epoch == $0.offset + 1 }) else {
            throw FormatError("keyring: the chain is not that of the epochs before the one in force")
        }
        guard group.epoch <= epoch else { throw FormatError("keyring: a group that begins with a later epoch") }
        for member in members where member.group != group.number {
            throw FormatError("keyring: a member of another group than the one in force")
        }
        for slot in slots where slot.epoch > epoch || member(slot.member) == nil {
            throw FormatError("keyring: slot of a later epoch or of no member")
        }
    }

    private static func average(_ fields: JSONFields) throws(FormatError) -> Int {
        try fields.requireOnly(["average"])
        let average = try fields.integer("average", chunkAverages)
        guard average.nonzeroBitCount == 1 else { throw fields.error("average is not a power of two") }
        return average
    }

    private static func commitments(_ values: [JSONValue]) throws(FormatError) -> [Int: Digest] {
        var commitments: [Int: Digest] = [:]
        var last = 0
        for value in values {
            let fields = try JSONFields(value, "keyring idx")
            try fields.requireOnly(["commitment", "epoch"])
            let epoch = try fields.integer("epoch", epochs)
            guard epoch > last else { throw fields.error("epochs out of order") }
            last = epoch
            commitments[epoch] = try fields.digest("commitment")
        }
        return commitments
    }

    private static func members(_ values: [JSONValue]) throws(FormatError) -> [Member] {
        var members: [Member] = []
        for value in values {
            let member = try Member(json: value)
            if let last = members.last, last.id >= member.id {
                throw FormatError("keyring: members twice or out of order")
            }
            members.append(member)
        }
        return members
    }

    private static func slots(_ values: [JSONValue]) throws(FormatError) -> [Slot] {
        var slots: [Slot] = []
        for value in values {
            let slot = try Slot(json: value)
            if let last = slots.last, (last.epoch, last.member) >= (slot.epoch, slot.member) {
                throw FormatError("keyring: slots twice or out of order")
            }
            slots.append(slot)
        }
        return slots
    }
}

extension Member {
    /// The JSON object of the stored form.
    var json: JSONValue {
        .object([
            "ed25519": .string(Hex.encode(ed25519)), "group": .integer(group), "id": .string(id.hex),
            "kind": .string(kind.rawValue),
            "name": .string(name), "roles": .array(roles.sorted().map { .string($0.rawValue) }),
            "systems": .array(systems.map { .string($0) }), "x25519": .string(Hex.encode(x25519)),
        ])
    }

    /// Reads one member. That its id belongs to its keys is checked where there is cryptography.
    init(json: JSONValue) throws(FormatError) {
        let fields = try JSONFields(json, "keyring member")
        try fields.requireOnly(["ed25519", "group", "id", "kind", "name", "roles", "systems", "x25519"])
        var roles: [Role] = []
        for word in try fields.strings("roles") {
            guard let role = Role(rawValue: word) else { throw fields.error("unknown role '\(word)'") }
            if let last = roles.last, last >= role { throw fields.error("roles twice or out of order") }
            roles.append(role)
        }
        let systems = try fields.strings("systems")
        for (earlier, later) in zip(systems, systems.dropFirst()) where !earlier.hasBytesBefore(later) {
            throw fields.error("systems twice or out of order")
        }
        self.init(
            id: try fields.id("id"), name: try fields.string("name", bytes: Self.nameBytes),
            kind: try fields.word("kind"),
            ed25519: try fields.hex("ed25519", count: 32), x25519: try fields.hex("x25519", count: 32),
            group: try fields.integer("group", 1...CanonicalJSON.integerMax), roles: Set(roles), systems: systems)
    }
}

extension Slot {
    // One to four secrets; a member that is due none has no slot.
    private static let sealedCounts = (1...4).map { sealedCount($0) }

    /// Bytes of the sealed part of a slot with so many secrets.
    static func sealedCount(_ secrets: Int) -> Int { 1 + 33 * secrets + 16 }

    /// The JSON object of the stored form.
    var json: JSONValue {
        .object([
            "commitment": .string(commitment.hex), "enc": .string(Hex.encode(enc)), "epoch": .integer(epoch),
            "member": .string(member.hex), "sealed": .string(Hex.encode(sealed)),
        ])
    }

    /// Reads one slot.
    init(json: JSONValue) throws(FormatError) {
        let fields = try JSONFields(json, "keyring slot")
        try fields.requireOnly(["commitment", "enc", "epoch", "member", "sealed"])
        let sealed = try fields.hex("sealed")
        guard Self.sealedCounts.contains(sealed.count) else { throw fields.error("sealed part has a wrong length") }
        self.init(
            epoch: try fields.integer("epoch", Keyring.epochs), member: try fields.id("member"),
            enc: try fields.hex("enc", count: 32), commitment: try fields.digest("commitment"), sealed: sealed)
    }
}
