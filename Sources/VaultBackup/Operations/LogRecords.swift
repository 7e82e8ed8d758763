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
}

/// Shows the log. Needs no key.
public enum LogRecords {
    /// All records up to the head or to the first that is missing.
    public static func list(_ history: LogHistory) -> [RecordInfo] {
        history.entries.map { entry in
            let (effect, reason) = words(entry.effect)
            return RecordInfo(
                point: entry.point, byteCount: entry.byteCount, claim: entry.claim,
                writer: entry.claim.map { history.state.nameOfMember($0.writer) },
                effect: effect, reason: reason)
        }
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
