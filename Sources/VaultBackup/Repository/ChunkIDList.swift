/// Ids of chunks as they are kept beside an entry: 20 bytes each, in any order.
struct ChunkIDList: Sequence {
    private let bytes: UnsafeRawBufferPointer

    /// Ids are put in order in groups of so many, so that those of a file of any length take little memory.
    static let groupMax = 1 << 18

    /// The ids in `bytes`, which must outlive the list.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Number of ids.
    var count: Int { bytes.count / ChunkID.byteCount }

    /// The list in parts of at most ``groupMax`` ids.
    var groups: some Sequence<ChunkIDList> {
        let groupBytes = Self.groupMax * ChunkID.byteCount
        return stride(from: 0, to: count * ChunkID.byteCount, by: groupBytes).lazy.map { [bytes] start in
            ChunkIDList(UnsafeRawBufferPointer(rebasing: bytes[start..<Swift.min(bytes.count, start + groupBytes)]))
        }
    }

    struct Iterator: IteratorProtocol {
        fileprivate var rest: UnsafeRawBufferPointer

        mutating func next() -> ChunkID? {
            guard rest.count >= ChunkID.byteCount else { return nil }
            defer { rest = UnsafeRawBufferPointer(rebasing: rest[ChunkID.byteCount...]) }
            return ChunkID(rest)
        }
    }

    func makeIterator() -> Iterator { Iterator(rest: bytes) }

    /// Puts ids in the order in which the index finds them fastest: each group by itself.
    static func sort(_ bytes: inout [UInt8]) {
        guard bytes.count > ChunkID.byteCount else { return }
        bytes.withUnsafeMutableBytes { bytes in
            var offset = 0
            for group in ChunkIDList(UnsafeRawBufferPointer(bytes)).groups {
                for id in group.sorted() {
                    id.withUnsafeBytes {
                        UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: $0)
                    }
                    offset += ChunkID.byteCount
                }
            }
        }
    }
}
