/// Which segments of which packs something uses. Used by one thread at a time, then merged.
struct UsedSegments: Sendable {
    private var words: [Int: [UInt64]] = [:]
    // The last pack marked: neighbours in a tree lie in one pack.
    private var lastOrdinal = -1
    private var lastWords: [UInt64] = []

    /// Notes that a segment is used.
    mutating func mark(_ ordinal: Int, segment: Int) {
        if ordinal != lastOrdinal { select(ordinal) }
        let word = segment >> 6
        if word >= lastWords.count {
            lastWords.append(contentsOf: repeatElement(0, count: word + 1 - lastWords.count))
        }
        lastWords[word] |= 1 << UInt64(segment & 63)
    }

    private mutating func select(_ ordinal: Int) {
        if lastOrdinal >= 0 { words[lastOrdinal] = lastWords }
        lastWords = words.removeValue(forKey: ordinal) ?? []
        lastOrdinal = ordinal
    }

    /// Adds all that another one holds.
    mutating func formUnion(_ other: UsedSegments) {
        select(-1)
        var other = other
        other.select(-1)
        for (ordinal, theirs) in other.words where ordinal >= 0 {
            var mine = words[ordinal] ?? []
            if mine.count < theirs.count { mine.append(contentsOf: repeatElement(0, count: theirs.count - mine.count)) }
            for (index, word) in theirs.enumerated() { mine[index] |= word }
            words[ordinal] = mine
        }
    }

    /// The ordinals in use, ascending.
    func ordinals() -> [Int] {
        var copy = self
        copy.select(-1)
        return copy.words.keys.filter { $0 >= 0 }.sorted()
    }

    /// Which of the first `count` segments of a pack are used.
    func segments(of ordinal: Int, count: Int) -> [Bool] {
        let bits = ordinal == lastOrdinal ? lastWords : words[ordinal] ?? []
        return (0..<count).map { $0 >> 6 < bits.count && bits[$0 >> 6] & 1 << UInt64($0 & 63) != 0 }
    }
}

extension SegmentMapObject {
    /// The stored bytes of the map of a snapshot that uses these segments of packs.
    static func make(
        _ used: UsedSegments, _ ordinals: some Sequence<Int>, _ state: RepositoryState, indexKey: SecretBytes,
        session: SessionID, epoch: Int
    ) throws -> [UInt8] {
        let map = SegmentMap(
            packs: ordinals.map {
                SegmentMap.Pack(isUsed: used.segments(of: $0, count: state.packs[$0].pack.segments))
            })
        let sealed = try SealedBox.seal(
            map.encode(), key: indexKey, purpose: "segment-map", repository: state.repository, context: session.bytes)
        return SegmentMapObject(epoch: epoch, sealed: sealed).encode(state.repository)
    }
}
