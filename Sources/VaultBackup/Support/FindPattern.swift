/// A pattern for names or paths, as a shell has them.
///
/// `*` stands for any characters, `?` for one, `[a-z]` for one of a set and `[!a-z]` for one outside it; `\` takes the
/// next character as it is. A pattern without `/` is about the name alone. One with `/` is about the path: from the top
/// when it begins with `/`, else about the last names of the path; in it `*` stays inside one name, and `**` stands for
/// any number of names.
///
/// A character is a Unicode scalar; a byte that is not part of valid UTF-8 counts as one character.
public struct FindPattern: Sendable, Equatable {
    /// The pattern as it was given.
    public let text: [UInt8]
    /// Whether it is about the path and not the name alone.
    public let isPath: Bool
    private let names: [Name]

    /// One name of the pattern.
    private enum Name: Sendable, Equatable {
        case anyNames
        case tokens([Token])
    }

    private enum Token: Sendable, Equatable {
        case character(UInt32)
        case anyCharacter
        case anyCharacters
        case set([ClosedRange<UInt32>], isNegated: Bool)
    }

    /// Takes a pattern apart. Every sequence of bytes is one: a `[` without its `]` stands for itself.
    public init(_ text: [UInt8]) {
        self.text = text
        isPath = text.contains(0x2f)
        var names = text.split(separator: 0x2f).map { name in
            name.elementsEqual([0x2a, 0x2a]) ? Name.anyNames : .tokens(Self.tokens(Self.characters(name)))
        }
        if isPath, text.first != 0x2f { names.insert(.anyNames, at: 0) }
        self.names = names
    }

    /// Whether a pattern without `/` matches this name.
    public func matches(name: [UInt8]) -> Bool {
        guard names.count == 1 else { return false }
        return Self.matches(names[0], Self.characters(name[...]))
    }

    /// Whether a pattern with `/` matches the path, which is from `/` without the leading slash.
    public func matches(path: [UInt8]) -> Bool {
        let parts = path.split(separator: 0x2f).map { Self.characters($0) }
        return Self.wildcard(
            names.count, parts.count, isAny: { names[$0] == .anyNames }, isMatch: { Self.matches(names[$0], parts[$1]) }
        )
    }

    private static func matches(_ name: Name, _ characters: [UInt32]) -> Bool {
        guard case .tokens(let tokens) = name else { return true }
        return wildcard(
            tokens.count, characters.count, isAny: { tokens[$0] == .anyCharacters },
            isMatch: { matches(tokens[$0], characters[$1]) })
    }

    private static func matches(_ token: Token, _ character: UInt32) -> Bool {
        switch token {
        case .character(let wanted): wanted == character
        case .anyCharacter, .anyCharacters: true
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(character) } != isNegated
        }
    }

    /// Matches all of a sequence. Only the last star is ever tried again, so the time is at most the product of the
    /// lengths.
    private static func wildcard(
        _ patternCount: Int, _ count: Int, isAny: (Int) -> Bool, isMatch: (Int, Int) -> Bool
    ) -> Bool {
        var (pattern, item) = (0, 0)
        var star: (pattern: Int, item: Int)?
        while item < count {
            if pattern < patternCount, isAny(pattern) {
                star = (pattern, item)
                pattern += 1
            } else if pattern < patternCount, isMatch(pattern, item) {
                pattern += 1
                item += 1
            } else if let last = star {
                star = (last.pattern, last.item + 1)
                (pattern, item) = (last.pattern + 1, last.item + 1)
            } else {
                return false
            }
        }
        while pattern < patternCount, isAny(pattern) { pattern += 1 }
        return pattern == patternCount
    }

    // MARK: Parsing

    private static let invalidByteBase: UInt32 = 0x11_0000

    private static func characters(_ bytes: ArraySlice<UInt8>) -> [UInt32] {
        if bytes.allSatisfy({ $0 < 0x80 }) { return bytes.map { UInt32($0) } }
        var result: [UInt32] = []
        var rest = bytes
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
            let text = length > 0 ? String(validating: rest.prefix(length), as: UTF8.self)?.unicodeScalars : nil
            if let text, text.count == 1, let scalar = text.first {
                result.append(scalar.value)
                rest.removeFirst(length)
            } else {
                result.append(invalidByteBase + UInt32(first))
                rest.removeFirst()
            }
        }
        return result
    }

    private static func tokens(_ characters: [UInt32]) -> [Token] {
        var tokens: [Token] = []
        var index = 0
        while index < characters.count {
            let character = characters[index]
            index += 1
            switch character {
            case 0x2a: if tokens.last != .anyCharacters { tokens.append(.anyCharacters) }
            case 0x3f: tokens.append(.anyCharacter)
            case 0x5c where index < characters.count:
                tokens.append(.character(characters[index]))
                index += 1
            case 0x5b:
                if let (set, end) = set(characters, from: index) {
                    tokens.append(set)
                    index = end
                } else {
                    tokens.append(.character(character))
                }
            default: tokens.append(.character(character))
            }
        }
        return tokens
    }

    /// The set that begins after a `[`, and where the rest of the pattern begins; nil when it has no end.
    private static func set(_ characters: [UInt32], from start: Int) -> (Token, end: Int)? {
        var index = start
        let isNegated = index < characters.count && (characters[index] == 0x21 || characters[index] == 0x5e)
        if isNegated { index += 1 }
        let first = index
        var ranges: [ClosedRange<UInt32>] = []
        while index < characters.count {
            if characters[index] == 0x5d, index > first { return (.set(ranges, isNegated: isNegated), index + 1) }
            let low = characters[index]
            if index + 2 < characters.count, characters[index + 1] == 0x2d, characters[index + 2] != 0x5d {
                let high = characters[index + 2]
                if low <= high { ranges.append(low...high) }
                index += 3
            } else {
                ranges.append(low...low)
                index += 1
            }
        }
        return nil
    }
}
