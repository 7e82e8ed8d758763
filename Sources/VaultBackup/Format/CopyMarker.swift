/// Id of a copy of a repository, drawn when the copy is begun: what tells rotating disks apart.
public struct CopyID: SixteenByteID {
    /// The id as two big-endian numbers.
    public let words: (UInt64, UInt64)
    /// Makes an id from two big-endian numbers.
    public init(words: (UInt64, UInt64)) { self.words = words }
}

/// What a store says of itself that is a copy of a repository (`docs/FORMAT.md`, section 14). It is no object, is not
/// signed, and proves nothing: it keeps honest programs from writing into a copy and from mixing disks up.
public struct CopyMarker: Sendable, Equatable {
    /// Where the copy stood when everything the log names had been copied.
    public struct Completion: Sendable, Equatable {
        /// Position of the last record.
        public var position: Int
        /// SHA-256 of its stored bytes.
        public var digest: Digest
        /// When, by the clock of the machine that copied.
        public var time: Timestamp
    }

    /// Name of the file in the folder of the store.
    public static let fileName = "copy.json"
    /// Largest file that is read, in bytes.
    public static let byteCountMax = 4_096
    /// How long a name may be, in bytes of UTF-8.
    public static let nameBytes = 1...64

    /// Which copy it is.
    public let id: CopyID
    /// What people call it.
    public let name: String
    /// The repository that it is a copy of.
    public let repository: RepositoryID
    /// SHA-256 of the first record of that repository.
    public let anchor: Digest
    /// When the copy was begun.
    public let made: Timestamp
    /// The last time it was complete; nil when it never was.
    public var completion: Completion?

    /// A marker as given. - Precondition: the length of `name` is allowed.
    public init(
        id: CopyID, name: String, repository: RepositoryID, anchor: Digest, made: Timestamp,
        completion: Completion? = nil
    ) {
        precondition(Self.nameBytes.contains(name.utf8.count), "the name of a copy is not too long")
        self.id = id
        self.name = name
        self.repository = repository
        self.anchor = anchor
        self.made = made
        self.completion = completion
    }

    private static let type = "vault-copy"
    private static let completionFields = ["completed", "digest", "position"]

    /// The file: canonical JSON.
    public func encode() -> [UInt8] {
        var members: [String: JSONValue] = [
            "anchor": .string(anchor.hex), "copy": .string(id.hex), "made": .string(made.description),
            "name": .string(name), "repository": .string(repository.hex), "type": .string(Self.type),
            "version": .integer(0),
        ]
        if let completion {
            members["completed"] = .string(completion.time.description)
            members["digest"] = .string(completion.digest.hex)
            members["position"] = .integer(completion.position)
        }
        return CanonicalJSON.encode(.object(members))
    }

    /// Reads ``encode()``.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        let fields = try JSONFields(try CanonicalJSON.decode(bytes, "copy marker"), "copy marker")
        let isComplete = fields.has("completed")
        try fields.requireOnly(
            ["anchor", "copy", "made", "name", "repository", "type", "version"]
                + (isComplete ? Self.completionFields : []))
        guard try fields.string("type") == Self.type, try fields.integer("version") == 0 else {
            throw fields.error("unknown type or version")
        }
        id = try fields.id("copy")
        name = try fields.string("name", bytes: Self.nameBytes)
        repository = try fields.id("repository")
        anchor = try fields.digest("anchor")
        made = try fields.time("made")
        completion = nil
        if isComplete {
            completion = Completion(
                position: try fields.integer("position"), digest: try fields.digest("digest"),
                time: try fields.time("completed"))
        }
    }
}
