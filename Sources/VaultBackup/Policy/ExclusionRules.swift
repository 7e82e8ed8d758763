/// What is left out of a backup, by name and path: patterns as restic has them, in the order in which they were given.
///
/// - `*`, `?`, `[…]` and `\` stand within a name; `**` as a whole name stands for any number of names, also none.
/// - A pattern without `/` means a name at any depth, one that begins with `/` the path from the root, any other one
///   the last names of a path.
/// - A pattern that ends in `/` means directories only.
/// - A pattern that begins with `!` takes back what earlier ones say. A rule about a directory holds for all below it,
///   as long as no later rule says otherwise.
/// - The last rule that matches wins. A directory that is left out is not entered, so nothing below it can be taken
///   back.
///
/// Differs from restic in this: `?` and `[…]` mean one byte, not one character; `[!…]` is `[^…]`; a `/` at the end
/// counts; `..` and a lone `/` are refused; patterns that ignore case stand in the same list as the others, and fold
/// the letters A to Z only.
public struct ExclusionRules: Sendable {
    enum Part: Sendable, Equatable {
        case name(NamePattern)
        /// `**`
        case anyNames
    }

    struct Rule: Sendable {
        var parts: [Part]
        var isRooted: Bool
        var isForDirectories: Bool
        /// Whether it takes back.
        var isIncluding: Bool
        /// As it was given, for messages.
        var text: [UInt8]
    }

    private(set) var rules: [Rule] = []

    /// No rules.
    public init() {}

    /// Whether nothing is left out.
    public var isEmpty: Bool { rules.isEmpty }

    /// Adds a rule behind the others.
    mutating func append(_ rule: Rule) { rules.append(rule) }

    /// Whether a path from the root is left out, for itself or with a directory above it. The leading `/` does not
    /// matter.
    public func excludes(_ path: [UInt8], isDirectory: Bool) -> Bool { deciding(path, isDirectory: isDirectory) != nil }

    /// The rule that leaves a path out; nil when it stays.
    func deciding(_ path: [UInt8], isDirectory: Bool) -> Int? {
        var above: [[UInt8]] = []
        var number = 0
        let names = path.split(separator: 0x2f).map { Array($0) }
        for (index, name) in names.enumerated() {
            let isLast = index == names.count - 1
            number = name.withUnsafeBytes {
                lastRule(for: $0, isDirectory: !isLast || isDirectory, in: above, after: number)
            }
            if isExcluding(number) { return number }
            above.append(name)
        }
        return nil
    }

    /// Number, from 1, of the last rule that is about an entry or a directory above it; 0 when there is none.
    ///
    /// - Parameter directory: the names from the root to the directory of the entry.
    /// - Parameter inherited: the number for that directory.
    func lastRule(
        for name: UnsafeRawBufferPointer, isDirectory: Bool, in directory: [[UInt8]], after inherited: Int
    ) -> Int {
        var number = rules.count
        while number > inherited {
            if Self.matches(rules[number - 1], name, isDirectory, directory) { return number }
            number -= 1
        }
        return inherited
    }

    /// Whether a number that ``lastRule(for:isDirectory:in:after:)`` gave means that the entry is left out.
    func isExcluding(_ number: Int) -> Bool { number > 0 && !rules[number - 1].isIncluding }

    /// The rule of this number as it was given.
    func text(of number: Int) -> [UInt8] { rules[number - 1].text }

    // Goes from the entry upwards. As for bytes in a name: after a failed try the last `**` takes one name more.
    private static func matches(
        _ rule: Rule, _ name: UnsafeRawBufferPointer, _ isDirectory: Bool, _ directory: [[UInt8]]
    ) -> Bool {
        if rule.isForDirectories, !isDirectory { return false }
        let count = directory.count + 1
        var part = rule.parts.count - 1
        var depth = 0
        var retry: (part: Int, depth: Int)?
        while true {
            if part < 0 {
                if !rule.isRooted || depth == count { return true }
            } else if rule.parts[part] == .anyNames {
                part -= 1
                retry = (part, depth)
                continue
            } else if depth < count, case .name(let pattern) = rule.parts[part],
                depth == 0
                    ? pattern.matches(name)
                    : directory[directory.count - depth].withUnsafeBytes({ pattern.matches($0) })
            {
                part -= 1
                depth += 1
                continue
            }
            guard let last = retry, last.depth < count else { return false }
            part = last.part
            depth = last.depth + 1
            retry = (part, depth)
        }
    }
}
