import Testing

@testable import VaultBackup

/// Spot values from the standards, and what the wrappers promise beyond them.
@Suite struct PrimitiveTests {
    @Test func sha256() {
        #expect(SHA256.digest([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SHA256.digest(Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        var hash = SHA256()
        hash.update([UInt8](repeating: 0x61, count: 500_000))
        let half = hash
        hash.update([UInt8](repeating: 0x61, count: 500_000))
        #expect(hash.finish().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        var again = half
        again.update([UInt8](repeating: 0x61, count: 500_000))
        #expect(again.finish().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func rfc5869() {
        let okm = HKDF.derive(
            SecretBytes([UInt8](repeating: 0x0b, count: 22)), info: [], count: 42)
        #expect(
            Hex.encode(okm.array)
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
        #expect(HKDF.derive(SecretBytes([1]), info: [], count: 0).count == 0)
        #expect(HKDF.derive(SecretBytes([1]), info: [], count: HKDF.byteCountMax).count == 8_160)
    }

    @Test func hkdfRefusesMoreThanItCanGive() async {
        await #expect(processExitsWith: .failure) {
            _ = HKDF.derive(SecretBytes([1]), info: [], count: HKDF.byteCountMax + 1)
        }
    }

    @Test func rfc7914() throws {
        let first = try Scrypt.derive(
            SecretBytes(Array("password".utf8)), salt: Array("NaCl".utf8), n: 1024, r: 8, p: 16, count: 64)
        #expect(
            Hex.encode(first.array)
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")
        let second = try Scrypt.derive(
            SecretBytes(Array("pleaseletmein".utf8)), salt: Array("SodiumChloride".utf8), n: 16_384, r: 8, p: 1,
            count: 64)
        #expect(
            Hex.encode(second.array)
                == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")
    }

    @Test func scryptRefusesOtherCosts() throws {
        let passphrase = SecretBytes(Array("correct horse".utf8))
        for n in [Int.min, -1, 0, 1, 1 << 14, (1 << 15) + 1, 3 << 15, 1 << 21, Int.max] {
            #expect(throws: CryptoError.self, "N = \(n)") { try Scrypt.derive(passphrase, salt: [1], n: n) }
        }
        // 64 MiB, twice what the library allows by itself.
        #expect(try Scrypt.derive(passphrase, salt: [1], n: 1 << 16).count == 32)
    }

    @Test func x25519AgreesBothWays() throws {
        let random = SeededBytes(seed: 7)
        for _ in 0..<8 {
            let (a, b) = (SecretBytes.random(32, from: random), SecretBytes.random(32, from: random))
            let one = try X25519.sharedSecret(a, X25519.publicKey(of: b))
            #expect(one.isEqual(to: try X25519.sharedSecret(b, X25519.publicKey(of: a))), "seed 7")
        }
    }

    @Test func rfc8032() throws {
        let seed = SecretBytes(hex: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        let key = try Ed25519.publicKey(of: seed)
        #expect(Hex.encode(key) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        var signature = try Ed25519.sign([0x72], seed: seed)
        #expect(
            Hex.encode(signature)
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        #expect(Ed25519.isValid(signature, of: [0x72], publicKey: key))
        #expect(!Ed25519.isValid(signature, of: [0x73], publicKey: key))
        #expect(!Ed25519.isValid(signature, of: [0x72], publicKey: Array(key.dropLast())))
        for k in signature.indices {
            signature[k] ^= 1
            #expect(!Ed25519.isValid(signature, of: [0x72], publicKey: key), "byte \(k)")
            signature[k] ^= 1
        }
        #expect(!Ed25519.isValid([], of: [0x72], publicKey: key))
    }

    @Test func wrongLengthsAreRefused() {
        let short = SecretBytes([UInt8](repeating: 1, count: 31))
        let long = SecretBytes([UInt8](repeating: 1, count: 33))
        for bad in [short, long, SecretBytes([])] {
            #expect(throws: CryptoError.badKeyLength) { try X25519.publicKey(of: bad) }
            #expect(throws: CryptoError.badKeyLength) {
                try X25519.sharedSecret(SecretBytes(bad.array + [1]), bad.array)
            }
            #expect(throws: CryptoError.badKeyLength) { try Ed25519.publicKey(of: bad) }
            #expect(throws: CryptoError.badKeyLength) { try Ed25519.sign([], seed: bad) }
            #expect(throws: CryptoError.badKeyLength) { try AESGCM().seal(key: bad, aad: [], SecretBytes([1])) }
            #expect(throws: CryptoError.badKeyLength) {
                try SealedBox.seal([], key: bad, purpose: "p", repository: testRepository, context: [])
            }
        }
        let key = SecretBytes([UInt8](repeating: 1, count: 32))
        for count in 0..<AESGCM.tagByteCount {
            #expect(throws: CryptoError.badKeyLength, "\(count) bytes") {
                try AESGCM().open(key: key, aad: [], [UInt8](repeating: 0, count: count))
            }
        }
    }

    @Test func aLibraryErrorNamesTheCallAndEmptiesTheQueue() {
        // A cost that is no power of two is refused by the library itself.
        #expect(throws: CryptoError.self) {
            try Scrypt.derive(SecretBytes([1]), salt: [], n: 3, r: 8, p: 1, count: 32)
        }
        let next = OpenSSL.failure("second call")
        #expect(next == .failed("second call failed"))
    }

    @Test func openingWorksInPlaceAndFailureLeavesZeros() throws {
        let cipher = AESGCM()
        let key = SecretBytes([UInt8](repeating: 3, count: 32))
        let plaintext = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var buffer = plaintext + [UInt8](repeating: 0, count: AESGCM.tagByteCount)
        try buffer.withUnsafeMutableBytes { bytes in
            try cipher.seal(
                key: key, aad: [9], UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<1000]),
                into: bytes)
        }
        #expect(buffer == (try cipher.seal(key: key, aad: [9], SecretBytes(plaintext))))
        let sealed = buffer
        try buffer.withUnsafeMutableBytes { bytes in
            try cipher.open(
                key: key, aad: [9], UnsafeRawBufferPointer(bytes),
                into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<1000]))
        }
        #expect(Array(buffer[..<1000]) == plaintext)
        buffer = sealed
        buffer[1015] ^= 1
        var output = [UInt8](repeating: 0xaa, count: 1000)
        #expect(throws: CryptoError.authenticationFailed) {
            try output.withUnsafeMutableBytes { target in
                try buffer.withUnsafeBytes { try cipher.open(key: key, aad: [9], $0, into: target) }
            }
        }
        #expect(output == [UInt8](repeating: 0, count: 1000))
    }

    @Test func randomBytesDiffer() {
        let (a, b) = (SecretBytes.random(32, from: SystemRandom()), SecretBytes.random(32, from: SystemRandom()))
        #expect(!a.isEqual(to: b))
        #expect(SecretBytes.random(0, from: SystemRandom()).count == 0)
    }
}
