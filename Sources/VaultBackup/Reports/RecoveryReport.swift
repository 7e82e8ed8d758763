/// What a report is asked for.
public struct RecoveryReportRequest: Sendable {
    /// Only this system; nil for all.
    public var system: String?
    /// How far back timelines and plots go, in seconds.
    public var periodSeconds = 365 * 86_400
    /// What must be reached, by system.
    public var objectives: [String: PolicyObjectives] = [:]
    /// Systems that there must be, also if nothing of them was ever saved.
    public var expected: [String] = []
    /// What is known of the places of copies: which are in another building, off-line, on what medium.
    public var places: [PolicyCopy] = []

    /// A report of all systems over the last year.
    public init() {}
}

/// Where the backups of a repository stand and how they came there. Made from public data alone: no key is needed, and
/// whoever can read the store can make the same.
///
/// What was measured, what was only computed from it, and what somebody claims stand in fields of their own.
public struct RecoveryReport: Sendable {
    /// One backup that was made.
    public struct BackupPoint: Sendable, Equatable {
        /// When reading the sources began, by the clock of its writer.
        public var started: Timestamp
        /// When it ended, by the same clock.
        public var finished: Timestamp
        /// Whether something could not be read as it should.
        public var isIncomplete: Bool
    }

    /// One drill.
    public struct DrillPoint: Sendable {
        /// What the log says of it.
        public var info: DrillInfo
        /// Its evidence; nil when it does not count as evidence at all.
        public var evidence: DrillEvidence?

        /// Whether it proved something, and that can be shown.
        public var isProof: Bool { info.body.verdict == .proven && evidence != nil }
    }

    /// How long recovery takes.
    public struct RecoveryTime: Sendable, Equatable {
        /// Measured by the last drill of a whole snapshot; nil when there was none.
        public var measured: MeasuredRTO?
        /// Computed from the last drill of a sample, by the share of the bytes that it restored: a guess.
        public var estimatedMilliseconds: Int?
        /// The share that the guess was made from, in percent.
        public var estimatedFromPercent: Double?
    }

    /// What a requirement asks and what there is to show for it.
    public struct Assessment: Sendable, Equatable {
        /// How a requirement stands. The raw values name it in pages.
        public enum State: String, Sendable { case met, gap, unknown }

        /// What is required.
        public var text: String
        /// How that stands.
        public var state: State
        /// What there is to show for it, or what is missing.
        public var evidence: String

        /// An assessment as given.
        public init(text: String, state: State, evidence: String) {
            self.text = text
            self.state = state
            self.evidence = evidence
        }
    }

    /// A profile and how a system stands by it.
    public struct Assessments: Sendable, Equatable {
        /// Name and version of the profile.
        public var profile: String
        /// Its requirements, in its order.
        public var items: [Assessment]

        /// Assessments as given.
        public init(profile: String, items: [Assessment]) {
            self.profile = profile
            self.items = items
        }
    }

    /// One system.
    public struct System: Sendable {
        /// Where it stands.
        public var status: SystemStatus
        /// Backups of the period and the last one before it, in the order of the log; forgotten ones too.
        public var backups: [BackupPoint]
        /// Backups whose time is later than this machine's clock: they count for nothing.
        public var futureBackups: Int
        /// Drills of the period, in the order of the log.
        public var drills: [DrillPoint]
        /// How long recovery takes.
        public var recoveryTime: RecoveryTime
        /// What a requirement profile may ask about it.
        public var facts: RecoveryFacts
        /// How it stands by its requirement profile, once it was assessed; nil when it has none.
        public var assessments: Assessments?

        /// Its name.
        public var name: String { status.snapshot.system }
    }

    /// A hold that is in force.
    public struct Hold: Sendable {
        /// What is held.
        public var snapshot: SnapshotInfo
        /// Why, by whom and until when.
        public var hold: HoldInfo
    }

    /// When it was made, by this machine's clock.
    public var time: Timestamp
    /// Since when timelines go.
    public var since: Timestamp
    /// The repository.
    public var repository: RepositoryID
    /// SHA-256 of the first record.
    public var anchor: Digest
    /// The last record, and SHA-256 of its bytes.
    public var head: LogPoint
    /// Where it all stands.
    public var status: StatusReport
    /// The systems, the worst first.
    public var systems: [System]
    /// Holds that are in force.
    public var holds: [Hold]
    /// What people should look at, the worst first.
    public var findings: [ReportFinding]
    /// How the copies stand.
    public var copies: CopyScore

    /// How many systems have this verdict.
    public func count(_ verdict: ProofVerdict) -> Int { systems.count { $0.status.verdict == verdict } }
}

/// How the copies stand by the rule 3-2-1-1-0: three copies, two media, one in another building, one that is off-line
/// or cannot be changed, no error when it was restored. Nil where nobody has said it.
public struct CopyScore: Sendable, Equatable {
    /// The repository and the copies that are up to date; the original is not counted, since nobody looked at it here.
    public var upToDate = 1
    /// Different media, as far as policies say.
    public var media: Int?
    /// Whether a copy that is up to date is in another building.
    public var hasOffsite: Bool?
    /// Whether one is off-line or cannot be changed.
    public var hasOffline: Bool?
    /// Whether every system is proven and nothing is damaged.
    public var isWithoutError = false
}
