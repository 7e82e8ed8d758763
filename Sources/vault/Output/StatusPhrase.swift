internal import VaultBackup

/// The texts of a status for people.
enum StatusPhrase: PhraseTable {
    case allProven, oneProven, someProven, nothing, damaged, more, damage
    case system, verdict, backup, drill, proven, oldest, recovery, data, validUntil
    case never, sampleOnly, storedBytes, neverVerified, oldestVerified, packsNever
    case copy, copyComplete, copyNever, upToDate, behind, behindOne, notThere
    case mayRead, nobodyReads, orders, oneOfOne, ordersWait, warning, moreWarnings

    var phrase: Phrase {
        switch self {
        case .allProven:
            Phrase(
                en: "Recoverable: all {count} systems are proven",
                vi: "Khôi phục được: cả {count} hệ thống đã được chứng minh")
        case .oneProven:
            Phrase(en: "Recoverable: the system is proven", vi: "Khôi phục được: hệ thống đã được chứng minh")
        case .someProven:
            Phrase(
                en: "NOT all recoverable: {proven} of {count} systems proven; {others}",
                vi: "CHƯA chắc khôi phục được: {proven}/{count} hệ thống đã chứng minh; {others}")
        case .nothing:
            Phrase(
                en: "There is no snapshot yet, so nothing can be proven",
                vi: "Chưa có bản sao lưu nào nên chưa chứng minh được gì")
        case .damaged: Phrase(en: "DAMAGED: the log is not whole", vi: "HƯ HỎNG: nhật ký không còn nguyên vẹn")
        case .more:
            Phrase(
                en: "and {count} more: {verdicts} (vault status --all)",
                vi: "và {count} nữa: {verdicts} (vault status --all)")
        case .damage: Phrase(en: "Damage: {text}", vi: "Hư hỏng: {text}")
        case .system: Phrase(en: "SYSTEM", vi: "HỆ THỐNG")
        case .verdict: Phrase(en: "VERDICT", vi: "KẾT LUẬN")
        case .backup: Phrase(en: "BACKUP", vi: "SAO LƯU")
        case .drill: Phrase(en: "DRILL", vi: "THỬ")
        case .proven: Phrase(en: "PROVEN", vi: "ĐÃ THỬ")
        case .oldest: Phrase(en: "OLDEST", vi: "CŨ NHẤT")
        case .data: Phrase(en: "RPO", vi: "MẤT DỮ LIỆU")
        case .recovery: Phrase(en: "RTO", vi: "KHÔI PHỤC")
        case .validUntil: Phrase(en: "VALID UNTIL", vi: "GIÁ TRỊ ĐẾN")
        case .never: Phrase(en: "never", vi: "chưa")
        case .sampleOnly: Phrase(en: "sample", vi: "một phần")
        case .storedBytes: Phrase(en: "Stored bytes: {text}", vi: "Dữ liệu đã lưu: {text}")
        case .neverVerified: Phrase(en: "never verified by this user", vi: "người dùng này chưa kiểm tra lần nào")
        case .oldestVerified: Phrase(en: "the oldest verified {age} ago", vi: "lần kiểm tra cũ nhất cách đây {age}")
        case .packsNever: Phrase(en: ", {packs} packs ({bytes}) never", vi: ", {packs} gói ({bytes}) chưa kiểm tra")
        default: rest
        }
    }

    private var rest: Phrase {
        switch self {
        case .copy: Phrase(en: "Copy '{name}': {text}", vi: "Bản sao '{name}': {text}")
        case .copyComplete:
            Phrase(en: "complete {age} ago, {state}, {place}", vi: "đầy đủ cách đây {age}, {state}, {place}")
        case .copyNever: Phrase(en: "never complete, {place}", vi: "chưa đầy đủ lần nào, {place}")
        case .upToDate: Phrase(en: "up to date", vi: "đã cập nhật")
        case .behind: Phrase(en: "{count} records behind", vi: "chậm {count} bản ghi")
        case .behindOne: Phrase(en: "1 record behind", vi: "chậm 1 bản ghi")
        case .notThere: Phrase(en: "not there", vi: "không có mặt")
        case .mayRead: Phrase(en: "May read: {names}", vi: "Người đọc được: {names}")
        case .nobodyReads: Phrase(en: "May read: nobody", vi: "Người đọc được: không có")
        case .orders:
            Phrase(
                en: "Orders: {needed} of {count} administrators must approve",
                vi: "Lệnh: cần {needed}/{count} người quản trị duyệt")
        case .oneOfOne: Phrase(en: "(1 of 1: one decides alone)", vi: "(1/1: một người tự quyết)")
        case .ordersWait:
            Phrase(en: "; {count} waiting, see vault approve", vi: "; {count} lệnh đang chờ, xem vault approve")
        case .warning: Phrase(en: "Warning: {text}", vi: "Cảnh báo: {text}")
        case .moreWarnings:
            Phrase(
                en: "and {count} more warnings (vault status --all)", vi: "và {count} cảnh báo nữa (vault status --all)"
            )
        default: Phrase(en: "", vi: "")
        }
    }
}
