/// Something that people should change about who may do what.
public enum MemberCaution: Sendable, Equatable {
    /// What somebody must be there for.
    public enum Task: Sendable { case restore, administer, both }

    /// No person can do it.
    case nobody(Task)
    /// Only this person can.
    case onlyOne(Task, String)
    /// So many administrators are all that there are, and all must approve.
    case allMustApprove(Int)
    /// This kit counts as an administrator.
    case kitApproves(String)
    /// This kit was used with the record at a position.
    case kitUsed(String, Int, Timestamp)
    /// No kit can restore.
    case noKit

    /// A sentence without full stop.
    public func text(_ language: Language) -> String {
        switch self {
        case .nobody(let task):
            MemberPhrase.nobody.text(language, ["task": task.text(language)])
        case .onlyOne(let task, let name):
            MemberPhrase.onlyOne.text(language, ["task": task.text(language), "name": name])
        case .allMustApprove(let count): MemberPhrase.allMustApprove.text(language, ["count": "\(count)"])
        case .kitApproves(let name): MemberPhrase.kitApproves.text(language, ["name": name])
        case .kitUsed(let name, let position, let time):
            MemberPhrase.kitUsed.text(language, ["name": name, "position": "\(position)", "time": "\(time)"])
        case .noKit: MemberPhrase.noKit.text(language)
        }
    }
}

extension MemberCaution.Task {
    fileprivate func text(_ language: Language) -> String {
        switch self {
        case .restore: MemberPhrase.restore.text(language)
        case .administer: MemberPhrase.administer.text(language)
        case .both: MemberPhrase.restoreAndAdminister.text(language)
        }
    }
}

/// The texts of ``MemberCaution``.
public enum MemberPhrase: PhraseTable {
    case restore, administer, restoreAndAdminister
    case nobody, onlyOne, allMustApprove, kitApproves, kitUsed, noKit

    /// The text of the case.
    public var phrase: Phrase {
        switch self {
        case .restore: Phrase(en: "restore", vi: "khôi phục")
        case .administer: Phrase(en: "administer", vi: "quản trị")
        case .restoreAndAdminister:
            Phrase(en: "restore, and only the same one can administer", vi: "khôi phục và quản trị")
        case .nobody:
            Phrase(
                en: "No person can {task}: only paper or a machine can",
                vi: "Không người nào có thể {task}: chỉ tờ giấy khôi phục hoặc máy làm được")
        case .onlyOne:
            Phrase(en: "Only one person can {task}: '{name}'", vi: "Chỉ một người có thể {task}: '{name}'")
        case .allMustApprove:
            Phrase(
                en: "All {count} administrators must approve orders: without one of them none is possible",
                vi: "Cả {count} người quản trị đều phải duyệt lệnh: thiếu một người thì không duyệt được lệnh nào")
        case .kitApproves:
            Phrase(
                en: "'{name}' counts as an administrator: whoever holds it and an identity approves as two",
                vi: "'{name}' được tính là người quản trị: ai giữ nó và một danh tính thì duyệt như hai người")
        case .kitUsed:
            Phrase(
                en: """
                    '{name}' was used with record {position}, on {time}: replace it, which draws new keys (vault \
                    recovery-kit replace, or split)
                    """,
                vi: """
                    '{name}' đã được dùng ở bản ghi {position}, lúc {time}: hãy thay bộ mới với khóa mới (vault \
                    recovery-kit replace, hoặc split)
                    """)
        case .noKit:
            Phrase(
                en: "No recovery kit can restore: a lost passphrase of the last reader is a lost repository",
                vi: "Không có bộ khôi phục nào đọc được: người đọc cuối cùng quên mật khẩu là mất cả kho sao lưu")
        }
    }
}
