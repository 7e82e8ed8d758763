extension RequirementProfile {
    /// Holds facts against each requirement. A fact that nobody knows never makes one met.
    public func assess(_ facts: RecoveryFacts, language: Language = .english) -> [RequirementFinding] {
        requirements.map { requirement in
            let (outcome, phrase, values) = Self.judge(requirement.condition, facts, language)
            return RequirementFinding(
                requirement: requirement, outcome: outcome, evidence: phrase.text(language, values))
        }
    }

    private typealias Judgement = (RequirementFinding.Outcome, EvidencePhrase, [String: String])

    private static func judge(
        _ condition: RequirementCondition, _ facts: RecoveryFacts, _ language: Language
    ) -> Judgement {
        /// An age or a length of time against the longest that is allowed.
        func within(
            _ seconds: Int?, _ span: PolicySpan, _ phrase: EvidencePhrase, _ none: EvidencePhrase,
            _ unknown: RequirementFinding.Outcome = .gap
        ) -> Judgement {
            guard let seconds else { return (unknown, none, [:]) }
            let values = ["seen": Amounts.words(seconds, language), "most": Amounts.words(span.seconds, language)]
            return (seconds <= span.seconds ? .met : .gap, phrase, values)
        }
        func atLeast(_ seen: Int, _ least: Int, _ phrase: EvidencePhrase) -> Judgement {
            (seen >= least ? .met : .gap, phrase, ["seen": "\(seen)", "least": "\(least)"])
        }
        func whether(_ isSo: Bool, _ yes: EvidencePhrase, _ no: EvidencePhrase) -> Judgement {
            isSo ? (.met, yes, [:]) : (.gap, no, [:])
        }
        switch condition {
        case .backupEvery(let span):
            // A system that stopped long ago may have had short gaps before.
            guard let newest = facts.newestAge else { return (.gap, .noBackup, [:]) }
            return within(max(newest, facts.longestGap ?? 0), span, .backupGap, .noBackup)
        case .restoreTestedWithin(let span): return within(facts.provenAge, span, .proven, .neverProven)
        case .coverage(let least):
            // Never rounded up: 99.9 % is not all.
            return atLeast(Int(facts.provenPercent), least, .coverage)
        case .restoredIn(let span): return within(facts.measuredRTO, span, .restored, .neverMeasured, .notMeasured)
        case .verifiedWithin(let span): return within(facts.verifiedAge, span, .verified, .neverVerified)
        // Without a backup there is no set of it.
        case .backups(let least): return atLeast(facts.newestAge == nil ? 0 : facts.copies + 1, least, .backups)
        case .media(let least): return atLeast(facts.newestAge == nil ? 0 : facts.media, least, .media)
        case .readers(let least): return atLeast(facts.readers, least, .readers)
        case .administrators(let least): return atLeast(facts.administrators, least, .administrators)
        case .offsite: return whether(facts.hasOffsiteCopy, .offsite, .noOffsite)
        case .offline: return whether(facts.hasOfflineCopy, .offline, .noOffline)
        case .encrypted: return whether(facts.isEncrypted, .encrypted, .notEncrypted)
        case .accessLogged: return whether(facts.isAccessLogged, .logged, .notLogged)
        case .secondFactor: return whether(facts.hasSecondFactors, .factors, .noFactors)
        case .noDamage:
            // Nobody has looked: no damage is known, and that says nothing.
            guard facts.verifiedAge != nil || facts.damage > 0 else { return (.notMeasured, .neverVerified, [:]) }
            return (facts.damage == 0 ? .met : .gap, .damage, ["seen": "\(facts.damage)"])
        case .byHand: return (.notMeasured, .byHand, [:])
        }
    }
}

/// What shows that a requirement is met, or what is missing.
private enum EvidencePhrase: PhraseTable {
    case noBackup, backupGap, proven, neverProven, coverage, restored, neverMeasured, verified, neverVerified, backups
    case media, readers, administrators, offsite, noOffsite, offline, noOffline, encrypted, notEncrypted, logged
    case notLogged, factors, noFactors, damage, byHand

    var phrase: Phrase {
        switch self {
        case .noBackup: Phrase(en: "There is no backup", vi: "Chưa có bản sao lưu nào")
        case .backupGap:
            Phrase(
                en: "The longest time without a backup is {seen}, of at most {most}",
                vi: "Khoảng thời gian dài nhất không có bản sao lưu là {seen}, tối đa được phép {most}")
        case .proven:
            Phrase(
                en: "The last restore that was proven is {seen} old, of at most {most}",
                vi: "Lần khôi phục được chứng minh gần nhất cách đây {seen}, tối đa được phép {most}")
        case .neverProven:
            Phrase(
                en: "No restore was proven that still counts",
                vi: "Chưa có lần khôi phục nào được chứng minh còn hiệu lực")
        case .coverage:
            Phrase(
                en: "{seen} % of the newest snapshot is proven, of at least {least} %",
                vi: "{seen} % bản sao lưu mới nhất đã được chứng minh, tối thiểu {least} %")
        case .restored:
            Phrase(
                en: "The last proven restore took {seen}, of at most {most}",
                vi: "Lần khôi phục được chứng minh gần nhất mất {seen}, tối đa được phép {most}")
        case .neverMeasured:
            Phrase(
                en: "No proven restore has measured it",
                vi: "Chưa có lần khôi phục được chứng minh nào đo thời gian này")
        case .verified:
            Phrase(
                en: "All stored bytes were read {seen} ago, of at most {most}",
                vi: "Toàn bộ dữ liệu lưu trữ được đọc kiểm tra cách đây {seen}, tối đa được phép {most}")
        case .neverVerified:
            Phrase(
                en: "The stored bytes were never read as a whole",
                vi: "Chưa lần nào đọc kiểm tra toàn bộ dữ liệu lưu trữ")
        case .backups:
            Phrase(
                en: "{seen} sets of backups are up to date, of at least {least}",
                vi: "Có {seen} bộ sao lưu cập nhật, tối thiểu {least}")
        case .media:
            Phrase(
                en: "{seen} kinds of media hold them, of at least {least}",
                vi: "Có {seen} loại vật mang tin, tối thiểu {least}")
        case .readers:
            Phrase(
                en: "{seen} people can restore content, of at least {least}",
                vi: "Có {seen} người có thể khôi phục nội dung, tối thiểu {least}")
        case .administrators:
            Phrase(
                en: "{seen} people can administer, of at least {least}",
                vi: "Có {seen} người quản trị, tối thiểu {least}")
        case .offsite: Phrase(en: "A copy is in another building", vi: "Có bản sao ở địa điểm khác")
        case .noOffsite:
            Phrase(
                en: "No copy that is up to date is in another building",
                vi: "Không có bản sao cập nhật nào ở địa điểm khác")
        case .offline:
            Phrase(
                en: "A copy is off-line or cannot be changed", vi: "Có bản sao ngoại tuyến hoặc không thể sửa đổi")
        case .noOffline:
            Phrase(
                en: "No copy that is up to date is off-line or unchangeable",
                vi: "Không có bản sao cập nhật nào ngoại tuyến hoặc không thể sửa đổi")
        case .encrypted:
            Phrase(
                en: "Content and names are encrypted with AES-256-GCM",
                vi: "Nội dung và tên tệp được mã hóa bằng AES-256-GCM")
        case .notEncrypted: Phrase(en: "Content is not encrypted", vi: "Nội dung không được mã hóa")
        case .logged:
            Phrase(en: "Each reading of content is on record", vi: "Mỗi lần đọc nội dung đều được ghi nhật ký")
        case .notLogged: Phrase(en: "Readings are not on record", vi: "Việc đọc nội dung không được ghi nhật ký")
        case .factors:
            Phrase(
                en: "The identity of each reader has a second factor",
                vi: "Danh tính của mỗi người đọc đều có yếu tố xác thực thứ hai")
        case .noFactors:
            Phrase(
                en: "A second factor is not known of each reader",
                vi: "Không phải người đọc nào cũng có yếu tố xác thực thứ hai được ghi nhận")
        case .damage: Phrase(en: "{seen} faults are known", vi: "Số lỗi đã biết: {seen}")
        case .byHand:
            Phrase(
                en: "No program can know this: a person must show it",
                vi: "Chương trình không thể xác định: cần người chứng minh")
        }
    }
}
