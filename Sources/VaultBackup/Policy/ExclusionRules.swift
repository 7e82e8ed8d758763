/// A list of patterns (``PathPattern``), in the order in which they were given: what is left out of a backup, or what
/// is restored.
///
/// - A rule about a directory holds for all below it, as long as no later rule says otherwise.
/// - A pattern that begins with `!` takes back what earlier ones say.
/// - The last rule that matches wins. A directory that is left out is not entered, so nothing below it can be taken
///   back.
public struct ExclusionRules: Sendable {
    private(set) var rules: [PathPattern] = []

    /// No rules.
    public init() {}

    /// Whether nothing is left out.
    public var isEmpty: Bool { rules.isEmpty }

    /// Adds a rule behind the others.
    mutating func append(_ rule: PathPattern) { rules.append(rule) }

    /// Whether a path from the root is left out, for itself or with a directory above it. The leading `/` does not
    /// matter.
    public func excludes(_ path: [UInt8], isDirectory: Bool) -> Bool { deciding(path, isDirectory: isDirectory) != nil }

    /// The rule that leaves a path out; nil when it stays.
    func deciding(_ path: [UInt8], isDirectory: Bool) -> Int? {
        var above: PathChain?
        var number = 0
        let names = path.split(separator: 0x2f).map { Array($0) }
        for (index, name) in names.enumerated() {
            let isLast = index == names.count - 1
            number = name.withUnsafeBytes {
                lastRule(for: $0, isDirectory: !isLast || isDirectory, in: above, after: number)
            }
            if isExcluding(number) { return number }
            above = PathChain(above, name)
        }
        return nil
    }

    /// Number, from 1, of the last rule that is about an entry or a directory above it; 0 when there is none.
    ///
    /// - Parameter directory: the names from the root to the directory of the entry.
    /// - Parameter inherited: the number for that directory.
    func lastRule(
        for name: UnsafeRawBufferPointer, isDirectory: Bool, in directory: PathChain?, after inherited: Int
    ) -> Int {
        var number = rules.count
        while number > inherited {
            if rules[number - 1].matches(name, isDirectory: isDirectory, in: directory) { return number }
            number -= 1
        }
        return inherited
    }

    /// Whether a number that ``lastRule(for:isDirectory:in:after:)`` gave means that the entry is left out.
    func isExcluding(_ number: Int) -> Bool { number > 0 && !rules[number - 1].isIncluding }

    /// The rule of this number as it was given.
    func text(of number: Int) -> [UInt8] { rules[number - 1].text }
}
