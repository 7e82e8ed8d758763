/// Collects directory nodes, lists and private parts into packs of names. Safe from any thread.
final class NamesPacker: Sendable {
    private struct State {
        var segment: SegmentBuilder
        var packs: PackBuilder
    }

    private let state: Monitor<State>
    private let uploads: BoundedQueue<FinishedPack>
    /// Where the buffers of its packs come from and go back to.
    let pool: BufferPool

    init(
        context: SealingContext, pool: BufferPool, uploads: BoundedQueue<FinishedPack>,
        segmentBytes: Int = Limits.segmentBytesTarget
    ) {
        self.uploads = uploads
        self.pool = pool
        state = Monitor(
            State(
                segment: SegmentBuilder(chunkBytesMax: Limits.segmentBytesTarget, target: segmentBytes),
                packs: PackBuilder(.names, context: context, pool: pool)))
    }

    /// Adds a chunk that is new.
    func add(_ id: ChunkID, _ type: ChunkType, _ bytes: [UInt8]) throws {
        try state.withLock { state in
            try bytes.withUnsafeBytes { bytes in
                if bytes.count > Limits.segmentBytesTarget {
                    // A node with one huge entry: a segment of its own.
                    let piece = PackBuilder.Piece(id: id, type: type, length: bytes.count)
                    return try state.packs.append(bytes, [piece], emit: upload)
                }
                if state.segment.isFull(for: bytes.count) { try flush(&state) }
                state.segment.append(id, type, bytes)
            }
        }
    }

    /// Seals and hands over what is open.
    func finish() throws {
        try state.withLock { state in
            try flush(&state)
            if let pack = try state.packs.finish() { try upload(pack) }
        }
    }

    private func flush(_ state: inout State) throws {
        guard !state.segment.isEmpty else { return }
        try state.packs.append(state.segment.buffer.used, state.segment.pieces, emit: upload)
        state.segment.reset()
    }

    private func upload(_ pack: FinishedPack) throws { try uploads.push(pack, byteCount: pack.buffer.count) }
}
