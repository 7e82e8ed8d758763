/// Compresses segments and seals them where they will lie. Holds contexts of its own; used by one thread at a time.
final class SegmentSealer {
    private let compressor: Compressor
    private let cipher = AESGCM()

    init(level: CompressionLevel) { compressor = Compressor(level: level) }

    init(_ compressor: Compressor) { self.compressor = compressor }

    /// Seals a segment at the end of `buffer`, whose count stays as it is, and returns its stored length; nil when it
    /// takes more than `room` bytes.
    ///
    /// - Parameter chunks: ids and lengths of what lies in `raw`, one after another.
    func seal(
        _ raw: UnsafeRawBufferPointer, _ chunks: [(id: ChunkID, length: Int)], index: Int, key: PackKey,
        into buffer: RawBuffer, room: Int
    ) throws -> Int? {
        let room = room - PackKey.segmentOverhead
        guard room > 0 else { return nil }
        // hedge(32) ‖ codec(1) ‖ raw length(4) ‖ body ‖ tag(16), encrypted where it lies.
        let start = buffer.count
        let plaintextStart = start + 32
        let body = UnsafeMutableRawBufferPointer(start: buffer.base + plaintextStart + 5, count: room)
        var codec = SegmentCodec.zstd
        let bodyLength: Int
        if let length = compressor.compress(raw, into: body) {
            bodyLength = length
        } else {
            guard raw.count <= room else { return nil }
            codec = .raw
            bodyLength = raw.count
            body.copyMemory(from: raw)
        }
        let base = buffer.base + plaintextStart
        base.storeBytes(of: codec.rawValue, as: UInt8.self)
        (base + 1).storeBytes(of: UInt32(raw.count).bigEndian, as: UInt32.self)
        let storedLength = bodyLength + PackKey.segmentOverhead
        try key.sealSegment(
            index: index, codec: codec.rawValue, level: codec == .raw ? 0 : compressor.levelCode(rawBytes: raw.count),
            zstdVersion: codec == .raw ? 0 : Compressor.zstdVersion, chunks: chunks,
            plaintext: UnsafeRawBufferPointer(start: base, count: bodyLength + 5),
            into: UnsafeMutableRawBufferPointer(start: buffer.base + start, count: storedLength), using: cipher)
        return storedLength
    }
}
