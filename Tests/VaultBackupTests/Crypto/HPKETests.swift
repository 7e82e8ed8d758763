import Testing

@testable import VaultBackup

@Suite struct HPKETests {
    private let recipient = SecretBytes([UInt8](repeating: 0x66, count: 32))
    private let secret = SecretBytes(Array(0..<32))

    private func sealed() throws -> HPKE.Sealed {
        try HPKE.seal(
            secret, to: X25519.publicKey(of: recipient), info: [1], aad: [2],
            ephemeral: SecretBytes([UInt8](repeating: 0x77, count: 32)))
    }

    private func open(_ s: HPKE.Sealed, commits: Bool = true, info: [UInt8] = [1], aad: [UInt8] = [2]) throws
        -> SecretBytes
    {
        try HPKE.open(
            s.ciphertext, enc: s.enc, with: recipient, info: info, aad: aad, commitment: commits ? s.commitment : nil)
    }

    @Test func roundTrip() throws {
        let s = try sealed()
        #expect(s.ciphertext.count == 48)
        #expect(try open(s).isEqual(to: secret))
        #expect(try open(s, commits: false).isEqual(to: secret))
    }

    @Test func theCommitmentIsCheckedFirst() throws {
        let s = try sealed()
        var bytes = s.commitment.bytes
        bytes[31] ^= 1
        let broken = HPKE.Sealed(enc: s.enc, ciphertext: [], commitment: Digest(bytes)!)
        #expect(throws: CryptoError.commitmentMismatch) { try open(broken) }
        #expect(throws: CryptoError.commitmentMismatch) { try open(s, info: [9]) }
        #expect(throws: CryptoError.authenticationFailed) { try open(s, commits: false, info: [9]) }
        #expect(throws: CryptoError.authenticationFailed) { try open(s, aad: [9]) }
    }

    @Test func everyChangedByteIsRefused() throws {
        let s = try sealed()
        for k in s.ciphertext.indices {
            var changed = s.ciphertext
            changed[k] ^= 0x80
            #expect(throws: CryptoError.authenticationFailed, "ciphertext byte \(k)") {
                try open(HPKE.Sealed(enc: s.enc, ciphertext: changed, commitment: s.commitment))
            }
        }
        for k in s.enc.indices {
            var changed = s.enc
            // Also the top bit of the last byte, which X25519 itself ignores: the key schedule contains enc.
            changed[k] ^= 0x80
            #expect(throws: CryptoError.self, "enc byte \(k)") {
                try open(HPKE.Sealed(enc: changed, ciphertext: s.ciphertext, commitment: s.commitment), commits: false)
            }
        }
    }

    @Test func pointsOfSmallOrderAreRefused() throws {
        let s = try sealed()
        for point in [[UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31)] {
            #expect(throws: CryptoError.refusedPoint) {
                try HPKE.seal(
                    secret, to: point, info: [], aad: [], ephemeral: SecretBytes([UInt8](repeating: 7, count: 32)))
            }
            #expect(throws: CryptoError.refusedPoint) {
                try open(HPKE.Sealed(enc: point, ciphertext: s.ciphertext, commitment: s.commitment))
            }
        }
    }
}
