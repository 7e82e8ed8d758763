/// Minutes of a trial restore (biên bản): the fields that the archive circular names (time; checker; place and device;
/// number, content, result, note; proposed fix; signatures), from the public evidence of a drill.
public enum DrillMinutes {
    /// Fills the form.
    ///
    /// - Parameter proof: a drill whose evidence was checked, from ``Drills/show(_:in:)``.
    /// - Parameter copies: those that this client knows.
    public static func document(
        _ proof: DrillProof, in repository: Repository, copies: [CopyInfo], office: FormOffice, _ language: Language,
        zone: TimeZoneOffsets
    ) -> FormDocument {
        let media = Media(repository, copies)
        let sheet = Sheet(proof: proof, language: language, zone: zone, media: media, office: office)
        return FormDocument(language: language, blocks: sheet.blocks)
    }
}

/// The codes of media: the repository, and the label of each copy.
struct Media {
    let repository: String
    private let copies: [(label: String, position: Int)]

    init(_ repository: Repository, _ copies: [CopyInfo]) {
        self.repository = String(repository.id.hex.prefix(8))
        self.copies = copies.compactMap { copy in
            copy.marker.completion.map { (copy.marker.name, $0.position) }
        }
    }

    /// The media that a record is on: those that were complete after it.
    func codes(of position: Int) -> String {
        ([repository] + copies.filter { $0.position >= position }.map { "\(repository)/\($0.label)" })
            .joined(separator: ", ")
    }
}

private struct Sheet {
    let proof: DrillProof
    let language: Language
    let zone: TimeZoneOffsets
    let media: Media
    let office: FormOffice

    private var evidence: DrillEvidence { proof.evidence }
    private func say(_ phrase: FormPhrase, _ values: [String: String] = [:]) -> String {
        phrase.text(language, values)
    }
    private func minute(_ time: Timestamp) -> String { Amounts.minute(time, zone, language) }
    private func duration(_ milliseconds: Int) -> String { Amounts.duration(milliseconds: milliseconds, language) }
    private func count(_ value: Int) -> String { Amounts.count(value, language) }

    var blocks: [FormDocument.Block] {
        var blocks = FormPhrase.head(language, office)
        blocks += [.title(say(.minutesTitle)), .subtitle(say(.minutesSubtitle))]
        blocks += facts
        blocks += [.heading(say(.results)), checks]
        blocks += faults
        return blocks + conclusion
    }

    private var facts: [FormDocument.Block] {
        let codes = media.codes(of: evidence.snapshot.position)
        let host = Hex.encode(evidence.host)
        let rto = say(
            evidence.scope == .whole ? .rtoWhole : .rtoSample, ["time": duration(evidence.rtoMilliseconds)])
        return [
            .field(
                say(.time),
                say(
                    .timeValue,
                    [
                        "from": minute(evidence.started), "to": minute(evidence.ended),
                        "zone": zone.name(at: evidence.started),
                    ])),
            .field(say(.checker), say(.checkerValue, ["name": proof.info.member, "id": evidence.member.hex])),
            .field(say(.position), nil), .field(say(.place), nil),
            .field(say(.device), say(.deviceValue, ["host": host])),
            .field(say(.source), evidence.system),
        ] + (office.level.map { [.field(say(.level), "\($0)")] } ?? []) + [
            .field(
                say(.snapshot),
                say(
                    .snapshotValue,
                    [
                        "id": String(evidence.snapshot.digest.hex.prefix(16)),
                        "position": "\(evidence.snapshot.position)",
                    ])),
            .field(say(.medium), codes), .field(say(.method), method),
            .field(say(.rpo), Amounts.span(evidence.rpoSeconds, language)), .field(say(.rto), rto),
        ]
    }

    private var method: String {
        guard evidence.scope == .sample else { return say(.methodWhole) }
        let (whole, rest) = evidence.sample.hundredths.quotientAndRemainder(dividingBy: 100)
        let point = language == .vietnamese ? "," : "."
        let percent = rest == 0 ? "\(whole)" : "\(whole)\(point)\(rest < 10 ? "0" : "")\(rest)"
        return say(.methodSample, ["percent": percent, "seed": Hex.encode(evidence.sample.seed)])
    }

    /// What proved nothing is neither normal nor faulty.
    private var checks: FormDocument.Block {
        let rows = evidence.checks.enumerated().map { number, check in
            let result =
                switch check.verdict {
                case .proven: say(.normal)
                case .failed: say(.faulty)
                case .notProven: say(.unproven)
                case .skipped: say(.notApplicable)
                }
            return [
                "\(number + 1)", CheckPhrase(rawValue: check.name.rawValue)?.text(language) ?? check.name.rawValue,
                result, say(.comparedNote, ["compared": count(check.compared), "expected": count(check.expected)]),
            ]
        }
        return .table([(say(.number), 3), (say(.content), 34), (say(.result), 15), (say(.note), 13)], rows)
    }

    private var faults: [FormDocument.Block] {
        let code = media.repository
        var rows = evidence.failures.enumerated().map { number, failure in
            [
                "\(number + 1)", code, FormDocument.dots(22),
                CheckPhrase(rawValue: failure.check.rawValue)?.text(language) ?? failure.check.rawValue,
                Hex.encode(failure.entry),
            ]
        }
        let more = evidence.failureCount - evidence.failures.count
        if more > 0 { rows.append(["…", code, say(.moreFaults, ["count": count(more)]), "", ""]) }
        let heading = FormDocument.Block.heading(say(.faults))
        if rows.isEmpty { return [heading, .paragraph(say(.noFaults))] }
        let columns: [(title: String, width: Int)] = [
            (say(.number), 3), (say(.medium), 10), (say(.path), 22), (say(.content), 14), (say(.entryHash), 13),
        ]
        return [heading, .paragraph(say(.namesAreSecret)), .table(columns, rows)]
    }

    private var conclusion: [FormDocument.Block] {
        let skipped = evidence.skipped.map { item in
            let reason = SkipPhrase(rawValue: item.reason.rawValue)?.text(language) ?? item.reason.rawValue
            return "\(count(item.count)): \(reason)"
        }
        var blocks: [FormDocument.Block] = [.heading(say(.conclusion))]
        blocks.append(.field(say(.verdict), proof.info.body.verdict.word(language)))
        if proof.info.isExpired { blocks.append(.paragraph(say(.expiredNote))) }
        if !skipped.isEmpty { blocks.append(.field(say(.leftOut), skipped.joined(separator: "; "))) }
        blocks += [
            .heading(say(.proposal)), .lines(3), .signatures([say(.checkerRole), say(.unitRole)]),
            .foot([
                say(.footEvidence, ["digest": proof.info.body.evidence.hex]),
                say(
                    .footRecord,
                    [
                        "id": proof.info.id.hex, "position": "\(proof.info.position)",
                        "repository": evidence.repository.hex,
                    ]),
                say(.footUntil, ["time": minute(evidence.expires)]),
                say(.footCheck, ["id": String(proof.info.id.hex.prefix(8))]), say(.unofficial),
            ]),
        ]
        return blocks
    }
}
