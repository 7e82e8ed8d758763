/// Which entries of a snapshot are restored: those that an include pattern matches, or all if there is none, without
/// those that an exclude pattern matches. What matches a directory matches all that is in it.
public struct RestoreSelection: Sendable {
    private let include: ExclusionRules
    private let exclude: ExclusionRules
    /// Exactly these, and what leads to them; nil when patterns decide.
    private let only: Set<[UInt8]>?

    /// Everything.
    public init() { self.init(include: ExclusionRules(), exclude: ExclusionRules()) }

    /// A selection by two lists of patterns, each with the meaning of ``PathPattern``, on the path from `/` in the
    /// snapshot.
    public init(include: ExclusionRules, exclude: ExclusionRules) {
        self.include = include
        self.exclude = exclude
        only = nil
    }

    /// Exactly the entries at these paths from `/`, without the leading slash: a directory does not bring what is in
    /// it.
    init(only paths: Set<[UInt8]>) {
        include = ExclusionRules()
        exclude = ExclusionRules()
        only = paths
    }

    /// Whether everything is selected.
    var isAll: Bool { include.isEmpty && exclude.isEmpty && only == nil }

    /// What becomes of an entry.
    enum Verdict: Equatable {
        /// It is restored.
        case selected
        /// It is not, but something in it may be.
        case passage
        /// Neither it nor anything in it.
        case excluded
    }

    /// What the patterns say of a directory, for what is in it.
    struct Place {
        /// The names from `/`; nil for `/` itself, and where nobody asks.
        fileprivate var chain: PathChain?
        fileprivate var include = 0
        fileprivate var exclude = 0
        fileprivate(set) var verdict: Verdict
    }

    /// `/` itself.
    var top: Place { Place(verdict: include.isEmpty && only == nil ? .selected : .passage) }

    /// The verdict on an entry of a directory.
    func verdict(_ name: [UInt8], isDirectory: Bool, in place: Place) -> Place {
        if isAll { return place }
        var result = place
        if isDirectory { result.chain = PathChain(place.chain, name) }
        if let only {
            result.verdict = only.contains(TreePath.join(place.chain.path, name)) ? .selected : .passage
            return result
        }
        name.withUnsafeBytes { bytes in
            if !exclude.isEmpty {
                result.exclude = exclude.lastRule(
                    for: bytes, isDirectory: isDirectory, in: place.chain, after: place.exclude)
            }
            if !include.isEmpty {
                result.include = include.lastRule(
                    for: bytes, isDirectory: isDirectory, in: place.chain, after: place.include)
            }
        }
        if exclude.isExcluding(result.exclude) {
            result.verdict = .excluded
        } else {
            result.verdict = include.isEmpty || include.isExcluding(result.include) ? .selected : .passage
        }
        return result
    }

    /// The verdict on a path, by looking at the directories above it as well.
    func place(_ path: [UInt8], isDirectory: Bool = true) -> Place {
        var place = top
        let names = path.split(separator: 0x2f)
        for (index, name) in names.enumerated() where place.verdict != .excluded {
            place = verdict(Array(name), isDirectory: isDirectory || index < names.count - 1, in: place)
        }
        return place
    }
}
