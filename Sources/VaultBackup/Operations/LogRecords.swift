/// One record of the log, for people and programs.
public struct RecordInfo: Sendable {
    /// Position, from 0, and SHA-256 of the stored bytes.
    public var point: LogPoint
    /// Stored bytes.
    public var byteCount: Int
    /// Its kind and time as it says itself; nil when it cannot be read.
    public var claim: LogHistory.Claim?
    /// Name of its writer, or its id when it is no member; nil when it cannot be read.
    public var writer: String?
    /// What it came to: `effective`, `void`, `without-effect`, `undecided`, `unknown-kind`.
    public var effect: String
    /// Why it is not effective; empty when it is.
    public var reason: String
    /// What it is about, one phrase for people; empty when there is nothing to say.
    public var about = ""
    /// Systems that it is about, ascending.
    public var systems: [String] = []
    /// Ids of members that it changes or hands something to.
    public var concerned: Set<MemberID> = []
}

/// Which records are wanted.
public struct RecordFilter: Sendable {
    /// Kinds, any of them; all when there is none.
    public var kinds: Set<String> = []
    /// Name of a member, or the beginning of its id: records that it wrote, and those that concern it.
    public var member: String?
    /// A system: records that are about it.
    public var system: String?
    /// By their own time, not before this.
    public var since: Timestamp?
    /// By their own time, not after this.
    public var until: Timestamp?
    /// Only those that do not have the effect of their kind.
    public var isIrregular = false

    /// Takes everything.
    public init() {}

    /// Whether a record is wanted.
    func takes(_ record: RecordInfo, _ names: (MemberID) -> String) -> Bool {
        if !kinds.isEmpty, !kinds.contains(record.claim?.kind ?? "") { return false }
        if let system, !record.systems.contains(where: { $0.hasSameBytes(as: system) }) { return false }
        if since != nil || until != nil {
            guard let time = record.claim?.time, time >= since ?? time, time <= until ?? time else { return false }
        }
        if isIrregular, record.effect == "effective" { return false }
        guard let member else { return true }
        return record.concerned.union(record.claim.map { [$0.writer] } ?? []).contains { id in
            names(id).hasSameBytes(as: member)
                || member.utf8.count >= Self.idDigitsMin && id.hex.hasPrefix(member.lowercased())
        }
    }

    private static let idDigitsMin = 4
}

/// Shows the log. Needs no key.
public enum LogRecords {
    /// All records up to the head or to the first that is missing.
    public static func list(_ history: LogHistory) -> [RecordInfo] {
        let phrases = RecordPhrases(history)
        return history.entries.map { entry in
            let (effect, reason) = words(entry.effect)
            var record = RecordInfo(
                point: entry.point, byteCount: entry.byteCount, claim: entry.claim,
                writer: entry.claim.map { history.state.nameOfMember($0.writer) },
                effect: effect, reason: reason)
            if let claim = entry.claim { phrases.describe(claim, in: &record) }
            return record
        }
    }

    /// Those of them that are wanted.
    public static func list(_ history: LogHistory, _ filter: RecordFilter) -> [RecordInfo] {
        list(history).filter { filter.takes($0, history.state.nameOfMember) }
    }

    /// The stored bytes of a record.
    /// - Throws: ``VaultError`` `.usage` when there is none at the position, `.storage`.
    public static func stored(_ position: Int, in repository: Repository) throws(VaultError) -> [UInt8] {
        guard let stored = try LogReader(store: repository.store).record(position) else {
            throw VaultError(
                .usage, "There is no record \(position)", nextStep: "See 'vault log show' for the records there are")
        }
        return stored
    }

    private static func words(_ effect: RecordEffect) -> (String, String) {
        switch effect {
        case .effective: ("effective", "")
        case .void(let reason): ("void", reason.description)
        case .withoutEffect(let condition): ("without-effect", condition.description)
        case .undecided(let set): ("undecided", "its pack set \(set) is missing or damaged")
        case .unknownKind(let kind): ("unknown-kind", "its kind '\(kind)' is not known to this program")
        }
    }
}
