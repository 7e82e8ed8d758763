/// Collects new chunks until they make a segment. Used by one thread at a time.
final class SegmentBuilder {
    /// The raw bytes of the chunks, one after another.
    private(set) var buffer: RawBuffer
    /// The chunks.
    private(set) var pieces: [PackBuilder.Piece] = []
    private let capacity: Int
    private let target: Int

    /// A builder for chunks of at most `chunkBytesMax` bytes and segments of about `target` bytes, in a buffer of
    /// `capacity` bytes or as many as these need.
    init(chunkBytesMax: Int, target: Int = Limits.segmentBytesTarget, capacity: Int = 0) {
        self.target = target
        self.capacity = max(target, chunkBytesMax, capacity)
        buffer = RawBuffer(capacity: self.capacity)
    }

    /// Whether nothing has been collected.
    var isEmpty: Bool { pieces.isEmpty }

    /// Whether a chunk of `length` bytes belongs into the next segment.
    func isFull(for length: Int) -> Bool { !pieces.isEmpty && buffer.count + length > target }

    /// Appends a chunk. - Precondition: not ``isFull(for:)``.
    func append(_ id: ChunkID, _ type: ChunkType, _ bytes: UnsafeRawBufferPointer) {
        buffer.append(bytes)
        pieces.append(PackBuilder.Piece(id: id, type: type, length: bytes.count))
    }

    /// Takes out what has been collected and starts anew with `replacement`, which must hold a segment and a chunk, or
    /// with memory of its own.
    func take(replacement: RawBuffer? = nil) -> (RawBuffer, [PackBuilder.Piece]) {
        defer {
            buffer = replacement ?? RawBuffer(capacity: capacity)
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
