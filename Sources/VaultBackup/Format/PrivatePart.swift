/// What a snapshot says to its readers only (chunk type 4; `docs/FORMAT.md`, section 9.2).
public struct PrivatePart: Sendable, Equatable {
    /// The command whose output was stored, program and arguments; empty for file trees.
    public var command: [[UInt8]] = []
    /// The databases whose dumps are in it, by the names of the files; empty in all other snapshots.
    public var databases: [DatabaseCapture] = []
    /// The user's words.
    public var description = ""
    /// Entries in the tree.
    public var entries = 0
    /// The machine it was made on.
    public var host = ""
    /// The sources, absolute.
    public var paths: [[UInt8]] = []
    /// What is missing or not exact; bounded.
    public var problems: [(path: [UInt8], reason: String)] = []
    /// How many problems there were.
    public var problemCount = 0
    /// The entry of `/` itself, when it is a source.
    public var root: TreeEntry?
    /// Whole files from a second reading at the time of the backup, by path; at most ``sampleMax``.
    public var sample: [SampledFile] = []
    /// The program that made it.
    public var version = ""

    /// A file and the digest of all its bytes.
    public struct SampledFile: Sendable, Equatable {
        /// Path from `/`, without the leading slash.
        public var path: [UInt8]
        /// SHA-256 of the content.
        public var sha256: Digest

        /// A file as given.
        public init(path: [UInt8], sha256: Digest) {
            self.path = path
            self.sha256 = sha256
        }
    }

    /// Most files in a sample.
    public static let sampleMax = 256
    /// Longest path of a file in a sample, in bytes.
    public static let sampledPathBytesMax = 4_095

    /// An empty private part.
    public init() {}

    /// Whether all fields are equal.
    public static func == (l: PrivatePart, r: PrivatePart) -> Bool { l.encode() == r.encode() }

    /// The stored form.
    public func encode() -> [UInt8] {
        var members: [String: JSONValue] = [
            "command": .array(command.map { .string(Hex.encode($0)) }),
            "description": .string(description),
            "entries": .integer(entries),
            "host": .string(host),
            "paths": .array(paths.map { .string(Hex.encode($0)) }),
            "problemCount": .integer(problemCount),
            "problems": .array(
                problems.map {
                    .object(["path": .string(Hex.encode($0.path)), "reason": .string($0.reason)])
                }),
            "root": .string(root.map { Hex.encode($0.encoded()) } ?? ""),
            "sample": .array(
                sample.map {
                    .object(["path": .string(Hex.encode($0.path)), "sha256": .string($0.sha256.hex)])
                }),
            "version": .string(version),
        ]
        if !databases.isEmpty { members["databases"] = .array(databases.map(\.json)) }
        return CanonicalJSON.encode(.object(members))
    }

    /// Decodes a private part.
    /// - Throws: ``FormatError`` for any other form than that of ``encode()``.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        let fields = try JSONFields(try CanonicalJSON.decode(bytes, "private part"), "private part")
        let always = [
            "command", "description", "entries", "host", "paths", "problemCount", "problems", "root", "sample",
            "version",
        ]
        try fields.requireOnly(fields.has("databases") ? always + ["databases"] : always)
        if fields.has("databases") { databases = try Self.databases(fields) }
        command = try Self.byteStrings(fields, "command")
        description = try fields.string("description")
        entries = try fields.integer("entries")
        host = try fields.string("host")
        paths = try Self.byteStrings(fields, "paths")
        problemCount = try fields.integer("problemCount")
        for value in try fields.array("problems", most: Limits.problemsListedMax) {
            let problem = try JSONFields(value, "problem")
            try problem.requireOnly(["path", "reason"])
            problems.append((try problem.hex("path"), try problem.string("reason")))
        }
        let root = try fields.hex("root")
        if !root.isEmpty {
            var reader = ByteReader(root, "entry of the root directory")
            self.root = try TreeEntry(from: &reader, isRoot: true)
        }
        sample = try Self.sample(fields)
        version = try fields.string("version")
    }

    private static func sample(_ fields: JSONFields) throws(FormatError) -> [SampledFile] {
        var sample: [SampledFile] = []
        for value in try fields.array("sample", most: sampleMax) {
            let file = try JSONFields(value, "sampled file")
            try file.requireOnly(["path", "sha256"])
            let path = try file.hex("path")
            guard (1...sampledPathBytesMax).contains(path.count) else { throw file.error("path of a wrong length") }
            if let last = sample.last, !last.path.lexicographicallyPrecedes(path) {
                throw fields.error("sample is not in order")
            }
            sample.append(SampledFile(path: path, sha256: try file.digest("sha256")))
        }
        return sample
    }

    private static func databases(_ fields: JSONFields) throws(FormatError) -> [DatabaseCapture] {
        var databases: [DatabaseCapture] = []
        for value in try fields.array("databases", most: DatabaseCapture.databasesMax) {
            let database = try DatabaseCapture(value)
            if let last = databases.last, !last.file.lexicographicallyPrecedes(database.file) {
                throw fields.error("databases are not in order")
            }
            databases.append(database)
        }
        // Absent, not empty, so that there is one form of a snapshot without any.
        if databases.isEmpty { throw fields.error("an empty list of databases") }
        guard databases.reduce(0, { $0 + $1.tables.count }) <= DatabaseCapture.tablesMax else {
            throw fields.error("too many tables")
        }
        return databases
    }

    private static func byteStrings(_ fields: JSONFields, _ name: String) throws(FormatError) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for text in try fields.strings(name) {
            guard let bytes = Hex.decode(text) else { throw fields.error("\(name) is not hexadecimal") }
            result.append(bytes)
        }
        return result
    }
}
