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
        guard word(5) == IndexChecksum.of(bytes) else { return nil }
        ordinals = (0..<ordinalCount).map {
            Int(bytes.load(fromByteOffset: Self.headerBytes + $0 * 4, as: UInt32.self))
        }
        records = UnsafeRawBufferPointer(rebasing: bytes[start...]).bindMemory(to: IndexRecord.self)
        self.storage = storage
        self.fileName = fileName
    }

    /// All records, in their order.
    var all: UnsafeBufferPointer<IndexRecord> { records }

    /// Location of the first record with `id` in a pack for which `isUsable` says so.
    func find(_ id: ChunkID, isUsable: (Int) -> Bool) -> ChunkLocation? {
        place(of: id) { isUsable($0.ordinal) }
    }

    /// The records of a chunk.
    func indices(of id: ChunkID) -> Range<Int> {
        let first = lowerBound(id)
        var end = first
        while end < records.count, records[end].hasID(id) { end += 1 }
        return first..<end
    }

    /// Location of the first record with `id` for which `isRight` says so.
    func place(of id: ChunkID, where isRight: (ChunkLocation) -> Bool) -> ChunkLocation? {
        var index = lowerBound(id)
        while index < records.count, records[index].hasID(id) {
            if isRight(records[index].location) { return records[index].location }
            index += 1
        }
        return nil
    }

    /// Index of the first record that is not before `id`: from a guess the bracket doubles until it holds the place.
    private func lowerBound(_ id: ChunkID) -> Int {
        guard !records.isEmpty else { return 0 }
        let guess = guess(id.prefix)
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

    /// About where an id must be. Ids are spread evenly, so a guess by proportion misses by about the root of what it
    /// spans: the first by the root of the count, the next, from there, by the root of that. Each touches one record.
    private func guess(_ prefix: UInt64) -> Int { nearer(nearer(proportion(prefix), prefix), prefix) }

    private func proportion(_ prefix: UInt64) -> Int {
        Int(prefix.multipliedFullWidth(by: UInt64(records.count)).high)
    }

    // Without a branch, which nobody could predict. Where the distance is too large for its sign, which evenly spread ids
    // never have, the guess is a bad one and no more.
    private func nearer(_ guess: Int, _ prefix: UInt64) -> Int {
        let distance = Int64(bitPattern: prefix &- records[guess].prefix)
        let span = distance.multipliedFullWidth(by: Int64(records.count)).high
        return max(0, min(records.count - 1, guess &+ Int(span)))
    }

    /// Makes the same guesses for many ids at once, so that look-ups of them that follow find what they read in the
    /// processor's cache: one after another each would wait for memory, here the waits overlap.
    ///
    /// - Parameter ids: at most ``warmedMax`` ids, 20 bytes each.
    /// - Returns: a number made of what was read, to be kept somewhere, or the compiler would leave the reading out.
    func warm(_ ids: UnsafeRawBufferPointer) -> UInt64 {
        let count = ids.count / ChunkID.byteCount
        guard !records.isEmpty else { return 0 }
        return withUnsafeTemporaryAllocation(of: (prefix: UInt64, guess: Int).self, capacity: count) { places in
            for place in 0..<count {
                let bytes = ids.loadUnaligned(fromByteOffset: place * ChunkID.byteCount, as: UInt64.self)
                let prefix = UInt64(bigEndian: bytes)
                places.initializeElement(at: place, to: (prefix, proportion(prefix)))
            }
            for _ in 0..<2 {
                for place in 0..<count { places[place].guess = nearer(places[place].guess, places[place].prefix) }
            }
            return (0..<count).reduce(0) { $0 &+ records[places[$1].guess].prefix }
        }
    }

    /// How many ids are looked up at once: as many as surely stay in the cache.
    static let warmedMax = 64
}
