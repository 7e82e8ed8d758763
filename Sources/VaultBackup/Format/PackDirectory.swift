/// What a pack holds: its segments and their chunks, in the order in which they lie there.
public struct PackDirectory: Sendable, Equatable {
    /// A sealed run of chunks.
    public struct Segment: Sendable, Equatable {
        /// Which of the pack's stanzas holds its key.
        public var stanza: Int
        /// The index at which it was first sealed.
        public var index: Int
        /// Where it begins in the pack.
        public var offset: Int
        /// Its stored length.
        public var storedLength: Int
        /// Its chunks, as a range of ``PackDirectory/chunks``.
        public var chunks: Range<Int>
    }

    /// A chunk in a segment.
    public struct Chunk: Sendable, Equatable {
        /// Its id.
        public var id: ChunkID
        /// What it holds.
        public var type: ChunkType
        /// Its length in bytes.
        public var length: Int
        /// Where it begins in the raw bytes of its segment.
        public var offset: Int
    }

    /// A place where a segment of a moved pack stood before.
    public struct Origin: Sendable, Equatable {
        /// Place of the pack in ``PackDirectory/sources``.
        public var source: Int
        /// Number of the segment in that pack.
        public var place: Int
    }

    /// The segments, by place in the pack.
    public var segments: [Segment] = []
    /// The chunks of all segments.
    public var chunks: [Chunk] = []
    /// Names of the packs in which segments stood before, ascending; empty in an ordinary pack.
    public var sources: [Digest] = []
    /// Where each segment stood before, by ascending source; empty in an ordinary pack.
    public var origins: [[Origin]] = []

    /// An empty directory.
    public init() {}

    /// Whether every segment was sealed where it stands, with the key of the first stanza, as in every ordinary pack.
    var isOrdinary: Bool { segments.indices.allSatisfy { segments[$0].index == $0 && segments[$0].stanza == 0 } }

    /// Length of the raw bytes of a segment: the sum of its chunks.
    public func rawLength(of segment: Segment) -> Int {
        guard let last = chunks[segment.chunks].last else { return 0 }
        return last.offset + last.length
    }

    /// The plaintext that is sealed.
    public func encode() -> [UInt8] {
        var writer = ByteWriter(
            capacity: 2 + segments.count * PackLayout.segmentEntryBytes + chunks.count * PackLayout.chunkEntryBytes
                + originBytes)
        writer.u16(segments.count)
        for segment in segments {
            writer.u16(segment.stanza)
            writer.u32(segment.index)
            writer.u32(segment.offset)
            writer.u32(segment.storedLength)
            writer.u32(segment.chunks.count)
        }
        for chunk in chunks {
            writer.raw(chunk.id)
            writer.u8(chunk.type.rawValue)
            writer.u24(chunk.length)
        }
        if !origins.isEmpty { encodeOrigins(into: &writer) }
        return writer.bytes
    }

    /// Decodes the opened directory of a pack whose segments fill the bytes `area`.
    /// - Throws: ``FormatError`` for gaps, overlaps, counts and lengths that do not fit.
    public init(
        decoding bytes: [UInt8], area: Range<Int>, stanzaCount: Int, kind: PackLayout.Kind, packClass: PackClass
    ) throws(FormatError) {
        var reader = ByteReader(bytes, "pack directory")
        let count = try reader.u16()
        guard reader.remaining >= count * PackLayout.segmentEntryBytes else { throw reader.error("ends early") }
        segments.reserveCapacity(count)
        var offset = area.lowerBound
        var firstChunk = 0
        for _ in 0..<count {
            let stanza = try reader.u16()
            let index = try reader.u32()
            guard try reader.u32() == offset else { throw reader.error("segment not where the one before it ends") }
            let length = try reader.u32()
            let chunkCount = try reader.u32()
            guard stanza < stanzaCount, chunkCount > 0, length <= area.upperBound - offset,
                chunkCount <= bytes.count / PackLayout.chunkEntryBytes
            else { throw reader.error("segment out of bounds") }
            segments.append(
                Segment(
                    stanza: stanza, index: index, offset: offset, storedLength: length,
                    chunks: firstChunk..<firstChunk + chunkCount))
            offset += length
            firstChunk += chunkCount
        }
        guard offset == area.upperBound else { throw reader.error("segments do not fill the pack") }
        let chunkBytes = firstChunk * PackLayout.chunkEntryBytes
        guard kind == .moved ? reader.remaining > chunkBytes : reader.remaining == chunkBytes else {
            throw reader.error("wrong length")
        }
        chunks.reserveCapacity(firstChunk)
        for segment in segments { try decodeChunks(of: segment, &reader, packClass) }
        if kind == .moved { try decodeOrigins(&reader) }
        try reader.finish()
    }

    private mutating func decodeChunks(
        of segment: Segment, _ reader: inout ByteReader, _ packClass: PackClass
    ) throws(FormatError) {
        var offset = 0
        for _ in segment.chunks {
            let id = try reader.chunkID()
            guard let type = ChunkType(rawValue: try reader.u8()), type.packClass == packClass else {
                throw reader.error("chunk of a type that does not belong here")
            }
            let length = try reader.u24()
            guard length > 0, offset + length <= Limits.segmentBytesMax else { throw reader.error("chunk length") }
            chunks.append(Chunk(id: id, type: type, length: length, offset: offset))
            offset += length
        }
    }
}
