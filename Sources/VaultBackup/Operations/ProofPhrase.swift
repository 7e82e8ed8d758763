/// Why the verdict on a system is what it is.
public enum ProofReason: Sendable, Equatable {
    /// This machine's clock is behind the log, so that no age can be told.
    case clockBehind
    case neverBackedUp, neverDrilled, drillFailed, copyFailed
    /// The evidence of the last drill does not count.
    case evidenceRejected(DrillEvidence.Rejection)
    case nothingProven, proofsExpired
    /// So much of the newest snapshot is proven, in percent.
    case partlyProven(Int)
    /// Most of it was added since the last drill.
    case mostlyNew
    /// What was added since the last drill waits for longer than a proof counts.
    case newWaits
    case allButNewer, all

    /// The reason in a few words.
    public func text(_ language: Language) -> String {
        switch self {
        case .clockBehind: ProofPhrase.clockBehind.text(language)
        case .neverBackedUp: ProofPhrase.neverBackedUp.text(language)
        case .neverDrilled: ProofPhrase.neverDrilled.text(language)
        case .drillFailed: ProofPhrase.drillFailed.text(language)
        case .copyFailed: ProofPhrase.copyFailed.text(language)
        case .evidenceRejected(let rejection):
            ProofPhrase.evidenceRejected.text(language, ["reason": rejection.text(language)])
        case .nothingProven: ProofPhrase.nothingProven.text(language)
        case .proofsExpired: ProofPhrase.proofsExpired.text(language)
        case .partlyProven(let percent): ProofPhrase.partlyProven.text(language, ["percent": "\(percent)"])
        case .mostlyNew: ProofPhrase.mostlyNew.text(language)
        case .newWaits: ProofPhrase.newWaits.text(language)
        case .allButNewer: ProofPhrase.allButNewer.text(language)
        case .all: ProofPhrase.all.text(language)
        }
    }
}

extension ProofVerdict {
    /// The word for it.
    public func word(_ language: Language) -> String {
        switch self {
        case .proven: ProofPhrase.verdictProven.text(language)
        case .notProven: ProofPhrase.verdictNotProven.text(language)
        case .expired: ProofPhrase.verdictExpired.text(language)
        case .failed: ProofPhrase.verdictFailed.text(language)
        }
    }
}

extension DrillVerdict {
    /// The word for it.
    public func word(_ language: Language) -> String {
        switch self {
        case .proven: ProofPhrase.verdictProven.text(language)
        case .failed: ProofPhrase.verdictFailed.text(language)
        case .notProven: ProofPhrase.verdictNotProven.text(language)
        case .skipped: ProofPhrase.verdictSkipped.text(language)
        }
    }
}

/// The words of verdicts and what they rest on.
public enum ProofPhrase: PhraseTable {
    case verdictProven, verdictNotProven, verdictExpired, verdictFailed, verdictSkipped
    case clockBehind, neverBackedUp, neverDrilled, drillFailed, copyFailed, evidenceRejected
    case nothingProven, proofsExpired, partlyProven
    case mostlyNew, newWaits, allButNewer, all

    /// The text of the case.
    public var phrase: Phrase {
        switch self {
        case .verdictProven: Phrase(en: "proven", vi: "đã chứng minh")
        case .verdictNotProven: Phrase(en: "not-proven", vi: "chưa chứng minh")
        case .verdictExpired: Phrase(en: "expired", vi: "hết hạn")
        case .verdictFailed: Phrase(en: "failed", vi: "không đạt")
        case .verdictSkipped: Phrase(en: "skipped", vi: "bỏ qua")
        case .clockBehind:
            Phrase(
                en: "the clock of this machine is behind the log, so no age can be told",
                vi: "đồng hồ máy này chậm hơn nhật ký nên không tính được tuổi dữ liệu")
        case .neverBackedUp: Phrase(en: "never backed up", vi: "chưa sao lưu lần nào")
        case .neverDrilled: Phrase(en: "never drilled", vi: "chưa khôi phục thử lần nào")
        case .drillFailed: Phrase(en: "the last drill failed", vi: "lần khôi phục thử gần nhất không đạt")
        case .copyFailed:
            Phrase(
                en: "the last drill of a copy failed", vi: "lần khôi phục thử gần nhất từ một bản sao không đạt")
        case .evidenceRejected:
            Phrase(
                en: "the evidence of the last drill does not count: {reason}",
                vi: "bằng chứng của lần khôi phục thử gần nhất không có giá trị: {reason}")
        case .nothingProven:
            Phrase(en: "no drill has proven anything yet", vi: "chưa lần khôi phục thử nào chứng minh được gì")
        case .proofsExpired: Phrase(en: "proofs have expired", vi: "có bằng chứng đã hết hạn")
        case .partlyProven: Phrase(en: "{percent} % is proven", vi: "mới chứng minh được {percent} %")
        case .mostlyNew:
            Phrase(
                en: "most of it was added since the last drill", vi: "phần lớn được thêm sau lần khôi phục thử gần nhất"
            )
        case .newWaits:
            Phrase(
                en: "what was added since the last drill waits for too long",
                vi: "phần thêm sau lần khôi phục thử gần nhất chờ quá lâu")
        case .allButNewer:
            Phrase(
                en: "all but what was added since the last drill", vi: "tất cả, trừ phần thêm sau lần khôi phục thử")
        case .all: Phrase(en: "all of it", vi: "toàn bộ")
        }
    }
}
