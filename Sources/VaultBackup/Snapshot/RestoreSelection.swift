/// Which entries of a snapshot are restored: those that an include pattern matches, or all if there is none, without
/// those that an exclude pattern matches. What matches a directory matches all that is in it.
public struct RestoreSelection: Sendable {
    private let include: [RestorePattern]
    private let exclude: [RestorePattern]
    /// Exactly these, and what leads to them; nil when patterns decide.
    private let only: Set<[UInt8]>?

    /// Everything.
    public init() {
        include = []
        exclude = []
        only = nil
    }

    /// Exactly the entries at these paths from `/`, without the leading slash: a directory does not bring what is in it.
    init(only paths: Set<[UInt8]>) {
        include = []
        exclude = []
        only = paths
    }

    /// A selection by patterns, raw bytes. One without `/` matches names, one that begins with `/` the path from `/` in
    /// the snapshot, any other the end of a path. `*`, `?` and `[…]` match within a name, `**` any number of names.
    /// - Throws: ``VaultError`` `.usage` for a pattern that is empty.
    public init(include: [[UInt8]], exclude: [[UInt8]]) throws {
        self.include = try include.map { try RestorePattern($0) }
        self.exclude = try exclude.map { try RestorePattern($0) }
        only = nil
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

    /// The verdict on a path from `/` without the leading slash, in a directory that is itself selected or only passed
    /// through.
    func verdict(_ path: [UInt8], isParentSelected: Bool) -> Verdict {
        if isAll { return .selected }
        if let only { return only.contains(path) ? .selected : .passage }
        let names = path.split(separator: 0x2f)
        if exclude.contains(where: { $0.matches(names) }) { return .excluded }
        return isParentSelected || include.contains { $0.matches(names) } ? .selected : .passage
    }

    /// The verdict on a directory where a restore begins, by looking at the directories above it as well.
    func verdict(onTop path: [UInt8]) -> Verdict {
        if only != nil { return .passage }
        var verdict = include.isEmpty ? Verdict.selected : .passage
        if isAll { return verdict }
        let names = path.split(separator: 0x2f)
        for depth in names.indices {
            let above = Array(names[...depth].joined(separator: [0x2f]))
            verdict = self.verdict(above, isParentSelected: verdict == .selected)
            if verdict == .excluded { return verdict }
        }
        return verdict
    }
}

/// A glob on names or paths. Bytes, no locale; matching takes at most quadratic time.
struct RestorePattern: Sendable {
    private let names: [[UInt8]]
    private let isAnchored: Bool

    init(_ pattern: [UInt8]) throws {
        names = pattern.split(separator: 0x2f).map { Array($0) }
        isAnchored = pattern.first == 0x2f
        guard !names.isEmpty else {
            throw VaultError(
                .usage, "'\(PathText.readable(pattern))' is no pattern",
                nextStep: "Give a name or a path, such as '*.conf' or '/etc/ssh'")
        }
    }

    private static let anyNames = Array("**".utf8)

    /// Whether the path that consists of these names matches.
    func matches(_ path: [ArraySlice<UInt8>]) -> Bool {
        if isAnchored { return matches(path[...]) }
        if names.count == 1, names[0] != Self.anyNames {
            return path.last.map { Self.matches(names[0][...], $0) } ?? false
        }
        return path.indices.contains { matches(path[$0...]) }
    }

    // Both matchers go back only to the last star, which is enough for globs.
    private func matches(_ path: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        var p = 0
        var i = path.startIndex
        var star: (p: Int, i: Int)?
        while i < path.endIndex {
            if p < names.count, names[p] == Self.anyNames {
                star = (p, i)
                p += 1
            } else if p < names.count, Self.matches(names[p][...], path[i]) {
                p += 1
                i += 1
            } else if let last = star {
                star = (last.p, last.i + 1)
                p = last.p + 1
                i = last.i + 1
            } else {
                return false
            }
        }
        return names[p...].allSatisfy { $0 == Self.anyNames }
    }

    /// Whether one name matches one glob.
    static func matches(_ glob: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var g = glob.startIndex
        var n = name.startIndex
        var star: (g: Int, n: Int)?
        while n < name.endIndex {
            if g < glob.endIndex, glob[g] == UInt8(ascii: "*") {
                star = (g, n)
                g += 1
            } else if g < glob.endIndex, let next = one(glob, g, name[n]) {
                g = next
                n += 1
            } else if let last = star {
                star = (last.g, last.n + 1)
                g = last.g + 1
                n = last.n + 1
            } else {
                return false
            }
        }
        return glob[g...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// The place after the part of the glob at `g`, if that part matches the byte.
    private static func one(_ glob: ArraySlice<UInt8>, _ g: Int, _ byte: UInt8) -> Int? {
        switch glob[g] {
        case UInt8(ascii: "?"): return g + 1
        case UInt8(ascii: "\\") where g + 1 < glob.endIndex: return glob[g + 1] == byte ? g + 2 : nil
        case UInt8(ascii: "["):
            guard let end = glob[(g + 1)...].dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
                return glob[g] == byte ? g + 1 : nil
            }
            return isInSet(glob[(g + 1)..<end], byte) ? end + 1 : nil
        default: return glob[g] == byte ? g + 1 : nil
        }
    }

    private static func isInSet(_ set: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
        let isNegated = set.count > 1 && (set.first == UInt8(ascii: "!") || set.first == UInt8(ascii: "^"))
        let members = isNegated ? set.dropFirst() : set
        var i = members.startIndex
        var isIn = false
        while i < members.endIndex {
            if i + 2 < members.endIndex, members[i + 1] == UInt8(ascii: "-") {
                if members[i] <= byte, byte <= members[i + 2] { isIn = true }
                i += 3
            } else {
                if members[i] == byte { isIn = true }
                i += 1
            }
        }
        return isIn != isNegated
    }
}
