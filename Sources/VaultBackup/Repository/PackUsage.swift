/// Which segments of which packs the snapshots use, counted from pack sets and segment maps alone. One bit for each
/// segment of the repository and of each pack that was compacted, whatever the number of snapshots.
///
/// Whatever is not known counts as used: a map that is missing, cannot be opened or does not fit; a segment that a
/// compaction should have moved and that no moved pack says it holds.
struct PackUsage {
    /// One bit for each segment of each pack.
    private struct Bits {
        private let starts: [Int]
        private var words: [UInt64]

        init(counts: [Int]) {
            var starts = [0]
            starts.reserveCapacity(counts.count + 1)
            // Each pack begins with a word of its own, so that whole words can be combined.
            for count in counts { starts.append(starts[starts.count - 1] + (count + 63) / 64) }
            self.starts = starts
            words = [UInt64](repeating: 0, count: starts[starts.count - 1])
        }

        mutating func set(_ pack: Int, _ segment: Int) {
            words[starts[pack] + (segment >> 6)] |= 1 << UInt64(segment & 63)
        }

        func isSet(_ pack: Int, _ segment: Int) -> Bool {
            words[starts[pack] + (segment >> 6)] >> UInt64(segment & 63) & 1 == 1
        }

        mutating func setAll(_ pack: Int, count: Int) { for segment in 0..<count { set(pack, segment) } }

        /// `bytes`: eight segments each, the first in the lowest bit.
        mutating func formUnion(_ pack: Int, _ bytes: ArraySlice<UInt8>) {
            for (index, byte) in bytes.enumerated() where byte != 0 {
                words[starts[pack] + (index >> 3)] |= UInt64(byte) << (UInt64(index & 7) * 8)
            }
        }

        func count(_ pack: Int) -> Int {
            words[starts[pack]..<starts[pack + 1]].reduce(0) { $0 + $1.nonzeroBitCount }
        }
    }

    private let counts: [Int]
    // Uses of a pack where it is; and uses of a pack by snapshots for which compactions put others in its place.
    private var here: Bits
    private var moved: Bits
    private var movedFrom: Set<Int> = []

    /// Nothing is used of packs with so many segments each, by ordinal.
    init(segmentCounts: [Int]) {
        counts = segmentCounts
        here = Bits(counts: segmentCounts)
        moved = Bits(counts: segmentCounts)
    }

    /// Adds what a snapshot uses.
    ///
    /// - Parameter set: the packs of its record.
    /// - Parameter map: the plaintext of its segment map; nil when there is none.
    /// - Parameter isGone: whether a pack of the set is left out.
    /// - Parameter isMoved: whether for this snapshot moved packs stand for one of the set.
    mutating func add(
        _ set: PackSet, map: [UInt8]?, isGone: (Int) -> Bool = { _ in false }, isMoved: (Int) -> Bool
    ) {
        guard let map, fits(set, map) else {
            for ordinal in set.ordinals where ordinal < counts.count && !isGone(ordinal) {
                if isMoved(ordinal) {
                    movedFrom.insert(ordinal)
                    moved.setAll(ordinal, count: counts[ordinal])
                } else {
                    here.setAll(ordinal, count: counts[ordinal])
                }
            }
            return
        }
        var offset = 0
        for ordinal in set.ordinals {
            let flags = map[offset + 2..<offset + 2 + (counts[ordinal] + 7) / 8]
            offset = flags.endIndex
            if isGone(ordinal) { continue }
            if isMoved(ordinal) {
                movedFrom.insert(ordinal)
                moved.formUnion(ordinal, flags)
            } else {
                here.formUnion(ordinal, flags)
            }
        }
    }

    /// Whether a map has exactly the form that FORMAT section 10 gives for this set.
    private func fits(_ set: PackSet, _ map: [UInt8]) -> Bool {
        var offset = 0
        for ordinal in set.ordinals {
            guard ordinal < counts.count, offset + 2 <= map.count,
                Int(map[offset]) << 8 | Int(map[offset + 1]) == counts[ordinal]
            else { return false }
            let end = offset + 2 + (counts[ordinal] + 7) / 8
            guard end <= map.count else { return false }
            if counts[ordinal] % 8 != 0, map[end - 1] >> UInt8(counts[ordinal] % 8) != 0 { return false }
            offset = end
        }
        return offset == map.count
    }

    /// Counts all segments of a pack as used.
    mutating func markAll(_ ordinal: Int) { here.setAll(ordinal, count: counts[ordinal]) }

    /// Hands what was used in compacted packs on to the moved packs that hold it.
    ///
    /// - Parameter packs: moved packs with their directories; a directory is nil when it cannot be read.
    /// - Parameter ordinal: finds an earlier pack.
    mutating func follow(_ packs: [(ordinal: Int, directory: PackDirectory?)], ordinal: (Digest) -> Int?) {
        var found = Bits(counts: counts)
        for (target, directory) in packs {
            guard let directory, directory.segments.count == counts[target], !directory.origins.isEmpty else {
                markAll(target)
                continue
            }
            let sources = directory.sources.map(ordinal)
            for (segment, origins) in directory.origins.enumerated() {
                for origin in origins {
                    guard let source = sources[origin.source], origin.place < counts[source] else { continue }
                    found.set(source, origin.place)
                    if moved.isSet(source, origin.place) { here.set(target, segment) }
                }
            }
        }
        let isLost = movedFrom.contains { source in
            (0..<counts[source]).contains { moved.isSet(source, $0) && !found.isSet(source, $0) }
        }
        if isLost { for (target, _) in packs { markAll(target) } }
    }

    /// Number of segments of a pack that are used.
    func usedCount(_ ordinal: Int) -> Int { here.count(ordinal) }

    /// Whether a segment is used.
    func isUsed(_ ordinal: Int, segment: Int) -> Bool { here.isSet(ordinal, segment) }
}
