/// Marks on chunks of an index: one bit for each of its records.
struct ChunkMarks {
    private let index: ChunkIndex
    private var words: [[UInt64]]

    /// No chunk is marked.
    init(_ index: ChunkIndex) {
        self.index = index
        words = index.runs.map { [UInt64](repeating: 0, count: ($0.count + 63) / 64) }
    }

    /// Marks a chunk wherever it lies; false when the index does not have it.
    mutating func mark(_ id: ChunkID) -> Bool {
        var isFound = false
        for (number, run) in index.runs.enumerated() {
            for place in run.indices(of: id) {
                words[number][place >> 6] |= 1 << UInt64(place & 63)
                isFound = true
            }
        }
        return isFound
    }

    /// Marks what is marked in another one on the same index.
    mutating func formUnion(_ other: ChunkMarks) {
        for run in words.indices {
            for place in words[run].indices { words[run][place] |= other.words[run][place] }
        }
    }

    /// Whether a chunk is marked.
    func contains(_ id: ChunkID) -> Bool {
        for (number, run) in index.runs.enumerated() {
            if let place = run.indices(of: id).first { return isSet(number, place) }
        }
        return false
    }

    /// Visits where the chunks of the index lie, and whether they are marked.
    func visit(_ body: (ChunkLocation, Bool) -> Void) {
        for (number, run) in index.runs.enumerated() {
            for place in 0..<run.count { body(run[place].location, isSet(number, place)) }
        }
    }

    private func isSet(_ run: Int, _ place: Int) -> Bool { words[run][place >> 6] >> UInt64(place & 63) & 1 == 1 }
}
