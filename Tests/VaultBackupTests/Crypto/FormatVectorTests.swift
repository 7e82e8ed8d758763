import Testing

@testable import VaultBackup

/// The derivations of the format against the answers of a second implementation.
@Suite struct CryptoFormatVectorTests {
    @Test func labels() throws {
        for test in try FormatVectors.cases("labels.json", "L(") {
            #expect(
                Hex.encode(Label.repository(try test.text("p"), try test.repository())) == test.outText, "\(test.name)")
        }
        for test in try FormatVectors.cases("labels.json", "L0(") {
            #expect(Hex.encode(Label.bare(try test.text("p"))) == test.outText, "\(test.name)")
        }
        for test in try FormatVectors.cases("labels.json", "HKDF with L(") {
            let derived = HKDF.derive(
                try test.secret("ikm"), info: Label.repository(try test.text("p"), try test.repository()))
            #expect(Hex.encode(derived.array) == test.outText, "\(test.name)")
        }
    }

    @Test func chunkIDs() throws {
        for test in try FormatVectors.cases("chunk-ids.json", "type") {
            let identifier = ChunkIdentifier(dedupSecret: try test.secret("dd"), repository: try test.repository())
            let type = try #require(ChunkType(rawValue: UInt8(try test.number("type"))))
            let id = try test.hex("plaintext").withUnsafeBytes { identifier.id(type, $0).id }
            #expect(id.hex == test.outText, "\(test.name)")
        }
    }

    @Test func seal() throws {
        for test in try FormatVectors.cases("seal.json", "directory", "segment-map") {
            let (key, purpose) = (try test.secret("key"), try test.text("purpose"))
            let (repository, context) = (try test.repository(), try test.hex("context"))
            let stored = try SealedBox.seal(
                try test.hex("plaintext"), key: key, purpose: purpose, repository: repository, context: context)
            #expect(Hex.encode(stored) == test.outText, "\(test.name)")
            let opened = try SealedBox.open(
                stored, key: key, purpose: purpose, repository: repository, context: context)
            #expect(opened == (try test.hex("plaintext")), "\(test.name)")
        }
    }

    @Test func hpke() throws {
        for test in try FormatVectors.cases("hpke.json", "32 bytes", "nothing") {
            let sealed = try HPKE.seal(
                try test.secret("plaintext"), to: try test.hex("recipientPublic"), info: try test.hex("info"),
                aad: try test.hex("aad"), ephemeral: try test.secret("ephemeralSecret"))
            #expect(Hex.encode(sealed.enc) == (try test.out("enc")), "\(test.name)")
            #expect(Hex.encode(sealed.ciphertext) == (try test.out("sealed")), "\(test.name)")
            #expect(sealed.commitment.hex == (try test.out("kcommit")), "\(test.name)")
        }
    }

    @Test func cuttingKeys() throws {
        let gear = try FormatVectors.cases("cutting.json", "gear table")[0]
        let table = CutKeys.gearTable(cutSecret: try gear.secret("ck"), repository: try gear.repository())
        let bytes = table.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
        #expect(SHA256.digest(bytes).hex == (try gear.out("sha256")))
        let sip = try FormatVectors.cases("cutting.json", "SipHash key")[0]
        let (k0, k1) = CutKeys.sipKey(cutSecret: try sip.secret("ck"), repository: try sip.repository())
        let key = [k0, k1].flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
        #expect(Hex.encode(key) == sip.outText)
    }

    /// Hands out given bytes, in the order in which a pack draws them.
    private struct GivenBytes: RandomSource {
        let seed: [UInt8]
        let salt: [UInt8]
        func fill(_ buffer: UnsafeMutableRawBufferPointer) {
            // Both have 32 bytes; the seed goes into aligned secret memory first.
            buffer.copyBytes(from: calls.take() == 0 ? seed : salt)
        }
        let calls = CallCounter()
    }

    @Test func stanzasAndSegments() throws {
        var keys: [String: PackKey] = [:]
        for test in try FormatVectors.cases("packs.json", "stanza of class") {
            let packClass = try #require(PackClass(rawValue: UInt8(try test.number("class"))))
            let (key, stanza) = try PackKey.create(
                packClass: packClass, epoch: try test.number("epoch"), group: try test.number("group"),
                readKey: try test.hex("readPublic"), repository: try test.repository(),
                random: GivenBytes(seed: try test.hex("p"), salt: try test.hex("salt")))
            var writer = ByteWriter()
            stanza.encode(into: &writer)
            #expect(Hex.encode(writer.bytes) == (try test.out("stanza")), "\(test.name)")
            _ = try PackKey.open(stanza, readSecret: try test.secret("readSecret"), repository: try test.repository())
            keys[stanza.commitment.hex] = key
        }
        for test in try FormatVectors.cases("packs.json", "segment ") {
            let key = try #require(keys[try test.text("commitment")], "\(test.name)")
            let stored = try test.outHex("stored")
            var plaintext = [UInt8](repeating: 0, count: stored.count - 48)
            try plaintext.withUnsafeMutableBytes { output in
                try stored.withUnsafeBytes {
                    try key.openSegment(index: try test.number("index"), $0, into: output, using: AESGCM())
                }
            }
            let raw = try test.outHex("raw")
            #expect(plaintext[0] == UInt8(try test.number("codec")))
            #expect(plaintext[1..<5].reduce(0) { $0 << 8 | Int($1) } == raw.count)
            if plaintext[0] == 0 { #expect(Array(plaintext[5...]) == raw) }
            var again = [UInt8](repeating: 0, count: stored.count)
            let chunks = try #require(test.input["chunks"] as? [[String: Any]]).map { chunk in
                let (id, content) = (chunk["id"] as? String ?? "", chunk["bytes"] as? String ?? "")
                return (id: try #require(ChunkID(hex: id)), length: content.utf8.count / 2)
            }
            try again.withUnsafeMutableBytes { output in
                try plaintext.withUnsafeBytes { input in
                    try key.sealSegment(
                        index: try test.number("index"), codec: plaintext[0], level: UInt8(try test.number("level")),
                        zstdVersion: UInt32(try test.number("zstdVersion")), chunks: chunks, plaintext: input,
                        into: output, using: AESGCM())
                }
            }
            #expect(again == stored, "\(test.name)")
        }
    }
}
