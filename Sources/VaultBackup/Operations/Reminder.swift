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

    /// What is to be said about a repository. Needs no key.
    public init(_ repository: Repository, language: Language) throws {
        systems = try Status.run(repository).systems.map { status in
            System(
                name: status.snapshot.system, saved: status.snapshot.time, proven: status.lastProven?.body.started)
        }
        host = Host.name
        self.language = language
    }

    /// Its subject.
    public var subject: String { ReminderPhrase.subject.text(language, ["host": Self.oneLine(host)]) }

    /// Its lines.
    public var lines: [String] {
        var lines = [ReminderPhrase.opening.text(language), ""]
        for system in systems {
            let name = Self.oneLine(system.name)
            let day = String(system.proven?.description.prefix(10) ?? "")
            lines.append(
                "  "
                    + (system.proven == nil
                        ? ReminderPhrase.never.text(language, ["system": name])
                        : ReminderPhrase.last.text(language, ["system": name, "day": day])))
        }
        if systems.isEmpty { lines.append("  " + ReminderPhrase.empty.text(language)) }
        lines += ["", ReminderPhrase.steps.text(language), "", "  vault drill run", "  vault status", ""]
        lines.append(ReminderPhrase.closing.text(language))
        return lines
    }

    private static func oneLine(_ text: String) -> String { PathText.readable(Array(text.utf8)) }

    /// Mails it through the machine's `sendmail`.
    /// - Throws: ``VaultError`` `.failed` when that is missing or refuses.
    public func mail(to address: String, sendmail: [UInt8] = Array("/usr/sbin/sendmail".utf8)) throws {
        let head = [
            "To: \(address)", "Subject: \(subject)", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
        ]
        let letter = Array((head + [""] + lines).map { $0 + "\n" }.joined().utf8)
        do {
            var options = ChildProcess.Options()
            options.input = .pipe
            // The address stands in the letter only: one that begins with a dash would be an option.
            let child = try ChildProcess.start(sendmail, ["-t", "-oi"].map { Array($0.utf8) }, options: options)
            try letter.withUnsafeBytes { try child.write($0, dropsOutput: true) }
            child.closeInput()
            guard try child.wait() == .exited(0) else {
                throw VaultError(
                    .failed, "The reminder cannot be mailed", nextStep: "Check the mail program of this machine")
            }
        } catch let error as SystemError {
            throw VaultError(
                .failed, "The reminder cannot be mailed",
                nextStep: "Install a mail program that has /usr/sbin/sendmail",
                cause: error)
        }
    }
}

/// What the letter says.
private enum ReminderPhrase: PhraseTable {
    case subject, opening, last, never, empty, steps, closing

    var phrase: Phrase {
        switch self {
        // A subject is ASCII, or it would have to be encoded.
        case .subject: Phrase(en: "Restore drill on {host}", vi: "Dien tap khoi phuc tren {host}")
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
