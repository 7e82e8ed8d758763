/// The segments that a snapshot uses of each pack of its set (`docs/FORMAT.md`, section 10), before sealing.
public struct SegmentMap: Sendable, Equatable {
    /// The used segments of one pack.
    public struct Pack: Sendable, Equatable {
        /// One flag per segment of the pack, at most 65,535.
        public var isUsed: [Bool]

        /// Flags as given. - Precondition: at most 65,535.
        public init(isUsed: [Bool]) {
            precondition(isUsed.count <= Limits.segmentsPerPackMax, "too many segments in a pack")
            self.isUsed = isUsed
        }
    }

    /// One element per pack of the set, in ascending order of ordinals.
    public var packs: [Pack]

    /// A map as given.
    public init(packs: [Pack]) { self.packs = packs }

    /// The plaintext that is sealed.
    public func encode() -> [UInt8] {
        var writer = ByteWriter()
        for pack in packs {
            writer.u16(pack.isUsed.count)
            for start in stride(from: 0, to: pack.isUsed.count, by: 8) {
                var byte: UInt8 = 0
                for k in start..<min(start + 8, pack.isUsed.count) where pack.isUsed[k] {
                    byte |= 1 << UInt8(k - start)
                }
                writer.u8(byte)
            }
        }
        return writer.bytes
    }

    /// Reads the plaintext of a map over `packCount` packs; rejects spare bits that are not zero.
    public init(decoding bytes: [UInt8], packCount: Int) throws(FormatError) {
        var reader = ByteReader(bytes, "segment map")
        var packs: [Pack] = []
        for _ in 0..<packCount {
            let count = try reader.u16()
            let flags = try reader.raw((count + 7) / 8)
            if count % 8 != 0, flags[flags.count - 1] >> UInt8(count % 8) != 0 {
                throw reader.error("spare bits are set")
            }
            packs.append(Pack(isUsed: (0..<count).map { flags[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }))
        }
        try reader.finish()
        self.packs = packs
    }
}

/// The stored object that holds a sealed ``SegmentMap``.
public struct SegmentMapObject: Sendable, Equatable {
    /// Epoch of the index secret that seals the map, from 1.
    public let epoch: Int
    /// The sealed map.
    public let sealed: [UInt8]

    static let magic = Array("VMAP".utf8)

    /// An object as given. - Precondition: the epoch fits 32 bits.
    public init(epoch: Int, sealed: [UInt8]) {
        precondition(epoch >= 1 && epoch <= UInt32.max, "epoch outside the stored form")
        self.epoch = epoch
        self.sealed = sealed
    }

    /// The stored bytes.
    public func encode(_ repository: RepositoryID) -> [UInt8] {
        var writer = ByteWriter(capacity: sealed.count + 32)
        writer.raw(Self.magic)
        writer.u8(0)
        writer.raw(repository.bytes)
        writer.u32(epoch)
        writer.raw(sealed)
        return writer.bytes
    }

    /// Reads stored bytes; rejects those of another repository. Whether the sealed part is whole is found out when it
    /// is opened.
    public init(decoding bytes: [UInt8], _ repository: RepositoryID) throws(FormatError) {
        var reader = ByteReader(bytes, "segment map object")
        guard try reader.raw(4) == Self.magic else { throw reader.error("not a segment map") }
        guard try reader.u8() == 0 else { throw reader.error("unknown version") }
        guard try reader.raw(16) == repository.bytes else { throw reader.error("belongs to another repository") }
        epoch = try reader.u32()
        guard epoch >= 1 else { throw reader.error("epoch 0") }
        sealed = try reader.raw(reader.remaining)
    }
}
