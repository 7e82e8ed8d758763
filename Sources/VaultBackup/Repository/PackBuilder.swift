/// Assembles packs: compresses and seals segments straight into the buffer of the open pack.
///
/// Used by one thread at a time. A full pack is padded to the one size that all full packs have; what does not fit is
/// split between chunks, so that the padding stays small.
final class PackBuilder {
    private let packClass: PackClass
    private let context: SealingContext
    private let pool: BufferPool
    private let sealer: SegmentSealer
    private var open: OpenPack?
    /// Body of the last segment, in 65,536ths of its raw bytes: how long the next one will probably be.
    private var lastRatio = 0

    /// A chunk of the raw bytes of a segment.
    struct Piece: Sendable {
        var id: ChunkID
        var type: ChunkType
        var length: Int
    }

    fileprivate struct OpenPack {
        let buffer: RawBuffer
        let key: PackKey
        let headerDigest: Digest
        var directory = PackDirectory()
    }

    /// Room below which a pack counts as full, in bytes.
    private static let roomMin = 64 << 10

    /// A builder whose packs lie in buffers of `pool`, which must hold at least one full pack.
    init(_ packClass: PackClass, context: SealingContext, pool: BufferPool) {
        self.packClass = packClass
        self.context = context
        self.pool = pool
        sealer = SegmentSealer(level: context.level)
    }

    /// Whether a pack is open.
    var isOpen: Bool { open != nil }

    /// Appends chunks that lie one after another in `raw`, and hands every pack that became full to `emit`.
    func append(_ raw: UnsafeRawBufferPointer, _ pieces: [Piece], emit: (FinishedPack) throws -> Void) throws {
        var first = 0
        var offset = 0
        while first < pieces.count {
            try openIfNeeded()
            let rest = UnsafeRawBufferPointer(rebasing: raw[offset...])
            // Whether a segment fits is known once it is compressed; what probably does not is not even tried.
            if open?.directory.segments.isEmpty != false || isLikelyToFit(rest.count, pieces.count - first),
                try seal(rest, pieces[first...])
            {
                return
            }
            var (count, byteCount) = likelyToFit(pieces[first...])
            var part = UnsafeRawBufferPointer(rebasing: raw[offset..<offset + byteCount])
            if try count == 0 || !seal(part, pieces[first..<first + count]) {
                (count, byteCount) = fitting(pieces[first...])
                part = UnsafeRawBufferPointer(rebasing: raw[offset..<offset + byteCount])
                let isSealed = try count == 0 || seal(part, pieces[first..<first + count])
                precondition(isSealed, "a part that was measured to fit does not fit")
            }
            first += count
            offset += byteCount
            if count == 0 || room(chunkCount: 0) < Self.roomMin { try emit(try finishOpenPack(isFull: true)) }
        }
    }

    /// Ends the open pack, if there is one.
    func finish() throws -> FinishedPack? { open == nil ? nil : try finishOpenPack(isFull: false) }

    private func openIfNeeded() throws {
        guard open == nil else { return }
        let (key, stanza) = try PackKey.create(
            packClass: packClass, epoch: context.epoch, group: context.group, readKey: context.readKey,
            repository: context.repository, random: context.random)
        let header = PackHeader(
            repository: context.repository, session: context.session, kind: .ordinary, packClass: packClass,
            stanzas: [stanza]
        ).encode()
        let buffer = try pool.take()
        buffer.append(header)
        open = OpenPack(buffer: buffer, key: key, headerDigest: SHA256.digest(header))
    }

    /// Bytes that are free for a segment with `chunkCount` chunks, once directory and trailer have their place.
    private func room(chunkCount: Int) -> Int {
        guard let open else { return 0 }
        let directory =
            2 + (open.directory.segments.count + 1) * PackLayout.segmentEntryBytes
            + (open.directory.chunks.count + chunkCount) * PackLayout.chunkEntryBytes + PackLayout.sealBytes
        return packClass.fullPackBytes - open.buffer.count - directory - PackLayout.trailerBytes
    }

    /// How many of the next chunks fit for sure, even if they cannot be compressed.
    private func fitting(_ pieces: ArraySlice<Piece>) -> (count: Int, byteCount: Int) {
        var count = 0
        var byteCount = 0
        for piece in pieces {
            guard byteCount + piece.length + PackKey.segmentOverhead <= room(chunkCount: count + 1) else { break }
            count += 1
            byteCount += piece.length
        }
        return (count, byteCount)
    }

    /// Whether so many raw bytes would fit if they compressed as the last segment did, with a little to spare.
    private func isLikelyToFit(_ byteCount: Int, _ chunkCount: Int) -> Bool {
        (byteCount * lastRatio) >> 16 + byteCount >> 6 + PackKey.segmentOverhead <= room(chunkCount: chunkCount)
    }

    /// The next chunks up to where they are no longer likely to fit.
    private func likelyToFit(_ pieces: ArraySlice<Piece>) -> (count: Int, byteCount: Int) {
        var count = 0
        var byteCount = 0
        for piece in pieces {
            guard isLikelyToFit(byteCount + piece.length, count + 1) else { break }
            count += 1
            byteCount += piece.length
        }
        return (count, byteCount)
    }

    /// Seals one segment into the open pack; false when it does not fit.
    private func seal(_ raw: UnsafeRawBufferPointer, _ pieces: ArraySlice<Piece>) throws -> Bool {
        guard var pack = open, pack.directory.segments.count < Limits.segmentsPerPackMax else { return false }
        let start = pack.buffer.count
        guard
            let storedLength = try sealer.seal(
                raw, pieces.map { ($0.id, $0.length) }, index: pack.directory.segments.count, key: pack.key,
                into: pack.buffer, room: room(chunkCount: pieces.count))
        else { return false }
        lastRatio = (storedLength - PackKey.segmentOverhead) << 16 / raw.count
        open = nil
        pack.note(pieces, offset: start, storedLength: storedLength)
        pack.buffer.count = start + storedLength
        open = pack
        return true
    }

    private func finishOpenPack(isFull: Bool) throws -> FinishedPack {
        guard let pack = open else { preconditionFailure("no open pack") }
        open = nil
        return try pack.buffer.finishPack(
            pack.directory, headerDigest: pack.headerDigest, packClass: packClass, epoch: context.epoch,
            indexKey: context.indexKey, repository: context.repository, isFull: isFull)
    }
}

extension PackBuilder.OpenPack {
    /// Enters a segment in the directory.
    fileprivate mutating func note(_ pieces: ArraySlice<PackBuilder.Piece>, offset: Int, storedLength: Int) {
        let first = directory.chunks.count
        var place = 0
        for piece in pieces {
            directory.chunks.append(
                PackDirectory.Chunk(id: piece.id, type: piece.type, length: piece.length, offset: place))
            place += piece.length
        }
        directory.segments.append(
            PackDirectory.Segment(
                stanza: 0, index: directory.segments.count, offset: offset, storedLength: storedLength,
                chunks: first..<first + pieces.count))
    }
}
