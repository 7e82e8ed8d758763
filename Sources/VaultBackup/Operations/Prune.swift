/// How much space that nothing uses may stay in packs that are used in part.
public enum UnusedLimit: Sendable, Equatable {
    /// So many percent of all stored bytes.
    case percent(Double)
    /// So many bytes.
    case bytes(Int)

    /// The limit in bytes for a store of `total` bytes.
    func byteCount(of total: Int) -> Int {
        switch self {
        case .percent(let percent): Int(Double(total) * percent / 100)
        case .bytes(let bytes): bytes
        }
    }
}

/// What to take away.
public struct PruneRequest: Sendable {
    /// Only say what would be done.
    public var dryRun = false
    /// Snapshots that a dry run takes as forgotten already; not used otherwise.
    public var forgetting: [Digest] = []
    /// What may stay unused; packs are compacted until no more is.
    public var maxUnused = UnusedLimit.percent(5)
    /// Most bytes of packs that are read in order to compact them; nil for no limit.
    public var maxRepackBytes: Int?
    /// Age in seconds that a SWEEP record must have before its packs are deleted, for restores in flight.
    public var delay = 0
    /// Whether sparse segments are sealed anew without what nothing uses any more, by a member who may read. Others
    /// move them as they are.
    public var thinsSegments = true
    /// Threads that put packs together; 0 means one for each processor.
    public var workers = 0
    /// Age in seconds up to which the packs of a backup that did not end are kept, for its next run.
    public var keepUnfinished = 7 * 86_400

    /// A request with the defaults.
    public init() {}
}

/// Packs and their stored bytes.
public struct PackCount: Sendable, Equatable {
    /// Number of packs, or of other objects.
    public var packs = 0
    /// Their stored bytes.
    public var bytes = 0

    /// A count as given.
    public init(packs: Int = 0, bytes: Int = 0) {
        self.packs = packs
        self.bytes = bytes
    }

    mutating func add(_ byteCount: Int) {
        packs += 1
        bytes += byteCount
    }

    static func += (l: inout PackCount, r: PackCount) {
        l.packs += r.packs
        l.bytes += r.bytes
    }
}

/// What a prune did, or in a dry run would do.
public struct PruneReport: Sendable {
    /// Snapshots that are kept, and those that were forgotten.
    public var snapshots = (live: 0, forgotten: 0)
    /// Packs in the store before, that the log names.
    public var before = PackCount()
    /// Packs that no snapshot uses.
    public var unused = PackCount()
    /// Packs used in part that are compacted: their number and bytes, which are read.
    public var compacted = PackCount()
    /// Packs that take their place.
    public var moved = PackCount()
    /// Packs that were deleted.
    public var deleted = PackCount()
    /// Objects of sessions that have ended and segment maps of forgotten snapshots that were deleted.
    public var leftovers = PackCount()
    /// Packs that wait for sessions to end.
    public var waiting = PackCount()
    /// Packs whose time to be deleted has not come.
    public var delayed = PackCount()
    /// Packs of backups that did not end, kept for their next run.
    public var unfinished = PackCount()
    /// Bytes that nothing uses in packs that are used in part, once all this is done; as far as maps tell.
    public var unusedInPart = 0
    /// Open sessions for which packs wait, a phrase each.
    public var sessions: [String] = []
    /// Dead sessions that were closed.
    public var closedSessions = 0
    /// Calls of the store: objects or parts of them read, objects written, objects deleted. Reading the log and the
    /// segment maps is not counted.
    public var requests = (reads: 0, writes: 0, deletions: 0)
    /// What could not be done as wanted, a sentence each.
    public var warnings: [String] = []
    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64 = 0

    /// Packs in the store afterwards, that the log names.
    public var after: PackCount {
        PackCount(
            packs: before.packs - deleted.packs + moved.packs, bytes: before.bytes - deleted.bytes + moved.bytes)
    }
}

/// Takes away what no snapshot uses (`docs/LIFECYCLE.md`).
public enum Prune {
    /// Deletes packs that no live snapshot uses, and puts the used parts of others together. Needs no key to content,
    /// and may run beside backups, restores and another prune.
    ///
    /// It may be killed at any moment: the next run goes on. On return everything that was reported as deleted is gone
    /// durably.
    /// Of a member that may read, too, sparse segments are thinned, and what lost packs held and later ones hold is
    /// first given to the snapshots that need it.
    ///
    /// - Throws: ``VaultError``. What was done until then stays done, and nothing that a snapshot uses is lost.
    public static func run(
        _ request: PruneRequest, with access: MaintainAccess, events: any EventSink = SilentEventSink(),
        cancellation: Cancellation = Cancellation()
    ) throws -> PruneReport {
        let clock = access.repository.clock
        let started = clock.monotonicNanoseconds()
        let run = PruneRun(request, access, events, cancellation)
        var report = try request.dryRun ? run.preview() : run.run()
        report.nanoseconds = clock.monotonicNanoseconds() - started
        return report
    }
}
