/// How often each thing is done. `vault run` does what is due; nothing else looks at it.
public struct PolicySchedule: Sendable, Equatable {
    /// How often a snapshot is made.
    public var backup = PolicySpan.day
    /// How often each copy is brought up to date; nil: after each backup.
    public var copy: PolicySpan?
    /// How often all stored bytes are read and their hashes compared; nil: never.
    public var verify: PolicySpan? = PolicySpan.week
    /// How often what was forgotten is taken away; nil: never.
    public var prune: PolicySpan? = PolicySpan.week
    /// When work may be begun; nil: at any time.
    public var window: PolicyWindow?
    /// How long one run, or one program of the owner around a backup, may take before it counts as stuck.
    public var timeout = PolicySpan.day

    /// Backups every day, a look at all bytes every week.
    public init() {}
}

extension PolicySpan {
    /// 24 hours.
    public static let day = PolicySpan(seconds: 86_400, description: "1 day")
    /// 7 days.
    public static let week = PolicySpan(seconds: 604_800, description: "1 week")

    init(seconds: Int, description: String) {
        self.seconds = seconds
        self.description = description
    }
}

/// What must be reached; nil where nothing is asked.
public struct PolicyObjectives: Sendable, Equatable {
    /// How old the newest data may be that can be brought back.
    public var rpo: PolicySpan?
    /// How long bringing it back may take.
    public var rto: PolicySpan?

    /// Nothing.
    public init() {}
}

/// A copy of the repository at another place.
public struct PolicyCopy: Sendable, Equatable {
    /// Its directory.
    public var path: [UInt8]
    /// Whether it is in another building.
    public var isOffsite = false
    /// Whether it is taken off, or cannot be changed, most of the time; that it is absent is no failure then until it
    /// is older than ``every``.
    public var isOffline = false
    /// What the medium is, for the count of different media: words such as `disk`, `usb`, `tape`.
    public var medium = "disk"
    /// How old it may get; nil: the schedule's.
    public var every: PolicySpan?

    /// A copy on a disk in the same place.
    public init(path: [UInt8]) { self.path = path }
}

/// How a system is drilled when nobody is present.
public struct PolicyDrill: Sendable, Equatable {
    /// Which snapshot is restored. The raw values are the words in the file.
    public enum Selection: String, Sendable, CaseIterable {
        /// The newest.
        case newest
        /// Any, by a seed that is recorded.
        case random
        /// The one with the byte that is without proof for longest.
        case oldestUnproven = "oldest-unproven"
    }

    /// What is proven beyond files. The raw values are the words in the file.
    public enum Check: String, Sendable, CaseIterable {
        /// Files are written and compared. Always done.
        case files
        /// Databases are started, loaded, and compared with what was noted at the backup.
        case databases
        /// The owner's program says whether it can work with what was restored.
        case script
        /// Restored files are searched for malware by ClamAV.
        case malware
    }

    /// How often.
    public var frequency = PolicySpan(seconds: 2_592_000, description: "1 month")
    /// Which snapshot.
    public var selection = Selection.newest
    /// How much of it, in percent above 0 to 100.
    public var sample = 100.0
    /// What is asked.
    public var checks: Set<Check> = [.files, .databases]
    /// The owner's program and its arguments; it is run in the restored directory, without network.
    public var script: [[UInt8]] = []
    /// How long a proof counts.
    public var validity = PolicySpan(seconds: 90 * 86_400, description: "90 days")
    /// Where it is restored to; nil: the default.
    public var scratch: [UInt8]?
    /// Most bytes that each scratch server may have on disk; nil for what is usual.
    public var scratchLimit: Int?
    /// Directory of the copy that is restored from, as the file names it; nil: the repository.
    public var from: [UInt8]?

    /// All of the newest snapshot, every month.
    public init() {}
}

/// Who is told what came out of a run.
public struct PolicyNotification: Sendable, Equatable {
    /// When something is told. The raw values are the words in the file.
    public enum Occasion: String, Sendable, CaseIterable {
        case failure, always
    }

    /// Mail addresses, for the machine's `sendmail`.
    public var mail: [String] = []
    /// A file of metrics for Prometheus' node exporter.
    public var textfile: [UInt8]?
    /// A program and its arguments, which gets JSON on its input.
    public var command: [[UInt8]] = []
    /// When mail is sent and the command is run; the metrics are always written.
    public var on = Occasion.failure

    /// Nobody.
    public init() {}
}

/// The owner's programs around a backup: each a program and its arguments, run as they are, without a shell.
public struct PolicyHooks: Sendable, Equatable {
    /// Before the backup, in order; if one fails, there is no backup.
    public var before: [[[UInt8]]] = []
    /// After it, in order, whatever came out of it, once any of ``before`` was begun.
    public var after: [[[UInt8]]] = []

    /// None.
    public init() {}
}
