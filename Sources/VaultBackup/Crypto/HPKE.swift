/// Hybrid public-key encryption (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
/// AES-256-GCM, with the key commitment of `docs/FORMAT.md`, section 4, which HPKE itself lacks.
public enum HPKE {
    /// What ``seal(_:to:info:aad:ephemeral:)`` gives.
    public struct Sealed: Sendable, Equatable {
        /// The ephemeral public key, 32 bytes.
        public let enc: [UInt8]
        /// The sealed secret, 16 bytes longer than the secret.
        public let ciphertext: [UInt8]
        /// The exporter value that commits to the key.
        public let commitment: Digest

        /// A sealed secret as given.
        public init(enc: [UInt8], ciphertext: [UInt8], commitment: Digest) {
            self.enc = enc
            self.ciphertext = ciphertext
            self.commitment = commitment
        }
    }

    /// Seals `secret` so that only the holder of the secret half of `publicKey` opens it, and only with the same `info`
    /// and `aad`.
    ///
    /// `ephemeral` is a fresh secret key of 32 bytes that is used for nothing else. Throws `badKeyLength` and
    /// `refusedPoint`.
    public static func seal(
        _ secret: SecretBytes, to publicKey: [UInt8], info: [UInt8], aad: [UInt8], ephemeral: SecretBytes
    ) throws(CryptoError) -> Sealed {
        let enc = try X25519.publicKey(of: ephemeral)
        let dh = try X25519.sharedSecret(ephemeral, publicKey)
        let context = Context(sharedSecret: sharedSecret(dh: dh, enc: enc, recipient: publicKey), info: info)
        let ciphertext = try AESGCM().seal(key: context.key, nonce: context.baseNonce, aad: aad, secret)
        return Sealed(enc: enc, ciphertext: ciphertext, commitment: context.commitment)
    }

    /// Opens what ``seal(_:to:info:aad:ephemeral:)`` made. When `commitment` is given it is compared before anything is
    /// decrypted.
    ///
    /// Throws `commitmentMismatch`, `authenticationFailed`, `refusedPoint` and `badKeyLength`.
    public static func open(
        _ ciphertext: [UInt8], enc: [UInt8], with secretKey: SecretBytes, info: [UInt8], aad: [UInt8],
        commitment: Digest?
    ) throws(CryptoError) -> SecretBytes {
        let dh = try X25519.sharedSecret(secretKey, enc)
        let recipient = try X25519.publicKey(of: secretKey)
        let context = Context(sharedSecret: sharedSecret(dh: dh, enc: enc, recipient: recipient), info: info)
        if let commitment, commitment != context.commitment { throw .commitmentMismatch }
        return try AESGCM().open(key: context.key, nonce: context.baseNonce, aad: aad, ciphertext)
    }

    /// The KEM's shared secret of a Diffie-Hellman result (RFC 9180, section 4.1).
    static func sharedSecret(dh: SecretBytes, enc: [UInt8], recipient: [UInt8]) -> SecretBytes {
        let prk = kem.extract(salt: SecretBytes([]), "eae_prk", dh)
        return kem.expand(prk, "shared_secret", enc + recipient, 32)
    }

    /// The key schedule of base mode (RFC 9180, section 5.1).
    struct Context {
        let key: SecretBytes
        let baseNonce: [UInt8]
        let exporterSecret: SecretBytes

        init(sharedSecret: SecretBytes, info: [UInt8]) {
            let none = SecretBytes([])
            let pskHash = suite.extract(salt: none, "psk_id_hash", none)
            let infoHash = suite.extract(salt: none, "info_hash", SecretBytes(info))
            let context = [0] + HPKE.publicBytes(pskHash) + HPKE.publicBytes(infoHash)
            let secret = suite.extract(salt: sharedSecret, "secret", none)
            key = suite.expand(secret, "key", context, AESGCM.keyByteCount)
            baseNonce = HPKE.publicBytes(suite.expand(secret, "base_nonce", context, 12))
            exporterSecret = suite.expand(secret, "exp", context, 32)
        }

        /// The exporter value for an exporter context.
        func export(_ exporterContext: [UInt8], count: Int) -> SecretBytes {
            suite.expand(exporterSecret, "sec", exporterContext, count)
        }

        /// The key commitment.
        var commitment: Digest { export(Array("kcommit".utf8), count: Digest.byteCount).withUnsafeBytes { Digest($0) } }
    }

    private static let kem = Labelled(suite: Array("KEM".utf8) + [0x00, 0x20])
    private static let suite = Labelled(suite: Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x02])

    // For derived values that are no secrets.
    private static func publicBytes(_ bytes: SecretBytes) -> [UInt8] { bytes.withUnsafeBytes { Array($0) } }
}

/// LabeledExtract and LabeledExpand of RFC 9180, section 4, for one suite.
private struct Labelled: Sendable {
    let suite: [UInt8]

    func extract(salt: SecretBytes, _ label: String, _ ikm: SecretBytes) -> SecretBytes {
        var state = MACKey(salt).begin()
        state.update(Array("HPKE-v1".utf8) + suite + Array(label.utf8))
        state.update(ikm)
        return state.finishSecret()
    }

    func expand(_ prk: SecretBytes, _ label: String, _ info: [UInt8], _ count: Int) -> SecretBytes {
        let length = [UInt8(count >> 8), UInt8(count & 0xff)]
        let labelled = length + Array("HPKE-v1".utf8) + suite + Array(label.utf8) + info
        return HKDF.expand(MACKey(prk), info: labelled, count: count)
    }
}
