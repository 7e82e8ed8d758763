import COpenSSL

/// AES-256-GCM with a nonce of twelve zero bytes, which is safe because every key of the stored form seals one message
/// only (`docs/FORMAT.md`, section 1).
///
/// Holds the library's contexts, so that sealing allocates nothing. It belongs to one thread at a time and is therefore
/// not `Sendable`. The contexts keep the key schedule of the last call until the next call or the end of the object,
/// which wipes them.
public final class AESGCM {
    /// Length of a key, in bytes.
    public static let keyByteCount = 32
    /// By how many bytes the sealed form is longer than the plaintext.
    public static let tagByteCount = 16

    private static let zeroNonce = [UInt8](repeating: 0, count: 12)

    // One per direction: turning a context round would set it up anew.
    private let sealing: OpaquePointer
    private let opening: OpaquePointer

    /// Prepares the cipher. Ends the process when the library does not offer it: nothing could be read or written then.
    public init() {
        guard let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil), let sealing = EVP_CIPHER_CTX_new(),
            let opening = EVP_CIPHER_CTX_new(), EVP_EncryptInit_ex2(sealing, cipher, nil, nil, nil) == 1,
            EVP_DecryptInit_ex2(opening, cipher, nil, nil, nil) == 1
        else { preconditionFailure("the OpenSSL library offers no AES-256-GCM") }
        EVP_CIPHER_free(cipher)  // the contexts hold it
        self.sealing = sealing
        self.opening = opening
    }

    deinit {
        EVP_CIPHER_CTX_free(sealing)
        EVP_CIPHER_CTX_free(opening)
    }

    /// Encrypts `plaintext` and appends the tag. `output` may begin where `plaintext` does; otherwise they must not
    /// overlap.
    ///
    /// Throws `badKeyLength`, or `library` for more than 2 GiB.
    /// - Precondition: `output` is ``tagByteCount`` bytes longer than `plaintext`.
    public func seal(
        key: SecretBytes, aad: [UInt8], _ plaintext: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        try seal(key: key, nonce: Self.zeroNonce, aad: aad, plaintext, into: output)
    }

    /// Decrypts `sealed` and checks its tag. `output` may begin where `sealed` does; otherwise they must not overlap.
    ///
    /// Throws `authenticationFailed` if anything differs; `output` is all zero then. Throws `badKeyLength` for a wrong
    /// key length or when `sealed` is shorter than a tag, and `library` for more than 2 GiB.
    /// - Precondition: `output` is ``tagByteCount`` bytes shorter than `sealed`, if that is possible.
    public func open(
        key: SecretBytes, aad: [UInt8], _ sealed: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        try open(key: key, nonce: Self.zeroNonce, aad: aad, sealed, into: output)
    }

    /// As ``seal(key:aad:_:into:)`` with a nonce of 12 bytes, for HPKE.
    func seal(
        key: SecretBytes, nonce: [UInt8], aad: [UInt8], _ plaintext: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        precondition(output.count == plaintext.count + Self.tagByteCount, "the output holds the ciphertext and the tag")
        try checkLengths(key, nonce, aad, plaintext.count)
        try key.withUnsafeBytes { (bytes) throws(CryptoError) in
            try OpenSSL.check(EVP_EncryptInit_ex2(sealing, nil, bytes.octets, nonce, nil), "EVP_EncryptInit_ex2")
        }
        var written: Int32 = 0
        if !aad.isEmpty {
            try OpenSSL.check(
                EVP_EncryptUpdate(sealing, nil, &written, aad, Int32(aad.count)),
                "EVP_EncryptUpdate for associated data")
        }
        if plaintext.count > 0 {
            try OpenSSL.check(
                EVP_EncryptUpdate(sealing, output.octets, &written, plaintext.octets, Int32(plaintext.count)),
                "EVP_EncryptUpdate")
        }
        let tag = output.baseAddress! + plaintext.count
        try OpenSSL.check(
            EVP_EncryptFinal_ex(sealing, tag.assumingMemoryBound(to: UInt8.self), &written), "EVP_EncryptFinal_ex")
        try OpenSSL.check(
            EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagByteCount), tag), "EVP_CTRL_AEAD_GET_TAG")
    }

    /// As ``open(key:aad:_:into:)`` with a nonce of 12 bytes, for HPKE.
    func open(
        key: SecretBytes, nonce: [UInt8], aad: [UInt8], _ sealed: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        guard sealed.count >= Self.tagByteCount else { throw .badKeyLength }
        precondition(output.count == sealed.count - Self.tagByteCount, "the output holds the plaintext")
        do throws(CryptoError) {
            try decrypt(key: key, nonce: nonce, aad: aad, sealed, into: output)
        } catch {
            // What was decrypted under a wrong tag is the attacker's choice; nobody may see it.
            OpenSSL.wipe(output)
            throw error
        }
    }

    private func decrypt(
        key: SecretBytes, nonce: [UInt8], aad: [UInt8], _ sealed: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        try checkLengths(key, nonce, aad, sealed.count)
        try key.withUnsafeBytes { (bytes) throws(CryptoError) in
            try OpenSSL.check(EVP_DecryptInit_ex2(opening, nil, bytes.octets, nonce, nil), "EVP_DecryptInit_ex2")
        }
        // The library copies the tag at once and does not write to it; its parameter only lacks the const.
        let tag = UnsafeMutableRawPointer(mutating: sealed.baseAddress! + output.count)
        try OpenSSL.check(
            EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagByteCount), tag), "EVP_CTRL_AEAD_SET_TAG")
        var written: Int32 = 0
        if !aad.isEmpty {
            try OpenSSL.check(
                EVP_DecryptUpdate(opening, nil, &written, aad, Int32(aad.count)),
                "EVP_DecryptUpdate for associated data")
        }
        if output.count > 0 {
            try OpenSSL.check(
                EVP_DecryptUpdate(opening, output.octets, &written, sealed.octets, Int32(output.count)),
                "EVP_DecryptUpdate")
        }
        var unused: UInt8 = 0
        guard EVP_DecryptFinal_ex(opening, &unused, &written) == 1 else {
            OpenSSL.discardErrors()
            throw .authenticationFailed
        }
    }

    private func checkLengths(_ key: SecretBytes, _ nonce: [UInt8], _ aad: [UInt8], _ count: Int) throws(CryptoError) {
        guard key.count == Self.keyByteCount, nonce.count == Self.zeroNonce.count else { throw .badKeyLength }
        guard count <= Int(Int32.max), aad.count <= Int(Int32.max) else { throw .failed("AES-GCM: message too long") }
    }
}

extension AESGCM {
    /// Encrypts a short message.
    func seal(key: SecretBytes, nonce: [UInt8]? = nil, aad: [UInt8], _ plaintext: SecretBytes) throws(CryptoError)
        -> [UInt8]
    {
        var sealed = [UInt8](repeating: 0, count: plaintext.count + Self.tagByteCount)
        let result: Result<Void, CryptoError> = sealed.withUnsafeMutableBytes { output in
            plaintext.withUnsafeBytes { input in
                do throws(CryptoError) {
                    return .success(try seal(key: key, nonce: nonce ?? Self.zeroNonce, aad: aad, input, into: output))
                } catch { return .failure(error) }
            }
        }
        try result.get()
        return sealed
    }

    /// Decrypts a short message, straight into memory that wipes itself. Throws `badKeyLength` when `sealed` is shorter
    /// than a tag.
    func open(key: SecretBytes, nonce: [UInt8]? = nil, aad: [UInt8], _ sealed: [UInt8]) throws(CryptoError)
        -> SecretBytes
    {
        guard sealed.count >= Self.tagByteCount else { throw .badKeyLength }
        do {
            return try SecretBytes(count: sealed.count - Self.tagByteCount) { output in
                try sealed.withUnsafeBytes {
                    try open(key: key, nonce: nonce ?? Self.zeroNonce, aad: aad, $0, into: output)
                }
            }
        } catch let error as CryptoError {
            throw error
        } catch {
            throw .failed("\(error)")
        }
    }
}
