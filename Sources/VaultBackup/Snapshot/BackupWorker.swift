/// One thread of a backup: takes tasks and runs each to completion, with buffers and contexts of its own.
final class BackupWorker {
    let context: BackupContext
    let readBuffer: RawBuffer
    private let files: SegmentBuilder
    private let databases: SegmentBuilder
    private let packs: PackBuilder
    /// What this worker's files use of packs that were there before.
    private(set) var used = UsedSegments()

    init(_ context: BackupContext) {
        self.context = context
        let chunkBytesMax = max(context.filesCutter.parameters.maximum, context.databaseCutter.parameters.maximum)
        readBuffer = RawBuffer(capacity: max(4 * chunkBytesMax, 1 << 20))
        // Their buffers change hands through the pool, so one of either kind must hold a segment of the other.
        let bufferBytes = context.segmentBuffers.capacity
        files = SegmentBuilder(
            chunkBytesMax: chunkBytesMax, target: context.options.segmentBytes, capacity: bufferBytes)
        databases = SegmentBuilder(
            chunkBytesMax: chunkBytesMax, target: Limits.databaseSegmentBytesTarget, capacity: bufferBytes)
        packs = PackBuilder(.data, context: context.sealing, pool: context.dataBuffers)
    }

    /// Works until the stack is empty.
    func run() throws {
        try context.stack.work { task in
            try context.cancellation.check()
            context.options.pace.willCompute()
            switch task {
            case .directory(let job): try list(job)
            case .window(let job): try listWindow(job)
            case .entries(let job, let window, let indices): try read(job, window, indices)
            case .complete(let job): try goOn(job)
            case .stream(let job, let window, let index, let source): try take(source, into: job, window, index)
            case .segment(let buffer, let pieces):
                try packs.append(buffer.used, pieces, emit: upload)
                context.segmentBuffers.give(buffer)
            }
        }
    }

    /// Hands over what this worker still holds, to be put into one pack together with that of the others.
    func takeRests() -> [(RawBuffer, [PackBuilder.Piece])] {
        [files, databases].filter { !$0.isEmpty }.map { $0.take() }
    }

    /// Seals what other workers left over, and ends the open pack. - Precondition: all tasks are done.
    func finish(rests: [(RawBuffer, [PackBuilder.Piece])]) throws {
        for (buffer, pieces) in rests { try packs.append(buffer.used, pieces, emit: upload) }
        if let pack = try packs.finish() { try upload(pack) }
    }

    /// Whether a data pack is open.
    var hasOpenPack: Bool { packs.isOpen }

    // MARK: Chunks

    /// Takes in a chunk of content: counts it as used if it is known, collects it otherwise. Chunks of databases get
    /// segments of their own, larger ones, in which they compress better.
    func addData(_ bytes: UnsafeRawBufferPointer, isDatabase: Bool = false) throws -> (id: ChunkID, digest: Digest) {
        let (id, digest) = context.identifier.id(.data, bytes)
        if !isKnown(id), context.sessionChunks.insert(id) {
            context.counters.add(newBytes: bytes.count)
            context.sources.noteNewChunk()
            if context.isDryRun { return (id, digest) }
            let segment = isDatabase ? databases : files
            if segment.isFull(for: bytes.count) { try flush(segment) }
            segment.append(id, .data, bytes)
        }
        return (id, digest)
    }

    /// Takes in a node or list, of a source or of what leads to one.
    func addNames(_ type: ChunkType, _ bytes: [UInt8], isOfSource: Bool = true) throws -> ChunkID {
        let id = bytes.withUnsafeBytes { context.identifier.id(type, $0).id }
        if !isKnown(id), context.sessionChunks.insert(id) {
            if isOfSource { context.sources.noteNewChunk() }
            if !context.isDryRun { try context.namesPacker.add(id, type, bytes) }
        }
        return id
    }

    /// Marks a chunk of an earlier session as used; false when no pack that may be used again has it.
    func isKnown(_ id: ChunkID) -> Bool {
        guard let location = context.index.find(id, isUsable: context.isEligible) else { return false }
        used.mark(location.ordinal, segment: location.segment)
        return true
    }

    /// Marks all chunks of an entry in the scan cache as used; false when one of them is gone.
    func areKnown(_ ids: UnsafeRawBufferPointer) -> Bool {
        ChunkIDList(ids).groups.allSatisfy { group in
            let missing = context.index.find(all: group, isUsable: context.isEligible) {
                used.mark($0.ordinal, segment: $0.segment)
            }
            return missing.allSatisfy { context.sessionChunks.contains($0) }
        }
    }

    /// A full segment goes to a worker that waits, if there is one; so one large file keeps all of them busy.
    private func flush(_ segment: SegmentBuilder) throws {
        if let spare = context.segmentBuffers.takeIfFree() {
            let (buffer, pieces) = segment.take(replacement: spare)
            if context.stack.offer(.segment(buffer, pieces)) { return }
            try packs.append(buffer.used, pieces, emit: upload)
            context.segmentBuffers.give(buffer)
        } else {
            try packs.append(segment.buffer.used, segment.pieces, emit: upload)
            segment.reset()
        }
    }

    private func upload(_ pack: FinishedPack) throws { try context.uploads.push(pack, byteCount: pack.buffer.count) }
}
