import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

/// Small stored objects that claim, or would become, something huge.
@Suite(.serialized) struct BombTests {
    /// Segments behind right seals whose plaintext lies about its length or holds frames that no writer makes.
    @Test func segmentsThatLie() throws {
        let content = FuzzWorld.content
        let right = try FuzzWorld.compressedPlaintext()
        let frame = Array(right[5...])
        func segment(_ codec: UInt8, _ length: UInt32, _ body: [UInt8]) -> [UInt8] {
            [codec] + withUnsafeBytes(of: length.bigEndian) { Array($0) } + body
        }
        let count = UInt32(content.count)
        // A header without content size and with a window of 2^(10 + exponent) bytes, then one raw block.
        func windowed(_ exponent: UInt8) -> [UInt8] {
            let block = UInt32(content.count) << 3 | 1
            return [0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3]
                + [UInt8(block & 0xff), UInt8(block >> 8 & 0xff), UInt8(block >> 16)] + content
        }
        #expect(try FuzzWorld.readPack(directory: nil, segment: right))
        #expect(try FuzzWorld.readPack(directory: nil, segment: segment(1, count, windowed(0))))
        let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]
        var withDictionary = frame
        withDictionary[4] |= 1
        withDictionary.insert(7, at: 5)
        let bombs: [(String, [UInt8])] = [
            ("length 0", segment(1, 0, frame)), ("a smaller length", segment(1, 5, frame)),
            ("a longer length", segment(1, count + 1, frame)), ("length 2^32 - 1", segment(1, .max, frame)),
            ("raw with another length", segment(0, count - 1, content)), ("raw, 2^32 - 1", segment(0, .max, content)),
            ("codec 2", segment(2, count, frame)), ("no body", segment(1, count, [])), ("nothing", []),
            ("one byte", [1]),
            ("two frames", segment(1, count * 2, frame + frame)),
            ("bytes after the frame", segment(1, count, frame + [0])),
            ("a skippable frame before it", segment(1, count, skippable + frame)),
            ("a skippable frame after it", segment(1, count, frame + skippable)),
            ("only a skippable frame", segment(1, 0, skippable)), ("a dictionary", segment(1, count, withDictionary)),
            ("a window of 128 MiB", segment(1, count, windowed(17))),
            ("a window of 2 TiB", segment(1, count, windowed(31))),
            ("16 MiB of zeros in a few bytes", segment(1, 1 << 24, try compressed(zeros(1 << 24)))),
            (
                "64 MiB of zeros behind what is right",
                segment(1, count + (1 << 26), try compressed(content + zeros(1 << 26)))
            ),
        ]
        for (what, plaintext) in bombs {
            #expect(try !FuzzWorld.readPack(directory: nil, segment: plaintext), "\(what) was accepted")
        }
        CampaignScale.report("segments that lie", points: bombs.count, findings: [])
    }

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    private func compressed(_ raw: [UInt8]) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 1 << 16)
        let length = raw.withUnsafeBytes { raw in
            output.withUnsafeMutableBytes { Compressor(level: .auto).compress(raw, into: $0) }
        }
        return Array(output[..<(try #require(length))])
    }

    /// Directories that stand in each other many times: 10^8 entries from five nodes. Checking them costs as much as
    /// there is, not as much as they claim.
    @Test func treesThatShareThemselves() throws {
        let fixture = try RepositoryFixture()
        let made = try HandmadeSnapshot(fixture)
        var node = try made.leaf([try made.file("bottom", "here")])
        for _ in 0..<4 {
            node = try made.leaf((0..<100).map { made.directory(String(format: "d%02d", $0), node) })
        }
        // And nodes of one directory: levels of nodes whose children are one and the same.
        var inner = try made.leaf([try made.file("x", "y")])
        for level in 1...7 {
            inner = try made.inner(level: level, (0..<50).map { (String(format: "n%02d", $0), inner) })
        }
        _ = try made.commit(try made.leaf([made.directory("many", node), made.directory("nodes", inner)]), entries: 10)
        let clock = ContinuousClock()
        let access = try ReadAccess(try fixture.open(client: "reader"), fixture.person)
        let time = clock.measure {
            let findings = (try? fixture.verify().findings) ?? []
            #expect(findings.contains { $0.contains("nodes") })
            // A walker of nodes refuses the second use of one.
            let chunks = Self.chunks(access)
            let cursor = DirectoryCursor(inner, chunks) { _ in }
            var count = 0
            var errors = 0
            for _ in 0..<100_000 {
                do { if try cursor.next() == nil { break } else { count += 1 } } catch { errors += 1 }
            }
            #expect(count <= 1 && errors > 0 && errors < 1000, "\(count) entries, \(errors) errors")
        }
        #expect(time < .seconds(20), "\(time)")
        CampaignScale.report("trees that share themselves", points: 2, findings: [])
    }

    private static func chunks(_ access: ReadAccess) -> ChunkReader {
        let state = access.repository.state
        let index = try? access.repository.chunkIndex(packs: access.packs, isWanted: { _ in true })
        return ChunkReader(packs: access.packs, identifier: access.identifier) { id, tried in
            index?.place(of: id, where: { !tried.contains($0) }).map { (state.packs[$0.ordinal].description, $0) }
        }
    }

    /// A snapshot whose set claims more packs than there are, run by run.
    @Test func setsOfHugeRuns() throws {
        let state = try FuzzWorld.state()
        for run in [0..<2, 0..<1 << 40, 5..<CanonicalJSON.integerMax] as [Range<Int>] {
            var copy = state
            var writer = ByteWriter()
            writer.leb128(run.lowerBound)
            writer.leb128(run.count)
            let body = RecordBody.snapshot(
                SnapshotBody(
                    bytes: 1, entries: 1, epoch: 1, finished: FuzzWorld.time, map: .zero,
                    privatePart: FuzzWorld.id(.privatePart, [1]), problems: 0, disclosure: .zero,
                    node: FuzzWorld.id(.directoryNode, [1]), session: FuzzWorld.session,
                    packs: .inline(try PackSet(decoding: writer.bytes)), started: FuzzWorld.time, system: "a"))
            let payload = FuzzWorld.payload(body, position: 2, previous: state.headDigest, sequence: 2)
            let effect = try copy.apply(try FuzzWorld.sealed(payload)) { _ in nil }
            guard case .withoutEffect = effect else {
                Issue.record("\(run): \(effect)")
                continue
            }
            #expect(copy.snapshots.isEmpty)
        }
    }
}
