/// A shell pattern for one name: `*` any bytes, `?` one byte, `[a-z]` one byte of a set, `[^a-z]` or `[!a-z]` one that
/// is not in it, `\` takes the next byte as it is. Works on bytes, since a name need not be UTF-8.
struct NamePattern: Sendable, Equatable {
    private enum Piece: Equatable {
        case byte(UInt8)
        case set(ByteSet)
        case anyByte
        case anyBytes
    }

    private let pieces: [Piece]
    /// Whether only one name matches; most patterns in use are such.
    private let isLiteral: Bool
    private let ignoresCase: Bool

    /// - Parameter ignoringCase: whether the letters A to Z are the same as a to z.
    /// - Throws: ``FormatError`` that says what is wrong with the pattern.
    init(_ pattern: [UInt8], ignoringCase: Bool = false) throws(FormatError) {
        var parser = Parser(rest: (ignoringCase ? pattern.map(ByteSet.folded) : pattern)[...])
        var pieces: [Piece] = []
        while let piece = try parser.next() {
            // Two runs of any bytes are one.
            if piece != .anyBytes || pieces.last != .anyBytes { pieces.append(piece) }
        }
        self.pieces = pieces
        ignoresCase = ignoringCase
        isLiteral = pieces.allSatisfy { if case .byte = $0 { true } else { false } }
    }

    /// Whether the pattern means this name. Takes at most as many steps as the product of their lengths.
    func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        if isLiteral, name.count != pieces.count { return false }
        var place = 0
        var piece = 0
        // Where to go on when a try fails: behind the last run of any bytes, which then takes one byte more.
        var retry: (piece: Int, place: Int)?
        while place < name.count {
            if piece < pieces.count {
                if pieces[piece] == .anyBytes {
                    piece += 1
                    retry = (piece, place)
                    continue
                }
                if matches(pieces[piece], name[place]) {
                    piece += 1
                    place += 1
                    continue
                }
            }
            guard let last = retry else { return false }
            place = last.place + 1
            piece = last.piece
            retry = (piece, place)
        }
        return piece == pieces.count || (piece == pieces.count - 1 && pieces[piece] == .anyBytes)
    }

    private func matches(_ piece: Piece, _ byte: UInt8) -> Bool {
        let byte = ignoresCase ? ByteSet.folded(byte) : byte
        return switch piece {
        case .byte(let wanted): byte == wanted
        case .set(let set): set.contains(byte)
        case .anyByte, .anyBytes: true
        }
    }

    private struct Parser {
        var rest: ArraySlice<UInt8>

        mutating func next() throws(FormatError) -> Piece? {
            guard let byte = rest.popFirst() else { return nil }
            switch byte {
            case UInt8(ascii: "*"): return .anyBytes
            case UInt8(ascii: "?"): return .anyByte
            case UInt8(ascii: "["): return .set(try set())
            case UInt8(ascii: "\\"): return .byte(try escaped())
            default: return .byte(byte)
            }
        }

        private mutating func set() throws(FormatError) -> ByteSet {
            var set = ByteSet()
            let isNegated = rest.first == UInt8(ascii: "^") || rest.first == UInt8(ascii: "!")
            if isNegated { rest.removeFirst() }
            var isEmpty = true
            while rest.first != UInt8(ascii: "]") {
                let first = try member()
                var last = first
                if rest.first == UInt8(ascii: "-") {
                    rest.removeFirst()
                    last = try member()
                }
                guard first <= last else { throw FormatError("a range in '[…]' that runs backwards") }
                set.insert(first...last)
                isEmpty = false
            }
            if isEmpty { throw FormatError("a '[…]' with nothing in it") }
            rest.removeFirst()
            return isNegated ? set.inverted : set
        }

        /// A byte of a set. Those that have a meaning there need a `\` before them.
        private mutating func member() throws(FormatError) -> UInt8 {
            guard let byte = rest.popFirst() else { throw FormatError("a '[' without its ']'") }
            switch byte {
            case UInt8(ascii: "\\"): return try escaped()
            case UInt8(ascii: "]"), UInt8(ascii: "-"):
                throw FormatError("a '-' or ']' in '[…]' without a '\\' before it")
            default: return byte
            }
        }

        private mutating func escaped() throws(FormatError) -> UInt8 {
            guard let byte = rest.popFirst() else { throw FormatError("a '\\' with nothing after it") }
            return byte
        }
    }
}

/// A set of byte values.
struct ByteSet: Sendable, Equatable {
    private var words = SIMD4<UInt64>()

    /// Adds values.
    mutating func insert(_ values: ClosedRange<UInt8>) {
        for value in values { words[Int(value >> 6)] |= 1 << UInt64(value & 63) }
    }

    /// Whether the value is in it.
    func contains(_ value: UInt8) -> Bool { words[Int(value >> 6)] >> UInt64(value & 63) & 1 == 1 }

    /// All other values.
    var inverted: ByteSet {
        var set = self
        set.words = ~words
        return set
    }

    /// A letter A to Z as a to z, any other byte as it is.
    static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }
}
