/// Reads the cache's own records. The file was summed when it was opened; but a sum is no proof, so a number that leads
/// out of the file makes the reader unsound, and nothing that it has read since may be used.
struct CacheReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    /// Whether all that was read lies in the file.
    private(set) var isSound = true

    init(bytes: UnsafeRawBufferPointer, offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Where the next `count` bytes begin; zero in a reader that is unsound.
    private mutating func advance(_ count: Int) -> Int {
        guard isSound, offset >= 0, offset <= bytes.count, count <= bytes.count - offset else {
            isSound = false
            return 0
        }
        defer { offset += count }
        return offset
    }

    mutating func u32() -> UInt32 { load() ?? 0 }

    private mutating func load<T: BitwiseCopyable>() -> T? {
        let start = advance(MemoryLayout<T>.size)
        return isSound ? bytes.loadUnaligned(fromByteOffset: start, as: T.self) : nil
    }

    mutating func chunkID() -> ChunkID {
        let start = advance(ChunkID.byteCount)
        return isSound
            ? ChunkID(UnsafeRawBufferPointer(rebasing: bytes[start..<start + ChunkID.byteCount])) : ChunkID(Digest.zero)
    }

    mutating func digest() -> Digest {
        let start = advance(Digest.byteCount)
        return isSound ? Digest(UnsafeRawBufferPointer(rebasing: bytes[start..<start + Digest.byteCount])) : .zero
    }

    /// A section of a directory whose head begins at `head`; nil when it lies elsewhere than before it.
    mutating func section(before head: Int) -> ScanCache.Section? {
        let distance: UInt64 = load() ?? 0
        let byteCount = Int(u32())
        let entryCount = Int(u32())
        guard isSound, distance <= UInt64(head - ScanCache.headerBytes), byteCount <= Int(distance),
            entryCount * 8 <= byteCount
        else { return nil }
        let start = head - Int(distance)
        return ScanCache.Section(bytes: start..<start + byteCount, entryCount: entryCount)
    }

    /// Goes past an entry and returns where it began.
    mutating func skipEntry() -> Int {
        let start = advance(Self.entryHeadBytes - 8)
        let fieldsCount = Int(u32())
        let idsCount = Int(u32())
        _ = advance(fieldsCount + idsCount)
        return start
    }

    // Hash of the name, identity, hash of the group, and two lengths.
    private static let entryHeadBytes = 8 + MemoryLayout<ScanCache.Identity>.stride + 8 + 8

    mutating func entry() -> ScanCache.Entry {
        let nameHash: UInt64 = load() ?? 0
        let identity: ScanCache.Identity = load() ?? .none
        _ = advance(MemoryLayout<ScanCache.Identity>.stride - MemoryLayout<ScanCache.Identity>.size)
        let groupHash: UInt64 = load() ?? 0
        let fieldsCount = Int(u32())
        let idsCount = Int(u32())
        let fields = advance(fieldsCount)
        let ids = advance(idsCount)
        let isSound = isSound
        return ScanCache.Entry(
            nameHash: nameHash, identity: identity, groupHash: groupHash,
            fields: isSound ? fields..<fields + fieldsCount : 0..<0, ids: isSound ? ids..<ids + idsCount : 0..<0)
    }
}

/// The sum of the words of a cache, which comes in pieces of a multiple of 8 bytes: fast, and notices flipped and missing
/// bytes; not a defence against anyone. The word that holds the sum is left out.
struct CacheSum {
    private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15
    private var index = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        for word in bytes.bindMemory(to: UInt64.self) {
            if index != ScanCache.checksumOffset / 8 {
                value = (value ^ word) &* 0xff51_afd7_ed55_8ccd ^ value >> 29
            }
            index += 1
        }
    }
}
