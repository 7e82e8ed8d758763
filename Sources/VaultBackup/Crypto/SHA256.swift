import COpenSSL

/// SHA-256 as a value: copying it copies the state of the hash. Allocates nothing.
public struct SHA256 {
    private var context = SHA256_CTX()

    /// Starts a hash.
    public init() {
        Self.expectSuccess(vault_sha256_init(&context))
    }

    /// Appends `bytes` to what is hashed.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        Self.expectSuccess(vault_sha256_update(&context, base, bytes.count))
    }

    /// Appends `bytes` to what is hashed.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of everything appended. The hash must not be used afterwards.
    public mutating func finish() -> Digest {
        withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) { output in
            finish(into: output)
            return Digest(UnsafeRawBufferPointer(output))
        }
    }

    /// The digest of `bytes`.
    public static func digest(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// The digest of `bytes`.
    public static func digest(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { digest($0) } }

    /// Writes the digest to the first 32 bytes of `output`, for digests that are secrets.
    mutating func finish(into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= Digest.byteCount, "a digest has 32 bytes")
        Self.expectSuccess(vault_sha256_final(&context, output.baseAddress))
    }

    /// Overwrites the state, where it was derived from a key.
    mutating func wipe() { withUnsafeMutableBytes(of: &context) { OpenSSL.wipe($0) } }

    // The calls fail for no input; if one ever did, going on would give wrong names to data.
    private static func expectSuccess(_ status: Int32) { precondition(status == 1, "SHA-256 failed") }
}
