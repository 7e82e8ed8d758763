/// HKDF with SHA-256 (RFC 5869). `info` and `salt` are public values here; only the input keying material is secret.
public enum HKDF {
    /// Most bytes that one derivation gives.
    public static let byteCountMax = 255 * Digest.byteCount

    /// Extracts from `ikm` and expands to `count` bytes bound to `info`.
    ///
    /// - Precondition: `count` is from 0 to ``byteCountMax``.
    public static func derive(_ ikm: SecretBytes, info: [UInt8], count: Int = 32, salt: [UInt8] = []) -> SecretBytes {
        expand(MACKey(extract(ikm, salt: salt)), info: info, count: count)
    }

    /// The pseudo-random key of 32 bytes. An empty salt is the same as 32 zero bytes.
    static func extract(_ ikm: SecretBytes, salt: [UInt8] = []) -> SecretBytes {
        var state = MACKey(SecretBytes(salt)).begin()
        state.update(ikm)
        return state.finishSecret()
    }

    /// Expands a pseudo-random key, given as a MAC key, to `count` bytes bound to `info`.
    ///
    /// - Precondition: `count` is from 0 to ``byteCountMax``.
    static func expand(_ key: MACKey, info: [UInt8], count: Int) -> SecretBytes {
        precondition(count >= 0 && count <= byteCountMax, "HKDF gives at most 8,160 bytes")
        let size = Digest.byteCount
        let blocks = (count + size - 1) / size
        let whole = SecretBytes(count: blocks * size) { output in
            for block in 0..<blocks {
                var state = key.begin()
                if block > 0 {
                    state.update(UnsafeRawBufferPointer(rebasing: output[(block - 1) * size..<block * size]))
                }
                state.update(info)
                state.update([UInt8(block + 1)])
                state.finish(into: UnsafeMutableRawBufferPointer(rebasing: output[(block * size)...]))
            }
        }
        return whole.count == count ? whole : whole.slice(0..<count)
    }
}
