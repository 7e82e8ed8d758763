/// A sorted part of the local index, mapped from a file or, where none can be written, held in memory.
///
/// `@unchecked Sendable` because of the pointer: the records are written before the run exists and never afterwards.
final class IndexRun: @unchecked Sendable {
    private let storage: AnyObject
    private let records: UnsafeBufferPointer<IndexRecord>
    /// The packs whose chunks are here.
    let ordinals: [Int]
    /// Name of the file in the cache; nil for a run in memory.
    let fileName: String?

    var count: Int { records.count }
    subscript(index: Int) -> IndexRecord { records[index] }

    static let magic: UInt64 = 0x314e_5552_5844_4956  // "VIDXRUN1"
    static let headerBytes = 48

    /// Takes the bytes of a run file apart; nil when it is of another repository, damaged or cut short: it will be made
    /// anew.
    init?(bytes: UnsafeRawBufferPointer, storage: AnyObject, repository: RepositoryID, fileName: String?) {
        guard bytes.count >= Self.headerBytes, bytes.load(as: UInt64.self) == Self.magic else { return nil }
        func word(_ index: Int) -> UInt64 { bytes.load(fromByteOffset: index * 8, as: UInt64.self) }
        guard RepositoryID(words: (word(1), word(2))) == repository else { return nil }
        let (count, ordinalCount) = (Int(clamping: word(3)), Int(clamping: word(4)))
        guard count < 1 << 40, ordinalCount < 1 << 32 else { return nil }
        let ordinalBytes = (ordinalCount * 4 + 7) & ~7
        let start = Self.headerBytes + ordinalBytes
        guard bytes.count == start + count * IndexRecord.byteCount else { return nil }
        ordinals = (0..<ordinalCount).map {
            Int(bytes.load(fromByteOffset: Self.headerBytes + $0 * 4, as: UInt32.self))
        }
        records = UnsafeRawBufferPointer(rebasing: bytes[start...]).bindMemory(to: IndexRecord.self)
        self.storage = storage
        self.fileName = fileName
        guard word(5) == IndexChecksum.of(bytes, didUse: letGo) else { return nil }
    }

    /// Gives back the memory that a mapped file takes; what is used again is read again.
    func letGo() { (storage as? MappedFile)?.letGo() }

    /// All records, in their order.
    var all: UnsafeBufferPointer<IndexRecord> { records }

    /// Location of the first record with `id` in a pack for which `isUsable` says so.
    func find(_ id: ChunkID, isUsable: (Int) -> Bool) -> ChunkLocation? {
        place(of: id) { isUsable($0.ordinal) }
    }

    /// Tells where each of many chunks lies, and returns those of which there is no record that may be used.
    ///
    /// Where they are many for the length of the run and come in their order, each is sought from where the one before it
    /// was found: two sorted lists are merged, and memory is read in its order. In another order that is slower.
    func find(
        all ids: some RandomAccessCollection<ChunkID>, isUsable: (Int) -> Bool, _ found: (ChunkLocation) -> Void
    ) -> [ChunkID] {
        let isDense = ids.count >= records.count / Self.gapMax
        var missing: [ChunkID] = []
        var place = 0
        for id in ids {
            place = isDense ? lowerBound(id, near: place) : lowerBound(id)
            if let location = first(id, from: place, where: { isUsable($0.ordinal) }) {
                found(location)
            } else {
                missing.append(id)
            }
        }
        return missing
    }

    /// Up to so many records from one id to the next, going on from there is faster than a guess.
    private static let gapMax = 64

    /// The records of a chunk.
    func indices(of id: ChunkID) -> Range<Int> {
        let first = lowerBound(id)
        var end = first
        while end < records.count, records[end].hasID(id) { end += 1 }
        return first..<end
    }

    /// Location of the first record with `id` for which `isRight` says so.
    func place(of id: ChunkID, where isRight: (ChunkLocation) -> Bool) -> ChunkLocation? {
        first(id, from: lowerBound(id), where: isRight)
    }

    private func first(_ id: ChunkID, from place: Int, where isRight: (ChunkLocation) -> Bool) -> ChunkLocation? {
        var index = place
        while index < records.count, records[index].hasID(id) {
            if isRight(records[index].location) { return records[index].location }
            index += 1
        }
        return nil
    }

    /// Index of the first record that is not before `id`. Ids are spread evenly, so a guess by proportion misses by about
    /// the root of the count.
    private func lowerBound(_ id: ChunkID) -> Int {
        lowerBound(id, near: Int(id.prefix.multipliedFullWidth(by: UInt64(records.count)).high))
    }

    /// The same: from `guess` the bracket doubles until it holds the place.
    private func lowerBound(_ id: ChunkID, near guess: Int) -> Int {
        var low = guess
        var high = guess
        var step = 2
        while low > 0, !records[low - 1].isBefore(id) {
            high = low
            low = max(0, low - step)
            step *= 2
        }
        if low == guess {
            step = 2
            while high < records.count, records[high].isBefore(id) {
                low = high + 1
                high = min(records.count, high + step)
                step *= 2
            }
        }
        while low < high {
            let middle = (low + high) / 2
            if records[middle].isBefore(id) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
