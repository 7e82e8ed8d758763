/// Seals segments anew without the chunks that nothing uses any more, for a maintainer who may also read. One thread.
///
/// 1. What is kept is what its id says, else the segment is damaged and stays where it is.
/// 2. What was sealed is opened again, and compared, before anything is stored.
final class SegmentThinner {
    private let access: ReadAccess
    private let reader: SegmentReader
    private let identifier: ChunkIdentifier
    // Up to six times as fast as level 3, which backups use, for at most 7 % more bytes (decision 114).
    private let sealer = SegmentSealer(.forThinning())
    private let cipher = AESGCM()
    private let decompressor = Decompressor()
    private var raw = RawBuffer(capacity: Limits.segmentBytesTarget)
    private var kept = RawBuffer(capacity: Limits.segmentBytesTarget)
    private var opened = RawBuffer(capacity: Limits.segmentBytesTarget)
    private var again = RawBuffer(capacity: Limits.segmentBytesTarget)

    init(_ access: ReadAccess) {
        self.access = access
        reader = SegmentReader(packs: access.packs)
        identifier = access.identifier
    }

    /// A key for the segments of one pack.
    static func makeKey(
        _ access: ReadAccess, _ packClass: PackClass, epoch: Int, group: Int
    ) throws -> (key: PackKey, stanza: Stanza) {
        let repository = access.repository
        let keyring = repository.state.keyring
        guard keyring.epoch == epoch else {
            throw VaultError(.failed, "The keys of the repository have changed meanwhile")
        }
        return try PackKey.create(
            packClass: packClass, epoch: epoch, group: group, readKey: keyring.readKey,
            repository: repository.id, random: repository.random)
    }

    /// That a segment which is to be copied opens: what is damaged must not look whole in another pack.
    ///
    /// - Parameter stored: its stored bytes.
    func check(_ source: MoveSource, place: Int, _ stored: UnsafeRawBufferPointer) throws {
        try reader.decrypt(stored, source.pack, opened(source), place)
    }

    private func opened(_ source: MoveSource) -> PackReader.Opened {
        access.packs.opened(source.pack, source.header, source.directory)
    }

    /// Seals some chunks of a segment at the end of `buffer`, and returns how long that is stored.
    ///
    /// - Parameter bytes: the stored bytes of the segment.
    /// - Parameter chunks: numbers of chunks in the directory of the source, ascending.
    func seal(
        _ source: MoveSource, place: Int, chunks: [Int], from bytes: UnsafeRawBufferPointer, index: Int, key: PackKey,
        into buffer: RawBuffer
    ) throws -> Int {
        try reader.decode(bytes, source.pack, opened(source), place, into: &raw)
        let entries = chunks.map { source.directory.chunks[$0] }
        let length = entries.reduce(0) { $0 + $1.length }
        Self.empty(&kept, length)
        for chunk in entries {
            guard chunk.offset + chunk.length <= raw.count else {
                throw SegmentReader.damaged(source.pack, place, "is shorter than its directory says")
            }
            let content = UnsafeRawBufferPointer(rebasing: raw.used[chunk.offset..<chunk.offset + chunk.length])
            guard identifier.isRight(chunk.id, chunk.type, content) else {
                throw SegmentReader.damaged(source.pack, place, "holds other content than chunk \(chunk.id)")
            }
            kept.append(content)
        }
        guard
            let stored = try sealer.seal(
                kept.used, entries.map { ($0.id, $0.length) }, index: index, key: key, into: buffer,
                room: min(buffer.capacity - buffer.count, length + PackKey.segmentOverhead))
        else { throw VaultError(.failed, "A segment that was measured to fit does not fit") }
        try compare(UnsafeRawBufferPointer(start: buffer.base + buffer.count, count: stored), index, key)
        return stored
    }

    /// That what was sealed opens to what was kept.
    private func compare(_ stored: UnsafeRawBufferPointer, _ index: Int, _ key: PackKey) throws {
        Self.empty(&opened, stored.count)
        opened.count = stored.count - PackKey.sealOverhead
        try key.openSegment(
            index: index, stored, into: UnsafeMutableRawBufferPointer(start: opened.base, count: opened.count),
            using: cipher)
        let body = UnsafeRawBufferPointer(rebasing: opened.used[5...])
        let isSame: Bool
        if opened.used[0] == SegmentCodec.raw.rawValue {
            isSame = body.holdsSameBytes(as: kept.used)
        } else {
            Self.empty(&again, kept.count)
            again.count = kept.count
            try decompressor.decompress(body, into: UnsafeMutableRawBufferPointer(start: again.base, count: kept.count))
            isSame = again.used.holdsSameBytes(as: kept.used)
        }
        guard isSame else {
            throw VaultError(
                .failed, "A segment that was sealed anew does not open to the same content",
                nextStep: "Check the memory of this machine; nothing was replaced")
        }
    }

    private static func empty(_ buffer: inout RawBuffer, _ capacity: Int) {
        if buffer.capacity < capacity { buffer = RawBuffer(capacity: capacity) }
        buffer.count = 0
    }
}
