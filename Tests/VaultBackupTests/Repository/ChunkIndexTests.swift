import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// The local index against a dictionary.
@Suite struct ChunkIndexTests {
    private static let seed: UInt64 = 61
    private let directory: TemporaryDirectory
    private let folder: [UInt8]

    init() throws {
        directory = try TemporaryDirectory()
        folder = directory.bytes()
    }

    /// A pack with `count` chunks, some of which others have too.
    private func pack(_ ordinal: Int, _ count: Int, _ random: inout SplitMix) -> (
        ordinal: Int, directory: PackDirectory
    ) {
        var directory = PackDirectory()
        var offset = 0
        for place in 0..<count {
            let id =
                random.next() % 5 == 0
                ? Sample.chunkID(Int(random.next() % 50)) : Sample.chunkID(1000 + ordinal * 1000 + place)
            let length = Int(random.next() % 100_000) + 1
            directory.chunks.append(.init(id: id, type: .data, length: length, offset: offset))
            offset += length
        }
        let middle = count / 2
        directory.segments = [
            .init(stanza: 0, index: 0, offset: 200, storedLength: 9, chunks: 0..<middle),
            .init(stanza: 0, index: 1, offset: 209, storedLength: 9, chunks: middle..<count),
        ]
        return (ordinal, directory)
    }

    private func places(_ packs: [(ordinal: Int, directory: PackDirectory)]) -> [ChunkID: [ChunkLocation]] {
        var result: [ChunkID: [ChunkLocation]] = [:]
        for (ordinal, directory) in packs {
            for (number, segment) in directory.segments.enumerated() {
                for chunk in directory.chunks[segment.chunks] {
                    result[chunk.id, default: []].append(
                        ChunkLocation(ordinal: ordinal, segment: number, offset: chunk.offset, length: chunk.length))
                }
            }
        }
        return result
    }

    private func check(_ index: ChunkIndex, _ expected: [ChunkID: [ChunkLocation]]) {
        for (id, locations) in expected {
            let all = index.find(id) { _ in true }
            #expect(all.map { locations.contains($0) } ?? false, "seed \(Self.seed)")
            let even = index.find(id) { $0 % 2 == 0 }
            #expect(
                even.map { locations.contains($0) && $0.ordinal % 2 == 0 } ?? !locations.contains {
                    $0.ordinal % 2 == 0
                })
        }
        for n in 0..<50 { #expect(index.find(Sample.chunkID(9_000_000 + n)) { _ in true } == nil) }
        #expect(index.count == expected.values.reduce(0) { $0 + $1.count })
    }

    @Test(arguments: [true, false]) func agreesWithADictionary(_ inFolder: Bool) {
        var random = SplitMix(seed: Self.seed)
        var packs: [(ordinal: Int, directory: PackDirectory)] = []
        var index = ChunkIndex.open(folder: inFolder ? folder : nil, repository: testRepository)
        for step in 0..<30 {
            let new = (0...Int(random.next() % 3)).map { pack(packs.count + $0, Int(random.next() % 200) + 1, &random) }
            packs += new
            index = index.adding(new)
            if step % 10 == 9 { check(index, places(packs)) }
        }
        check(index, places(packs))
        for ordinal in packs.indices { #expect(index.covers(ordinal)) }
        #expect(!index.covers(packs.count))
        guard inFolder else { return }
        check(ChunkIndex.open(folder: folder, repository: testRepository), places(packs))
        // Runs of like size are merged, so that there are only a few.
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        #expect(runs.count <= 6, "\(runs)")
        #expect(ChunkIndex.open(folder: folder, repository: Sample.id(5)).count == 0)
    }

    /// Look-ups take ids to be spread evenly; whoever chooses them otherwise makes them slower and not wrong.
    @Test func idsThatAreNotSpreadEvenly() {
        func id(_ prefix: UInt64, _ rest: UInt64) -> ChunkID {
            withUnsafeBytes(of: (prefix.bigEndian, rest.bigEndian, rest.bigEndian)) { ChunkID($0) }
        }
        let top = UInt64.max
        let prefixes: [[UInt64]] = [
            [0], [top], [0, top], Array(0..<300), (0..<300).map { top - $0 }, [7, 7, 7, 8, top],
            [0] + (0..<300).map { top / 2 + $0 } + [top],
        ]
        for (number, prefixes) in prefixes.enumerated() {
            var pack = PackDirectory()
            let ids = prefixes.enumerated().map { id($1, UInt64($0)) }
            pack.chunks = ids.enumerated().map { .init(id: $1, type: .data, length: 1, offset: $0) }
            pack.segments = [.init(stanza: 0, index: 0, offset: 200, storedLength: 9, chunks: 0..<ids.count)]
            let index = ChunkIndex.open(folder: nil, repository: testRepository).adding([(number, pack)])
            for (place, id) in ids.enumerated() {
                #expect(index.find(id) { _ in true }?.offset == place, "\(number), \(place)")
            }
            for prefix in prefixes { #expect(index.find(id(prefix, 1 << 40)) { _ in true } == nil) }
            for other in [0, 1, 9, top / 2 - 1, top - 1, top] as [UInt64] {
                #expect(index.find(id(other, 1 << 41)) { _ in true } == nil)
            }
        }
    }

    /// Look-ups of many find what a look-up of each finds, in their order and in any other: also of what is not there,
    /// what is there more than once and what lies in a pack that may not be used; over several runs, few and many.
    @Test func manyAreFoundAsOneIs() {
        var random = SplitMix(seed: Self.seed)
        var index = ChunkIndex.open(folder: nil, repository: testRepository)
        for (ordinal, count) in [4000, 300, 20].enumerated() {
            var pack = PackDirectory()
            pack.chunks = (0..<count).map {
                .init(id: Sample.chunkID(Int(random.next() % 6000)), type: .data, length: 1, offset: $0)
            }
            pack.segments = [.init(stanza: 0, index: 0, offset: 200, storedLength: 9, chunks: 0..<count)]
            index = index.adding([(ordinal, pack)])
        }
        #expect(index.runs.count > 1, "seed \(Self.seed)")
        func bytes(_ ids: [ChunkID]) -> [UInt8] { ids.flatMap { id in id.withUnsafeBytes { Array($0) } } }
        for count in [0, 1, 9, 3000] {
            let drawn = (0..<count).map { _ in Sample.chunkID(Int(random.next() % 6000)) }
            var sorted = bytes(drawn)
            ChunkIDList.sort(&sorted)
            #expect(sorted == bytes(drawn.sorted()), "seed \(Self.seed)")
            for ids in [drawn, drawn.sorted(), drawn.sorted().reversed()] {
                for unusable in 0..<3 {
                    let each = ids.map { id in index.find(id) { $0 != unusable } }
                    var found: [ChunkLocation] = []
                    let missing = bytes(ids).withUnsafeBytes { bytes in
                        index.find(all: ChunkIDList(bytes), isUsable: { $0 != unusable }) { found.append($0) }
                    }
                    #expect(missing == zip(ids, each).filter { $1 == nil }.map(\.0), "seed \(Self.seed)")
                    // Those of one run after those of another.
                    func key(_ place: ChunkLocation) -> [Int] { [place.ordinal, place.offset] }
                    let expected = each.compactMap { $0 }.map(key).sorted { $0.lexicographicallyPrecedes($1) }
                    let told = found.map(key).sorted { $0.lexicographicallyPrecedes($1) }
                    #expect(told == expected, "seed \(Self.seed)")
                }
            }
        }
    }

    /// A list of more ids than are put in order at once is in parts, each in its order.
    @Test func longLists() {
        let count = ChunkIDList.groupMax + 3
        var bytes = (0..<count).flatMap { n in
            Sample.chunkID(count - n).withUnsafeBytes { Array($0) }
        }
        let before = bytes.withUnsafeBytes { Set(ChunkIDList($0)) }
        ChunkIDList.sort(&bytes)
        bytes.withUnsafeBytes { bytes in
            let groups = ChunkIDList(bytes).groups.map { Array($0) }
            #expect(groups.map(\.count) == [ChunkIDList.groupMax, 3])
            #expect(groups.allSatisfy { $0 == $0.sorted() })
            #expect(Set(groups.joined()) == before && before.count == count)
        }
    }

    /// What is merged is the sorted whole, and the same file comes out in blocks of any size, in memory or on disk.
    @Test(arguments: [1, 7, 100, 1 << 15]) func runsAreMergedInBlocks(_ blockRecords: Int) throws {
        var random = SplitMix(seed: Self.seed)
        var sources: [[IndexRecord]] = []
        for count in [0, 1, 99, 300] {
            sources.append(
                (0..<count).map { n in
                    let id = Sample.chunkID(Int(random.next() % 200))
                    return IndexRecord(
                        id: id, location: ChunkLocation(ordinal: count, segment: n, offset: n, length: 1))
                }.sorted())
        }
        let pointers = sources.map { source in
            let copy = UnsafeMutableBufferPointer<IndexRecord>.allocate(capacity: source.count)
            _ = copy.initialize(from: source)
            return copy
        }
        defer { for pointer in pointers { pointer.deallocate() } }
        let writer = IndexRunWriter(
            pointers.map { UnsafeBufferPointer($0) }, ordinals: [1, 99, 300], repository: testRepository,
            blockRecords: blockRecords)
        let buffer = writer.encode()
        let run = try #require(
            IndexRun(bytes: buffer.used, storage: buffer, repository: testRepository, fileName: nil))
        #expect(run.all.map(\.location) == sources.joined().sorted().map(\.location))
        #expect(run.ordinals == [1, 99, 300] && buffer.count == writer.byteCount)
        let name = try writer.write(to: folder)
        let stored = FileManager.default.contents(atPath: "\(directory.path)/\(name)")
        #expect(stored.map { [UInt8]($0) } == Array(buffer.used))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [name])
    }

    @Test func damagedFilesAreDropped() throws {
        var random = SplitMix(seed: Self.seed)
        let packs = [pack(3, 20, &random)]
        _ = ChunkIndex.open(folder: folder, repository: testRepository).adding(packs)
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: directory.path).first)
        let path = directory.path + "/" + name
        let bytes = try #require(FileManager.default.contents(atPath: path))
        for k in bytes.indices {
            for bit in [0, 1, 7] {
                var changed = bytes
                changed[k] ^= 1 << UInt8(bit)
                try changed.write(to: URL(fileURLWithPath: path))
                let index = ChunkIndex.open(folder: folder, repository: testRepository)
                #expect(index.count == 0 && !index.covers(0) && !index.covers(3), "byte \(k)")
                #expect(!FileManager.default.fileExists(atPath: path), "byte \(k)")
            }
        }
        for count in [0, 1, 47, 48, bytes.count - 1] {
            try bytes.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(ChunkIndex.open(folder: folder, repository: testRepository).count == 0)
        }
    }

    /// The index of a repository is a cache: damaged or gone, a restore finds everything all the same.
    @Test func aLostIndexIsMadeAnew() throws {
        let fixture = try RepositoryFixture()
        var builder = TreeBuilder(seed: 62)
        builder.fileCount = 10
        let tree = try builder.build(at: fixture.directory.bytes("tree"))
        let made = try fixture.backup(tree.path).snapshot
        let cache = fixture.directory.path + "/reader/cache"
        for change in ["true", "rm -rf \(cache)", "find \(cache) -type f -exec truncate -s 40 {} +"] {
            _ = runProgram(["sh", "-c", change])
            #expect(try fixture.differences(made, tree: tree.path, expected: tree.path) == "", "\(change)")
        }
    }
}
