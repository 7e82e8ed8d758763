/// Decodes segments: reads, decrypts, decompresses. Holds contexts and memory of its own, so each thread has one.
final class SegmentReader {
    private let packs: PackReader
    private let cipher = AESGCM()
    private let decompressor = Decompressor()
    private var stored = RawBuffer(capacity: Limits.segmentBytesTarget + 4096)
    private var plain = RawBuffer(capacity: Limits.segmentBytesTarget + 4096)

    init(packs: PackReader) { self.packs = packs }

    /// Decodes a segment into `target`, whose count becomes the raw length.
    ///
    /// - Parameter target: a buffer, replaced by a larger one when needed.
    /// - Returns: nil, or where the chunks lie in `target`, when compaction has taken the pack away since the log was
    ///   read: chunks that no live snapshot uses may then be missing.
    /// - Throws: ``VaultError`` `.damaged` naming pack and segment.
    func read(
        _ pack: PackReader.Description, segment number: Int, into target: inout RawBuffer
    ) throws -> [ChunkID: Int]? {
        do {
            try readHere(pack, segment: number, into: &target)
            return nil
        } catch let error as VaultError where error.code == .damaged {
            guard let place = (try? packs.newPlace(of: pack, segment: number)) ?? nil else { throw error }
            try readHere(place.pack, segment: place.segment, into: &target)
            return place.layout
        }
    }

    private func readHere(_ pack: PackReader.Description, segment number: Int, into target: inout RawBuffer) throws {
        let opened = try packs.opened(pack)
        guard number < opened.segments.count else { throw PackReader.damaged(pack.name, "has no segment \(number)") }
        let segment = opened.segments[number]
        Self.reserve(&stored, segment.storedLength)
        stored.count = segment.storedLength
        try packs.read(
            pack, offset: segment.offset,
            into: UnsafeMutableRawBufferPointer(start: stored.base, count: segment.storedLength))
        try decode(stored.used, pack, opened, number, into: &target)
    }

    /// Decodes a segment whose stored bytes are at hand.
    func decode(
        _ bytes: UnsafeRawBufferPointer, _ pack: PackReader.Description, _ opened: PackReader.Opened, _ number: Int,
        into target: inout RawBuffer
    ) throws {
        try decrypt(bytes, pack, opened, number)
        try unpack(pack, number, into: &target)
    }

    /// Decrypts a segment whose stored bytes are at hand, which shows that they are those that were sealed.
    func decrypt(
        _ bytes: UnsafeRawBufferPointer, _ pack: PackReader.Description, _ opened: PackReader.Opened, _ number: Int
    ) throws {
        let segment = opened.segments[number]
        let key = try packs.key(pack, opened, segment: segment)
        guard bytes.count >= PackKey.segmentOverhead, bytes.count == segment.storedLength else {
            throw Self.damaged(pack, number, "is too short")
        }
        let plainLength = bytes.count - 48
        Self.reserve(&plain, plainLength)
        plain.count = plainLength
        do {
            try key.openSegment(
                index: segment.index, bytes,
                into: UnsafeMutableRawBufferPointer(start: plain.base, count: plainLength), using: cipher)
        } catch {
            throw Self.damaged(pack, number, "does not decrypt", error)
        }
    }

    private func unpack(_ pack: PackReader.Description, _ number: Int, into target: inout RawBuffer) throws {
        let bytes = plain.used
        let rawLength = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self)))
        guard rawLength <= Limits.segmentBytesMax, let codec = SegmentCodec(rawValue: bytes[0]) else {
            throw Self.damaged(pack, number, "has an unknown form")
        }
        let body = UnsafeRawBufferPointer(rebasing: bytes[5...])
        Self.reserve(&target, rawLength)
        target.count = rawLength
        let destination = UnsafeMutableRawBufferPointer(start: target.base, count: rawLength)
        switch codec {
        case .raw:
            guard body.count == rawLength else { throw Self.damaged(pack, number, "has a wrong length") }
            destination.copyMemory(from: body)
        case .zstd:
            do { try decompressor.decompress(body, into: destination) } catch {
                throw Self.damaged(pack, number, "does not decompress", error)
            }
        }
    }

    private static func reserve(_ buffer: inout RawBuffer, _ capacity: Int) {
        if buffer.capacity < capacity { buffer = RawBuffer(capacity: capacity) }
    }

    static func damaged(
        _ pack: PackReader.Description, _ number: Int, _ reason: String, _ cause: (any Error)? = nil
    ) -> VaultError {
        VaultError(
            .damaged, "Segment \(number) of pack \(ObjectName.content(.packs, pack.name)) \(reason)",
            nextStep: "Run vault verify --read-data to see what is affected", cause: cause)
    }
}
