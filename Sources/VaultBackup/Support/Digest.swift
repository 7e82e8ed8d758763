/// 32 bytes: a SHA-256 value, an HMAC, a key commitment. Ordered by its bytes.
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Number of bytes.
    public static let byteCount = 32
    /// 32 zero bytes.
    public static let zero = Digest(words: (0, 0, 0, 0))

    // Big-endian values, so that comparing the words compares the bytes.
    private let a, b, c, d: UInt64

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { (a, b, c, d) = words }

    /// Copies 32 bytes. - Precondition: there are exactly 32.
    public init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount, "a digest has 32 bytes")
        a = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        b = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        c = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        d = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    /// Copies 32 bytes; nil when there are not exactly 32.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self = bytes.withUnsafeBytes { Digest($0) }
    }

    /// Parses 64 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// Calls `body` with the 32 bytes.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: (a.bigEndian, b.bigEndian, c.bigEndian, d.bigEndian), body)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// 64 lower-case hexadecimal digits.
    public var hex: String { withUnsafeBytes { Hex.encode($0) } }

    /// The same as ``hex``.
    public var description: String { hex }

    /// Whether the bytes of `l` come before those of `r`.
    public static func < (l: Digest, r: Digest) -> Bool { (l.a, l.b, l.c, l.d) < (r.a, r.b, r.c, r.d) }
}
