/// A pattern for places in a tree: the one pattern language of this program, for what is left out of a backup, restored
/// or looked for. It is that of restic.
///
/// - `*`, `?`, `[…]` and `\` stand within a name (``NamePattern``); `**` as a whole name stands for any number of
///   names, also none.
/// - A pattern without `/` means a name at any depth, one that begins with `/` the path from the root, any other one
///   the last names of a path.
/// - A pattern that ends in `/` means directories only.
/// - `!` before a pattern takes back what earlier ones say, where several stand in a list (``ExclusionRules``).
///
/// Differs from restic in this: `[!…]` is `[^…]`; a `/` at the end counts; `..` and a lone `/` are refused; patterns
/// that ignore case stand in the same list as the others, and fold the letters A to Z only.
public struct PathPattern: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case name(NamePattern)
        /// `**`
        case anyNames
    }

    let parts: [Part]
    let isRooted: Bool
    let isForDirectories: Bool
    /// Whether it takes back.
    let isIncluding: Bool
    /// As it was given, for messages.
    public let text: [UInt8]

    /// Takes a pattern apart.
    ///
    /// - Parameter ignoringCase: whether the letters A to Z are the same as a to z.
    /// - Throws: ``VaultError`` `.usage` that names a pattern which is malformed or can never match.
    public init(_ pattern: [UInt8], ignoringCase: Bool = false) throws {
        func refuse(_ reason: String) -> VaultError {
            VaultError(
                .usage, "The pattern '\(PathText.readable(pattern))' cannot be used: \(reason)",
                nextStep: "Write a '\\' before a character that has no special meaning")
        }
        isIncluding = pattern.first == UInt8(ascii: "!")
        let body = isIncluding ? pattern.dropFirst() : pattern[...]
        var parts: [Part] = []
        for name in body.split(separator: 0x2f) where name != [0x2e] {
            if name == [0x2e, 0x2e] { throw refuse("'..' is no name in a snapshot") }
            if name == [0x2a, 0x2a] {
                if parts.last != .anyNames { parts.append(.anyNames) }
                continue
            }
            do { parts.append(.name(try NamePattern(Array(name), ignoringCase: ignoringCase))) } catch {
                throw refuse("it has \(error.description)")
            }
        }
        if parts.isEmpty { throw refuse("it names nothing") }
        self.parts = parts
        isRooted = body.first == 0x2f
        isForDirectories = body.last == 0x2f
        text = pattern
    }

    /// Whether it means an entry of a directory, itself and not by a directory above it.
    ///
    /// Goes from the entry upwards. As for characters in a name: after a failed try the last `**` takes one name more.
    func matches(_ name: UnsafeRawBufferPointer, isDirectory: Bool, in directory: PathChain?) -> Bool {
        if isForDirectories, !isDirectory { return false }
        let count = (directory?.depth ?? 0) + 1
        // How many names are taken, and the place of the next one, when that is not the entry itself.
        var place: (depth: Int, above: PathChain?) = (0, directory)
        var part = parts.count - 1
        var retry: (part: Int, depth: Int, above: PathChain?)?
        func up(_ depth: Int, _ above: PathChain?) -> (Int, PathChain?) {
            (depth + 1, depth == 0 ? directory : above?.parent)
        }
        while true {
            if part < 0 {
                if !isRooted || place.depth == count { return true }
            } else if parts[part] == .anyNames {
                part -= 1
                retry = (part, place.depth, place.above)
                continue
            } else if place.depth < count, case .name(let pattern) = parts[part],
                place.depth == 0 ? pattern.matches(name) : place.above.map({ pattern.matches($0.name) }) ?? false
            {
                part -= 1
                place = up(place.depth, place.above)
                continue
            }
            guard let last = retry, last.depth < count else { return false }
            part = last.part
            place = up(last.depth, last.above)
            retry = (part, place.depth, place.above)
        }
    }
}

/// How far patterns have come on the way down a tree. What lies below a directory is decided by this alone, however
/// the way led there.
public struct PathProgress: Sendable, Hashable {
    fileprivate var words: [UInt64]
}

/// Patterns followed from the root downwards: for searches, which meet the same directory in many places.
struct PathPatterns: Sendable {
    private let patterns: [PathPattern]
    /// For each pattern the bit of its first place; place n means that n parts are behind.
    private let offsets: [Int]
    private let bitCount: Int

    init(_ patterns: [PathPattern]) {
        self.patterns = patterns
        var offsets: [Int] = []
        var next = 0
        for pattern in patterns {
            offsets.append(next)
            next += pattern.parts.count + 1
        }
        self.offsets = offsets
        bitCount = next
    }

    /// At the root.
    var start: PathProgress {
        var progress = PathProgress(words: [UInt64](repeating: 0, count: (bitCount + 63) / 64))
        for (number, pattern) in patterns.enumerated() { reach(0, number, pattern, &progress) }
        return progress
    }

    // `**` may also stand for no name.
    private func reach(_ part: Int, _ number: Int, _ pattern: PathPattern, _ progress: inout PathProgress) {
        var part = part
        while true {
            let bit = offsets[number] + part
            progress.words[bit >> 6] |= 1 << UInt64(bit & 63)
            guard part < pattern.parts.count, pattern.parts[part] == .anyNames else { return }
            part += 1
        }
    }

    /// Goes on to an entry of a directory; says whether a pattern means it.
    func step(_ progress: PathProgress, _ name: [UInt8], isDirectory: Bool) -> (PathProgress, isMatch: Bool) {
        var next = PathProgress(words: [UInt64](repeating: 0, count: progress.words.count))
        var isMatch = false
        for (number, pattern) in patterns.enumerated() {
            // One that is not about the whole path may begin at every name.
            if !pattern.isRooted { reach(0, number, pattern, &next) }
            for part in pattern.parts.indices {
                let bit = offsets[number] + part
                guard progress.words[bit >> 6] >> UInt64(bit & 63) & 1 == 1 else { continue }
                switch pattern.parts[part] {
                case .anyNames: reach(part, number, pattern, &next)
                case .name(let wanted): if wanted.matches(name) { reach(part + 1, number, pattern, &next) }
                }
            }
            let end = offsets[number] + pattern.parts.count
            let isAtEnd = next.words[end >> 6] >> UInt64(end & 63) & 1 == 1
            if isAtEnd, isDirectory || !pattern.isForDirectories { isMatch = true }
        }
        return (next, isMatch)
    }
}
