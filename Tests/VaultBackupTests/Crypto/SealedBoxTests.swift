import Testing

@testable import VaultBackup

/// Section 3 of the format: every changed byte and every other circumstance is refused.
@Suite struct SealedBoxTests {
    private let key = SecretBytes([UInt8](repeating: 0x11, count: 32))

    private func seal(_ x: [UInt8], context: [UInt8] = [1, 2]) throws -> [UInt8] {
        try SealedBox.seal(x, key: key, purpose: "directory", repository: testRepository, context: context)
    }

    private func open(_ stored: [UInt8], context: [UInt8] = [1, 2]) throws -> [UInt8] {
        try SealedBox.open(stored, key: key, purpose: "directory", repository: testRepository, context: context)
    }

    @Test func roundTripIsDeterministic() throws {
        for count in [0, 1, 15, 16, 17, 1000] {
            let x = [UInt8](repeating: 0x5a, count: count)
            let stored = try seal(x)
            #expect(stored.count == count + SealedBox.overhead)
            #expect(stored == (try seal(x)))
            #expect(try open(stored) == x)
        }
        // Another content gets another key, also when only the context differs.
        #expect(try seal([1])[..<64] != seal([2])[..<64])
        #expect(try seal([1], context: [1])[..<64] != seal([1], context: [2])[..<64])
    }

    @Test func everyFlippedBitIsRefused() throws {
        let stored = try seal(Array("which files there are".utf8))
        for k in stored.indices {
            for bit in 0..<8 {
                var changed = stored
                changed[k] ^= 1 << bit
                // The head decides the key, so its damage shows in the commitment; the rest shows in the tag.
                let expected: CryptoError = k < 64 ? .commitmentMismatch : .authenticationFailed
                #expect(throws: expected, "byte \(k), bit \(bit)") { try open(changed) }
            }
        }
    }

    @Test func everyOtherLengthIsRefused() throws {
        let stored = try seal([1, 2, 3])
        for count in 0..<stored.count {
            #expect(throws: CryptoError.self, "\(count) bytes") { try open(Array(stored[..<count])) }
        }
        #expect(throws: CryptoError.authenticationFailed) { try open(stored + [0]) }
        #expect(throws: CryptoError.badKeyLength) { try open(Array(stored[..<79])) }
    }

    @Test func everyOtherCircumstanceIsRefused() throws {
        let stored = try seal([1, 2, 3])
        #expect(throws: CryptoError.authenticationFailed) { try open(stored, context: [1, 3]) }
        #expect(throws: CryptoError.authenticationFailed) { try open(stored, context: []) }
        #expect(throws: CryptoError.commitmentMismatch) {
            try SealedBox.open(stored, key: key, purpose: "segment-map", repository: testRepository, context: [1, 2])
        }
        #expect(throws: CryptoError.commitmentMismatch) {
            try SealedBox.open(stored, key: key, purpose: "directory", repository: otherRepository, context: [1, 2])
        }
        #expect(throws: CryptoError.commitmentMismatch) {
            let other = SecretBytes([UInt8](repeating: 0x12, count: 32))
            return try SealedBox.open(
                stored, key: other, purpose: "directory", repository: testRepository, context: [1, 2])
        }
    }

    /// Whoever has the key can seal under a hash that is not the content's; a reader recomputes it and refuses.
    @Test func aFalseHashIsRefused() throws {
        let label = Label.repository("seal/directory", testRepository)
        let sealKey = HKDF.derive(key, info: Label.repository("seal/directory/key", testRepository))
        let falseHash = [UInt8](repeating: 7, count: 32)
        let both = HKDF.derive(sealKey, info: label + falseHash, count: 64)
        let head = falseHash + both.slice(32..<64).array
        let sealed = try AESGCM().seal(
            key: both.slice(0..<32), aad: label + [1, 2] + head, SecretBytes(Array("content".utf8)))
        #expect(throws: CryptoError.authenticationFailed) { try open(head + sealed) }
    }
}
