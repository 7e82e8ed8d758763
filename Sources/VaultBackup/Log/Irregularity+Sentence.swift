extension Irregularity {
    /// What is damaged, in a sentence without full stop.
    public func sentence(_ language: Language) -> String {
        DamagePhrase.damaged.text(language, ["position": "\(position)", "reason": reason(language)])
    }

    private func reason(_ language: Language) -> String {
        switch (language, kind) {
        case (.english, _): reason
        case (_, .missingRecord): DamagePhrase.missing.text(language)
        case (_, .alteredRecord): DamagePhrase.altered.text(language)
        // The others are no damage, and are shown in English only.
        default: reason
        }
    }
}

/// The texts of damage to the log.
enum DamagePhrase: PhraseTable {
    case damaged, missing, altered

    var phrase: Phrase {
        switch self {
        case .damaged:
            Phrase(
                en: "Record {position} of the log is damaged: {reason}",
                vi: "Bản ghi {position} trong nhật ký bị hư hỏng: {reason}")
        case .missing:
            Phrase(
                en: "the record is missing, but there are later ones", vi: "thiếu bản ghi này dù có các bản ghi sau nó")
        case .altered:
            Phrase(
                en: "its bytes are not those that were signed or seen before",
                vi: "nội dung không còn đúng như đã ký hoặc đã thấy trước đây")
        }
    }
}
