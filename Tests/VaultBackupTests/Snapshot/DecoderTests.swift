import Testing

@testable import VaultBackup

/// Decoders of trees and packs against the answers of the second implementation.
@Suite struct DecoderTests {
    private func expectRejected(_ decoder: String, _ decode: (FormatVectors.Case) throws -> Void) throws {
        for one in try FormatVectors.rejects(decoder) {
            #expect(throws: FormatError.self, "\(one.name.prefix(120))") { try decode(one) }
        }
    }

    /// A node may be refused because of one entry, which is then left out alone.
    @Test func directoryNodes() throws {
        try expectRejected("directory-node") { one in
            if case .leaf(let entries) = try DirectoryNode(decoding: try one.hex("bytes")) {
                for entry in entries { _ = try entry.get() }
            }
        }
    }

    @Test func extents() throws {
        try expectRejected("extent-items") { one in
            var reader = ByteReader(try one.hex("bytes"), "extents")
            _ = try Extent.decodeAll(&reader)
        }
        try expectRejected("extent-list-node") { _ = try ExtentListNode(decoding: try $0.hex("bytes")) }
    }

    @Test func packs() throws {
        try expectRejected("pack-header") { one in
            let header = try PackHeader.decode(prefixOf: try one.hex("bytes")).header
            guard header.repository == (try one.repository()) else { throw FormatError("another repository") }
        }
        try expectRejected("pack-trailer") { one in
            let trailer = try PackTrailer(decoding: try one.hex("bytes"), packLength: try one.number("packLength"))
            guard try trailer.directoryOffset >= one.number("headerLength") else {
                throw FormatError("inside the header")
            }
        }
        try expectRejected("pack-directory") { one in
            let packClass = try #require(PackClass(rawValue: UInt8(try one.number("packClass"))))
            let directory = try PackDirectory(
                decoding: try one.hex("bytes"),
                area: Range(uncheckedBounds: (try one.number("segmentsStart"), try one.number("segmentsEnd"))),
                stanzaCount: try one.number("stanzas"), kind: .ordinary, packClass: packClass)
            guard directory.isOrdinary else { throw FormatError("not in its place") }
        }
    }

    @Test func sets() throws {
        try expectRejected("pack-set") { _ = try PackSet(decoding: try $0.hex("bytes")) }
        try expectRejected("set-object") { _ = try PackSet(decodingObject: try $0.hex("bytes"), try $0.repository()) }
        try expectRejected("segment-map-plaintext") { one in
            let counts = try #require(one.input["segments"] as? [Int])
            let map = try SegmentMap(decoding: try one.hex("bytes"), packCount: counts.count)
            guard map.packs.map(\.isUsed.count) == counts else { throw FormatError("other counts") }
        }
    }

    @Test func entriesComeBack() throws {
        for one in try FormatVectors.cases("tree.json", "entry:") {
            let bytes = try one.outHex("entry")
            var reader = ByteReader(bytes, "entry")
            let entry = try TreeEntry(from: &reader)
            #expect(entry.name == Array(try one.text("name").utf8), "\(one.name)")
            #expect(entry.size == (try one.number("size")), "\(one.name)")
            // What a later version adds is skipped, and so not written again.
            if !one.name.contains("unknown") && !one.name.contains("directory") {
                #expect(entry.encoded() == bytes, "\(one.name)")
            }
            let disclosure = Disclosure(
                dedupSecret: SecretBytes([UInt8](repeating: 0x33, count: 32)), repository: testRepository)
            #expect(disclosure.leaf(of: entry).hex == (try one.out("disclosureLeaf")), "\(one.name)")
        }
    }

    @Test func treeHashes() throws {
        for one in try FormatVectors.cases("tree.json", "tree hash") {
            let leaves = try #require(one.input["leaves"] as? [String]).compactMap { Digest(hex: $0) }
            #expect(Disclosure.root(leaves).hex == one.outText, "\(one.name)")
        }
    }

    @Test func privatePartsComeBack() throws {
        var part = PrivatePart()
        part.command = [[0xff, 0], []]
        part.description = "ünï \"quoted\" \u{1}"
        part.entries = 7
        part.paths = [Array("/a b".utf8)]
        part.problems = [(Array("x".utf8), "gone")]
        part.problemCount = 3
        part.host = "host"
        part.version = Version.text
        #expect(try PrivatePart(decoding: part.encode()) == part)
        let bytes = part.encode()
        for k in bytes.indices {
            var changed = bytes
            changed[k] ^= 1
            // Text may differ; but what is accepted has one form only.
            if let other = try? PrivatePart(decoding: changed) { #expect(other.encode() == changed) }
        }
        #expect(throws: FormatError.self) { try PrivatePart(decoding: bytes + [0x20]) }
    }

    /// Nothing that a flipped bit makes of a node can crash its decoder.
    @Test func changedNodesDoNotCrash() throws {
        let seed: UInt64 = 31
        var random = SplitMix(seed: seed)
        let nodes = try FormatVectors.cases("tree.json", "entry:").map { one -> [UInt8] in
            var items = ByteWriter()
            items.lp32(try one.outHex("entry"))
            return DirectoryNode.encode(level: 0, count: 1, items: items.bytes)
        }
        var refused = 0
        for round in 0..<20_000 {
            var bytes = nodes[round % nodes.count]
            for _ in 0...Int(random.next() % 3) {
                bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
            }
            do {
                if case .leaf(let entries) = try DirectoryNode(decoding: bytes) {
                    for entry in entries { _ = try entry.get() }
                }
            } catch { refused += 1 }
            _ = try? ExtentListNode(decoding: bytes)
        }
        #expect(refused > 1000, "seed \(seed)")
    }
}
