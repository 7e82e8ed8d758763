/// What the timers of a machine need to know. Pure: what units and lines of cron say is computed from it.
public struct ScheduleSettings: Sendable {
    /// The program, by its absolute path.
    public var program: [UInt8]
    /// `NAME=value` items that it needs.
    public var variables: [[UInt8]] = []
    /// What it writes: repository, copies, caches, pins, scratch directories.
    public var writable: [[UInt8]] = []
    /// Minutes after midnight when nightly work begins.
    public var startMinute = 60
    /// Within how many minutes after that it begins, so that machines do not all begin at once.
    public var spreadMinutes = 120
    /// A number that is this machine's own, for cron, which cannot spread by itself.
    public var machineNumber = 0
    /// How often the shortest of all policies wants something, in seconds.
    public var shortestSpan = 86_400
    /// How long all policies together may take, in seconds.
    public var longestRun = 86_400
    /// Whether programs of the owner are run, which may need anything.
    public var hasHooks = false
    /// Whether mail is sent by the machine's programs.
    public var hasMail = false
    /// Whether the reminder is mailed to root.
    public var mailsReminder = false
    /// The language of the reminder.
    public var language = Language.english
    /// Whether drills are made when nobody is present.
    public var hasDrills = false
    /// Whether the units are those of the machine, and not of one user.
    public var isSystem = true

    /// Settings of a program.
    public init(program: [UInt8]) { self.program = program }

    /// How often the timer starts a run: it does what is due, and nothing else.
    enum Rhythm { case nightly, hourly, quarterly }

    var rhythm: Rhythm {
        if shortestSpan < 3_600 { return .quarterly }
        return shortestSpan < 72_000 ? .hourly : .nightly
    }

    /// When runs begin, in words.
    public var rhythmText: String {
        switch rhythm {
        case .nightly:
            "every night between \(Amounts.timeOfDay(startMinute)) and "
                + Amounts.timeOfDay((startMinute + spreadMinutes) % 1440)
        case .hourly: "every hour"
        case .quarterly: "every quarter of an hour"
        }
    }

    /// Whether a path or variable can stand in units and in lines of cron.
    public static func canName(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }

    /// Whether a word means itself in units and to a shell.
    static func isPlain(_ word: String) -> Bool {
        !word.isEmpty
            && word.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
                        || "/_.-+=:@,".unicodeScalars.contains($0))
            }
    }

    /// The command that reminds of a drill.
    var reminder: [String] {
        ["schedule", "remind"] + (mailsReminder ? ["--mail", "root"] : [])
            + (language == .english ? [] : ["--language", language.rawValue])
    }

    static let mark = "# Written by 'vault schedule install', taken away by 'vault schedule remove'."
}
