/// A shell pattern for one name: `*` any characters, `?` one character, `[a-z]` one character of a set, `[^a-z]` or
/// `[!a-z]` one that is not in it, `\` takes the next as it is. A name need not be text: see ``NameCharacter``.
struct NamePattern: Sendable, Equatable {
    private enum Piece: Equatable {
        case byte(UInt8)
        case set([ClosedRange<UInt32>], isNegated: Bool)
        case anyCharacter
        case anyCharacters
    }

    private let pieces: [Piece]
    /// Whether only one name matches; most patterns in use are such.
    private let isLiteral: Bool
    private let ignoresCase: Bool

    /// - Parameter ignoringCase: whether the letters A to Z are the same as a to z.
    /// - Throws: ``FormatError`` that says what is wrong with the pattern.
    init(_ pattern: [UInt8], ignoringCase: Bool = false) throws(FormatError) {
        var parser = Parser(rest: (ignoringCase ? pattern.map(Self.folded) : pattern)[...])
        var pieces: [Piece] = []
        while let piece = try parser.next() {
            // Two runs of any characters are one.
            if piece != .anyCharacters || pieces.last != .anyCharacters { pieces.append(piece) }
        }
        self.pieces = pieces
        ignoresCase = ignoringCase
        isLiteral = pieces.allSatisfy { if case .byte = $0 { true } else { false } }
    }

    /// Whether the pattern means this name.
    func matches(_ name: [UInt8]) -> Bool { name.withUnsafeBytes { matches($0) } }

    /// The same. Takes at most as many steps as the product of their lengths.
    func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        if isLiteral, name.count != pieces.count { return false }
        var place = 0
        var piece = 0
        // Where to go on when a try fails: behind the last run of any characters, which then takes one more.
        var retry: (piece: Int, place: Int)?
        while place < name.count {
            if piece < pieces.count {
                if pieces[piece] == .anyCharacters {
                    piece += 1
                    retry = (piece, place)
                    continue
                }
                if let count = length(pieces[piece], name, place) {
                    piece += 1
                    place += count
                    continue
                }
            }
            guard let last = retry else { return false }
            place = last.place + NameCharacter.first(name, at: last.place).byteCount
            piece = last.piece
            retry = (piece, place)
        }
        return piece == pieces.count || (piece == pieces.count - 1 && pieces[piece] == .anyCharacters)
    }

    /// How many bytes of the name the piece takes; nil when it does not match.
    private func length(_ piece: Piece, _ name: UnsafeRawBufferPointer, _ place: Int) -> Int? {
        switch piece {
        case .byte(let wanted): return (ignoresCase ? Self.folded(name[place]) : name[place]) == wanted ? 1 : nil
        case .anyCharacter, .anyCharacters: return NameCharacter.first(name, at: place).byteCount
        case .set(let ranges, let isNegated):
            var (character, count) = NameCharacter.first(name, at: place)
            if ignoresCase, character < 0x80 { character = UInt32(Self.folded(UInt8(character))) }
            return ranges.contains { $0.contains(character) } != isNegated ? count : nil
        }
    }

    /// A letter A to Z as a to z, any other byte as it is.
    private static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }

    private struct Parser {
        var rest: ArraySlice<UInt8>

        mutating func next() throws(FormatError) -> Piece? {
            guard let byte = rest.popFirst() else { return nil }
            switch byte {
            case UInt8(ascii: "*"): return .anyCharacters
            case UInt8(ascii: "?"): return .anyCharacter
            case UInt8(ascii: "["): return try set()
            case UInt8(ascii: "\\"):
                guard let next = rest.popFirst() else { throw Self.emptyEscape }
                return .byte(next)
            default: return .byte(byte)
            }
        }

        private mutating func set() throws(FormatError) -> Piece {
            var ranges: [ClosedRange<UInt32>] = []
            let isNegated = rest.first == UInt8(ascii: "^") || rest.first == UInt8(ascii: "!")
            if isNegated { rest.removeFirst() }
            while rest.first != UInt8(ascii: "]") {
                let first = try member()
                var last = first
                if rest.first == UInt8(ascii: "-") {
                    rest.removeFirst()
                    last = try member()
                }
                guard first <= last else { throw FormatError("a range in '[…]' that runs backwards") }
                ranges.append(first...last)
            }
            if ranges.isEmpty { throw FormatError("a '[…]' with nothing in it") }
            rest.removeFirst()
            return .set(ranges, isNegated: isNegated)
        }

        /// A character of a set. Those that have a meaning there need a `\` before them.
        private mutating func member() throws(FormatError) -> UInt32 {
            guard let byte = rest.first else { throw FormatError("a '[' without its ']'") }
            switch byte {
            case UInt8(ascii: "\\"):
                rest.removeFirst()
                if rest.isEmpty { throw Self.emptyEscape }
            case UInt8(ascii: "]"), UInt8(ascii: "-"):
                throw FormatError("a '-' or ']' in '[…]' without a '\\' before it")
            default: break
            }
            let (character, count) = rest.withUnsafeBytes { NameCharacter.first($0, at: 0) }
            rest.removeFirst(count)
            return character
        }

        private static let emptyEscape = FormatError("a '\\' with nothing after it")
    }
}
