/// One record of the log (`docs/FORMAT.md`, section 11): the fields common to all kinds, and the body.
public struct Record: Sendable, Equatable {
    /// An object that a record commits, as its statement names it.
    public struct Subject: Sendable, Equatable {
        /// Name of the object.
        public let name: String
        /// SHA-256 of the object.
        public let digest: Digest

        /// A subject as given.
        public init(name: String, digest: Digest) {
            self.name = name
            self.digest = digest
        }
    }

    /// The version of the form of records.
    public static let version = 0

    /// The repository.
    public var repository: RepositoryID
    /// The copy of the repository that this log belongs to.
    public var lineage: RepositoryID
    /// Its place in the log.
    public var position: Int
    /// SHA-256 of the stored bytes of the record before it; zero at position 0.
    public var previous: Digest
    /// Number of this record among those of its writer.
    public var sequence: Int
    /// When it was written, by its writer's clock.
    public var time: Timestamp
    /// The member that wrote it.
    public var writer: MemberID
    /// What it says.
    public var body: RecordBody

    /// A record as given.
    public init(
        repository: RepositoryID, lineage: RepositoryID, position: Int, previous: Digest, sequence: Int,
        time: Timestamp,
        writer: MemberID, body: RecordBody
    ) {
        self.repository = repository
        self.lineage = lineage
        self.position = position
        self.previous = previous
        self.sequence = sequence
        self.time = time
        self.writer = writer
        self.body = body
    }

    /// The objects that the fields commit, in the order of the fields; nil where that takes cryptography (genesis) or
    /// knowledge of the kind.
    public var expectedSubjects: [Subject]? {
        var subjects: [Subject] = []
        func add(_ kind: ObjectName.Kind, _ digest: Digest) {
            subjects.append(Subject(name: ObjectName.content(kind, digest).text, digest: digest))
        }
        switch body {
        case .genesis, .unknown: return nil
        case .open, .promote, .abort, .expire, .attest, .forget, .recall, .hold, .release, .condemn, .sweep, .propose,
            .approve, .access, .token:
            break
        case .compact(let body): for (_, map) in body.maps.sorted(by: { $0.key < $1.key }) { add(.sets, map) }
        case .drill(let body): add(.evidence, body.evidence)
        case .progress(let body):
            for digest in body.index { add(.index, digest) }
            for pack in body.packs { add(.packs, pack.name) }
        case .snapshot(let body):
            add(.sets, body.map)
            if case .object(let digest) = body.packs { add(.sets, digest) }
        }
        return subjects.isEmpty ? [Subject(name: "log/previous", digest: previous)] : subjects
    }
}
