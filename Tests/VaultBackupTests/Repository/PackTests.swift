import Testing
import VaultTestSupport

@testable import VaultBackup

/// Packs from a builder come back through a reader.
@Suite struct PackTests {
    private let store = MemoryStore()
    private let keys = KeyMaterial.create(random: SystemRandom())
    private let identifier: ChunkIdentifier
    private let sealing: SealingContext

    init() throws {
        let read = try #require(keys.read)
        identifier = ChunkIdentifier(dedupSecret: try #require(keys.dedup), repository: testRepository)
        sealing = SealingContext(
            repository: testRepository, session: Sample.id(7), epoch: 1, group: 1,
            readKey: try X25519.publicKey(of: read),
            indexKey: try #require(keys.index), random: SystemRandom(), level: .auto)
    }

    /// Packs with `chunks`, a segment for each group of them.
    private func build(_ packClass: PackClass, _ segments: [[[UInt8]]]) throws -> [FinishedPack] {
        let size = (packClass == .data ? Limits.dataPackBytes : Limits.namesPackBytes) + Limits.segmentBytesMax
        let builder = PackBuilder(packClass, context: sealing, pool: BufferPool(count: 8, capacity: size))
        var packs: [FinishedPack] = []
        for segment in segments {
            let pieces = segment.map { bytes in
                let type = packClass == .data ? ChunkType.data : .directoryNode
                return PackBuilder.Piece(
                    id: bytes.withUnsafeBytes { identifier.id(type, $0).id }, type: type, length: bytes.count)
            }
            try Array(segment.joined()).withUnsafeBytes { try builder.append($0, pieces) { packs.append($0) } }
        }
        if let last = try builder.finish() { packs.append(last) }
        #expect(try builder.finish() == nil || packs.isEmpty)
        return packs
    }

    private func describe(_ pack: FinishedPack) throws -> PackReader.Description {
        _ = try store.put(.content(.packs, pack.name), pack.buffer.used)
        #expect(SHA256.digest(pack.buffer.used) == pack.name)
        return PackReader.Description(
            name: pack.name, length: pack.buffer.count, directoryDigest: pack.directoryDigest, epoch: pack.epoch)
    }

    /// The content of all chunks, in order.
    private func content(_ packs: [FinishedPack]) throws -> [[UInt8]] {
        let reader = PackReader(store: store, repository: testRepository, keys: keys)
        let segments = SegmentReader(packs: reader)
        var result: [[UInt8]] = []
        var raw = RawBuffer(capacity: 10)
        for pack in packs {
            let description = try describe(pack)
            let directory = try reader.directory(of: description)
            #expect(directory == pack.directory)
            for (number, segment) in directory.segments.enumerated() {
                _ = try segments.read(description, segment: number, into: &raw)
                for chunk in directory.chunks[segment.chunks] {
                    result.append(Array(raw.used[chunk.offset..<chunk.offset + chunk.length]))
                }
            }
        }
        return result
    }

    @Test func roundTrip() throws {
        var random = SeededGenerator(seed: 71)
        for packClass in PackClass.allCases {
            let segments = [[random.text(70_000), random.bytes(300)], [random.bytes(50_000)], [[1]]]
            let packs = try build(packClass, segments)
            #expect(packs.count == 1)
            #expect(try content(packs) == Array(segments.joined()))
        }
        #expect(try build(.data, []).isEmpty)
    }

    /// The last pack of a session has one of few lengths.
    @Test func theEndIsPadded() throws {
        var random = SeededGenerator(seed: 72)
        for count in [1, 1000, 77_777, 3_000_000] {
            let pack = try build(.data, [[random.bytes(count)]])[0]
            let length = pack.buffer.count
            #expect(length == PackLayout.padme(length), "\(count)")
            #expect(length >= count && length < count * 9 / 8 + 1000)
        }
    }

    @Test func aFullPackHasItsSize() throws {
        var random = SeededGenerator(seed: 73)
        let chunks = (0..<180).map { _ in random.bytes(250_000 + random.below(30_000)) }
        let segments = stride(from: 0, to: chunks.count, by: 4).map { Array(chunks[$0..<min($0 + 4, chunks.count)]) }
        let packs = try build(.data, segments)
        #expect(packs.count == 2)
        #expect(packs[0].buffer.count == Limits.dataPackBytes)
        #expect(packs[1].buffer.count < Limits.dataPackBytes)
        #expect(try content(packs) == chunks)
    }

    /// Small chunks of a large segment fill a pack to its end, whether what follows compresses as what came before or
    /// not.
    @Test func aFullPackHasLittlePadding() throws {
        var random = SeededGenerator(seed: 75)
        // A third of the bytes is noise, then all, then none.
        let mixed = (0..<400).map { _ in random.bytes(1500) + random.text(3000) }
        let noise = (0..<400).map { _ in random.bytes(4700) }
        let text = (0..<400).map { _ in random.text(4700) }
        let segments = [(mixed, 18), (noise, 8), (text, 3), (mixed, 9), (noise, 16)].flatMap {
            Array(repeating: $0.0, count: $0.1)
        }
        let packs = try build(.data, segments)
        #expect(packs.count > 2)
        for pack in packs.dropLast() {
            #expect(pack.buffer.count == Limits.dataPackBytes)
            let last = try #require(pack.directory.segments.last)
            let used =
                last.offset + last.storedLength + pack.directory.segments.count * PackLayout.segmentEntryBytes
                + pack.directory.chunks.count * PackLayout.chunkEntryBytes
            #expect(Limits.dataPackBytes - used < 80 << 10, "\(Limits.dataPackBytes - used) bytes of padding")
        }
        #expect(try content(packs) == Array(segments.joined()))
    }

    /// The largest chunk there is, though it does not compress.
    @Test func largestChunks() throws {
        var random = SeededGenerator(seed: 74)
        let chunks = (0..<3).map { _ in random.bytes((16 << 20) - 1) }
        let packs = try build(.data, chunks.map { [$0] })
        #expect(try content(packs) == chunks)
        for pack in packs { #expect(pack.buffer.count <= Limits.dataPackBytes) }
    }

    @Test func aDirectoryThatTheLogDoesNotNameIsRefused() throws {
        let pack = try build(.names, [[[1, 2, 3]]])[0]
        var description = try describe(pack)
        let reader = PackReader(store: store, repository: testRepository, keys: keys)
        #expect(try reader.directory(of: description).chunks.count == 1)
        description.directoryDigest = .zero
        #expect(throws: VaultError.self) { try reader.directory(of: description) }
        // Without READ the directory opens, the content does not.
        let writer = PackReader(
            store: store, repository: testRepository, keys: KeyMaterial(index: keys.index, dedup: keys.dedup))
        description.directoryDigest = pack.directoryDigest
        #expect(try writer.directory(of: description) == pack.directory)
        var raw = RawBuffer(capacity: 10)
        #expect(throws: VaultError.self) { try SegmentReader(packs: writer).read(description, segment: 0, into: &raw) }
        let stranger = PackReader(
            store: store, repository: testRepository, keys: KeyMaterial.create(random: SystemRandom()))
        #expect(throws: VaultError.self) { try stranger.directory(of: description) }
    }
}
