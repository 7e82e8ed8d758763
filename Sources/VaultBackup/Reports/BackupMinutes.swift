/// Minutes of a backup (biên bản sao lưu): the fields that the archive circular names (time, place, person, old and new
/// medium, method, what was saved; signatures), from the record of a snapshot.
public enum BackupMinutes {
    /// Fills the form.
    ///
    /// - Parameter name: the snapshot, as ``Snapshots/find(_:in:)`` takes it.
    /// - Parameter copies: those that this client knows.
    /// - Throws: ``VaultError`` `.usage` when there is no such snapshot.
    public static func document(
        of name: String, in repository: Repository, copies: [CopyInfo], office: FormOffice, _ language: Language,
        zone: TimeZoneOffsets
    ) throws -> FormDocument {
        let state = repository.state
        let snapshot = try Snapshots.find(name, in: state)
        let before = state.snapshots.last { $0.position < snapshot.position && $0.isOf(snapshot.body.system) }
        func say(_ phrase: FormPhrase, _ values: [String: String] = [:]) -> String { phrase.text(language, values) }
        let (body, media) = (snapshot.body, Media(repository, copies))
        let minute = { Amounts.minute($0, zone, language) }
        let count = { Amounts.count($0, language) }
        let idAndPlace = ["id": String(snapshot.id.hex.prefix(16)), "position": "\(snapshot.position)"]
        let time = ["from": minute(body.started), "to": minute(body.finished), "zone": zone.name(at: body.started)]
        let saved = ["entries": count(body.entries), "bytes": Amounts.bytes(body.bytes, language)]

        var blocks = FormPhrase.head(language, office)
        blocks += [.title(say(.backupTitle)), .subtitle(say(.backupSubtitle))]
        blocks.append(.field(say(.time), say(.timeValue, time)))
        blocks += [.field(say(.performer), state.nameOfMember(snapshot.writer)), .field(say(.position), nil)]
        blocks += [.field(say(.place), nil), .field(say(.source), body.system)]
        if let level = office.level { blocks.append(.field(say(.level), "\(level)")) }
        // Names of databases are for who may read.
        blocks += [.field(say(.databases), nil), .field(say(.snapshot), say(.snapshotValue, idAndPlace))]
        blocks.append(.field(say(.oldMedium), before.map { media.codes(of: $0.position) } ?? say(.noEarlier)))
        blocks.append(.field(say(.newMedium), media.codes(of: snapshot.position)))
        blocks += [.field(say(.method), say(.methodDeduplicated)), .field(say(.content), say(.savedValue, saved))]
        blocks.append(.field(say(.result), BackupJournal.result(of: snapshot, nil, language)))
        blocks += [.signatures([say(.performerRole), say(.unitRole)])]
        blocks.append(
            .foot([
                say(.footSnapshot, ["id": snapshot.id.hex, "repository": repository.id.hex]), say(.footIndependent),
                say(.unofficial),
            ]))
        return FormDocument(language: language, blocks: blocks)
    }
}

/// Whose form it is, as far as a policy says it.
public struct FormOffice: Sendable {
    /// The unit; nil for a dotted line.
    public var unit: String?
    /// The level of protection of the system.
    public var level: Int?

    /// Nothing is known.
    public init() {}

    /// Of the policy of a system; for all systems, what they have in common.
    public init(_ policies: [SystemPolicy], system: String?) {
        let own = policies.filter { policy in system.map { policy.system.hasSameBytes(as: $0) } ?? true }
        guard let first = own.first, own.allSatisfy({ $0.owner == first.owner }) else { return }
        unit = first.owner.isEmpty ? nil : first.owner
        level = system == nil ? nil : first.level
    }
}
