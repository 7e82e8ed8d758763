import Testing

@testable import VaultBackup

/// Stanzas and segments of section 8 of the format.
@Suite struct PackKeyTests {
    private let readSecret = SecretBytes([UInt8](repeating: 0x22, count: 32))
    private let chunk = ChunkID(SHA256.digest([1, 2, 3]))

    private func create(seed: UInt64 = 1) throws -> (key: PackKey, stanza: Stanza) {
        try PackKey.create(
            packClass: .data, epoch: 7, group: 1, readKey: X25519.publicKey(of: readSecret), repository: testRepository,
            random: SeededBytes(seed: seed))
    }

    private func seal(
        _ key: PackKey, _ plaintext: [UInt8], index: Int = 3, codec: UInt8 = 1, level: UInt8 = 3,
        version: UInt32 = 10505,
        length: Int = 3
    ) throws -> [UInt8] {
        var stored = [UInt8](repeating: 0, count: plaintext.count + 48)
        try stored.withUnsafeMutableBytes { output in
            try plaintext.withUnsafeBytes { input in
                try key.sealSegment(
                    index: index, codec: codec, level: level, zstdVersion: version, chunks: [(chunk, length)],
                    plaintext: input, into: output, using: AESGCM())
            }
        }
        return stored
    }

    private func open(_ key: PackKey, _ stored: [UInt8], index: Int = 3) throws -> [UInt8] {
        var plaintext = [UInt8](repeating: 0, count: max(0, stored.count - 48))
        try plaintext.withUnsafeMutableBytes { output in
            try stored.withUnsafeBytes { try key.openSegment(index: index, $0, into: output, using: AESGCM()) }
        }
        return plaintext
    }

    @Test func aReaderOpensWhatAWriterSealed() throws {
        #expect(PackKey.segmentOverhead == 53)
        let (key, stanza) = try create()
        let opened = try PackKey.open(stanza, readSecret: readSecret, repository: testRepository)
        for plaintext in [[], [0, 0, 0, 0, 3, 1, 2, 3], [UInt8](repeating: 9, count: 100_000)] as [[UInt8]] {
            let stored = try seal(key, plaintext)
            #expect(try open(opened, stored) == plaintext)
            #expect(stored == (try seal(opened, plaintext)), "an opened key seals the same")
        }
    }

    @Test func theStanzaSurvivesItsStoredForm() throws {
        let stanza = try create().stanza
        var writer = ByteWriter()
        stanza.encode(into: &writer)
        #expect(writer.count == Stanza.byteCount)
        var reader = ByteReader(writer.bytes, "stanza")
        #expect(try Stanza(from: &reader) == stanza)
        try reader.finish()
        for count in 0..<Stanza.byteCount {
            var short = ByteReader(Array(writer.bytes[..<count]), "stanza")
            #expect(throws: FormatError.self, "\(count) bytes") { try Stanza(from: &short) }
        }
    }

    @Test func everyChangedByteOfAStanzaIsRefused() throws {
        let stanza = try create().stanza
        var writer = ByteWriter()
        stanza.encode(into: &writer)
        for k in writer.bytes.indices {
            for mask in [0x01, 0x80] as [UInt8] {
                var changed = writer.bytes
                changed[k] ^= mask
                #expect(throws: (any Error).self, "byte \(k)") {
                    var reader = ByteReader(changed, "stanza")
                    _ = try PackKey.open(Stanza(from: &reader), readSecret: readSecret, repository: testRepository)
                }
            }
        }
    }

    @Test func stanzasOfUnknownKindAreRejected() throws {
        var writer = ByteWriter()
        try create().stanza.encode(into: &writer)
        // Class, type, epoch 0, group 0.
        let edits: [(Range<Int>, [UInt8])] = [
            (0..<1, [0]), (0..<1, [3]), (1..<2, [0]), (1..<2, [2]), (2..<6, [0, 0, 0, 0]), (6..<10, [0, 0, 0, 0]),
        ]
        for (range, bytes) in edits {
            var changed = writer.bytes
            changed.replaceSubrange(range, with: bytes)
            #expect(throws: FormatError.self, "\(range) \(bytes)") {
                var reader = ByteReader(changed, "stanza")
                return try Stanza(from: &reader)
            }
        }
    }

    @Test func anotherReaderOrRepositoryIsRefused() throws {
        let stanza = try create().stanza
        #expect(throws: CryptoError.authenticationFailed) {
            try PackKey.open(
                stanza, readSecret: SecretBytes([UInt8](repeating: 0x23, count: 32)), repository: testRepository)
        }
        #expect(throws: CryptoError.authenticationFailed) {
            try PackKey.open(stanza, readSecret: readSecret, repository: otherRepository)
        }
    }

    /// A writer who seals one key but commits to another is found out, although everything decrypts.
    @Test func aFalseCommitmentIsRefused() throws {
        let binding = Stanza.binding(.data, epoch: 7, group: 1)
        let salt = [UInt8](repeating: 4, count: 32)
        let sealed = try HPKE.seal(
            SecretBytes([UInt8](repeating: 5, count: 32)), to: X25519.publicKey(of: readSecret),
            info: Label.repository("pack/stanza", testRepository) + binding,
            aad: Label.repository("pack/stanza-aad", testRepository) + binding + salt + Digest.zero.bytes,
            ephemeral: SecretBytes([UInt8](repeating: 6, count: 32)))
        let stanza = Stanza(
            packClass: .data, epoch: 7, group: 1, salt: salt, commitment: .zero, enc: sealed.enc,
            sealedKey: sealed.ciphertext)
        #expect(throws: CryptoError.commitmentMismatch) {
            try PackKey.open(stanza, readSecret: readSecret, repository: testRepository)
        }
    }

    @Test func everyChangedByteOfASegmentIsRefused() throws {
        let (key, _) = try create()
        let stored = try seal(key, [0, 0, 0, 0, 3, 1, 2, 3])
        for k in stored.indices {
            var changed = stored
            changed[k] ^= 1
            #expect(throws: CryptoError.authenticationFailed, "byte \(k)") { try open(key, changed) }
        }
        for count in 0..<stored.count {
            #expect(throws: CryptoError.self, "\(count) bytes") { try open(key, Array(stored[..<count])) }
        }
        #expect(throws: CryptoError.authenticationFailed) { try open(key, stored + [0]) }
        #expect(throws: CryptoError.authenticationFailed) { try open(key, stored, index: 4) }
        let other = try create(seed: 2).key
        #expect(throws: CryptoError.authenticationFailed) { try open(other, stored) }
    }

    /// With the same random state, what differs in the plaintext or in how it was made gets another key.
    @Test func theHedgeDependsOnAllThatItShould() throws {
        let key = try create().key
        let base = try seal(key, [0, 1, 2])
        let others = [
            try seal(key, [0, 1, 2], index: 4), try seal(key, [0, 1, 2], codec: 0), try seal(key, [0, 1, 2], level: 4),
            try seal(key, [0, 1, 2], version: 10506), try seal(key, [0, 1, 2, 3]), try seal(key, [0, 1, 2], length: 4),
        ]
        let hedges = ([base] + others).map { Array($0[..<32]) }
        #expect(Set(hedges).count == hedges.count)
    }
}
