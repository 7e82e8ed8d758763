internal import VaultBackup

/// What a person with the paper in hand is asked and told.
enum RecoverPhrase: PhraseTable {
    case place, anchor, head, row, rowRight, rowWrong, again, seedTyping, passphrase, passphraseAgain
    case factRepository, factId, factHead, factSnapshots, factSnapshotsNone, factIdentity, next, afterwards
    case older, altered

    var phrase: Phrase {
        switch self {
        case .place: Phrase(en: "Place of the repository", vi: "Nơi để kho sao lưu")
        case .anchor: Phrase(en: "Anchor, at least 32 digits", vi: "Mã neo (anchor), ít nhất 32 chữ số")
        case .head:
            Phrase(
                en: "Head (Enter if it cannot be read)", vi: "Đầu nhật ký (head; nhấn Enter nếu không đọc được)")
        case .seedTyping:
            Phrase(
                en: "Type the seven rows of the seed. What is typed does not stay on the screen.",
                vi: "Hãy gõ bảy dòng của mã gốc (seed). Những gì đã gõ không lưu lại trên màn hình.")
        case .row: Phrase(en: "row {number}", vi: "row {number}")
        case .rowRight: Phrase(en: "row {number} is right", vi: "row {number} đúng")
        case .rowWrong:
            Phrase(
                en: "{reason}. Compare it with the paper and type it again.",
                vi: "Chưa đúng ({reason}). Hãy so với tờ giấy rồi gõ lại.")
        case .again: Phrase(en: "{reason}. Type it again.", vi: "Chưa đúng ({reason}). Hãy gõ lại.")
        case .passphrase: Phrase(en: "New passphrase for this machine", vi: "Mật khẩu mới cho máy này")
        case .passphraseAgain: Phrase(en: "The same again", vi: "Nhập lại mật khẩu đó")
        case .factRepository: Phrase(en: "Repository", vi: "Kho sao lưu")
        case .factId: Phrase(en: "Id", vi: "Mã kho")
        case .factHead: Phrase(en: "Head", vi: "Đầu nhật ký")
        case .factSnapshots: Phrase(en: "Snapshots", vi: "Bản sao lưu")
        case .factSnapshotsNone: Phrase(en: "none", vi: "không có")
        case .factIdentity: Phrase(en: "Identity", vi: "Tệp danh tính")
        case .next: Phrase(en: "Next:", vi: "Tiếp theo:")
        case .afterwards:
            Phrase(
                en: "When that is done, replace the kit, which was used now: vault recovery-kit replace --text FILE",
                vi: "Xong việc, hãy thay bộ khôi phục vừa dùng: vault recovery-kit replace --text FILE")
        case .altered:
            Phrase(
                en: "The record at which the paper was printed is damaged; what it said may be missing",
                vi: "Bản ghi nhật ký ghi trên tờ giấy đã bị hỏng; nội dung của nó có thể bị thiếu")
        case .older:
            Phrase(
                en: "The repository is older than the paper; what was backed up later is not in it",
                vi: "Kho cũ hơn tờ giấy; những gì sao lưu sau đó không có trong kho")
        }
    }
}
