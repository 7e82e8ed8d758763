/// The in-toto statement that is signed: around a record, and around the evidence of a drill.
enum Statement {
    private static let type = "https://in-toto.io/Statement/v1"

    /// A statement as a value to encode.
    static func json(_ predicateType: String, _ predicate: JSONValue, _ subjects: [Record.Subject]) -> JSONValue {
        .object([
            "_type": .string(type), "predicate": predicate, "predicateType": .string(predicateType),
            "subject": .array(subjects.map(\.json)),
        ])
    }

    /// Takes a payload apart: its members, of which `predicate` and `subject` are still to be read.
    ///
    /// - Parameter name: what errors call it.
    static func decode(
        _ payload: [UInt8], _ predicateType: String, _ name: StaticString
    ) throws(FormatError) -> JSONFields {
        let statement = try JSONFields(try CanonicalJSON.decode(payload, name), name)
        try statement.requireOnly(["_type", "predicate", "predicateType", "subject"])
        guard try statement.string("_type") == type, try statement.string("predicateType") == predicateType else {
            throw statement.error("unknown type of statement")
        }
        return statement
    }
}

extension Record.Subject {
    /// The subject in its stored form.
    var json: JSONValue {
        .object(["digest": .object(["sha256": .string(digest.hex)]), "name": .string(name)])
    }

    /// Reads ``json``.
    init(json: JSONValue) throws(FormatError) {
        let fields = try JSONFields(json, "subject of a statement")
        try fields.requireOnly(["digest", "name"])
        let digest = try fields.object("digest", "digest of a subject")
        try digest.requireOnly(["sha256"])
        self.init(name: try fields.string("name"), digest: try digest.digest("sha256"))
    }
}
