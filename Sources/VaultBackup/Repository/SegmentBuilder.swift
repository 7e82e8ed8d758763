/// Collects new chunks until they make a segment. Used by one thread at a time.
final class SegmentBuilder {
    /// The raw bytes of the chunks, one after another.
    private(set) var buffer: RawBuffer
    /// The chunks.
    private(set) var pieces: [PackBuilder.Piece] = []
    private let chunkBytesMax: Int

    /// A builder for chunks of at most `chunkBytesMax` bytes.
    init(chunkBytesMax: Int) {
        self.chunkBytesMax = chunkBytesMax
        buffer = Self.makeBuffer(chunkBytesMax)
    }

    private static func makeBuffer(_ chunkBytesMax: Int) -> RawBuffer {
        RawBuffer(capacity: max(Limits.segmentBytesTarget, chunkBytesMax))
    }

    /// Whether nothing has been collected.
    var isEmpty: Bool { pieces.isEmpty }

    /// Whether a chunk of `length` bytes belongs into the next segment.
    func isFull(for length: Int) -> Bool { !pieces.isEmpty && buffer.count + length > Limits.segmentBytesTarget }

    /// Appends a chunk. - Precondition: not ``isFull(for:)``.
    func append(_ id: ChunkID, _ type: ChunkType, _ bytes: UnsafeRawBufferPointer) {
        buffer.append(bytes)
        pieces.append(PackBuilder.Piece(id: id, type: type, length: bytes.count))
    }

    /// Takes out what has been collected and starts anew with `replacement`, or with memory of its own.
    func take(replacement: RawBuffer? = nil) -> (RawBuffer, [PackBuilder.Piece]) {
        defer {
            buffer = replacement ?? Self.makeBuffer(chunkBytesMax)
            pieces = []
        }
        return (buffer, pieces)
    }

    /// Forgets what has been collected and keeps the memory.
    func reset() {
        buffer.count = 0
        pieces.removeAll(keepingCapacity: true)
    }
}
