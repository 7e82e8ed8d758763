extension Record {
    private static let predicateType = "https://vault-backup.org/record/v0"
    private static let commonFields = [
        "kind", "lineage", "position", "previous", "repository", "sequence", "time", "version", "writer",
    ]

    /// The payload to sign: the canonical JSON of the in-toto statement.
    ///
    /// - Precondition: the kind is one that this program knows.
    public func encode(subjects: [Subject]) -> [UInt8] {
        var predicate = bodyFields
        predicate["kind"] = .string(body.kind)
        predicate["lineage"] = .string(lineage.hex)
        predicate["position"] = .integer(position)
        predicate["previous"] = .string(previous.hex)
        predicate["repository"] = .string(repository.hex)
        predicate["sequence"] = .integer(sequence)
        predicate["time"] = .string(time.description)
        predicate["version"] = .integer(Self.version)
        predicate["writer"] = .string(writer.hex)
        return CanonicalJSON.encode(Statement.json(Self.predicateType, .object(predicate), subjects))
    }

    /// Reads a payload. A kind, or version or suite of a genesis record, that this program does not know gives
    /// ``RecordBody/unknown(kind:)``.
    public static func decode(_ payload: [UInt8]) throws(FormatError) -> (record: Record, subjects: [Subject]) {
        let statement = try Statement.decode(payload, predicateType, "record")
        let fields = try statement.object("predicate", "record")
        let record = Record(
            repository: try fields.id("repository"), lineage: try fields.id("lineage"),
            position: try fields.integer("position"),
            previous: try fields.digest("previous"), sequence: try fields.integer("sequence"),
            time: try fields.time("time"),
            writer: try fields.id("writer"), body: try body(fields))
        return (record, try subjects(try statement.array("subject")))
    }

    private static func subjects(_ values: [JSONValue]) throws(FormatError) -> [Subject] {
        guard !values.isEmpty else { throw FormatError("record: no subject") }
        var subjects: [Subject] = []
        subjects.reserveCapacity(values.count)
        for value in values { subjects.append(try Subject(json: value)) }
        return subjects
    }

    private static func body(_ fields: JSONFields) throws(FormatError) -> RecordBody {
        let kind = try fields.string("kind")
        let version = try fields.integer("version")
        guard version == Self.version else {
            // A repository of a later version says so in its first record; it must be told from a damaged one.
            if kind == "genesis" { return .unknown(kind: "genesis of version \(version)") }
            throw fields.error("unknown version \(version)")
        }
        switch kind {
        case "genesis":
            let suite = try fields.integer("suite")
            guard suite == 1 else { return .unknown(kind: "genesis of suite \(suite)") }
            try fields.requireOnly(commonFields + ["created", "keyring", "suite"])
            return .genesis(
                GenesisBody(
                    created: try fields.time("created"), keyring: try Keyring(json: try fields.value("keyring"))))
        case "open":
            try fields.requireOnly(commonFields + ["epoch", "purpose", "session", "silence", "system"])
            return .open(
                OpenBody(
                    epoch: try fields.integer("epoch", Keyring.epochs), purpose: try fields.word("purpose"),
                    session: try fields.id("session"), silence: try fields.integer("silence"),
                    system: try fields.string("system")))
        case "progress":
            try fields.requireOnly(commonFields + ["index", "packs", "session"])
            return .progress(try ProgressBody(fields))
        case "snapshot":
            try fields.requireOnly(commonFields + SnapshotBody.fieldNames)
            return .snapshot(try SnapshotBody(fields))
        case "abort":
            try fields.requireOnly(commonFields + ["session"])
            return .abort(AbortBody(session: try fields.id("session")))
        case "expire":
            try fields.requireOnly(commonFields + ["session"])
            return .expire(ExpireBody(session: try fields.id("session")))
        case "drill":
            try fields.requireOnly(commonFields + DrillBody.fieldNames + (fields.has("copy") ? ["copy"] : []))
            return .drill(try DrillBody(fields))
        case "promote":
            try fields.requireOnly(commonFields + PromoteBody.fieldNames)
            return .promote(try PromoteBody(fields))
        case "attest":
            try fields.requireOnly(commonFields + AttestBody.fieldNames)
            return .attest(try AttestBody(fields))
        default: return try lifecycleBody(kind, fields) ?? .unknown(kind: kind)
        }
    }

    /// The kinds that let snapshots and packs go, and those about people; nil for others.
    private static func lifecycleBody(_ kind: String, _ fields: JSONFields) throws(FormatError) -> RecordBody? {
        func require(_ names: [String]) throws(FormatError) { try fields.requireOnly(commonFields + names) }
        switch kind {
        case "forget", "recall":
            try require(ForgetBody.fieldNames)
            let body = try ForgetBody(fields)
            return kind == "forget" ? .forget(body) : .recall(body)
        case "hold":
            try require(HoldBody.fieldNames)
            return .hold(try HoldBody(fields))
        case "release":
            try require(ReleaseBody.fieldNames)
            return .release(try ReleaseBody(fields))
        case "condemn", "sweep":
            try require(PruneBody.fieldNames)
            let body = try PruneBody(fields)
            return kind == "condemn" ? .condemn(body) : .sweep(body)
        case "compact":
            try require(CompactBody.fieldNames)
            return .compact(try CompactBody(fields))
        case "propose":
            try require(["order"])
            let order = try fields.object("order", "order")
            guard let known = try Order(order) else {
                return .unknown(kind: "propose of \(try order.string("kind"))")
            }
            return .propose(ProposeBody(order: known))
        case "approve":
            try require(["proposal"])
            return .approve(ApproveBody(proposal: try fields.digest("proposal")))
        case "access":
            try require(AccessBody.fieldNames)
            return .access(try AccessBody(fields))
        case "token":
            try require(TokenBody.fieldNames)
            return .token(try TokenBody(fields))
        default: return nil
        }
    }

    private var bodyFields: [String: JSONValue] {
        switch body {
        case .genesis(let body):
            return ["created": .string(body.created.description), "keyring": body.keyring.json, "suite": .integer(1)]
        case .open(let body):
            return [
                "epoch": .integer(body.epoch), "purpose": .string(body.purpose.rawValue),
                "session": .string(body.session.hex),
                "silence": .integer(body.silence), "system": .string(body.system),
            ]
        case .progress(let body):
            return [
                "index": .array(body.index.map { .string($0.hex) }), "packs": .array(body.packs.map(\.json)),
                "session": .string(body.session.hex),
            ]
        case .snapshot(let body): return body.fields
        case .abort(let body): return ["session": .string(body.session.hex)]
        case .expire(let body): return ["session": .string(body.session.hex)]
        case .drill(let body): return body.fields
        case .attest(let body): return body.fields
        case .promote(let body): return body.fields
        case .forget(let body), .recall(let body): return body.fields
        case .hold(let body): return body.fields
        case .release(let body): return body.fields
        case .condemn(let body), .sweep(let body): return body.fields
        case .compact(let body): return body.fields
        case .propose(let body): return ["order": body.order.json]
        case .approve(let body): return ["proposal": .string(body.proposal.hex)]
        case .access(let body): return body.fields
        case .token(let body): return body.fields
        case .unknown: preconditionFailure("a record of an unknown kind is never written")
        }
    }
}

extension ProgressBody {
    fileprivate init(_ fields: JSONFields) throws(FormatError) {
        var index: [Digest] = []
        for value in try fields.array("index") {
            guard case .string(let text) = value, let digest = Digest(hex: text) else {
                throw fields.error("field 'index' holds something else than digests")
            }
            index.append(digest)
        }
        var packs: [CommittedPack] = []
        for value in try fields.array("packs", most: Limits.packsPerRecordMax) {
            packs.append(try CommittedPack(try JSONFields(value, "progress pack")))
        }
        self.init(index: index, packs: packs, session: try fields.id("session"))
    }
}

extension CommittedPack {
    fileprivate var json: JSONValue {
        .object([
            "class": .integer(Int(packClass.rawValue)), "directory": .string(directory.hex), "epoch": .integer(epoch),
            "length": .integer(length), "name": .string(name.hex), "segments": .integer(segments),
        ])
    }

    fileprivate init(_ fields: JSONFields) throws(FormatError) {
        try fields.requireOnly(["class", "directory", "epoch", "length", "name", "segments"])
        guard let packClass = PackClass(rawValue: UInt8(try fields.integer("class", 0...255))) else {
            throw fields.error("unknown class")
        }
        self.init(
            name: try fields.digest("name"), packClass: packClass,
            length: try fields.integer("length", 0...Limits.packBytesMax),
            segments: try fields.integer("segments", 0...Limits.segmentsPerPackMax),
            epoch: try fields.integer("epoch", Keyring.epochs), directory: try fields.digest("directory"))
    }
}
