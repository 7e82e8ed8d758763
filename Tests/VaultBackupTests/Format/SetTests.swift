import Testing
import VaultBackup

@Suite struct SetTests {
    @Test func packSetForm() throws {
        #expect(PackSet().encode() == [])
        #expect(PackSet([0]).encode() == [0, 1])
        #expect(PackSet([3, 1, 2, 2, 300]).encode() == [1, 3, 0xa8, 0x02, 1])
        #expect(PackSet([3, 1, 2, 300]).runs == [1..<4, 300..<301])
    }

    @Test func packSetRoundTrip() throws {
        let seed: UInt64 = 77
        var random = SplitMix(seed: seed)
        for _ in 0..<200 {
            let ordinals = Set((0..<Int(random.next() % 100)).map { _ in Int(random.next() % 300) })
            let set = PackSet(ordinals)
            #expect(try PackSet(decoding: set.encode()) == set, "seed \(seed)")
            #expect(Array(set.ordinals) == ordinals.sorted(), "seed \(seed)")
            #expect(
                set.count == ordinals.count && set.last == ordinals.max() && set.isEmpty == ordinals.isEmpty,
                "seed \(seed)")
            for ordinal in 0..<301 { #expect(set.contains(ordinal) == ordinals.contains(ordinal), "seed \(seed)") }
        }
    }

    @Test(
        arguments: [
            [0], [1], [0, 0], [0, 1, 0, 1], [0x80, 0], [0x80], [0, 0x81, 0x00],
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1],
            [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1],
        ] as [[UInt8]])
    func packSetRejects(_ bytes: [UInt8]) {
        #expect(throws: FormatError.self) { try PackSet(decoding: bytes) }
    }

    @Test func packSetObject() throws {
        let repository: RepositoryID = Sample.id(100)
        let set = PackSet((0..<2_000).map { $0 * 2 })
        let stored = set.encodeObject(repository)
        #expect(stored.prefix(5).elementsEqual(Array("VSET".utf8) + [0]))
        #expect(try PackSet(decodingObject: stored, repository) == set)
        #expect(throws: FormatError.self) { try PackSet(decodingObject: stored, Sample.id(101)) }
        #expect(throws: FormatError.self) {
            try PackSet(decodingObject: PackSet([1]).encodeObject(repository), repository)
        }
        for k in 0..<21 {
            var changed = stored
            changed[k] ^= 1
            #expect(throws: FormatError.self) { try PackSet(decodingObject: changed, repository) }
        }
        #expect(throws: FormatError.self) { try PackSet(decodingObject: Array(stored.dropLast()), repository) }
    }

    @Test func segmentMapRoundTrip() throws {
        let map = SegmentMap(packs: [
            .init(isUsed: []), .init(isUsed: [true, false, true]), .init(isUsed: (0..<16).map { $0 == 8 }),
        ])
        let bytes = map.encode()
        #expect(bytes == [0, 0, 0, 3, 0b101, 0, 16, 0, 1])
        #expect(try SegmentMap(decoding: bytes, packCount: 3) == map)
        #expect(throws: FormatError.self) { try SegmentMap(decoding: bytes, packCount: 2) }
        #expect(throws: FormatError.self) { try SegmentMap(decoding: bytes, packCount: 4) }
        #expect(throws: FormatError.self) { try SegmentMap(decoding: [0, 3, 0b1101], packCount: 1) }
    }

    @Test func segmentMapObject() throws {
        let repository: RepositoryID = Sample.id(100)
        let object = SegmentMapObject(epoch: 3, sealed: [1, 2, 3])
        let stored = object.encode(repository)
        #expect(try SegmentMapObject(decoding: stored, repository) == object)
        #expect(throws: FormatError.self) { try SegmentMapObject(decoding: stored, Sample.id(101)) }
        for k in [0, 4, 5, 20] {
            var changed = stored
            changed[k] ^= 1
            #expect(throws: FormatError.self) { try SegmentMapObject(decoding: changed, repository) }
        }
        #expect(throws: FormatError.self) { try SegmentMapObject(decoding: Array(stored.prefix(24)), repository) }
    }

    @Test func algebraIsThatOfOrdinals() {
        var random = SplitMix(seed: 6)
        for _ in 0..<400 {
            let sets = (0..<3).map { _ in
                Set((0..<Int(random.next() % 12)).map { _ in Int(random.next() % 20) })
            }
            let (l, r) = (PackSet(sets[0]), PackSet(sets[1]))
            #expect(l.union(r) == PackSet(sets[0].union(sets[1])))
            #expect(l.subtracting(r) == PackSet(sets[0].subtracting(sets[1])))
            #expect(l.intersects(r) == !sets[0].isDisjoint(with: sets[1]))
            #expect(PackSet(sets.map { PackSet($0) }) == PackSet(sets[0].union(sets[1]).union(sets[2])))
        }
    }
}
