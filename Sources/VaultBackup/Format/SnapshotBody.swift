/// Makes a snapshot and closes its session. Everything here is public to whoever reads the store.
public struct SnapshotBody: Sendable, Equatable {
    /// The packs that a snapshot uses: in the record, or in an object of its own when long.
    public enum Packs: Sendable, Equatable {
        /// The set itself. - Precondition for encoding: its form has at most ``PackSet/inlineBytesMax`` bytes.
        case inline(PackSet)
        /// SHA-256 of the stored set object.
        case object(Digest)
        /// Bytes that are not the canonical form of a set short enough for the record: the record has no effect.
        case malformed([UInt8])
    }

    /// Content bytes of all entries.
    public var bytes: Int
    /// Number of entries.
    public var entries: Int
    /// Epoch of the segment map.
    public var epoch: Int
    /// When reading the sources ended.
    public var finished: Timestamp
    /// SHA-256 of the stored segment map object.
    public var map: Digest
    /// Chunk with the private part.
    public var privatePart: ChunkID
    /// Number of sources that could not be read as they should.
    public var problems: Int
    /// Disclosure root of the top directory.
    public var disclosure: Digest
    /// Top node of the tree.
    public var node: ChunkID
    /// The session that made it.
    public var session: SessionID
    /// The packs it uses.
    public var packs: Packs
    /// When reading the sources began.
    public var started: Timestamp
    /// The system it is of.
    public var system: String
    /// Words given by the user.
    public var tags: [String]

    /// A body as given.
    public init(
        bytes: Int, entries: Int, epoch: Int, finished: Timestamp, map: Digest, privatePart: ChunkID, problems: Int,
        disclosure: Digest, node: ChunkID, session: SessionID, packs: Packs, started: Timestamp, system: String,
        tags: [String] = []
    ) {
        self.bytes = bytes
        self.entries = entries
        self.epoch = epoch
        self.finished = finished
        self.map = map
        self.privatePart = privatePart
        self.problems = problems
        self.disclosure = disclosure
        self.node = node
        self.session = session
        self.packs = packs
        self.started = started
        self.system = system
        self.tags = tags
    }

    var fields: [String: JSONValue] {
        let set: JSONValue =
            switch packs {
            case .inline(let set): .string(Hex.encode(set.encode()))
            case .object(let digest): .object(["object": .string(digest.hex)])
            case .malformed(let bytes): .string(Hex.encode(bytes))
            }
        return [
            "bytes": .integer(bytes), "entries": .integer(entries), "epoch": .integer(epoch),
            "finished": .string(finished.description), "map": .string(map.hex), "private": .string(privatePart.hex),
            "problems": .integer(problems),
            "root": .object(["disclosure": .string(disclosure.hex), "node": .string(node.hex)]),
            "session": .string(session.hex), "set": set, "started": .string(started.description),
            "system": .string(system),
            "tags": .array(tags.map { .string($0) }),
        ]
    }

    static let fieldNames = [
        "bytes", "entries", "epoch", "finished", "map", "private", "problems", "root", "session", "set", "started",
        "system", "tags",
    ]

    init(_ fields: JSONFields) throws(FormatError) {
        let root = try fields.object("root", "snapshot root")
        try root.requireOnly(["disclosure", "node"])
        self.init(
            bytes: try fields.integer("bytes"), entries: try fields.integer("entries"),
            epoch: try fields.integer("epoch", Keyring.epochs), finished: try fields.time("finished"),
            map: try fields.digest("map"), privatePart: try fields.chunkID("private"),
            problems: try fields.integer("problems"),
            disclosure: try root.digest("disclosure"), node: try root.chunkID("node"),
            session: try fields.id("session"),
            packs: try Self.packs(fields), started: try fields.time("started"), system: try fields.string("system"),
            tags: try fields.strings("tags"))
    }

    private static func packs(_ fields: JSONFields) throws(FormatError) -> Packs {
        if case .object = try fields.value("set") {
            let object = try fields.object("set", "snapshot set")
            try object.requireOnly(["object"])
            return .object(try object.digest("object"))
        }
        let bytes = try fields.hex("set")
        guard bytes.count <= PackSet.inlineBytesMax, let set = try? PackSet(decoding: bytes) else {
            return .malformed(bytes)
        }
        return .inline(set)
    }
}
