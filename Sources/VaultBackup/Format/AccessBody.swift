/// What content is opened for. The raw values are the stored words, which are those of the commands.
public enum ReadingPurpose: String, Sendable, CaseIterable {
    /// Names are listed.
    case list = "ls"
    /// What the writer said to readers is shown.
    case details = "snapshots"
    /// Names are looked for.
    case find
    /// The content of a file is written.
    case cat
    /// An archive is written.
    case dump
    /// Snapshots are compared.
    case diff
    /// Files are restored.
    case restore
    /// Everything is checked.
    case verify
    /// A restore is proven.
    case drill
    /// Databases are listed, checked, opened or restored.
    case database
    /// A recovery kit is used to go on without anybody else.
    case recover
}

/// Puts on record that a member opened content (`docs/FORMAT.md`, section 11). It changes nothing else. Paths are not in
/// it: the log is public to whoever reads the store.
public struct AccessBody: Sendable, Equatable {
    /// Most snapshots that one record names.
    public static let snapshotsMax = 256
    /// Most bytes that the names of the systems take, all together.
    public static let systemsBytesMax = 65_536

    /// How many snapshots were opened.
    public var count: Int
    /// What for.
    public var purpose: ReadingPurpose
    /// Why, in the words of who read; empty when nothing was said.
    public var reason: String
    /// Ids of the snapshots, ascending; of more than ``snapshotsMax`` the newest.
    public private(set) var snapshots: [Digest]
    /// Systems of all of them, ascending by bytes; none where they would take more than ``systemsBytesMax``.
    public private(set) var systems: [String]

    /// A body that names as much as fits of what was opened.
    ///
    /// - Parameter opened: the snapshots and their systems, the newest last.
    /// - Precondition: at most ``ForgetBody/reasonBytesMax`` bytes of reason.
    public init(_ opened: [(id: Digest, system: String)], purpose: ReadingPurpose, reason: String = "") {
        precondition(reason.utf8.count <= ForgetBody.reasonBytesMax, "reason outside the stored form")
        // One that is compared with itself is opened once.
        var seen: Set<Digest> = []
        let opened = opened.filter { seen.insert($0.id).inserted }
        count = opened.count
        self.purpose = purpose
        self.reason = reason
        snapshots = Set(opened.suffix(Self.snapshotsMax).map(\.id)).sorted()
        let systems = opened.map(\.system).uniqueByBytes()
        self.systems = systems.reduce(0) { $0 + $1.utf8.count } <= Self.systemsBytesMax ? systems : []
    }

    static let fieldNames = ["count", "purpose", "reason", "snapshots", "systems"]

    var fields: [String: JSONValue] {
        [
            "count": .integer(count), "purpose": .string(purpose.rawValue), "reason": .string(reason),
            "snapshots": .array(snapshots.map { .string($0.hex) }), "systems": .array(systems.map { .string($0) }),
        ]
    }

    init(_ fields: JSONFields) throws(FormatError) {
        count = try fields.integer("count")
        purpose = try fields.word("purpose")
        reason = try fields.reason()
        snapshots = []
        for text in try fields.strings("snapshots") {
            guard let id = Digest(hex: text), snapshots.last.map({ $0 < id }) ?? true else {
                throw fields.error("field 'snapshots' does not hold ids in ascending order")
            }
            snapshots.append(id)
        }
        guard snapshots.count == min(count, Self.snapshotsMax) else {
            throw fields.error("field 'snapshots' has \(snapshots.count) ids for \(count) snapshots")
        }
        systems = try fields.strings("systems")
        guard zip(systems, systems.dropFirst()).allSatisfy({ $0.hasBytesBefore($1) }),
            systems.reduce(0, { $0 + $1.utf8.count }) <= Self.systemsBytesMax
        else { throw fields.error("field 'systems' does not hold few enough names in ascending order") }
    }
}
