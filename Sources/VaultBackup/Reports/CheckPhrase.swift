/// What the checks of a drill look at. The raw values are the stored words; one without a text is shown as it is.
enum CheckPhrase: String, PhraseTable {
    case challenge, clock, content, counts, databases
    case hardLinks = "hard-links"
    case malware, metadata, packs, restore, script
    case sealedSample = "sealed-sample"

    var phrase: Phrase {
        switch self {
        case .challenge:
            Phrase(
                en: "Answer of restored files to a number drawn afterwards",
                vi: "Tệp khôi phục trả lời đúng số ngẫu nhiên rút sau đó")
        case .clock: Phrase(en: "Clock of the machine", vi: "Đồng hồ của máy")
        case .content: Phrase(en: "Content of files", vi: "Nội dung tệp")
        case .counts: Phrase(en: "Numbers of entries and bytes", vi: "Số lượng mục và dung lượng")
        case .databases:
            Phrase(
                en: "Databases loaded into servers of their own, every table compared",
                vi: "Cơ sở dữ liệu nạp vào máy chủ riêng, so từng bảng")
        case .malware: Phrase(en: "Restored files searched for malware", vi: "Quét mã độc trong tệp đã khôi phục")
        case .script: Phrase(en: "The owner's own check", vi: "Phép kiểm tra của đơn vị chủ quản")
        case .hardLinks: Phrase(en: "Files with several names", vi: "Tệp có nhiều tên (liên kết cứng)")
        case .metadata:
            Phrase(
                en: "Owner, rights, times and other metadata",
                vi: "Chủ sở hữu, quyền, thời gian và siêu dữ liệu khác")
        case .packs: Phrase(en: "Stored packs, read and decrypted", vi: "Gói dữ liệu đã lưu, đọc và giải mã")
        case .restore: Phrase(en: "Every entry is there, and nothing else", vi: "Đủ mọi mục, không thừa mục nào")
        case .sealedSample:
            Phrase(
                en: "Second reading at the time of the backup, a sample",
                vi: "Đối chiếu mẫu với lần đọc thứ hai lúc sao lưu")
        }
    }
}

extension DrillSkip {
    /// Why something was not compared, in a few words.
    public func text(_ language: Language) -> String { SkipPhrase(rawValue: rawValue)?.text(language) ?? rawValue }
}

/// Why something was not compared. The raw values are the stored words.
enum SkipPhrase: String, PhraseTable {
    case incomplete, owner, device, attributes
    case databaseChanged = "database-changed"
    case databaseEmpty = "database-empty"
    case databaseUnasked = "database-unasked"
    case databaseUnavailable = "database-unavailable"
    case databaseUncaptured = "database-uncaptured"

    var phrase: Phrase {
        switch self {
        case .incomplete:
            Phrase(
                en: "not in the backup, since it could not be read then",
                vi: "không có trong bản sao lưu vì lúc đó không đọc được")
        case .owner:
            Phrase(
                en: "owner not compared, since only root can give files away",
                vi: "không so sánh chủ sở hữu vì chỉ root đổi được")
        case .device:
            Phrase(en: "device not made, since only root can", vi: "không tạo tệp thiết bị vì chỉ root tạo được")
        case .attributes:
            Phrase(
                en: "metadata that the scratch file system cannot hold",
                vi: "siêu dữ liệu mà hệ thống tệp tạm không chứa được")
        case .databaseChanged:
            Phrase(
                en: "a database that changed while it was dumped",
                vi: "cơ sở dữ liệu đã thay đổi trong khi kết xuất")
        case .databaseEmpty: Phrase(en: "a database without a table", vi: "cơ sở dữ liệu không có bảng nào")
        case .databaseUnasked:
            Phrase(en: "databases, which nobody asked for", vi: "cơ sở dữ liệu, không được yêu cầu kiểm tra")
        case .databaseUnavailable:
            Phrase(
                en: "a database for which no server could be started",
                vi: "cơ sở dữ liệu không khởi động được máy chủ thử")
        case .databaseUncaptured:
            Phrase(
                en: "a database of which nothing was noted when it was saved",
                vi: "cơ sở dữ liệu không được ghi nhận gì khi sao lưu")
        }
    }
}
