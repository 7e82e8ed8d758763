/// What is to be done for one system, and what it must reach: the content of one policy file (`docs/POLICIES.md`).
///
/// A policy decides nothing about what is stored. It says what `vault run` does when, and what `vault status` and
/// `vault report` hold the facts against.
public struct SystemPolicy: Sendable, Equatable {
    /// How secret the content is. The raw values are the words in the file.
    public enum Classification: String, Sendable, CaseIterable {
        case ordinary
        /// State secrets: only stores without a network; the law asks for ciphers that this product does not have.
        case restricted
    }

    /// The name of the system, as in its snapshots.
    public var system: String
    /// The unit that it belongs to.
    public var owner = ""
    /// The level of protection that it was given, 1 to 5.
    public var level: Int?
    /// How secret the content is.
    public var classification = Classification.ordinary
    /// Where the repository is; nil for the one that this user remembers.
    public var repository: [UInt8]?
    /// What is saved.
    public var sources = PolicySources()
    /// When what is done.
    public var schedule = PolicySchedule()
    /// What must be reached.
    public var objectives = PolicyObjectives()
    /// What is kept; nil to forget nothing.
    public var retention: RetentionRules?
    /// Where copies of the repository are kept.
    public var copies: [PolicyCopy] = []
    /// How the system is drilled; nil: only with a person present.
    public var drill: PolicyDrill?
    /// Who is told what came out.
    public var notification = PolicyNotification()
    /// What the owner's programs do before and after.
    public var hooks = PolicyHooks()
    /// The requirement profile that the report holds the system against, by its name.
    public var profile: String?

    /// A policy that saves nothing yet.
    public init(system: String) { self.system = system }
}

/// What a policy saves: all of it goes into one snapshot, and is restored together.
public struct PolicySources: Sendable, Equatable {
    /// Files and directories, absolute.
    public var paths: [[UInt8]] = []
    /// Databases, such as `postgres:shop`, `mariadb:all`, `sqlite:/var/lib/app.db`: their written names.
    public var databases: [String] = []
    /// Patterns of what is left out.
    public var exclude: [[UInt8]] = []
    /// Directories that hold one of these names are left out.
    public var excludeIfPresent: [[UInt8]] = []
    /// Larger files are left out, in bytes.
    public var excludeLargerThan: Int?
    /// Whether caches are left out.
    public var excludeCaches = true
    /// Whether other file systems below the paths are left out.
    public var oneFileSystem = false
    /// An option file for MariaDB's programs.
    public var defaultsFile: [UInt8]?
    /// For how long a program of a database may say nothing before it is ended; nil for what is usual.
    public var silence: PolicySpan?

    /// Nothing.
    public init() {}

    /// Whether nothing is saved.
    public var isEmpty: Bool { paths.isEmpty && databases.isEmpty }
}

/// A length of time as a policy writes it: `30 minutes`, `26 hours`, `1 day`, `2 weeks`, `1 month` (30 days), `1 year`
/// (365 days), as borgmatic has them.
public struct PolicySpan: Sendable, Equatable, Comparable, CustomStringConvertible {
    /// How long, in seconds; at least 1.
    public var seconds: Int
    /// As it was written.
    public var description: String

    /// A span of at most 100 years; nil for anything that is not a number and a unit.
    public init?(_ text: String) {
        let units = [
            "second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_592_000,
            "year": 31_536_000,
        ]
        let words = text.split(separator: " ")
        guard words.count == 2, words[0].utf8.count <= 9, words[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(words[0]), count > 0,
            let unit = units[words[1].hasSuffix("s") ? String(words[1].dropLast()) : String(words[1])],
            count <= 100 * 31_536_000 / unit
        else { return nil }
        seconds = count * unit
        description = text
    }

    /// Whether `l` is shorter.
    public static func < (l: Self, r: Self) -> Bool { l.seconds < r.seconds }
    /// Whether they are equally long, however written.
    public static func == (l: Self, r: Self) -> Bool { l.seconds == r.seconds }
}

/// A stretch of the day in local time, such as `22:00-05:30`; it may pass midnight.
public struct PolicyWindow: Sendable, Equatable {
    /// Minutes after midnight, from 0 below 1440: the first that is in it.
    public var start: Int
    /// The first minute after it.
    public var end: Int

    /// Parses `HH:MM-HH:MM`; nil for anything else, and for an empty window.
    public init?(_ text: String) {
        let sides = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.minutes(String($0)) }
        guard sides.count == 2, let start = sides[0], let end = sides[1], start != end else { return nil }
        (self.start, self.end) = (start, end)
    }

    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), hours < 24, minutes < 60
        else { return nil }
        return hours * 60 + minutes
    }

    /// Whether a minute of the day is in it.
    public func contains(_ minute: Int) -> Bool {
        start < end ? (start..<end).contains(minute) : minute >= start || minute < end
    }
}
