/// What is about the repository as a whole.
extension ReportPage {
    // MARK: Copies

    func addCopies(to page: inout PageText) {
        let score = report.copies
        page.element("h2", say(.copies))
        page.begin("table")
        page.begin("thead")
        page.row([say(.item), say(.state), say(.found)], header: true)
        page.end()
        page.begin("tbody")
        let others = score.upToDate - 1
        addRule(
            tell(.threeCopies), others >= 1, tell(.threeFound, ["count": "\(others)"]), to: &page)
        addRule(
            tell(.twoMedia), score.media.map { $0 >= 2 },
            score.media.map { tell(.mediaFound, ["count": "\($0)"]) } ?? say(.notStated), to: &page)
        addRule(tell(.oneOffsite), score.hasOffsite, said(score.hasOffsite), to: &page)
        addRule(tell(.oneOffline), score.hasOffline, said(score.hasOffline), to: &page)
        addRule(
            tell(.zeroErrors), score.isWithoutError, tell(score.isWithoutError ? .errorsNone : .errorsSome), to: &page)
        page.end()
        page.end()
        page.begin("ul")
        page.element("li", "\(tell(.hashes)): \(hashes)")
        for copy in report.status.copies { page.element("li", line(copy)) }
        page.end()
    }

    private func said(_ isThere: Bool?) -> String {
        isThere.map { say($0 ? ReportPhrase.byPolicy : .nothing) } ?? say(.notStated)
    }

    private func addRule(_ rule: String, _ isMet: Bool?, _ found: String, to page: inout PageText) {
        page.begin("tr")
        page.element("td", rule)
        page.begin("td", [("class", "w")])
        switch isMet {
        case true?: badge(say(.met), "met", into: &page)
        case false?: badge(say(.gap), "gap", into: &page)
        case nil: badge(say(.unknown), "unknown", into: &page)
        }
        page.end()
        page.element("td", found)
        page.end()
    }

    private var hashes: String {
        let age = report.status.hashAge
        guard let oldest = age.oldest else { return tell(.hashesNever) }
        if age.neverPacks > 0 {
            return tell(.hashesPartly, ["bytes": Amounts.bytes(age.neverBytes, language), "age": self.age(oldest)])
        }
        return tell(.hashesOldest, ["age": self.age(oldest)])
    }

    private func line(_ copy: CopyInfo) -> String {
        let name = copy.marker.name
        var text: String
        if let behind = copy.recordsBehind, behind > 0 {
            text = tell(.copyBehind, ["name": name, "count": Amounts.count(behind, language)])
        } else if let done = copy.marker.completion {
            text = tell(.copyLine, ["name": name, "age": age(done.time)])
        } else {
            text = FindingPhrase.copyNever.text(language, ["name": name])
        }
        if !copy.isPresent { text += "; " + tell(.copyAbsent) }
        return text
    }

    // MARK: People

    func addPeople(to page: inout PageText) {
        let administration = report.status.administration
        page.element("h2", say(.people))
        page.begin("table")
        page.begin("thead")
        page.row([say(.name), say(.kind), say(.roles), say(.since)], header: true)
        page.end()
        page.begin("tbody")
        for info in administration.members {
            let member = info.member
            let kind =
                switch member.kind {
                case .person: say(.person)
                case .machine: say(.machine)
                case .kit: say(.kit)
                }
            var since = day(info.joined.time)
            if let removed = info.removed { since += "; " + say(.removed, ["time": day(removed.time)]) }
            let roles = member.roles.sorted().map { RolePhrase(rawValue: $0.rawValue)?.text(language) ?? $0.rawValue }
            page.row([member.name, kind, roles.joined(separator: ", "), since])
        }
        page.end()
        page.end()
        let order = say(.order, ["needed": "\(administration.needed)", "count": "\(administration.administrators)"])
        page.element("p", administration.isOneOfOne ? order + " " + say(.oneOfOne) : order, class: "small")
    }

    func addHolds(to page: inout PageText) {
        page.element("h2", say(.holds))
        if report.holds.isEmpty { return page.element("p", say(.noHolds)) }
        page.begin("table")
        page.begin("thead")
        page.row(
            [say(.system), say(.snapshot), say(.reason), say(.since), say(.until), say(.byWhom)], header: true)
        page.end()
        page.begin("tbody")
        for item in report.holds {
            page.row([
                item.snapshot.system, String(item.snapshot.id.hex.prefix(8)), item.hold.reason, day(item.hold.time),
                item.hold.until.map(day) ?? say(.openEnd), item.hold.writer,
            ])
        }
        page.end()
        page.end()
    }

    // MARK: Reading and checking

    func addReading(to page: inout PageText) {
        page.element("h2", say(.reading))
        page.begin("ul")
        for phrase: ReportDetailPhrase in [.readRPO, .readRTO, .readCoverage, .readClaims, .readSource] {
            page.element("li", tell(phrase))
        }
        page.end()
    }

    func addFoot(to page: inout PageText) {
        let head = ObjectName.record(report.head.position).text
        page.begin("footer")
        page.element("h3", say(.check))
        page.element("p", tell(.checkPage))
        page.element("pre", "sha256sum -c FILE.sha256")
        page.element("p", tell(.checkHead, ["digest": report.head.digest.hex]))
        page.element("pre", "openssl dgst -sha256 \(head)")
        page.element("p", tell(.checkEvidence))
        page.element("pre", "vault drill show ID; vault drill export ID --output DIR")
        page.element("p", tell(.checkKeys))
        page.element("pre", "vault audit --trust FILE")
        page.element(
            "p",
            tell(
                .footer,
                [
                    "repository": report.repository.hex, "position": "\(report.head.position)",
                    "digest": report.head.digest.hex,
                ]), class: "small")
        page.end()
    }
}

/// Roles in words. The raw values are the stored words.
enum RolePhrase: String, PhraseTable {
    case administer, audit, drill, maintain, read, write

    var phrase: Phrase {
        switch self {
        case .administer: Phrase(en: "administers", vi: "quản trị")
        case .audit: Phrase(en: "audits", vi: "kiểm tra")
        case .drill: Phrase(en: "drills", vi: "khôi phục thử")
        case .maintain: Phrase(en: "maintains", vi: "bảo trì")
        case .read: Phrase(en: "restores", vi: "khôi phục")
        case .write: Phrase(en: "backs up", vi: "sao lưu")
        }
    }
}
