import Foundation
import Testing

@testable import VaultBackup

/// Moved packs: the bytes are those of the second implementation, and what is in them comes out.
@Suite struct MovedPackTests {
    private struct Given {
        let repository: RepositoryID
        let index: SecretBytes
        let session: SessionID
        let packs: [[UInt8]]
        let plan: MovedPackPlan
        let store = MemoryStore()
        let reader: PackReader
        let expected: [UInt8]

        init() throws {
            let test = try FormatVectors.cases("packs.json", "moved pack")[0]
            repository = try test.repository()
            index = try test.secret("idx")
            session = try #require(SessionID(hex: try test.text("session")))
            packs = try #require(test.input["sources"] as? [String]).map { try #require(Hex.decode($0)) }
            expected = try test.outHex("pack")
            reader = PackReader(
                store: store, repository: repository,
                keys: KeyMaterial(read: try test.secret("readSecret"), index: index))
            var sources: [MoveSource] = []
            for (ordinal, bytes) in packs.enumerated() {
                let pack = try Self.describe(bytes, store)
                var parts = try reader.parts(of: pack)
                if ordinal == 1 {
                    // The case says that this segment had stood in an earlier pack, as if this one were moved.
                    let moves = try #require(test.input["moves"] as? [[String: Any]])
                    let earlier = try #require((moves[2]["earlier"] as? [[String: Any]])?.first)
                    let name = try #require(Digest(hex: earlier["name"] as? String ?? ""))
                    parts.directory.sources = [name]
                    parts.directory.origins = [
                        [.init(source: 0, place: 0)], [.init(source: 0, place: earlier["place"] as? Int ?? 0)],
                    ]
                }
                sources.append(
                    MoveSource(ordinal: ordinal, pack: pack, header: parts.header, directory: parts.directory))
            }
            var plan = MovedPackPlan(.data) { _ in true }
            for (source, place) in [(0, 0), (0, 2), (1, 1)] {
                let isAdded = plan.add(sources[source], place: place)
                try #require(isAdded)
            }
            self.plan = plan
        }

        static func describe(_ bytes: [UInt8], _ store: MemoryStore) throws -> PackReader.Description {
            let name = SHA256.digest(bytes)
            _ = try store.put(.content(.packs, name), bytes)
            return PackReader.Description(name: name, length: bytes.count, directoryDigest: nil, epoch: 1)
        }

        /// The last stretch is brought first: they are joined in the order of the plan.
        func build() throws -> FinishedPack {
            let assembly = try MovedPackAssembly(
                plan, readsWhole: true, repository, .init(id: session, epoch: 1), nil,
                buffer: RawBuffer(capacity: PackClass.data.fullPackBytes))
            try #require(assembly.stretches.count == 2)
            let mover = SegmentMover(reader, nil)
            for (number, stretch) in assembly.stretches.enumerated().reversed() {
                let part = try mover.make(stretch, of: plan, key: nil, in: RawBuffer(capacity: stretch.outputMax))
                let isLast = assembly.add(part, at: number).isLast
                try #require(isLast == (number == 0))
            }
            return try assembly.finish(repository, indexKey: index)
        }
    }

    @Test func bytesAreThoseOfTheVector() throws {
        let given = try Given()
        let pack = try given.build()
        #expect(Array(pack.buffer.used) == given.expected)
        #expect(pack.buffer.count <= PackLayout.padme(given.plan.length))
    }

    /// Every segment decodes to what it was where it came from.
    @Test func segmentsComeOut() throws {
        let given = try Given()
        let pack = try Given.describe(given.expected, given.store)
        let directory = try given.reader.directory(of: pack)
        let segments = SegmentReader(packs: given.reader)
        var (raw, other) = (RawBuffer(capacity: 10), RawBuffer(capacity: 10))
        let sources = try given.packs.map { try Given.describe($0, given.store) }
        for (number, (source, place)) in [(0, 0), (0, 2), (1, 1)].enumerated() {
            _ = try segments.read(pack, segment: number, into: &raw)
            _ = try segments.read(sources[source], segment: place, into: &other)
            #expect(raw.used.elementsEqual(other.used))
            #expect(directory.segment(from: sources[source].name, place: place) == number)
        }
        #expect(directory.segment(from: sources[0].name, place: 1) == nil)
        #expect(directory.origins.map(\.count) == [1, 1, 2])
        // Without READ a moved pack is made, but not read.
        let maintainer = PackReader(
            store: given.store, repository: given.repository, keys: KeyMaterial(index: given.index))
        #expect(try maintainer.directory(of: pack) == directory)
        #expect(throws: VaultError.self) {
            try SegmentReader(packs: maintainer).read(pack, segment: 0, into: &raw)
        }
    }

    @Test func originsOutOfFormAreRejected() throws {
        let given = try Given()
        let directory = try given.build().directory
        let area = PackLayout.headerBytes + Stanza.byteCount
        func decode(_ change: (inout PackDirectory) -> Void) throws {
            var changed = directory
            change(&changed)
            let bytes = changed.encode()
            let end = changed.segments.reduce(area) { $0 + $1.storedLength }
            _ = try PackDirectory(
                decoding: bytes, area: area..<end, stanzaCount: 2, kind: .moved, packClass: .data)
        }
        try decode { _ in }
        let changes: [(inout PackDirectory) -> Void] = [
            { $0.sources.swapAt(0, 1) }, { $0.sources.append($0.sources[2]) }, { $0.origins[0] = [] },
            { $0.origins[0][0].source = 9 }, { $0.origins[2].swapAt(0, 1) }, { $0.origins.removeLast() },
            { $0.sources.append(Digest([UInt8](repeating: 255, count: 32)) ?? .zero) }, { $0.origins = [] },
            { $0.origins.append([.init(source: 0, place: 0)]) },
        ]
        for (number, change) in changes.enumerated() {
            #expect(throws: FormatError.self, "change \(number)") { try decode(change) }
        }
        #expect(throws: FormatError.self) {
            let end = directory.segments.reduce(area) { $0 + $1.storedLength }
            _ = try PackDirectory(
                decoding: directory.encode(), area: area..<end, stanzaCount: 2, kind: .ordinary, packClass: .data)
        }
    }
}

extension PackDirectory {
    /// The number of the segment that was number `place` of the pack `name`; nil when there is none.
    fileprivate func segment(from name: Digest, place: Int) -> Int? {
        guard let source = sources.firstIndex(of: name) else { return nil }
        return origins.firstIndex { $0.contains(Origin(source: source, place: place)) }
    }
}
