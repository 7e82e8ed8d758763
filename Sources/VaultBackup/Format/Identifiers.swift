/// An id of 16 bytes. Each kind of id is a type of its own, so that one cannot be passed for another.
public protocol SixteenByteID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The id as two big-endian numbers.
    var words: (UInt64, UInt64) { get }
    /// Makes an id from two big-endian numbers.
    init(words: (UInt64, UInt64))
}

extension SixteenByteID {
    /// Copies 16 bytes; nil when there are not exactly 16.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (k, byte) in bytes.enumerated() {
            if k < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
        }
        self.init(words: words)
    }

    /// Parses 32 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// Draws a new id.
    public init(from random: some RandomSource) {
        self.init(random.bytes(16))!
    }

    /// The 16 bytes.
    public var bytes: [UInt8] { withUnsafeBytes(of: (words.0.bigEndian, words.1.bigEndian)) { Array($0) } }

    /// 32 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }

    /// The same as ``hex``.
    public var description: String { hex }

    /// Whether the bytes of `l` come before those of `r`.
    public static func < (l: Self, r: Self) -> Bool { l.words < r.words }

    /// Whether all bytes are equal.
    public static func == (l: Self, r: Self) -> Bool { l.words == r.words }

    /// Feeds the bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}

/// Id of a repository, drawn at init.
public struct RepositoryID: SixteenByteID {
    /// The id as two big-endian numbers.
    public let words: (UInt64, UInt64)
    /// Makes an id from two big-endian numbers.
    public init(words: (UInt64, UInt64)) { self.words = words }
}

/// Id of a session: one backup or one maintenance run.
public struct SessionID: SixteenByteID {
    /// The id as two big-endian numbers.
    public let words: (UInt64, UInt64)
    /// Makes an id from two big-endian numbers.
    public init(words: (UInt64, UInt64)) { self.words = words }
}

/// Id of a member: a person, a machine or a kit, derived from its public keys.
public struct MemberID: SixteenByteID {
    /// The id as two big-endian numbers.
    public let words: (UInt64, UInt64)
    /// Makes an id from two big-endian numbers.
    public init(words: (UInt64, UInt64)) { self.words = words }
}
