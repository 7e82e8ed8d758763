/// The journal of backups that the archive circular asks for: a row for each, in the order of the log.
public enum BackupJournal {
    /// Fills the form.
    ///
    /// - Parameter since: the first moment that it covers.
    /// - Parameter system: only this one; nil for all.
    /// - Throws: ``VaultError`` `.usage` when there is no snapshot of the system.
    public static func document(
        of repository: Repository, since: Timestamp, system: String?, copies: [CopyInfo], now: Timestamp,
        office: FormOffice, _ language: Language, zone: TimeZoneOffsets
    ) throws -> FormDocument {
        let state = repository.state
        let own = state.snapshots.filter { $0.isOf(system) }
        if let system, own.isEmpty {
            throw VaultError(
                .usage, "There is no snapshot of the system '\(PathText.readable(Array(system.utf8)))'",
                nextStep: "See 'vault snapshots'")
        }
        func say(_ phrase: FormPhrase, _ values: [String: String] = [:]) -> String { phrase.text(language, values) }
        let media = Media(repository, copies)
        let rows = own.filter { $0.body.finished >= since }.enumerated().map { number, snapshot in
            [
                "\(number + 1)", Amounts.minute(snapshot.body.started, zone, language), snapshot.body.system,
                say(.methodDeduplicated), media.codes(of: snapshot.position),
                result(of: snapshot, now, language), state.nameOfMember(snapshot.writer),
            ]
        }
        let columns: [(title: String, width: Int)] = [
            (say(.number), 4), (say(.time), 10), (say(.source), 12), (say(.method), 12), (say(.medium), 10),
            (say(.result), 8), (say(.performer), 8),
        ]
        let period = say(
            .period,
            [
                "from": Amounts.day(since, zone, language), "to": Amounts.day(now, zone, language),
                "zone": zone.name(at: now),
            ])
        let head = LogPoint(position: state.head, digest: state.headDigest)
        var blocks = FormPhrase.head(language, office)
        blocks += [.title(say(.journalTitle)), .subtitle(period), .field(say(.medium), media.repository)]
        blocks.append(.field(say(.store), repository.id.hex))
        blocks.append(rows.isEmpty ? .paragraph(say(.noBackups)) : .table(columns, rows))
        blocks.append(.signatures([say(.inChargeRole), say(.unitRole)]))
        let foot = say(.footHead, ["position": "\(head.position)", "digest": head.digest.hex])
        blocks.append(.foot([foot, say(.footIndependent), say(.unofficial)]))
        return FormDocument(language: language, blocks: blocks)
    }

    /// What came of it, in words. A form that is dated itself says nothing of clocks: then `now` is nil.
    static func result(of snapshot: SnapshotState, _ now: Timestamp?, _ language: Language) -> String {
        let body = snapshot.body
        var text =
            body.problems == 0
            ? FormPhrase.complete.text(language)
            : FormPhrase.problems.text(language, ["count": Amounts.count(body.problems, language)])
        if let now, body.finished.isClearlyAfter(now) { text += "; " + FormPhrase.fromFuture.text(language) }
        if !snapshot.isLive { text += "; " + FormPhrase.forgotten.text(language) }
        return text
    }
}
