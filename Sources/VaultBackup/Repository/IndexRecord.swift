/// Where a chunk lies.
public struct ChunkLocation: Sendable, Equatable {
    /// Ordinal of its pack.
    public var ordinal: Int
    /// Its segment in the pack.
    public var segment: Int
    /// Where it begins in the raw bytes of the segment.
    public var offset: Int
    /// Its length in bytes.
    public var length: Int
}

/// One chunk in the local index: exactly 32 bytes, ordered by chunk id. Local only, so in the machine's byte order.
struct IndexRecord: Sendable, Comparable {
    private let a: UInt64
    private let b: UInt64
    private let c: UInt64
    private let d: UInt64

    static let byteCount = 32

    init(id: ChunkID, location: ChunkLocation) {
        let (first, second, third) = id.numbers
        a = first
        b = second
        c = UInt64(third) << 32 | UInt64(UInt32(location.ordinal))
        d =
            UInt64(UInt16(location.segment)) << 48 | UInt64(location.offset & 0xff_ffff) << 24
            | UInt64(location.length & 0xff_ffff)
    }

    /// First eight bytes of the id.
    var prefix: UInt64 { a }

    /// Ordinal of the pack.
    var ordinal: Int { Int(c & 0xffff_ffff) }

    var location: ChunkLocation {
        ChunkLocation(
            ordinal: ordinal, segment: Int(d >> 48), offset: Int(d >> 24 & 0xff_ffff), length: Int(d & 0xff_ffff))
    }

    func hasID(_ id: ChunkID) -> Bool {
        let (first, second, third) = id.numbers
        return a == first && b == second && c >> 32 == UInt64(third)
    }

    /// Whether the record's id comes before `id`.
    func isBefore(_ id: ChunkID) -> Bool {
        let (first, second, third) = id.numbers
        return a != first ? a < first : b != second ? b < second : c >> 32 < UInt64(third)
    }

    static func < (l: IndexRecord, r: IndexRecord) -> Bool {
        l.a != r.a ? l.a < r.a : l.b != r.b ? l.b < r.b : l.c != r.c ? l.c < r.c : l.d < r.d
    }
}
