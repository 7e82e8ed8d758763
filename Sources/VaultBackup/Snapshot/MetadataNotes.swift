internal import Synchronization

/// A piece of metadata that could not be applied.
public struct MetadataProblem: Sendable, Equatable {
    /// What kind of metadata.
    public enum Kind: String, Sendable, CaseIterable {
        case owner, mode, attributes, time, flags
    }

    /// Path below the target.
    public var path: [UInt8]
    /// What kind of metadata.
    public var kind: Kind
    /// Which, and why not.
    public var reason: String
}

/// All metadata of one kind that could not be applied.
public struct MetadataSummary: Sendable, Equatable {
    /// The kind.
    public var kind: MetadataProblem.Kind
    /// How many pieces.
    public var count: Int
    /// The first of them, at most ``firstMax``.
    public var first: [MetadataProblem]

    /// Most problems that are named.
    public static let firstMax = 5
}

/// Metadata that a restore could not apply, by kind. Each is told as it comes, so that all can be had; only counts and
/// the first few are kept. Safe from any thread.
final class MetadataNotes: Sendable {
    private let kinds = Mutex<[MetadataProblem.Kind: MetadataSummary]>([:])
    private let tell: (@Sendable (MetadataProblem) -> Void)?

    init(_ tell: (@Sendable (MetadataProblem) -> Void)? = nil) { self.tell = tell }

    /// Notes one.
    func add(_ problem: MetadataProblem) {
        kinds.withLock { kinds in
            var summary = kinds[problem.kind] ?? MetadataSummary(kind: problem.kind, count: 0, first: [])
            summary.count += 1
            if summary.first.count < MetadataSummary.firstMax { summary.first.append(problem) }
            kinds[problem.kind] = summary
        }
        tell?(problem)
    }

    /// All kinds of which there is something, in a fixed order.
    var summaries: [MetadataSummary] {
        let kinds = kinds.withLock { $0 }
        return MetadataProblem.Kind.allCases.compactMap { kinds[$0] }
    }
}
