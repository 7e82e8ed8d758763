internal import Synchronization

/// A run of the entries of a directory that is backed up, small enough to be held with all that is found out about it.
final class DirectoryWindow: Sendable {
    /// Names of a directory that are listed, read and put together at once.
    static let namesMax = 4096

    /// What became of an entry of the listing. Those that were read are large and held apart.
    enum Result: Sendable {
        case pending
        /// As the scan cache has it, at this place.
        case cached(Int)
        indirect case fresh(FreshEntry)
        indirect case child(ChildResult)
        /// Not in the snapshot.
        case dropped
    }

    /// What a finished directory hands to the one above it.
    struct ChildResult: Sendable {
        /// The entry, with its child nodes.
        var fresh: FreshEntry
        /// Whether it is all as the scan cache has it, node for node.
        var isUnchanged: Bool
    }

    private let listing: DirectoryListing
    /// For each entry the number of the last exclusion rule about it; empty when there are no rules.
    let rules: [Int]
    /// For each entry the keyed hash of its name.
    let nameHashes: [UInt64]
    /// For each entry its place in the scan cache, or -1.
    let cachedPlaces: [Int]
    /// Whether it has names of files with several names, whose first name is known only when the walk is over.
    let hasLinks: Bool
    /// Whether the directory ends here.
    let isLast: Bool

    private let results: Mutex<[Result]>
    private let pendingCount = Atomic<Int>(1)

    init(
        _ listing: DirectoryListing, rules: [Int], nameHashes: [UInt64] = [], cachedPlaces: [Int] = [], isLast: Bool
    ) {
        self.listing = listing
        self.rules = rules
        self.nameHashes = nameHashes
        self.cachedPlaces = cachedPlaces
        self.isLast = isLast
        hasLinks = listing.entries.contains { $0.status.map { $0.kind != .directory && $0.linkCount > 1 } ?? false }
        results = Mutex([Result](repeating: .pending, count: nameHashes.count))
    }

    /// The entries, by name.
    var entries: [DirectoryListing.Entry] { listing.entries }

    /// Name of an entry.
    func name(_ index: Int) -> [UInt8] { listing.name(of: listing.entries[index]) }

    /// Notes the results of some entries.
    func set(_ new: [(Int, Result)]) {
        results.withLock { results in for (index, result) in new { results[index] = result } }
    }

    /// All results; they are complete once nothing is pending.
    func takeResults() -> [Result] {
        results.withLock { results in
            defer { results = [] }
            return results
        }
    }

    /// Waits for `count` more pieces of work.
    func expect(_ count: Int) { pendingCount.add(count, ordering: .relaxed) }

    /// Notes that a piece of work is done; true when it was the last.
    func finishOne() -> Bool { pendingCount.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
