import COpenSSL

/// Diffie-Hellman over Curve25519 (RFC 7748).
public enum X25519 {
    /// The public key, 32 bytes, of a secret key of 32 bytes; any bytes are a secret key. Throws `badKeyLength`.
    public static func publicKey(of secret: SecretBytes) throws(CryptoError) -> [UInt8] {
        try EVPKey(type: EVP_PKEY_X25519, secret: secret).publicBytes()
    }

    /// The shared secret, 32 bytes, of a secret key and another's public key.
    ///
    /// Throws `refusedPoint` when it would be all zero, which a public key of small order brings about, and
    /// `badKeyLength`.
    public static func sharedSecret(_ secret: SecretBytes, _ publicKey: [UInt8]) throws(CryptoError) -> SecretBytes {
        let own = try EVPKey(type: EVP_PKEY_X25519, secret: secret)
        let peer = try EVPKey(type: EVP_PKEY_X25519, publicKey: publicKey)
        let context = try OpenSSL.require(
            EVP_PKEY_CTX_new_from_pkey(nil, own.pointer, nil), "EVP_PKEY_CTX_new_from_pkey")
        defer { EVP_PKEY_CTX_free(context) }
        try OpenSSL.check(EVP_PKEY_derive_init(context), "EVP_PKEY_derive_init")
        try OpenSSL.check(EVP_PKEY_derive_set_peer(context, peer.pointer), "EVP_PKEY_derive_set_peer")
        var isDerived = false
        let shared = SecretBytes(count: EVPKey.byteCount) { output in
            var count = output.count
            isDerived = EVP_PKEY_derive(context, output.octets, &count) == 1 && count == output.count
        }
        // With two keys in place the library fails only for the all-zero result; the comparison does not rely on that.
        guard isDerived, !shared.isEqual(to: SecretBytes(count: EVPKey.byteCount) { _ in }) else {
            OpenSSL.discardErrors()
            throw .refusedPoint
        }
        return shared
    }
}
