/// What to repair.
public struct RepairRequest: Sendable {
    /// Do it; otherwise only say what would be done.
    public var applies = false
    /// Read every pack from beginning to end, not only those of which something is known.
    public var readsData = false
    /// A copy of the repository from which to take what is missing or damaged.
    public var copy: (any ObjectStore)?
    /// Threads; 0 means one for each processor.
    public var workers = 0

    /// A request for a plan.
    public init() {}
}

/// What a repair did, or would do.
public struct RepairReport: Sendable {
    /// What becomes of a pack that is not whole.
    public enum Outcome: String, Sendable {
        /// All that snapshots use of it is in other packs, which take its place.
        case replaced
        /// It stays in the sets of the snapshots, beside packs that hold parts of it; the rest is needed.
        case lost
        /// No snapshot uses it; it is used for nothing new.
        case unused
    }

    /// A pack that is not whole.
    public struct Pack: Sendable {
        /// Its name.
        public var name: Digest
        /// What is the matter, a sentence.
        public var reason: String
        /// The live snapshots that use it.
        public var snapshots: [Digest]
        /// What becomes of it.
        public var outcome: Outcome
        /// Packs that hold parts of it and are put into the sets of these snapshots.
        public var found: Int
    }

    /// Something of a snapshot that is nowhere any more.
    public struct Loss: Sendable {
        /// The snapshot.
        public var snapshot: Digest
        /// Path from `/`, without the leading slash.
        public var path: [UInt8]
        /// What is missing, a phrase.
        public var reason: String
    }

    /// Packs that the log names and that should be there.
    public var packs = 0
    /// Packs that were read from beginning to end.
    public var packsRead = 0
    /// Live snapshots.
    public var snapshots = 0
    /// Packs that are not whole.
    public var damaged: [Pack] = []
    /// What is in no pack any more; at most ``lossesMax`` are listed.
    public var losses: [Loss] = []
    /// How many there are.
    public var lossCount = 0
    /// Other objects that are missing or damaged, a sentence each.
    public var objects: [String] = []
    /// Objects that are fetched from the copy: their names.
    public var fetched: [String] = []
    /// Segment maps that are made again: their names.
    public var rebuilt: [String] = []
    /// Files in the store that are no objects of this repository: their names. They are left as they are.
    public var strays: [String] = []
    /// What could not be done as wanted, a sentence each.
    public var warnings: [String] = []
    /// Whether it was done.
    public var isApplied = false
    /// How long it took, in nanoseconds.
    public var nanoseconds: UInt64 = 0

    /// A report of nothing.
    public init() {}

    /// Most losses that are listed.
    public static let lossesMax = 1_000

    /// Whether, after what was done, everything that snapshots need is there.
    public var isWhole: Bool {
        guard warnings.isEmpty else { return false }
        guard isApplied else {
            return damaged.isEmpty && objects.isEmpty && lossCount == 0 && fetched.isEmpty && rebuilt.isEmpty
        }
        return lossCount == 0 && objects.isEmpty && damaged.allSatisfy { $0.outcome != .lost }
    }
}

/// Puts a repository right as far as possible (`docs/LIFECYCLE.md`).
public enum Repair {
    /// Finds packs that are missing or damaged and what of them is elsewhere, and names the files that are lost. With
    /// ``RepairRequest/applies`` it takes what it can from a copy, tells the log which packs are lost, so that the next
    /// backup stores again what it still has, and puts packs that hold parts of lost ones beside them, or in their
    /// place.
    ///
    /// It may be killed at any moment: nothing that could be read before cannot be read then.
    /// - Throws: ``VaultError`` when nothing can be repaired. Damage that remains is in the report.
    public static func run(
        _ request: RepairRequest, with access: MaintainAccess, reader: ReadAccess,
        events: any EventSink = SilentEventSink(), cancellation: Cancellation = Cancellation()
    ) throws -> RepairReport {
        let clock = access.repository.clock
        let started = clock.monotonicNanoseconds()
        let run = RepairRun(request, access, reader, events, cancellation)
        var report = try run.run()
        report.nanoseconds = clock.monotonicNanoseconds() - started
        return report
    }
}
