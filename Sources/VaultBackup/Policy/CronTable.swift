/// A file for `/etc/cron.d`, for machines without systemd.
///
/// Cron neither spreads nor makes up for what was missed: the minute comes from a number that is the machine's own, and
/// a run after each start makes up.
public struct CronTable: Sendable {
    private let settings: ScheduleSettings

    /// The table for these settings.
    public init(_ settings: ScheduleSettings) { self.settings = settings }

    /// Name of the file; cron ignores names with a dot.
    public static let fileName = "vault-backup"

    /// The file.
    public var text: String {
        let run = command(["run", "--quiet"])
        let reminder = command(settings.reminder)
        return """
            \(ScheduleSettings.mark)
            # Cron mails what is written to root.
            SHELL=/bin/sh
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

            \(times) root \(run)
            # What was missed while the machine was off.
            @reboot root sleep 600; \(run)
            \(settings.machineNumber % 60) 9 1 * * root \(reminder)

            """
    }

    private var times: String {
        let number = settings.machineNumber
        switch settings.rhythm {
        case .nightly:
            let minute = (settings.startMinute + number % max(1, settings.spreadMinutes)) % 1440
            return "\(minute % 60) \(minute / 60) * * *"
        case .hourly: return "\(number % 60) * * * *"
        case .quarterly:
            let first = number % 15
            return (0..<4).map { "\(first + 15 * $0)" }.joined(separator: ",") + " * * * *"
        }
    }

    private func command(_ arguments: [String]) -> String {
        let words =
            settings.variables.map(Self.assignment) + ["nice", "-n", "19"] + [Self.quoted(settings.program)] + arguments
        return words.joined(separator: " ")
    }

    private static func assignment(_ item: [UInt8]) -> String {
        let end = item.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
        return String(decoding: item[..<end], as: UTF8.self) + "=" + quoted(Array(item[end...].dropFirst()))
    }

    /// One word for the shell, in a line where cron takes `%` for the end.
    static func quoted(_ word: [UInt8]) -> String {
        let text = String(decoding: word, as: UTF8.self)
        if ScheduleSettings.isPlain(text) { return text }
        // By scalars: to a string a sign and the accent behind it are one character, and no shell knows that.
        let escaped = text.unicodeScalars.map { $0 == "'" ? "'\\''" : $0 == "%" ? "\\%" : String($0) }.joined()
        return "'\(escaped)'"
    }
}
