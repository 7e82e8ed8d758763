import Testing
import VaultTestSupport

@testable import VaultBackup

/// Marks of used segments against a set.
@Suite struct UsedSegmentsTests {
    private static let seed: UInt64 = 62

    /// What was marked is told, pack by pack, in any order of marking, and joined.
    @Test func marksAreTold() {
        var random = SplitMix(seed: Self.seed)
        var (parts, expected) = ([UsedSegments(), UsedSegments()], Set<[Int]>())
        for _ in 0..<500 {
            let (ordinal, segment) = (Int(random.next() % 40) * 3, Int(random.next() % 200))
            parts[Int(random.next() % 2)].mark(ordinal, segment: segment)
            expected.insert([ordinal, segment])
        }
        var used = parts[0]
        used.formUnion(parts[1])
        #expect(used.ordinals() == Set(expected.map { $0[0] }).sorted(), "seed \(Self.seed)")
        for ordinal in 0..<130 {
            let marked = (0..<200).map { expected.contains([ordinal, $0]) }
            #expect(used.segments(of: ordinal, count: 200) == marked, "seed \(Self.seed), \(ordinal)")
        }
    }
}
