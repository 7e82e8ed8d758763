/// The texts of the report page about one system, about copies, and about checking the page.
enum ReportDetailPhrase: PhraseTable {
    // One system
    case timelineLabel, legendBackup, legendIncomplete, legendProven, legendOld, legendFailed, legendOther
    case legendValid, rpoPlot, rpoPlotNote, rtoPlot, rtoPlotNote, objectiveMet, objectiveMissed, noObjective,
        nothingMeasured
    case rpoNow, rpoWorst, rtoMeasured, rtoEstimated, estimateFrom, coverage, coverageText, oldestProof, oldestNever
    case snapshots, drills, drillTime, drillKind, wholeSnapshot, sample, compared, evidence, noDrill, moreDrills,
        profile, expired
    // Copies
    case threeCopies, threeFound, twoMedia, mediaFound, oneOffsite, oneOffline, zeroErrors, errorsNone, errorsSome
    case hashes, hashesNever, hashesOldest, hashesPartly, copyLine, copyBehind, copyAbsent
    // Reading and checking
    case readRPO, readRTO, readCoverage, readClaims, readSource
    case checkPage, checkHead, checkEvidence, checkKeys, footer

    var phrase: Phrase {
        switch self {
        case .timelineLabel:
            Phrase(
                en: "{backups} backups and {drills} drills since {since}",
                vi: "{backups} lần sao lưu và {drills} lần khôi phục thử từ {since}")
        case .legendBackup: Phrase(en: "day with a backup", vi: "ngày có sao lưu")
        case .legendIncomplete: Phrase(en: "incomplete backup", vi: "sao lưu không đầy đủ")
        case .legendProven: Phrase(en: "drill proven", vi: "khôi phục thử đạt")
        case .legendOld: Phrase(en: "proven, but expired", vi: "đạt nhưng đã hết hạn")
        case .legendFailed: Phrase(en: "drill failed", vi: "khôi phục thử không đạt")
        case .legendOther: Phrase(en: "nothing proven", vi: "chưa chứng minh được")
        case .legendValid: Phrase(en: "a proof counts", vi: "thời gian bằng chứng có giá trị")
        case .rpoPlot:
            Phrase(
                en: "RPO: age of the newest data before each backup, and now",
                vi: "RPO: tuổi dữ liệu trước mỗi lần sao lưu và hiện tại")
        case .rpoPlotNote:
            Phrase(
                en: "The worst of each stretch; from the beginning of a backup to the end of the next. {verdict}",
                vi: """
                    Giá trị tệ nhất từng đoạn; từ lúc bắt đầu một lần sao lưu đến lúc kết thúc lần kế tiếp. \
                    {verdict}
                    """)
        case .rtoPlot: Phrase(en: "RTO: time to recover in drills", vi: "RTO: thời gian khôi phục đo được")
        case .rtoPlotNote:
            Phrase(
                en: "Filled: the whole snapshot, measured. Hollow: a sample, no measure of the whole. {verdict}",
                vi: "Đặc: đo trên toàn bộ bản sao lưu. Rỗng: chỉ một phần, không thay cho toàn bộ. {verdict}")
        case .objectiveMet:
            Phrase(
                en: "Objective {value}: kept {count} of {count} times.",
                vi: "Mục tiêu {value}: đạt {count}/{count} lần.")
        case .objectiveMissed:
            Phrase(
                en: "Objective {value}: missed {missed} of {count} times.",
                vi: "Mục tiêu {value}: không đạt {missed}/{count} lần.")
        case .nothingMeasured:
            Phrase(
                en: "Objective {value}: nothing was measured that could be held against it.",
                vi: "Mục tiêu {value}: chưa đo được gì để đối chiếu.")
        case .noObjective: Phrase(en: "No policy gives an objective.", vi: "Chưa có chính sách nêu mục tiêu.")
        case .rpoNow:
            Phrase(
                en: "Age of the newest data (claimed by its writer's clock)",
                vi: "Tuổi dữ liệu mới nhất (theo đồng hồ máy ghi)")
        case .rpoWorst:
            Phrase(
                en: "RPO achieved, worst in 90 days and now (measured)",
                vi: "RPO đạt được, tệ nhất trong 90 ngày và hiện tại (đã đo)")
        case .rtoMeasured: Phrase(en: "RTO of the whole snapshot (measured)", vi: "RTO toàn bộ bản sao lưu (đã đo)")
        case .rtoEstimated:
            Phrase(en: "RTO of the whole snapshot (estimated)", vi: "RTO toàn bộ bản sao lưu (ước tính)")
        case .estimateFrom:
            Phrase(
                en: "{value}, reckoned from a drill of {percent} % of the bytes",
                vi: "{value}, suy ra từ lần khôi phục thử {percent} % dữ liệu")
        case .coverage:
            Phrase(
                en: "Proven of the newest snapshot",
                vi: "Phần đã chứng minh của bản sao lưu mới nhất")
        case .coverageText:
            Phrase(
                en: "{percent} % of {bytes} stored; {newer} newer than the last drill, {expired} expired",
                vi: "{percent} % của {bytes} đã lưu; {newer} mới hơn lần khôi phục thử, {expired} hết hạn")
        case .oldestProof: Phrase(en: "Oldest proof", vi: "Bằng chứng cũ nhất")
        case .oldestNever: Phrase(en: "Oldest unproven byte", vi: "Dữ liệu chưa chứng minh lâu nhất")
        case .snapshots: Phrase(en: "Snapshots", vi: "Số bản sao lưu")
        case .drills: Phrase(en: "Drills", vi: "Các lần khôi phục thử")
        case .drillTime: Phrase(en: "Began", vi: "Bắt đầu")
        case .drillKind: Phrase(en: "Scope", vi: "Phạm vi")
        case .wholeSnapshot: Phrase(en: "whole", vi: "toàn bộ")
        case .sample: Phrase(en: "sample", vi: "một phần")
        case .compared: Phrase(en: "Compared", vi: "Đã so sánh")
        case .evidence: Phrase(en: "Evidence, SHA-256", vi: "Bằng chứng, SHA-256")
        case .noDrill: Phrase(en: "No drill in this period.", vi: "Không có lần khôi phục thử nào trong kỳ.")
        case .moreDrills:
            Phrase(
                en: "{count} earlier ones are in the drawing only; see vault drill list.",
                vi: "{count} lần trước đó chỉ có trên biểu đồ; xem vault drill list.")
        case .profile: Phrase(en: "Requirements: {name}", vi: "Yêu cầu: {name}")
        case .expired: Phrase(en: "expired", vi: "hết hạn")
        default: rest
        }
    }
}

extension ReportDetailPhrase {
    private var rest: Phrase {
        switch self {
        case .threeCopies: Phrase(en: "3 copies of the data", vi: "3 bản dữ liệu")
        case .threeFound:
            Phrase(
                en: "the original, this repository, and {count} copies of it that are up to date",
                vi: "bản gốc, kho sao lưu này và {count} bản sao đã cập nhật")
        case .twoMedia: Phrase(en: "2 different media", vi: "2 loại phương tiện lưu trữ khác nhau")
        case .mediaFound: Phrase(en: "{count} by the policies", vi: "{count} theo chính sách")
        case .oneOffsite: Phrase(en: "1 in another building", vi: "1 bản ở nơi khác")
        case .oneOffline: Phrase(en: "1 off-line or unchangeable", vi: "1 bản ngoại tuyến hoặc không sửa được")
        case .zeroErrors: Phrase(en: "0 errors in restoring", vi: "0 lỗi khi khôi phục thử")
        case .errorsNone: Phrase(en: "every system is proven now", vi: "mọi hệ thống hiện đã được chứng minh")
        case .errorsSome: Phrase(en: "not every system is proven", vi: "chưa phải mọi hệ thống đều được chứng minh")
        case .hashes: Phrase(en: "Stored bytes", vi: "Dữ liệu đã lưu")
        case .hashesNever: Phrase(en: "never verified by this user", vi: "người dùng này chưa kiểm tra lần nào")
        case .hashesOldest:
            Phrase(
                en: "all read and right, the oldest look {age} ago",
                vi: "đã đọc lại và đúng, lần cũ nhất cách đây {age}")
        case .hashesPartly:
            Phrase(
                en: "{bytes} never read by this user; of the others the oldest look {age} ago",
                vi: "{bytes} người dùng này chưa đọc lại; phần còn lại lần cũ nhất cách đây {age}")
        case .copyLine:
            Phrase(
                en: "'{name}': up to date, complete {age} ago",
                vi: "'{name}': đã cập nhật, đầy đủ cách đây {age}")
        case .copyBehind:
            Phrase(en: "'{name}': {count} records behind", vi: "'{name}': chậm {count} bản ghi")
        case .copyAbsent: Phrase(en: "not there now", vi: "hiện không có mặt")
        case .readRPO:
            Phrase(
                en: """
                    RPO, measured: how old the newest restorable data had become, from the beginning of a backup \
                    to the end of the next. Both times are claims of the writer's clock.
                    """,
                vi: """
                    RPO, đã đo: dữ liệu khôi phục được mới nhất đã cũ đến mức nào, từ lúc bắt đầu một lần sao lưu \
                    đến lúc kết thúc lần kế tiếp. Thời điểm theo đồng hồ máy ghi.
                    """
            )
        case .readRTO:
            Phrase(
                en: """
                    RTO, measured: open, plan, restore and compare in a drill, by a clock that never goes back. \
                    What is estimated stands apart and never counts as kept.
                    """,
                vi: """
                    RTO, đã đo: mở, lập kế hoạch, khôi phục và so sánh trong lần khôi phục thử, theo đồng hồ không \
                    chạy lùi. Giá trị ước tính để riêng và không bao giờ được tính là đạt.
                    """
            )
        case .readCoverage:
            Phrase(
                en: """
                    Coverage counts stored bytes by packs, from the log alone. A proof counts until it expires, \
                    and only while its evidence is there and right.
                    """,
                vi: """
                    Tỷ lệ chứng minh tính theo gói dữ liệu đã lưu, chỉ dựa vào nhật ký. Bằng chứng chỉ có giá trị \
                    khi chưa hết hạn và còn đủ, đúng.
                    """
            )
        case .readClaims:
            Phrase(
                en: "The order of records is certain; the times in them are claims of the machines that wrote them.",
                vi: "Thứ tự bản ghi là chắc chắn; thời điểm trong bản ghi là do máy ghi khai báo.")
        case .readSource:
            Phrase(
                en: """
                    Made from public data without any key: names of systems and people are public, those of files \
                    are not.
                    """,
                vi: """
                    Lập từ dữ liệu công khai, không cần khóa: tên hệ thống và người là công khai, tên tệp thì \
                    không.
                    """)
        case .checkPage:
            Phrase(
                en: """
                    That this page is as it was written. Its own digest cannot stand in it: it is in the file \
                    beside it.
                    """,
                vi: """
                    Trang này có còn nguyên như khi lập không. Mã băm của trang không thể nằm trong chính nó: xem \
                    tệp bên cạnh.
                    """
            )
        case .checkHead:
            Phrase(
                en: """
                    That it is about this repository at this moment, in the directory of the repository or of a \
                    copy; must print {digest}:
                    """,
                vi: """
                    Trang này nói về đúng kho sao lưu tại thời điểm đó: chạy trong thư mục kho hoặc bản sao, phải \
                    in ra {digest}:
                    """
            )
        case .checkEvidence:
            Phrase(
                en: """
                    That a drill was as this page says: the digest in its row is the name of its evidence in the \
                    folder evidence; signature and content:
                    """,
                vi: """
                    Lần khôi phục thử có đúng như trang này nêu: mã băm ở mỗi dòng là tên bằng chứng trong thư mục \
                    evidence; chữ ký và nội dung:
                    """
            )
        case .checkKeys:
            Phrase(
                en: "That nothing is missing or altered, with keys and a head of the log from elsewhere:",
                vi: "Không thiếu, không bị sửa, đối chiếu với khóa và điểm nhật ký lấy từ nơi khác:")
        case .footer:
            Phrase(
                en: "Repository {repository}, record {position}, SHA-256 {digest}",
                vi: "Kho sao lưu {repository}, bản ghi {position}, SHA-256 {digest}")
        default: Phrase(en: "", vi: "")
        }
    }
}
