extension DrillEvidence {
    /// Why evidence does not count.
    public enum Rejection: Error, Sendable, Equatable, CustomStringConvertible {
        /// Nothing is stored under its name.
        case missing
        /// The store does not give it.
        case unreadable
        /// Its bytes are not those of its name.
        case otherBytes
        /// It is no envelope.
        case noEnvelope
        /// Whoever wrote the record has not signed it.
        case otherSigner
        /// The decoder refuses it, in its words.
        case malformed(String)
        /// This field is another one than that of the record and the snapshot.
        case differs(String)

        /// The reason in a few words, such as "its signature is not that of who wrote the record".
        public func text(_ language: Language) -> String {
            switch self {
            case .missing: RejectionPhrase.missing.text(language)
            case .unreadable: RejectionPhrase.unreadable.text(language)
            case .otherBytes: RejectionPhrase.otherBytes.text(language)
            case .noEnvelope: RejectionPhrase.noEnvelope.text(language)
            case .otherSigner: RejectionPhrase.otherSigner.text(language)
            case .malformed(let reason): RejectionPhrase.malformed.text(language, ["reason": reason])
            case .differs(let field): RejectionPhrase.differs.text(language, ["field": field])
            }
        }

        /// The same in English.
        public var description: String { text(.english) }
    }
}

/// The texts of ``DrillEvidence/Rejection``.
enum RejectionPhrase: PhraseTable {
    case missing, unreadable, otherBytes, noEnvelope, otherSigner, malformed, differs

    var phrase: Phrase {
        switch self {
        case .missing: Phrase(en: "it is missing", vi: "bằng chứng bị thiếu")
        case .unreadable: Phrase(en: "it cannot be read", vi: "không đọc được bằng chứng")
        case .otherBytes:
            Phrase(en: "its bytes are not those of its name", vi: "nội dung không khớp với mã băm trong tên")
        case .noEnvelope: Phrase(en: "it is no envelope in its form", vi: "không đúng dạng phong bì chữ ký")
        case .otherSigner:
            Phrase(
                en: "its signature is not that of who wrote the record",
                vi: "chữ ký không phải của người ghi bản ghi")
        case .malformed: Phrase(en: "{reason}", vi: "không đúng dạng ({reason})")
        case .differs:
            Phrase(
                en: "its {field} is not that of the record and the snapshot",
                vi: "không khớp với bản ghi và bản sao lưu ({field})")
        }
    }
}
