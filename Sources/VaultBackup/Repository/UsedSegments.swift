/// Which segments of which packs something uses. Used by one thread at a time, then merged.
struct UsedSegments: Sendable {
    /// By ordinal, bits by number of segment. Ordinals are dense, and chunks come in any order of packs.
    private var words: [[UInt64]] = []

    /// Notes that a segment is used.
    mutating func mark(_ ordinal: Int, segment: Int) {
        let word = segment >> 6
        if ordinal >= words.count || word >= words[ordinal].count { extend(ordinal, words: word + 1) }
        words[ordinal][word] |= 1 << UInt64(segment & 63)
    }

    private mutating func extend(_ ordinal: Int, words count: Int) {
        if ordinal >= words.count {
            words.append(contentsOf: repeatElement([], count: ordinal + 1 - words.count))
        }
        let missing = count - words[ordinal].count
        if missing > 0 { words[ordinal].append(contentsOf: repeatElement(0, count: missing)) }
    }

    /// Adds all that another one holds.
    mutating func formUnion(_ other: UsedSegments) {
        for (ordinal, theirs) in other.words.enumerated() where !theirs.isEmpty {
            extend(ordinal, words: theirs.count)
            for (index, word) in theirs.enumerated() { words[ordinal][index] |= word }
        }
    }

    /// The ordinals in use, ascending.
    func ordinals() -> [Int] { words.indices.filter { !words[$0].isEmpty } }

    /// Which of the first `count` segments of a pack are used.
    func segments(of ordinal: Int, count: Int) -> [Bool] {
        let bits = ordinal < words.count ? words[ordinal] : []
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
