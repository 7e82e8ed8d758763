/// Names packs that are about to be taken away, or, as SWEEP, may be deleted (`docs/FORMAT.md`, sections 11 and 11.3).
public struct PruneBody: Sendable, Equatable {
    /// The packs; never empty.
    public var packs: PackSet

    /// A body as given. - Precondition: there is a pack, and the form of the set fits into a record.
    public init(packs: PackSet) {
        precondition(packs.isRecordable, "a set outside the stored form")
        self.packs = packs
    }

    static let fieldNames = ["packs"]

    var fields: [String: JSONValue] { ["packs": .string(Hex.encode(packs.encode()))] }

    init(_ fields: JSONFields) throws(FormatError) { packs = try fields.prunedPacks("packs") }
}

/// Puts packs in the place of others, or beside lost ones, and closes its maintenance session.
public struct CompactBody: Sendable, Equatable {
    /// Packs and what stands in their place.
    public struct Move: Sendable, Equatable {
        /// Packs with all that snapshots live at the basis use of ``old``; with one of ``old`` itself, which is lost
        /// and stays, as much of it as there is.
        public var new: PackSet
        /// The packs that are replaced.
        public var old: PackSet

        /// The packs that stay in their place, because not all that they held is anywhere else.
        public var lost: PackSet { old.subtracting(old.subtracting(new)) }

        /// A move as given. - Precondition: neither set is empty.
        public init(old: PackSet, new: PackSet) {
            precondition(old.isRecordable && new.isRecordable, "a set outside the stored form")
            self.new = new
            self.old = old
        }
    }

    /// The last position that was replayed when the segments were chosen.
    public var basis: Int
    /// SHA-256 of the new segment map of each snapshot whose set changes, as far as there is one.
    public var maps: [Digest: Digest]
    /// What is replaced by what, in the order of the first old pack.
    public private(set) var moves: [Move]
    /// The open session.
    public var session: SessionID

    /// A body as given; moves are brought into order.
    ///
    /// - Precondition: there is a move; no pack is in two `old`, none in an `old` and
    ///   in a `new` that is not beside it.
    public init(basis: Int, maps: [Digest: Digest] = [:], moves: [Move], session: SessionID) {
        self.basis = basis
        self.maps = maps
        self.moves = moves.sorted { $0.firstOld < $1.firstOld }
        self.session = session
        precondition(Self.isFormed(self.moves), "moves outside the stored form")
    }

    /// All packs that are replaced.
    public var old: PackSet { PackSet(moves.map(\.old)) }
    /// All packs that replace them.
    public var new: PackSet { PackSet(moves.map(\.new)) }

    private static func isFormed(_ moves: [Move]) -> Bool {
        // The runs are compared and not counted: those of a hostile record are longer together than a number can be.
        let old = moves.flatMap(\.old.runs).sorted { $0.lowerBound < $1.lowerBound }
        return !moves.isEmpty && zip(old, old.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
            && !PackSet(moves.map(\.old)).intersects(PackSet(moves.map { $0.new.subtracting($0.old) }))
            && zip(moves, moves.dropFirst()).allSatisfy { $0.firstOld < $1.firstOld }
    }

    static let fieldNames = ["basis", "maps", "moves", "session"]

    var fields: [String: JSONValue] {
        [
            "basis": .integer(basis),
            "maps": .array(
                maps.sorted { $0.key < $1.key }.map {
                    .object(["map": .string($0.value.hex), "snapshot": .string($0.key.hex)])
                }),
            "moves": .array(
                moves.map {
                    .object([
                        "new": .string(Hex.encode($0.new.encode())), "old": .string(Hex.encode($0.old.encode())),
                    ])
                }),
            "session": .string(session.hex),
        ]
    }

    init(_ fields: JSONFields) throws(FormatError) {
        basis = try fields.integer("basis")
        session = try fields.id("session")
        maps = [:]
        var last: Digest?
        for value in try fields.array("maps") {
            let row = try JSONFields(value, "compact map")
            try row.requireOnly(["map", "snapshot"])
            let snapshot = try row.digest("snapshot")
            guard last.map({ $0 < snapshot }) ?? true else { throw fields.error("its maps are not in order") }
            maps[snapshot] = try row.digest("map")
            last = snapshot
        }
        moves = []
        for value in try fields.array("moves") {
            let row = try JSONFields(value, "compact move")
            try row.requireOnly(["new", "old"])
            moves.append(Move(old: try row.prunedPacks("old"), new: try row.prunedPacks("new")))
        }
        guard Self.isFormed(moves) else { throw fields.error("its moves are not in their form") }
    }
}

extension CompactBody.Move {
    fileprivate var firstOld: Int { old.runs.first?.lowerBound ?? 0 }
}

extension PackSet {
    /// Whether it can stand in a record of prune: not empty, and short enough.
    var isRecordable: Bool { !isEmpty && encode().count <= Self.recordedBytesMax }
}

extension JSONFields {
    fileprivate func prunedPacks(_ name: String) throws(FormatError) -> PackSet {
        let packs = try recordedPacks(name)
        guard !packs.isEmpty else { throw error("field '\(name)' holds no pack") }
        return packs
    }
}
