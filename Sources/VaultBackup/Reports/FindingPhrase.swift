/// The sentences of findings.
enum FindingPhrase: PhraseTable {
    case damage, voidRecords, copyBehind, copyNever, orderWaits
    case future, evidenceMissing, drillFailed, incomplete
    case weightDamaged, weightFailed, weightExpired, weightNotProven, weightNote

    var phrase: Phrase {
        switch self {
        case .damage: Phrase(en: "Damage: {text}", vi: "Hư hỏng: {text}")
        case .voidRecords:
            Phrase(
                en: "{count} records of the log are void or without effect, the last one at position {position}",
                vi: """
                    {count} bản ghi trong nhật ký không hợp lệ hoặc không có hiệu lực, bản ghi cuối ở vị trí \
                    {position}
                    """
            )
        case .copyBehind:
            Phrase(
                en: "The copy '{name}' lacks the last {count} records; it was complete on {time}",
                vi: "Bản sao '{name}' thiếu {count} bản ghi cuối; lần đầy đủ gần nhất là {time}")
        case .copyNever:
            Phrase(en: "The copy '{name}' was never complete", vi: "Bản sao '{name}' chưa lần nào đầy đủ")
        case .orderWaits:
            Phrase(
                en: "An order that '{name}' proposed on {time} waits for approval",
                vi: "Lệnh do '{name}' đề nghị lúc {time} đang chờ duyệt")
        case .future:
            Phrase(
                en: """
                    {count} snapshots say that they were made later than now: they count for nothing until one \
                    knows which clock is wrong
                    """,
                vi: """
                    {count} bản sao lưu ghi thời điểm muộn hơn hiện tại: không được tính cho đến khi biết đồng hồ \
                    nào sai
                    """
            )
        case .evidenceMissing:
            Phrase(
                en: "The evidence of drill {id} of {time} is missing or not right, so that drill proves nothing",
                vi: "Bằng chứng của lần khôi phục thử {id} lúc {time} bị thiếu hoặc sai nên không chứng minh được gì")
        case .drillFailed:
            Phrase(
                en: "Drill {id} of {time} failed: what was restored was not what had been saved",
                vi: "Lần khôi phục thử {id} lúc {time} không đạt: dữ liệu khôi phục khác dữ liệu đã sao lưu")
        case .incomplete:
            Phrase(
                en: "The newest snapshot lacks or changed {count} things that could not be read as they should",
                vi: "Bản sao lưu mới nhất thiếu hoặc sai {count} mục không đọc được đúng")
        case .weightDamaged: Phrase(en: "damaged", vi: "hư hỏng")
        case .weightFailed: Phrase(en: "failed", vi: "không đạt")
        case .weightExpired: Phrase(en: "expired", vi: "hết hạn")
        case .weightNotProven: Phrase(en: "not-proven", vi: "chưa chứng minh")
        case .weightNote: Phrase(en: "note", vi: "lưu ý")
        }
    }
}

extension ReportFinding.Weight {
    func word(_ language: Language) -> String {
        switch self {
        case .damaged: FindingPhrase.weightDamaged.text(language)
        case .failed: FindingPhrase.weightFailed.text(language)
        case .expired: FindingPhrase.weightExpired.text(language)
        case .notProven: FindingPhrase.weightNotProven.text(language)
        case .note: FindingPhrase.weightNote.text(language)
        }
    }
}
