import Testing

@testable import VaultBackup

/// Labels, chunk ids, cutting keys and passphrases.
@Suite struct KeyDerivationTests {
    private let secret = SecretBytes([UInt8](repeating: 0x11, count: 32))

    @Test func labels() {
        #expect(Label.bare("kit/x25519") == Array("vault/v1/kit/x25519\0".utf8))
        #expect(Label.repository("hedge", testRepository) == Array("vault/v1/hedge\0".utf8) + Array(0..<16))
    }

    @Test func chunkIDsDependOnTypeContentSecretAndRepository() {
        let identifier = ChunkIdentifier(dedupSecret: secret, repository: testRepository)
        let content = Array("The quick brown fox".utf8)
        let (id, digest) = content.withUnsafeBytes { identifier.id(.data, $0) }
        #expect(digest == SHA256.digest(content))
        #expect(id == identifier.id(.data, contentDigest: digest))
        // The definition, written out with the plain primitives.
        let key = HKDF.derive(secret, info: Label.repository("chunk-id", testRepository))
        #expect(id == ChunkID(MACKey(key).authenticate([1] + digest.bytes)))
        var all = Set(ChunkType.allCases.map { identifier.id($0, contentDigest: digest) })
        all.insert(identifier.id(.data, contentDigest: .zero))
        all.insert(ChunkIdentifier(dedupSecret: secret, repository: otherRepository).id(.data, contentDigest: digest))
        all.insert(ChunkIdentifier(dedupSecret: key, repository: testRepository).id(.data, contentDigest: digest))
        #expect(all.count == ChunkType.allCases.count + 3)
    }

    @Test func gearTablesHaveNoCandidateInARun() {
        // Only every third first table qualifies, so that some of these have to go on to the next.
        var skipped = 0
        for seed in UInt8(0)..<20 {
            let secret = SecretBytes([UInt8](repeating: seed, count: 32))
            let table = CutKeys.gearTable(cutSecret: secret, repository: testRepository)
            #expect(table.count == 256)
            for word in table {
                var hash: UInt64 = 0
                for _ in 0..<64 { hash = hash << 1 &+ word }
                #expect(hash >> 56 != 0, "secret of bytes \(seed)")
            }
            let first = HKDF.derive(
                secret, info: Label.repository("cut/gear", testRepository) + [0], count: 2048
            ).array
            if table[0] != first[..<8].reduce(0, { $0 << 8 | UInt64($1) }) { skipped += 1 }
        }
        #expect(skipped > 5 && skipped < 20)
    }

    @Test func sipKeyIsLittleEndian() {
        let bytes = HKDF.derive(secret, info: Label.repository("cut/sip", testRepository), count: 16).array
        let (k0, k1) = CutKeys.sipKey(cutSecret: secret, repository: testRepository)
        #expect(k0 == bytes[..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        #expect(k1 == bytes[8...].reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }

    private func nfc(_ text: String) throws -> [UInt8] {
        try PassphraseNormaliser.nfc(SecretBytes(Array(text.utf8))).array
    }

    @Test func passphrasesAreComposed() throws {
        // "mật khẩu tiếng Việt": as macOS decomposes it, and as keyboards send it.
        let decomposed = "ma\u{323}\u{302}t kha\u{302}\u{309}u tie\u{302}\u{301}ng Vie\u{302}\u{323}t"
        let composed = "m\u{1ead}t kh\u{1ea9}u ti\u{1ebf}ng Vi\u{1ec7}t"
        #expect(try nfc(decomposed) == Array(composed.utf8))
        #expect(try nfc(composed) == Array(composed.utf8))
        // Marks in the other order, Hangul, a singleton, a composition exclusion, and a mark with nothing before it.
        #expect(try nfc("e\u{323}\u{302}") == Array("\u{1ec7}".utf8))
        #expect(try nfc("\u{1112}\u{1161}\u{11ab}") == Array("\u{d55c}".utf8))
        #expect(try nfc("\u{212b}") == Array("\u{c5}".utf8))
        #expect(try nfc("\u{958}") == Array("\u{915}\u{93c}".utf8))
        #expect(try nfc("\u{301}x") == Array("\u{301}x".utf8))
        // Compatibility forms stay, as NFC says.
        #expect(try nfc("\u{fb01}\u{2460}") == Array("\u{fb01}\u{2460}".utf8))
    }

    @Test func nothingIsStripped() throws {
        for text in ["", " a b ", "a\n", "\u{feff}x", "a\0b"] { #expect(try nfc(text) == Array(text.utf8)) }
    }

    @Test func invalidUTF8IsRefused() {
        for bytes in [[0xff], [0x61, 0x80], [0xc3], [0x61, 0xc3, 0x62], [0xed, 0xa0, 0x80], [0xc0, 0xaf]] as [[UInt8]] {
            #expect(throws: CryptoError.self, "\(bytes)") { try PassphraseNormaliser.nfc(SecretBytes(bytes)) }
        }
    }
}
