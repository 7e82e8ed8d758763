/// What was noted of a database at the instant of its dump (`docs/FORMAT.md`, section 9.2), to compare with what a restore
/// makes of the dump. It was read by queries, apart from the dump.
public struct DatabaseCapture: Sendable, Equatable {
    /// The program that keeps a database.
    public enum Engine: String, Sendable, CaseIterable { case mariadb, postgres, sqlite }

    /// What the dump and the capture are true of.
    public enum Consistency: String, Sendable, CaseIterable {
        /// One instant between ``DatabaseCapture/began`` and ``DatabaseCapture/ended``, the same for both.
        case instant
        /// Some of it earlier, some later between the two.
        case window
    }

    /// A table: its rows, whatever their order.
    public struct Table: Sendable, Equatable {
        /// Its name as the engine writes it in a statement.
        public var name: [UInt8]
        /// How many rows.
        public var rows: Int
        /// Digest of the multiset of rows, in the way of the engine.
        public var content: Digest

        /// A table as given.
        public init(name: [UInt8], rows: Int, content: Digest) {
            self.name = name
            self.rows = rows
            self.content = content
        }
    }

    /// The engine.
    public var engine: Engine
    /// The database: its name on its server, or the path of its file. Empty for what belongs to the server as a whole.
    public var name: [UInt8]
    /// Name of the file with the dump in the top directory.
    public var file: [UInt8]
    /// What the dump is true of.
    public var consistency = Consistency.instant
    /// When the work on it began.
    public var began = Timestamp(milliseconds: 0)
    /// When it ended.
    public var ended = Timestamp(milliseconds: 0)
    /// Version of the engine, as it says itself.
    public var version = ""
    /// What else must be known to restore it, by name, such as encoding and extensions.
    public var facts: [String: String] = [:]
    /// Digest of the structure; nil when neither it nor tables were captured.
    public var schema: Digest?
    /// The tables, by the bytes of their names.
    public var tables: [Table] = []

    /// Most tables of all databases of a snapshot together.
    public static let tablesMax = 50_000
    /// Most databases of a snapshot.
    public static let databasesMax = 10_000
    /// Most facts of a database, and most bytes of one.
    static let factsMax = 64
    static let factBytesMax = 65_536

    /// A database without anything noted.
    public init(engine: Engine, name: [UInt8], file: [UInt8]) {
        self.engine = engine
        self.name = name
        self.file = file
    }

    var json: JSONValue {
        .object([
            "began": .string(began.description),
            "consistency": .string(consistency.rawValue),
            "ended": .string(ended.description),
            "engine": .string(engine.rawValue),
            "facts": .array(
                facts.sorted { $0.key.hasBytesBefore($1.key) }.map {
                    .object(["name": .string($0.key), "value": .string($0.value)])
                }),
            "file": .string(Hex.encode(file)),
            "name": .string(Hex.encode(name)),
            "schema": .string(schema?.hex ?? ""),
            "tables": .array(
                tables.map {
                    .object([
                        "content": .string($0.content.hex), "name": .string(Hex.encode($0.name)),
                        "rows": .integer($0.rows),
                    ])
                }),
            "version": .string(version),
        ])
    }

    init(_ value: JSONValue) throws(FormatError) {
        let fields = try JSONFields(value, "captured database")
        try fields.requireOnly([
            "began", "consistency", "ended", "engine", "facts", "file", "name", "schema", "tables", "version",
        ])
        engine = try fields.word("engine")
        name = try fields.hex("name")
        file = try fields.hex("file")
        guard TreeEntry.isValidName(file) else { throw fields.error("the file has no valid name") }
        consistency = try fields.word("consistency")
        began = try fields.time("began")
        ended = try fields.time("ended")
        version = try fields.string("version")
        facts = try Self.facts(fields)
        schema = try fields.string("schema").isEmpty ? nil : try fields.digest("schema")
        for value in try fields.array("tables", most: Self.tablesMax) {
            let table = try JSONFields(value, "captured table")
            try table.requireOnly(["content", "name", "rows"])
            let name = try table.hex("name")
            if let last = tables.last, !last.name.lexicographicallyPrecedes(name) {
                throw fields.error("tables are not in order")
            }
            tables.append(Table(name: name, rows: try table.integer("rows"), content: try table.digest("content")))
        }
        guard tables.isEmpty || schema != nil else { throw fields.error("tables without a schema") }
    }

    private static func facts(_ fields: JSONFields) throws(FormatError) -> [String: String] {
        var facts: [String: String] = [:]
        var last: String?
        for value in try fields.array("facts", most: factsMax) {
            let fact = try JSONFields(value, "fact of a database")
            try fact.requireOnly(["name", "value"])
            let name = try fact.string("name", bytes: 1...64)
            if let last, !last.hasBytesBefore(name) { throw fields.error("facts are not in order") }
            facts[name] = try fact.string("value", bytes: 0...factBytesMax)
            last = name
        }
        return facts
    }
}
