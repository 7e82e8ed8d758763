import Testing

@testable import VaultBackup

/// Published vectors, run through the wrappers that the engine calls (`Tests/Vectors/crypto`).
@Suite struct PublishedVectorTests {
    private struct AEADCase: Decodable {
        let id: Int
        let result: String
        let key, iv, aad, msg, ct, tag: HexBytes
    }

    @Test func aesGCM() throws {
        let cases: [AEADCase] = try cryptoVectors("aes256gcm.json")
        #expect(cases.count == 66)
        // One object for all cases, so that no state may leak from one message into the next.
        let cipher = AESGCM()
        for test in cases {
            let sealed = test.ct.bytes + test.tag.bytes
            if test.result == "valid" {
                #expect(
                    try cipher.seal(key: test.key.secret, nonce: test.iv.bytes, aad: test.aad.bytes, test.msg.secret)
                        == sealed, "case \(test.id)")
                #expect(
                    try cipher.open(key: test.key.secret, nonce: test.iv.bytes, aad: test.aad.bytes, sealed).array
                        == test.msg.bytes, "case \(test.id)")
            } else {
                #expect(throws: CryptoError.authenticationFailed, "case \(test.id)") {
                    try cipher.open(key: test.key.secret, nonce: test.iv.bytes, aad: test.aad.bytes, sealed)
                }
            }
        }
    }

    private struct HMACCase: Decodable {
        let id: Int
        let result: String
        let key, msg, tag: HexBytes
    }

    @Test func hmac() throws {
        let cases: [HMACCase] = try cryptoVectors("hmac_sha256.json")
        #expect(cases.count == 174)
        for test in cases {
            let key = MACKey(test.key.secret)
            let mac = key.authenticate(test.msg.bytes).bytes
            // Half of the cases give the first 16 bytes.
            let matches = Array(mac.prefix(test.tag.bytes.count)) == test.tag.bytes
            #expect(matches == (test.result == "valid"), "case \(test.id)")
            var state = key.begin()
            for byte in test.msg.bytes { state.update([byte]) }
            #expect(state.finish().bytes == mac, "case \(test.id), byte by byte")
        }
    }

    private struct HKDFCase: Decodable {
        let id: Int
        let result: String
        let ikm, salt, info, okm: HexBytes
        let size: Int
    }

    @Test func hkdf() throws {
        let cases: [HKDFCase] = try cryptoVectors("hkdf_sha256.json")
        #expect(cases.count == 86)
        for test in cases {
            // The invalid ones ask for more than HKDF gives, which is a precondition of the call.
            #expect((test.result == "valid") == (test.size <= HKDF.byteCountMax), "case \(test.id)")
            guard test.result == "valid" else { continue }
            let okm = HKDF.derive(test.ikm.secret, info: test.info.bytes, count: test.size, salt: test.salt.bytes)
            #expect(okm.array == test.okm.bytes, "case \(test.id)")
        }
    }

    private struct X25519Case: Decodable {
        let id: Int
        let result: String
        let `public`, `private`, shared: HexBytes
        let zero: Bool
    }

    @Test func x25519() throws {
        let cases: [X25519Case] = try cryptoVectors("x25519.json")
        #expect(cases.count == 518)
        #expect(cases.filter(\.zero).count == 31)
        for test in cases {
            if test.zero {
                #expect(throws: CryptoError.refusedPoint, "case \(test.id)") {
                    try X25519.sharedSecret(test.private.secret, test.public.bytes)
                }
            } else {
                #expect(
                    try X25519.sharedSecret(test.private.secret, test.public.bytes).array == test.shared.bytes,
                    "case \(test.id)")
            }
        }
    }

    private struct Ed25519Case: Decodable {
        let id: Int
        let result: String
        let msg, sig, pk: HexBytes
    }

    @Test func ed25519() throws {
        let cases: [Ed25519Case] = try cryptoVectors("ed25519.json")
        #expect(cases.count == 151)
        for test in cases {
            #expect(
                Ed25519.isValid(test.sig.bytes, of: test.msg.bytes, publicKey: test.pk.bytes)
                    == (test.result == "valid"), "case \(test.id)")
        }
    }

    private struct HPKECase: Decodable {
        struct Encryption: Decodable { let aad, ct, nonce, pt: HexBytes }
        struct Export: Decodable {
            let exporter_context, exported_value: HexBytes
            let L: Int
        }
        let info, skRm, skEm, pkRm, pkEm, enc, shared_secret, key, base_nonce, exporter_secret: HexBytes
        let encryptions: [Encryption]
        let exports: [Export]
    }

    @Test func hpke() throws {
        let cases: [HPKECase] = try cryptoVectors("hpke.json")
        #expect(cases.count == 1)
        for test in cases {
            #expect(try X25519.publicKey(of: test.skRm.secret) == test.pkRm.bytes)
            #expect(try X25519.publicKey(of: test.skEm.secret) == test.pkEm.bytes)
            let dh = try X25519.sharedSecret(test.skRm.secret, test.enc.bytes)
            let shared = HPKE.sharedSecret(dh: dh, enc: test.enc.bytes, recipient: test.pkRm.bytes)
            #expect(shared.array == test.shared_secret.bytes)
            let context = HPKE.Context(sharedSecret: shared, info: test.info.bytes)
            #expect(context.key.array == test.key.bytes)
            #expect(context.baseNonce == test.base_nonce.bytes)
            #expect(context.exporterSecret.array == test.exporter_secret.bytes)
            for export in test.exports {
                #expect(
                    context.export(export.exporter_context.bytes, count: export.L).array == export.exported_value.bytes)
            }
            let cipher = AESGCM()
            for message in test.encryptions {
                #expect(
                    try cipher.seal(
                        key: context.key, nonce: message.nonce.bytes, aad: message.aad.bytes, message.pt.secret)
                        == message.ct.bytes)
            }
            // The single-shot calls are sequence number 0, the first message.
            let first = test.encryptions[0]
            let sealed = try HPKE.seal(
                first.pt.secret, to: test.pkRm.bytes, info: test.info.bytes, aad: first.aad.bytes,
                ephemeral: test.skEm.secret)
            #expect(sealed.enc == test.enc.bytes)
            #expect(sealed.ciphertext == first.ct.bytes)
            let opened = try HPKE.open(
                first.ct.bytes, enc: test.enc.bytes, with: test.skRm.secret, info: test.info.bytes,
                aad: first.aad.bytes, commitment: sealed.commitment)
            #expect(opened.array == first.pt.bytes)
        }
    }
}
