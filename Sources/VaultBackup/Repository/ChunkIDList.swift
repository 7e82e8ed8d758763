/// Ids of chunks as they are kept beside an entry: 20 bytes each, in any order.
struct ChunkIDList: RandomAccessCollection {
    private let bytes: UnsafeRawBufferPointer

    /// Ids are put in order in groups of so many, so that those of a file of any length take little memory.
    static let groupMax = 1 << 18

    /// The ids in `bytes`, which must outlive the list.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var startIndex: Int { 0 }
    var endIndex: Int { bytes.count / ChunkID.byteCount }

    subscript(index: Int) -> ChunkID {
        let offset = index * ChunkID.byteCount
        return ChunkID(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + ChunkID.byteCount]))
    }

    /// The list in parts of at most ``groupMax`` ids.
    var groups: some Sequence<SubSequence> {
        stride(from: 0, to: count, by: Self.groupMax).lazy.map { self[$0..<Swift.min(count, $0 + Self.groupMax)] }
    }

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
