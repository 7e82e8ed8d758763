import COpenSSL

/// Owns a key object of the library for X25519 or Ed25519 and frees (and wipes) it at the end of its life.
struct EVPKey: ~Copyable {
    /// Length of a secret key and of a public key of both algorithms, in bytes.
    static let byteCount = 32

    let pointer: OpaquePointer

    /// The key pair of `secret`. Throws `badKeyLength` unless it has 32 bytes.
    init(type: Int32, secret: SecretBytes) throws(CryptoError) {
        guard secret.count == Self.byteCount else { throw .badKeyLength }
        let key = secret.withUnsafeBytes { EVP_PKEY_new_raw_private_key(type, nil, $0.octets, $0.count) }
        pointer = try OpenSSL.require(key, "EVP_PKEY_new_raw_private_key")
    }

    /// A public key. Throws `badKeyLength` unless it has 32 bytes.
    init(type: Int32, publicKey: [UInt8]) throws(CryptoError) {
        guard publicKey.count == Self.byteCount else { throw .badKeyLength }
        pointer = try OpenSSL.require(
            EVP_PKEY_new_raw_public_key(type, nil, publicKey, publicKey.count), "EVP_PKEY_new_raw_public_key")
    }

    deinit { EVP_PKEY_free(pointer) }

    /// The 32 bytes of the public half.
    func publicBytes() throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        var count = bytes.count
        try OpenSSL.check(EVP_PKEY_get_raw_public_key(pointer, &bytes, &count), "EVP_PKEY_get_raw_public_key")
        return bytes
    }
}
