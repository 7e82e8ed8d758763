/// The packs that a snapshot uses, by ordinal (`docs/FORMAT.md`, section 10): public, so that packs can be kept or
/// taken away without any key. Kept as maximal runs in ascending order.
public struct PackSet: Sendable, Equatable {
    /// Largest form that stands in the SNAPSHOT record itself, in bytes.
    public static let inlineBytesMax = 2_048
    /// Largest ordinal that is read. No log is that long, so a set beyond it has no effect either way.
    public static let ordinalMax = CanonicalJSON.integerMax

    /// Maximal runs of ordinals, ascending, never touching each other.
    public private(set) var runs: [Range<Int>] = []

    /// The empty set.
    public init() {}

    /// A set of these ordinals, in any order, repetitions allowed.
    public init(_ ordinals: some Sequence<Int>) {
        for ordinal in ordinals.sorted() { insertAtEnd(ordinal) }
    }

    // Ordinals come in ascending order here.
    private mutating func insertAtEnd(_ ordinal: Int) {
        precondition(ordinal >= 0 && ordinal <= Self.ordinalMax, "ordinal outside the stored form")
        guard let last = runs.last, ordinal <= last.upperBound else { return runs.append(ordinal..<ordinal + 1) }
        if ordinal == last.upperBound { runs[runs.count - 1] = last.lowerBound..<ordinal + 1 }
    }

    /// Adds a run of ordinals above all that are in the set.
    mutating func append(_ run: Range<Int>) {
        guard !run.isEmpty else { return }
        guard let last = runs.last, last.upperBound == run.lowerBound else { return runs.append(run) }
        runs[runs.count - 1] = last.lowerBound..<run.upperBound
    }

    /// Number of packs.
    public var count: Int { runs.reduce(0) { $0 + $1.count } }

    /// Whether there is no pack.
    public var isEmpty: Bool { runs.isEmpty }

    /// The largest ordinal; nil when the set is empty.
    public var last: Int? { runs.last.map { $0.upperBound - 1 } }

    /// All ordinals in ascending order.
    public var ordinals: some Sequence<Int> { runs.lazy.flatMap { $0 } }

    /// Whether the pack is in the set. Costs a binary search over the runs.
    public func contains(_ ordinal: Int) -> Bool {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound <= ordinal { low = middle + 1 } else { high = middle }
        }
        return low < runs.count && runs[low].contains(ordinal)
    }

    /// Gap and length of each run as LEB128 numbers.
    public func encode() -> [UInt8] {
        var writer = ByteWriter()
        var end = 0
        for run in runs {
            writer.leb128(run.lowerBound - end)
            writer.leb128(run.count)
            end = run.upperBound
        }
        return writer.bytes
    }

    /// Reads ``encode()``; rejects gaps and runs of zero that would make the form ambiguous.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, "pack set")
        try self.init(decoding: &reader)
    }

    private init(decoding reader: inout ByteReader) throws(FormatError) {
        var end = 0
        while !reader.isAtEnd {
            let gap = try reader.leb128()
            let run = try reader.leb128()
            guard gap > 0 || runs.isEmpty else { throw reader.error("two runs without a gap") }
            guard run > 0 else { throw reader.error("empty run") }
            guard gap <= Self.ordinalMax - end, run <= Self.ordinalMax - end - gap + 1 else {
                throw reader.error("ordinal too large")
            }
            runs.append(end + gap..<end + gap + run)
            end += gap + run
        }
    }

    private static let magic = Array("VSET".utf8)

    /// The stored object for a set whose form is too long for the record.
    public func encodeObject(_ repository: RepositoryID) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(Self.magic)
        writer.u8(0)
        writer.raw(repository.bytes)
        writer.raw(encode())
        return writer.bytes
    }

    /// Reads a stored set object; rejects that of another repository, and a set that belongs into the record.
    public init(decodingObject bytes: [UInt8], _ repository: RepositoryID) throws(FormatError) {
        var reader = ByteReader(bytes, "pack set object")
        guard try reader.raw(4) == Self.magic else { throw reader.error("not a pack set") }
        guard try reader.u8() == 0 else { throw reader.error("unknown version") }
        guard try reader.raw(16) == repository.bytes else { throw reader.error("belongs to another repository") }
        guard reader.remaining > Self.inlineBytesMax else { throw reader.error("short enough for the record") }
        try self.init(decoding: &reader)
    }
}
