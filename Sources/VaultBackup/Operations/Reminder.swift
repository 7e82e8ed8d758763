/// A letter that reminds people of a restore drill in which one of them takes part.
public struct Reminder: Sendable {
    /// A system, and what is known of it.
    public struct System: Sendable {
        /// Its name.
        public var name: String
        /// When its newest snapshot was begun.
        public var saved: Timestamp
        /// When a restore of it was proven last; nil when never.
        public var proven: Timestamp?
    }

    /// The systems, by name.
    public var systems: [System]
    private let host: String
    private let language: Language
    private let zone: TimeZoneOffsets

    /// What is to be said about a repository, with days by the clock of a zone. Needs no key.
    public init(_ repository: Repository, language: Language, zone: TimeZoneOffsets) throws {
        systems = try Status.run(repository).systems.map { status in
            System(
                name: status.snapshot.system, saved: status.snapshot.time, proven: status.lastProven?.body.started)
        }
        host = Host.name
        self.language = language
        self.zone = zone
    }

    /// Its subject.
    public var subject: String { ReminderPhrase.subject.text(language, ["host": Self.oneLine(host)]) }

    /// Its lines.
    public var lines: [String] {
        var lines = [ReminderPhrase.opening.text(language), ""]
        for system in systems {
            let name = Self.oneLine(system.name)
            let proven = system.proven.map {
                ReminderPhrase.last.text(language, ["system": name, "day": Amounts.day($0, zone, language)])
            }
            lines.append("  " + (proven ?? ReminderPhrase.never.text(language, ["system": name])))
        }
        if systems.isEmpty { lines.append("  " + ReminderPhrase.empty.text(language)) }
        lines += ["", ReminderPhrase.steps.text(language), "", "  vault drill run", "  vault status", ""]
        lines.append(ReminderPhrase.closing.text(language))
        return lines
    }

    private static func oneLine(_ text: String) -> String { PathText.readable(Array(text.utf8)) }

    /// Mails it through the machine's `sendmail`.
    /// - Throws: ``VaultError`` `.failed` when that is missing, refuses, or takes more than five minutes.
    public func mail(to address: String, cancellation: Cancellation = Cancellation()) throws {
        try Mail(addresses: [address], subject: subject, lines: lines).send(cancellation)
    }
}

/// What the letter says.
private enum ReminderPhrase: PhraseTable {
    case subject, opening, last, never, empty, steps, closing

    var phrase: Phrase {
        switch self {
        case .subject: Phrase(en: "Restore drill on {host}", vi: "Diễn tập khôi phục trên {host}")
        case .opening:
            Phrase(
                en: "It is time for a restore drill with a person present.",
                vi: "Đã đến lúc diễn tập khôi phục có người tham gia.")
        case .last:
            Phrase(
                en: "{system}: a restore was proven last on {day}",
                vi: "{system}: lần khôi phục được chứng minh gần nhất là ngày {day}")
        case .never:
            Phrase(en: "{system}: no restore was ever proven", vi: "{system}: chưa lần khôi phục nào được chứng minh")
        case .empty: Phrase(en: "There is no snapshot yet", vi: "Chưa có bản sao lưu nào")
        case .steps:
            Phrase(
                en: "Take your passphrase, or the paper from the safe, and run on this machine:",
                vi: "Hãy dùng mật khẩu của mình, hoặc tờ giấy trong két, và chạy trên máy này:")
        case .closing:
            Phrase(
                en: "The evidence of a drill is signed and stays with the backups.",
                vi: "Bằng chứng của mỗi lần diễn tập được ký và lưu cùng bản sao lưu.")
        }
    }
}
