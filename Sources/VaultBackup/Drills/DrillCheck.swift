internal import Synchronization

/// One of the checks of a drill.
public struct DrillCheck: Sendable, Equatable {
    /// The checks there are. The raw values are the stored words.
    public enum Name: String, Sendable, CaseIterable, Comparable {
        case challenge, clock, content, counts, databases
        case hardLinks = "hard-links"
        case malware, metadata, packs, restore, script
        case sealedSample = "sealed-sample"

        /// Whether the stored word of `l` comes before that of `r`.
        public static func < (l: Self, r: Self) -> Bool { l.rawValue < r.rawValue }

        /// Whether there may be nothing to compare without the drill being in vain.
        var maySkip: Bool {
            switch self {
            case .challenge, .databases, .hardLinks, .malware, .script, .sealedSample: true
            case .clock, .content, .counts, .metadata, .packs, .restore: false
            }
        }

        /// The first version of evidence that has it.
        var since: Int { [.databases, .malware, .script].contains(self) ? 1 : 0 }

        /// The checks of evidence of a version, in their order.
        static func all(_ version: Int) -> [Self] { allCases.filter { $0.since <= version }.sorted() }
    }

    /// Which one.
    public var name: Name
    /// How many things were to be compared.
    public var expected: Int
    /// How many were compared.
    public var compared: Int
    /// What it came to.
    public var verdict: DrillVerdict

    /// A check as given.
    public init(name: Name, expected: Int, compared: Int, verdict: DrillVerdict) {
        self.name = name
        self.expected = expected
        self.compared = compared
        self.verdict = verdict
    }
}

/// Something that is not as it should be. It names things: for the reader's own report, never for evidence.
public struct DrillFinding: Sendable, Equatable {
    /// The check that found it.
    public var check: DrillCheck.Name
    /// Path from `/` without the leading slash; empty for what is no entry.
    public var path: [UInt8]
    /// What is wrong, in a few words.
    public var reason: String
}

/// Why an entry, or a part of it, was not compared. The raw values are the stored words.
public enum DrillSkip: String, Sendable, CaseIterable {
    /// It could not be read when it was backed up, so it is not in the backup.
    case incomplete
    /// This user may not give files away.
    case owner
    /// This user may not make devices.
    case device
    /// The scratch file system cannot hold it.
    case attributes
    /// Of a database something changed within the window of its dump, so nobody can tell whether it is right.
    case databaseChanged = "database-changed"
    /// The databases have no table to compare.
    case databaseEmpty = "database-empty"
    /// Who ran the drill wanted no databases.
    case databaseUnasked = "database-unasked"
    /// No scratch server could be had.
    case databaseUnavailable = "database-unavailable"
    /// Nothing was noted of a database when it was saved.
    case databaseUncaptured = "database-uncaptured"

    /// The first version of evidence that has it.
    var since: Int { rawValue.hasPrefix("database-") ? 1 : 0 }
}

/// Counts what the checks of a running drill compare and find. Safe from any thread.
///
/// 1. A check that compared less than it had to is never proven.
/// 2. One that had nothing to compare is not proven, or skipped where that is no loss.
/// 3. The drill is proven only if every check is proven or skipped.
final class DrillTally: Sendable {
    private struct Count {
        var expected = 0
        var compared = 0
        var failed = 0
    }

    private struct State {
        var counts: [DrillCheck.Name: Count] = [:]
        var findings: [DrillFinding] = []
        var skipped: [DrillSkip: Int] = [:]
        var notes: [String] = []
        var entries = 0
        var bytes = 0
    }

    private let state = Mutex(State())
    static let findingsMax = 10_000
    static let notesMax = 1_000

    /// Notes things that have to be compared.
    func expect(_ check: DrillCheck.Name, _ count: Int = 1) {
        state.withLock { $0.counts[check, default: Count()].expected += count }
    }

    /// Notes things that were compared, right or wrong.
    func compared(_ check: DrillCheck.Name, _ count: Int = 1) {
        state.withLock { $0.counts[check, default: Count()].compared += count }
    }

    /// Notes something that is wrong.
    func fail(_ check: DrillCheck.Name, _ path: [UInt8], _ reason: String) {
        state.withLock { state in
            state.counts[check, default: Count()].failed += 1
            if state.findings.count < Self.findingsMax {
                state.findings.append(DrillFinding(check: check, path: path, reason: reason))
            }
        }
    }

    /// Notes something that was left out, with its reason.
    func skip(_ reason: DrillSkip) { state.withLock { $0.skipped[reason, default: 0] += 1 } }

    /// Notes what a reader should know although it is no failure: a sentence, which may name things.
    func note(_ sentence: String) {
        state.withLock { if $0.notes.count < Self.notesMax { $0.notes.append(sentence) } }
    }

    /// The notes, in their order.
    var notes: [String] { state.withLock { $0.notes } }

    /// How many things a check has to compare.
    func expected(_ check: DrillCheck.Name) -> Int { state.withLock { $0.counts[check]?.expected ?? 0 } }

    /// Notes an entry that was compared, and the bytes of its content that were read.
    func add(bytes: Int) {
        state.withLock { state in
            state.entries += 1
            state.bytes = state.bytes.addingReportingOverflow(bytes).partialValue
        }
    }

    /// Entries that were compared, and bytes of content that were read back.
    var total: (entries: Int, bytes: Int) { state.withLock { ($0.entries, $0.bytes) } }

    /// Every check, by name.
    var checks: [DrillCheck] {
        state.withLock { state in
            DrillCheck.Name.allCases.sorted().map { name in
                let count = state.counts[name] ?? Count()
                return DrillCheck(
                    name: name, expected: count.expected, compared: count.compared, verdict: Self.verdict(name, count))
            }
        }
    }

    private static func verdict(_ name: DrillCheck.Name, _ count: Count) -> DrillVerdict {
        if count.failed > 0 { return .failed }
        if count.expected == 0 { return name.maySkip ? .skipped : .notProven }
        return count.compared < count.expected ? .notProven : .proven
    }

    /// What all checks together come to.
    static func verdict(_ checks: [DrillCheck]) -> DrillVerdict {
        if checks.contains(where: { $0.verdict == .failed }) { return .failed }
        let isProven = checks.allSatisfy { $0.verdict == .proven || $0.verdict == .skipped && $0.name.maySkip }
        return isProven && checks.contains { $0.name == .content && $0.compared > 0 } ? .proven : .notProven
    }

    /// What is wrong, by path; bounded.
    var findings: [DrillFinding] {
        state.withLock { $0.findings }.sorted {
            $0.path == $1.path ? $0.check < $1.check : $0.path.lexicographicallyPrecedes($1.path)
        }
    }

    /// How much is wrong.
    var failureCount: Int { state.withLock { $0.counts.values.reduce(0) { $0 + $1.failed } } }

    /// What was left out.
    var skipped: [(reason: DrillSkip, count: Int)] {
        let skipped = state.withLock { $0.skipped }
        return DrillSkip.allCases.compactMap { reason in skipped[reason].map { (reason, $0) } }
    }
}
