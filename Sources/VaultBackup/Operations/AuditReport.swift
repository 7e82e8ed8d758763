/// What an audit is asked to judge, and by what.
public struct AuditRequest: Sendable {
    /// What the auditor trusts; nil to go by what this client has.
    public var trust: TrustFile?
    /// Checkpoints that somebody kept: each a name for messages, and the bytes of a note.
    public var checkpoints: [(name: String, note: [UInt8])] = []
    /// An audit bundle of an earlier day, opened with ``AuditBundle/open(_:name:)``.
    public var previous: (any ObjectStore)?
    /// Only snapshots of this system.
    public var system: String?
    /// Only this snapshot, as ``Snapshots/find(_:in:)`` takes it.
    public var snapshot: String?
    /// Part of the packs to read from beginning to end, 0 to 100 percent; nil reads all.
    public var samplePercent: Double?
    /// Draws the sample of an earlier audit again; nil draws a new one.
    public var seed: Digest?
    /// Oldest age that the newest snapshot of each system may have, in seconds.
    public var ageMax: Int?
    /// Whether the store is a bundle, which has no packs.
    public var isBundle = false
    /// The copy that is audited; nil for the repository itself.
    var copy: CopyMarker?
    /// Threads; 0 means one for each processor.
    public var workers = 0

    /// A request to read everything.
    public init() {}
}

/// What an audit came to.
public struct AuditReport: Sendable {
    /// The verdict. A later one in this order hides an earlier one.
    public enum Verdict: String, Sendable, CaseIterable, Comparable {
        /// All that was asked for was checked, and is right.
        case passed
        /// Nothing wrong was seen, but something was not checked that a verdict needs.
        case notProven = "not-proven"
        /// The newest snapshot is too old: backups have stopped, or an old state is shown.
        case stale
        /// Something is missing or not what it was.
        case damaged
        /// The log is older than one that was seen.
        case rolledBack = "rolled-back"
        /// The log is another than one that was seen.
        case forked

        /// Whether `l` is less serious than `r`.
        public static func < (l: Verdict, r: Verdict) -> Bool {
            (allCases.firstIndex(of: l) ?? 0) < (allCases.firstIndex(of: r) ?? 0)
        }

        /// The class of failure; nil when there is none.
        public var code: VaultError.Code? {
            switch self {
            case .passed: nil
            case .notProven: .notProven
            case .damaged: .damaged
            case .stale, .rolledBack, .forked: .rolledBack
            }
        }
    }

    /// One thing that the verdict rests on.
    public struct Finding: Sendable, Equatable {
        /// What it makes of the verdict.
        public let verdict: Verdict
        /// The object: a record, a pack, a system; may be empty.
        public let object: String
        /// A sentence without full stop.
        public let text: String
    }

    /// What vouches for the first record.
    public enum AnchorSource: String, Sendable {
        /// The trust file.
        case trustFile = "trust-file"
        /// What this client has seen of the repository, beginning with an anchor.
        case pin
        /// An identity of this client.
        case identity
        /// Nothing.
        case none
    }

    /// One snapshot.
    public struct Snapshot: Sendable {
        /// SHA-256 of its record.
        public var id: Digest
        /// Position of its record.
        public var position: Int
        /// The system it is of.
        public var system: String
        /// When reading it began, by its writer's clock.
        public var started: Timestamp
        /// Packs it needs; nil when its set is missing.
        public var packs: Int?
        /// Packs of these that are missing or not what they were, as far as was looked.
        public var packsDamaged = 0
        /// The newest drill that proved something of it, and whose evidence counts; nil when there is none: that the
        /// snapshot is complete is then its writer's claim.
        public var drill: Drill?
    }

    /// A drill that proved something.
    public struct Drill: Sendable {
        /// Position of its record.
        public var position: Int
        /// When it began, by its clock.
        public var started: Timestamp
        /// Until when it counts, by its clock.
        public var expires: Timestamp
        /// Whether it counts no more at the time of the audit.
        public var isExpired: Bool
        /// All of the snapshot, or a part.
        public var scope: DrillScope
        /// Packs that it proved.
        public var packs: Int

        /// Whether the snapshot is proven as a whole, now.
        public var provesAll: Bool { scope == .whole && !isExpired }
    }

    /// One system.
    public struct System: Sendable {
        /// Its name.
        public var name: String
        /// Number of snapshots.
        public var snapshots: Int
        /// Age of its newest one in seconds, by the clocks of writer and auditor; nil when the clocks do not allow to
        /// say.
        public var age: Int?
    }

    /// A checkpoint that was compared.
    public struct Kept: Sendable {
        /// The name it came by.
        public var name: String
        /// Records it covers.
        public var size: Int
        /// Who signed it.
        public var signers: [String]
        /// Whether the log has these very records.
        public var isPartOfLog: Bool
    }

    /// The repository.
    public var repository: RepositoryID
    /// SHA-256 of its first record.
    public var anchor: Digest
    /// What vouches for the anchor.
    public var anchorSource = AnchorSource.none
    /// The highest record known from before that was found in its place; nil when none was known.
    public var pinned: LogPoint?
    /// When the audit was made, by the auditor's clock.
    public var time: Timestamp
    /// Head of the log's tree.
    public var checkpoint: Checkpoint
    /// The last record.
    public var head: LogPoint
    /// Records that are signed and in order.
    public var recordsCounted = 0
    /// Records that are void.
    public var recordsVoid = 0
    /// The snapshots that were judged.
    public var snapshots: [Snapshot] = []
    /// Their systems.
    public var systems: [System] = []
    /// Packs that these snapshots need.
    public var packsNeeded = 0
    /// Packs of these that are there in their length.
    public var packsPresent = 0
    /// Packs of these that were read and are right.
    public var packsRead = 0
    /// Bytes read for that.
    public var bytesRead = 0
    /// Whether packs were looked for at all.
    public var arePacksChecked = true
    /// The draw, when not everything was read.
    public var sample: AuditSample?
    /// Checkpoints that were compared.
    public var kept: [Kept] = []
    /// What is wrong, or not proven.
    public var findings: [Finding] = []
    /// What an auditor should know.
    public var notices: [String] = []
    /// Proof of a fork that anybody can check, as an archive; nil when there is none.
    public var forkProof: [UInt8]?

    /// The most serious finding decides.
    public var verdict: Verdict { findings.map(\.verdict).max() ?? .passed }

    init(_ history: LogHistory, time: Timestamp) {
        repository = history.state.repository
        anchor = history.state.anchor
        self.time = time
        checkpoint = history.checkpoint
        head = history.entries[history.size - 1].point
    }

    mutating func find(_ verdict: Verdict, _ object: String, _ text: String) {
        findings.append(Finding(verdict: verdict, object: object, text: text))
    }

    /// The chance that what was read would have shown damage in so many of the packs needed.
    public func detection(damaged: Int) -> Double {
        AuditSample.detection(count: packsRead, of: packsNeeded, damaged: damaged)
    }
}
