/// What a chunk holds (`docs/FORMAT.md`, section 7). The type goes into the chunk id, so that one kind of chunk can
/// never stand for another.
public enum ChunkType: UInt8, Sendable, CaseIterable {
    /// Content of files and long extended attributes.
    case data = 1
    /// A node of a directory.
    case directoryNode = 2
    /// A node of a list of extents.
    case extentList = 3
    /// The private part of a snapshot.
    case privatePart = 4

    /// The class of pack that holds chunks of this type.
    public var packClass: PackClass { self == .data ? .data : .names }
}

/// Packs of content and packs of names are kept apart, so that browsing does not touch content.
public enum PackClass: UInt8, Sendable, CaseIterable {
    /// Content.
    case data = 1
    /// Directory nodes, lists and private parts.
    case names = 2

    /// Stored bytes of a full pack.
    var fullPackBytes: Int { self == .data ? Limits.dataPackBytes : Limits.namesPackBytes }
}

/// Keyed id of a chunk: the first 20 bytes of an HMAC (`docs/FORMAT.md`, section 7). Ordered by its bytes.
public struct ChunkID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Number of bytes.
    public static let byteCount = 20

    // Big-endian values, so that comparing the words compares the bytes.
    /// The first eight bytes as a number; uniformly distributed, which look-ups make use of.
    public let prefix: UInt64
    private let middle: UInt64
    private let last: UInt32

    /// Copies the first 20 bytes. - Precondition: there are at least 20.
    public init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count >= Self.byteCount, "a chunk id has 20 bytes")
        prefix = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        middle = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        last = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    /// The first 20 bytes of a digest.
    public init(_ digest: Digest) { self = digest.withUnsafeBytes { ChunkID($0) } }

    /// Parses 40 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex), bytes.count == Self.byteCount else { return nil }
        self = bytes.withUnsafeBytes { ChunkID($0) }
    }

    /// Calls `body` with the 20 bytes.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: (prefix.bigEndian, middle.bigEndian, last.bigEndian)) {
            try body(UnsafeRawBufferPointer(rebasing: $0[0..<Self.byteCount]))
        }
    }

    /// The id as three big-endian numbers.
    var numbers: (UInt64, UInt64, UInt32) { (prefix, middle, last) }

    /// 40 lower-case hexadecimal digits.
    public var hex: String { withUnsafeBytes { Hex.encode($0) } }

    /// The same as ``hex``.
    public var description: String { hex }

    /// Whether the bytes of `l` come before those of `r`.
    public static func < (l: ChunkID, r: ChunkID) -> Bool {
        (l.prefix, l.middle, l.last) < (r.prefix, r.middle, r.last)
    }

    /// The id is spread evenly already; its first eight bytes are hash enough.
    public func hash(into hasher: inout Hasher) { hasher.combine(prefix) }
}

extension ByteWriter {
    /// Appends a chunk id, 20 bytes.
    public mutating func raw(_ id: ChunkID) { id.withUnsafeBytes { raw($0) } }
}

extension ByteReader {
    /// Reads a chunk id, 20 bytes.
    public mutating func chunkID() throws(FormatError) -> ChunkID {
        let bytes = try raw(ChunkID.byteCount)
        return bytes.withUnsafeBytes { ChunkID($0) }
    }
}
