import Testing

@testable import VaultBackup

/// Used segments, counted from sets and maps.
@Suite struct PackUsageTests {
    private func map(_ packs: [[Bool]]) -> [UInt8] { SegmentMap(packs: packs.map { .init(isUsed: $0) }).encode() }

    @Test func usesAddUp() {
        var usage = PackUsage(segmentCounts: [3, 70, 1])
        var far = [Bool](repeating: false, count: 70)
        far[69] = true
        usage.add(PackSet([0, 1]), map: map([[true, false, false], far])) { _ in false }
        usage.add(PackSet([0]), map: map([[false, false, true]])) { _ in false }
        #expect((0..<3).map { usage.isUsed(0, segment: $0) } == [true, false, true])
        #expect(usage.usedCount(0) == 2)
        #expect(usage.usedCount(1) == 1)
        #expect(usage.isUsed(1, segment: 69))
        #expect(usage.usedCount(2) == 0)
    }

    /// What does not fit counts for nothing but "all is used".
    @Test func whatIsUnknownIsUsed() {
        let whole = map([[true, false, false]])
        for bytes in [nil, [], whole + [0], Array(whole.dropLast()), map([[true, false]]), [0, 3, 0x88]] {
            var usage = PackUsage(segmentCounts: [3, 2])
            usage.add(PackSet([0]), map: bytes) { _ in false }
            #expect(usage.usedCount(0) == 3, "\(String(describing: bytes))")
            #expect(usage.usedCount(1) == 0)
        }
        var usage = PackUsage(segmentCounts: [3, 2])
        usage.add(PackSet([0, 7]), map: whole) { _ in false }
        #expect(usage.usedCount(0) == 3)
    }

    private let name = Digest([UInt8](repeating: 1, count: 32))!
    private let other = Digest([UInt8](repeating: 2, count: 32))!

    private func moved(_ origins: [[PackDirectory.Origin]]) -> PackDirectory {
        var directory = PackDirectory()
        directory.sources = [name, other]
        directory.origins = origins
        directory.segments = origins.map { _ in
            PackDirectory.Segment(stanza: 0, index: 0, offset: 0, storedLength: 1, chunks: 0..<1)
        }
        return directory
    }

    /// Pack 0 was replaced by pack 1, which holds its segments 2 and 0.
    @Test func compactionsAreFollowed() {
        func usage(_ flags: [Bool]) -> PackUsage {
            var usage = PackUsage(segmentCounts: [3, 2])
            usage.add(PackSet([0]), map: map([flags])) { $0 == 0 }
            return usage
        }
        let directory = moved([[.init(source: 0, place: 2)], [.init(source: 0, place: 0), .init(source: 1, place: 5)]])
        let find: (Digest) -> Int? = { $0 == self.name ? 0 : nil }
        var used = usage([true, false, false])
        used.follow([(1, directory)], ordinal: find)
        #expect((0..<2).map { used.isUsed(1, segment: $0) } == [false, true])
        #expect(used.usedCount(0) == 0)
        // Segment 1 is in no moved pack, so something is wrong, and all of them count.
        var lost = usage([false, true, false])
        lost.follow([(1, directory)], ordinal: find)
        #expect(lost.usedCount(1) == 2)
        // A directory that cannot be read, or is not that of the pack.
        for broken in [nil, moved([[.init(source: 0, place: 0)]])] {
            var unknown = usage([true, false, false])
            unknown.follow([(1, broken)], ordinal: find)
            #expect(unknown.usedCount(1) == 2)
        }
    }

    @Test func sparsestFirstUnderALimit() {
        let candidates = [(0, 100, 10), (1, 100, 90), (2, 50, 45), (3, 200, 100)].map {
            PruneRun.Candidate(ordinal: $0, length: $1, unused: $2)
        }
        func choose(_ unused: Int, _ repack: Int?) -> ([Int], Int) {
            let (chosen, rest) = PruneRun.choose(candidates, unusedMax: unused, repackMax: repack)
            return (chosen.map(\.ordinal), rest)
        }
        #expect(choose(0, nil) == ([0, 1, 2, 3], 0))
        #expect(choose(110, nil) == ([1, 2], 110))
        #expect(choose(245, nil) == ([], 245))
        #expect(choose(244, nil) == ([1], 155))
        #expect(choose(0, 160) == ([1, 2], 110))
    }
}
