/// The texts of the report page.
enum ReportPhrase: PhraseTable {
    // The answer
    case title, subtitle, made, answerAll, answerOne, answerSome, answerNone, howKnown, whoCan, nobodyCan
    // Sections
    case overview, findings, noFindings, copies, people, holds, noHolds, systems, reading, check
    // Columns
    case system, verdict, newest, worstGap, recovery, provenShare, oldest, lastProof, validUntil
    case item, required, found, state, name, kind, roles, since, removed, snapshot, reason, until, byWhom, openEnd
    // Kinds and states
    case person, machine, kit, never, nothing, objective, unknown, met, gap, notStated, byPolicy,
        order, oneOfOne

    var phrase: Phrase {
        switch self {
        case .title: Phrase(en: "Recovery report", vi: "Báo cáo khả năng khôi phục dữ liệu")
        case .subtitle:
            Phrase(
                en: "Repository {repository}, state of the log at record {position}",
                vi: "Kho sao lưu {repository}, trạng thái nhật ký tại bản ghi {position}")
        case .made:
            Phrase(
                en: "Made on {time} ({zone}) by vault {version}; timelines since {since}.",
                vi: "Lập lúc {time} ({zone}) bằng vault {version}; biểu đồ từ ngày {since}.")
        case .answerAll:
            Phrase(
                en: "All {count} systems are proven to be recoverable.",
                vi: "Cả {count} hệ thống đều đã được chứng minh là khôi phục được.")
        case .answerOne:
            Phrase(
                en: "The system is proven to be recoverable.",
                vi: "Hệ thống đã được chứng minh là khôi phục được.")
        case .answerSome:
            Phrase(
                en: "{proven} of {count} systems are proven to be recoverable; {others}.",
                vi: "{proven}/{count} hệ thống đã được chứng minh là khôi phục được; {others}.")
        case .answerNone:
            Phrase(
                en: "There is no snapshot, so nothing can be recovered.",
                vi: "Chưa có bản sao lưu nào nên không khôi phục được gì.")
        case .howKnown:
            Phrase(
                en: """
                    Proven means: a drill really restored the data, compared it with what was noted at the backup, and \
                    its signed evidence is there, right, and not expired.
                    """,
                vi: """
                    “Đã chứng minh” nghĩa là: đã khôi phục thử thật, so sánh với những gì ghi nhận lúc sao lưu, và bằng \
                    chứng có chữ ký số còn đủ, đúng và chưa hết hạn.
                    """)
        case .whoCan: Phrase(en: "Who can restore: {names}.", vi: "Người có thể khôi phục: {names}.")
        case .nobodyCan: Phrase(en: "Nobody can restore.", vi: "Không ai có thể khôi phục.")
        default: label
        }
    }

    private var label: Phrase {
        switch self {
        case .overview: Phrase(en: "Overview", vi: "Tổng quan")
        case .findings: Phrase(en: "Findings", vi: "Những điểm cần xem xét")
        case .noFindings: Phrase(en: "Nothing was found.", vi: "Không có điểm nào.")
        case .copies: Phrase(en: "Copies: 3-2-1-1-0", vi: "Các bản sao: quy tắc 3-2-1-1-0")
        case .people: Phrase(en: "Members and roles", vi: "Thành viên và vai trò")
        case .holds: Phrase(en: "Holds", vi: "Bản sao lưu được giữ lại")
        case .noHolds: Phrase(en: "No snapshot is held.", vi: "Không có bản sao lưu nào được giữ lại.")
        case .systems: Phrase(en: "Each system", vi: "Từng hệ thống")
        case .reading: Phrase(en: "How to read this", vi: "Cách đọc báo cáo")
        case .check: Phrase(en: "How to check this", vi: "Cách kiểm chứng báo cáo")
        case .system: Phrase(en: "System", vi: "Hệ thống")
        case .verdict: Phrase(en: "Verdict", vi: "Kết luận")
        case .newest: Phrase(en: "Newest data", vi: "Dữ liệu mới nhất")
        case .worstGap: Phrase(en: "RPO: worst in 90 days", vi: "RPO: tệ nhất trong 90 ngày")
        case .recovery: Phrase(en: "RTO: measured", vi: "RTO: đã đo")
        case .provenShare: Phrase(en: "Proven", vi: "Đã chứng minh")
        case .oldest: Phrase(en: "Longest without proof", vi: "Lâu nhất không có bằng chứng")
        case .lastProof: Phrase(en: "Last proof", vi: "Bằng chứng gần nhất")
        case .validUntil: Phrase(en: "Counts until", vi: "Có giá trị đến")
        case .item: Phrase(en: "Rule", vi: "Quy tắc")
        case .required: Phrase(en: "Requirement", vi: "Yêu cầu")
        case .found: Phrase(en: "What there is", vi: "Hiện có")
        case .state: Phrase(en: "State", vi: "Trạng thái")
        case .name: Phrase(en: "Name", vi: "Tên")
        case .kind: Phrase(en: "Kind", vi: "Loại")
        case .roles: Phrase(en: "Roles", vi: "Vai trò")
        case .since: Phrase(en: "Since", vi: "Từ ngày")
        case .removed: Phrase(en: "removed {time}", vi: "đã thu hồi {time}")
        case .snapshot: Phrase(en: "Snapshot", vi: "Bản sao lưu")
        case .reason: Phrase(en: "Reason", vi: "Lý do giữ")
        case .until: Phrase(en: "Until", vi: "Đến ngày")
        case .byWhom: Phrase(en: "By", vi: "Người thực hiện")
        case .openEnd: Phrase(en: "until an order ends it", vi: "đến khi có lệnh thôi giữ")
        case .person: Phrase(en: "person", vi: "người")
        case .machine: Phrase(en: "machine", vi: "máy")
        case .kit: Phrase(en: "recovery kit", vi: "bộ khôi phục")
        case .never: Phrase(en: "never", vi: "chưa bao giờ")
        case .nothing: Phrase(en: "none", vi: "không có")
        case .objective: Phrase(en: "objective {value}", vi: "mục tiêu {value}")
        case .unknown: Phrase(en: "not known", vi: "chưa rõ")
        case .met: Phrase(en: "met", vi: "đạt")
        case .gap: Phrase(en: "not met", vi: "chưa đạt")
        case .notStated: Phrase(en: "no policy says it", vi: "chưa có chính sách nêu")
        case .byPolicy: Phrase(en: "by the policies", vi: "theo chính sách")
        case .order:
            Phrase(
                en: "{needed} of {count} administrators must approve an order.",
                vi: "Lệnh cần {needed}/{count} người quản trị duyệt.")
        case .oneOfOne:
            Phrase(
                en: "That is 1 of 1: one of them decides alone, and nobody has to agree.",
                vi: "Đây là chế độ 1/1: một người tự quyết, không cần ai đồng ý.")
        default: Phrase(en: "", vi: "")
        }
    }
}
