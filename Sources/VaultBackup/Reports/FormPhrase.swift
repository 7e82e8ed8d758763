/// The texts of minutes and journal.
enum FormPhrase: PhraseTable {
    case organisation, unit, state, motto
    case minutesTitle, minutesSubtitle, time, timeValue, checker, checkerValue, position, place, device, deviceValue
    case source, snapshot, snapshotValue, medium, method, methodWhole, methodSample, rpo, rto, rtoWhole, rtoSample
    case results, number, content, result, note, normal, faulty, unproven, notApplicable, comparedNote
    case faults, noFaults, namesAreSecret, path, entryHash, moreFaults, conclusion, verdict, expiredNote, leftOut
    case proposal, checkerRole, unitRole, inChargeRole, signHere
    case footEvidence, footRecord, footUntil, footCheck, footHead, footIndependent, unofficial
    case journalTitle, period, store, methodDeduplicated, performer, complete, problems, fromFuture, forgotten
    case noBackups
    case unitNamed, level, backupTitle, backupSubtitle, databases, oldMedium, newMedium, noEarlier, savedValue
    case performerRole, footSnapshot

    var phrase: Phrase {
        switch self {
        case .organisation: Phrase(en: "AUTHORITY: ................", vi: "CƠ QUAN CHỦ QUẢN: ...........")
        case .unit: Phrase(en: "UNIT: ................", vi: "ĐƠN VỊ: ................")
        case .state: Phrase(en: "SOCIALIST REPUBLIC OF VIET NAM", vi: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
        case .motto: Phrase(en: "Independence - Freedom - Happiness", vi: "Độc lập - Tự do - Hạnh phúc")
        case .minutesTitle: Phrase(en: "Minutes of a trial restore", vi: "Biên bản kiểm tra và khôi phục thử")
        case .minutesSubtitle:
            Phrase(
                en: "Check of backups of databases and documents by restoring them",
                vi: "Kiểm tra bản sao lưu cơ sở dữ liệu và tài liệu bằng cách khôi phục thử")
        case .time: Phrase(en: "Time", vi: "Thời gian")
        case .timeValue: Phrase(en: "from {from} to {to} ({zone})", vi: "từ {from} đến {to} ({zone})")
        case .checker: Phrase(en: "Checker", vi: "Người kiểm tra")
        case .checkerValue: Phrase(en: "{name} (identity {id})", vi: "{name} (mã định danh {id})")
        case .position: Phrase(en: "Position, unit", vi: "Chức vụ, đơn vị")
        case .place: Phrase(en: "Place", vi: "Địa điểm")
        case .device: Phrase(en: "Device", vi: "Thiết bị")
        case .deviceValue:
            Phrase(
                en: "machine with the keyed hash {host}; number: ..........",
                vi: "máy có mã băm {host}; số hiệu: ..........")
        case .source: Phrase(en: "System or database", vi: "Hệ thống, cơ sở dữ liệu")
        case .snapshot: Phrase(en: "Snapshot", vi: "Bản sao lưu")
        case .snapshotValue:
            Phrase(en: "{id}, record {position} of the log", vi: "{id}, bản ghi {position} trong nhật ký")
        case .medium: Phrase(en: "Medium code", vi: "Mã phương tiện")
        case .method: Phrase(en: "Method", vi: "Phương pháp")
        case .methodWhole:
            Phrase(
                en: "the whole snapshot was restored into an empty place of its own and compared",
                vi: "khôi phục toàn bộ bản sao lưu vào nơi trống riêng biệt và so sánh")
        case .methodSample:
            Phrase(
                en: "{percent} % of the data was restored and compared, drawn with the number {seed}",
                vi: "khôi phục và so sánh {percent} % dữ liệu, chọn ngẫu nhiên theo số {seed}")
        case .rpo:
            Phrase(
                en: "Age of the data when the drill began (RPO)",
                vi: "Tuổi dữ liệu khi bắt đầu khôi phục thử (RPO)")
        case .rto: Phrase(en: "Time to recover (RTO)", vi: "Thời gian khôi phục (RTO)")
        case .rtoWhole: Phrase(en: "{time}, measured on all of it", vi: "{time}, đo trên toàn bộ")
        case .rtoSample:
            Phrase(
                en: "{time}, of the sample only: no measure of the whole",
                vi: "{time}, chỉ của phần chọn: không thay cho toàn bộ")
        default: table
        }
    }
}

extension FormPhrase {
    /// The head of every form.
    static func head(_ language: Language, _ office: FormOffice) -> [FormDocument.Block] {
        func say(_ phrase: FormPhrase) -> String { phrase.text(language) }
        let unit = office.unit.map { FormPhrase.unitNamed.text(language, ["name": $0]) } ?? say(.unit)
        return [.head([say(.organisation), unit], [say(.state), say(.motto)])]
    }

    private var table: Phrase {
        switch self {
        case .results: Phrase(en: "Content and results of the check", vi: "Nội dung và kết quả kiểm tra")
        case .number: Phrase(en: "No.", vi: "TT")
        case .content: Phrase(en: "Content", vi: "Nội dung")
        case .result: Phrase(en: "Result", vi: "Kết quả")
        case .note: Phrase(en: "Note", vi: "Ghi chú")
        case .normal: Phrase(en: "normal", vi: "bình thường")
        case .faulty: Phrase(en: "FAULTY", vi: "LỖI")
        case .unproven: Phrase(en: "not proven", vi: "chưa chứng minh")
        case .notApplicable: Phrase(en: "not applicable", vi: "không áp dụng")
        case .comparedNote: Phrase(en: "{compared} of {expected}", vi: "{compared}/{expected} mục")
        case .faults: Phrase(en: "Faulty entries", vi: "Danh sách mục lỗi")
        case .noFaults: Phrase(en: "None was found.", vi: "Không phát hiện mục lỗi.")
        case .namesAreSecret:
            Phrase(
                en: "Names of files are secret and not in public evidence: who may read writes the path in.",
                vi: """
                    Tên tệp được bảo mật, không có trong bằng chứng công khai: người có quyền đọc ghi đường dẫn \
                    vào.
                    """)
        case .path: Phrase(en: "Path", vi: "Đường dẫn")
        case .entryHash: Phrase(en: "Keyed hash", vi: "Mã băm")
        case .moreFaults: Phrase(en: "{count} more", vi: "còn {count} mục")
        case .conclusion: Phrase(en: "Conclusion", vi: "Kết luận")
        case .verdict: Phrase(en: "Verdict", vi: "Đánh giá")
        case .expiredNote: Phrase(en: "This proof has expired since.", vi: "Bằng chứng này nay đã hết hạn.")
        case .leftOut: Phrase(en: "Left out", vi: "Không so sánh")
        case .proposal: Phrase(en: "Proposed fix", vi: "Đề xuất biện pháp khắc phục")
        case .checkerRole: Phrase(en: "CHECKER", vi: "NGƯỜI KIỂM TRA")
        case .unitRole: Phrase(en: "FOR THE UNIT", vi: "ĐẠI DIỆN ĐƠN VỊ")
        case .inChargeRole: Phrase(en: "PERSON IN CHARGE", vi: "NGƯỜI PHỤ TRÁCH")
        case .signHere: Phrase(en: "(signature, full name)", vi: "(ký, ghi rõ họ tên)")
        default: foot
        }
    }

    private var foot: Phrase {
        switch self {
        case .footEvidence:
            Phrase(en: "Signed evidence, SHA-256: {digest}", vi: "Bằng chứng có chữ ký số, SHA-256: {digest}")
        case .footRecord:
            Phrase(
                en: "Drill {id}, record {position}, repository {repository}",
                vi: "Lần khôi phục thử {id}, bản ghi {position}, kho sao lưu {repository}")
        case .footUntil: Phrase(en: "The proof counts until {time}.", vi: "Bằng chứng có giá trị đến {time}.")
        case .footCheck:
            Phrase(
                en: """
                    To check without any key: vault drill show {id}; with openssl alone: vault drill export {id} \
                    --output DIR
                    """,
                vi: """
                    Kiểm chứng không cần khóa: vault drill show {id}; chỉ bằng openssl: vault drill export {id} \
                    --output DIR
                    """
            )
        case .footHead:
            Phrase(
                en: "Log up to record {position}, SHA-256 {digest}",
                vi: "Nhật ký đến bản ghi {position}, SHA-256 {digest}")
        case .footIndependent:
            Phrase(
                en: "Each backup stores only what is new, and each can be restored alone, without any earlier one.",
                vi: "Mỗi lần chỉ lưu phần mới, nhưng bản nào cũng khôi phục được độc lập, không cần bản trước.")
        case .unofficial:
            Phrase(
                en: "Has the fields that Circular 02/2019/TT-BNV names; it is not an official form.",
                vi: "Có các nội dung nêu trong Thông tư 02/2019/TT-BNV; đây không phải mẫu chính thức.")
        case .journalTitle: Phrase(en: "Journal of backups", vi: "Nhật ký sao lưu dữ liệu")
        case .period: Phrase(en: "From {from} to {to} ({zone})", vi: "Từ ngày {from} đến ngày {to} ({zone})")
        case .store: Phrase(en: "Repository", vi: "Kho sao lưu")
        case .methodDeduplicated:
            Phrase(
                en: "incremental (deduplicated), independently restorable",
                vi: "tăng dần (khử trùng lặp), khôi phục độc lập được")
        case .performer: Phrase(en: "By", vi: "Bên thực hiện")
        case .complete: Phrase(en: "complete", vi: "đầy đủ")
        case .problems: Phrase(en: "{count} things missing or changed", vi: "thiếu hoặc sai {count} mục")
        case .fromFuture: Phrase(en: "its time lies in the future", vi: "thời điểm ở tương lai")
        case .forgotten: Phrase(en: "let go since", vi: "nay đã thôi lưu")
        case .noBackups:
            Phrase(
                en: "There was no backup in this period.",
                vi: "Không có lần sao lưu nào trong kỳ này.")
        default: backup
        }
    }

    /// Of minutes of a backup, and of what a policy says.
    private var backup: Phrase {
        switch self {
        case .unitNamed: Phrase(en: "UNIT: {name}", vi: "ĐƠN VỊ: {name}")
        case .level: Phrase(en: "Level of the system", vi: "Cấp độ của hệ thống")
        case .backupTitle: Phrase(en: "Minutes of a backup", vi: "Biên bản sao lưu dữ liệu")
        case .backupSubtitle:
            Phrase(
                en: "Backup of databases and documents", vi: "Sao lưu cơ sở dữ liệu và tài liệu")
        case .databases: Phrase(en: "Names of the databases", vi: "Tên cơ sở dữ liệu")
        case .oldMedium: Phrase(en: "Old medium code", vi: "Mã phương tiện cũ")
        case .newMedium: Phrase(en: "New medium code", vi: "Mã phương tiện mới")
        case .noEarlier: Phrase(en: "none, it is the first backup", vi: "không có, đây là lần sao lưu đầu tiên")
        case .savedValue: Phrase(en: "{entries} entries, {bytes}", vi: "{entries} mục, {bytes}")
        case .performerRole: Phrase(en: "PERFORMED BY", vi: "NGƯỜI THỰC HIỆN")
        case .footSnapshot:
            Phrase(
                en: "SHA-256 of the signed record {id}, repository {repository}",
                vi: "SHA-256 của bản ghi có chữ ký số {id}, kho sao lưu {repository}")
        default: Phrase(en: "", vi: "")
        }
    }
}
