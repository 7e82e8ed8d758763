/// Seal of `docs/FORMAT.md`, section 3: for what the holders of a shared secret may read. The key depends on the
/// content, so that a repeated random state does no harm, and is committed to.
public enum SealedBox {
    /// By how many bytes the stored form is longer than the content.
    public static let overhead = 2 * Digest.byteCount + AESGCM.tagByteCount

    /// Seals `x` for holders of `key`, for one purpose and one context. Equal input gives equal bytes. Throws
    /// `badKeyLength`.
    public static func seal(
        _ x: [UInt8], key: SecretBytes, purpose: String, repository: RepositoryID, context: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        let keys = try Keys(key, purpose, repository)
        let hash = keys.hash(x, context)
        let derived = keys.derive(hash)
        let head = hash.bytes + derived.commitment
        var stored = head + [UInt8](repeating: 0, count: x.count + AESGCM.tagByteCount)
        let result: Result<Void, CryptoError> = stored.withUnsafeMutableBytes { output in
            x.withUnsafeBytes { input in
                do throws(CryptoError) {
                    let sealed = UnsafeMutableRawBufferPointer(rebasing: output[head.count...])
                    return .success(
                        try AESGCM().seal(key: derived.key, aad: keys.label + context + head, input, into: sealed))
                } catch { return .failure(error) }
            }
        }
        try result.get()
        return stored
    }

    /// The content of `stored`.
    ///
    /// Throws `badKeyLength` when it is too short to be sealed, `commitmentMismatch` for another key, repository or
    /// purpose, and `authenticationFailed` for changed bytes or another context.
    public static func open(
        _ stored: [UInt8], key: SecretBytes, purpose: String, repository: RepositoryID, context: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard stored.count >= overhead else { throw .badKeyLength }
        let keys = try Keys(key, purpose, repository)
        let head = Array(stored[0..<2 * Digest.byteCount])
        let hash = head.withUnsafeBytes { Digest(UnsafeRawBufferPointer(rebasing: $0[0..<Digest.byteCount])) }
        let derived = keys.derive(hash)
        guard derived.commitment == Array(head[Digest.byteCount...]) else { throw .commitmentMismatch }
        var x = [UInt8](repeating: 0, count: stored.count - overhead)
        let result: Result<Void, CryptoError> = x.withUnsafeMutableBytes { output in
            stored.withUnsafeBytes { input in
                do throws(CryptoError) {
                    let sealed = UnsafeRawBufferPointer(rebasing: input[head.count...])
                    return .success(
                        try AESGCM().open(key: derived.key, aad: keys.label + context + head, sealed, into: output))
                } catch { return .failure(error) }
            }
        }
        try result.get()
        guard keys.hash(x, context) == hash else { throw .authenticationFailed }
        return x
    }

    /// K1 and K2 of the definition.
    private struct Keys {
        let label: [UInt8]
        private let hashKey: MACKey
        private let sealKey: SecretBytes

        init(_ key: SecretBytes, _ purpose: String, _ repository: RepositoryID) throws(CryptoError) {
            guard key.count == 32 else { throw .badKeyLength }
            label = Label.repository("seal/\(purpose)", repository)
            hashKey = MACKey(HKDF.derive(key, info: Label.repository("seal/\(purpose)/hash", repository)))
            sealKey = HKDF.derive(key, info: Label.repository("seal/\(purpose)/key", repository))
        }

        func hash(_ x: [UInt8], _ context: [UInt8]) -> Digest {
            var writer = ByteWriter(capacity: context.count + 4)
            writer.lp32(context)
            var state = hashKey.begin()
            state.update(writer.bytes)
            state.update(x)
            return state.finish()
        }

        func derive(_ hash: Digest) -> (key: SecretBytes, commitment: [UInt8]) {
            let both = HKDF.derive(sealKey, info: label + hash.bytes, count: 64)
            return (both.slice(0..<32), both.withUnsafeBytes { Array($0[32...]) })
        }
    }
}
