import COpenSSL

/// Ed25519 signatures (RFC 8032), without prehash or context.
public enum Ed25519 {
    /// Length of a signature, in bytes.
    public static let signatureByteCount = 64

    /// The public key, 32 bytes, of a seed of 32 bytes. Throws `badKeyLength`.
    public static func publicKey(of seed: SecretBytes) throws(CryptoError) -> [UInt8] {
        try EVPKey(type: EVP_PKEY_ED25519, secret: seed).publicBytes()
    }

    /// The signature of `message`, 64 bytes; the same message always gets the same. Throws `badKeyLength`.
    public static func sign(_ message: [UInt8], seed: SecretBytes) throws(CryptoError) -> [UInt8] {
        let key = try EVPKey(type: EVP_PKEY_ED25519, secret: seed)
        let context = try OpenSSL.require(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        defer { EVP_MD_CTX_free(context) }
        try OpenSSL.check(EVP_DigestSignInit(context, nil, nil, nil, key.pointer), "EVP_DigestSignInit")
        var signature = [UInt8](repeating: 0, count: signatureByteCount)
        var count = signature.count
        try OpenSSL.check(EVP_DigestSign(context, &signature, &count, message, message.count), "EVP_DigestSign")
        return signature
    }

    /// Whether the owner of `publicKey` signed `message`. False also for keys and signatures of the wrong length or
    /// form.
    public static func isValid(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureByteCount, let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            OpenSSL.discardErrors()
        }
        do throws(CryptoError) {
            let key = try EVPKey(type: EVP_PKEY_ED25519, publicKey: publicKey)
            try OpenSSL.check(EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer), "EVP_DigestVerifyInit")
            return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        } catch {
            return false
        }
    }
}
