/// The two keys of content-defined cutting (`docs/FORMAT.md`, section 7), so that where chunks end says nothing about
/// the content to those who do not hold the secret.
public enum CutKeys {
    /// The gear table: 256 words, none of which makes a run of one byte a candidate.
    public static func gearTable(cutSecret: SecretBytes, repository: RepositoryID) -> [UInt64] {
        let label = Label.repository("cut/gear", repository)
        for counter in UInt8.min...UInt8.max {
            let table = HKDF.derive(cutSecret, info: label + [counter], count: 256 * 8).withUnsafeBytes { bytes in
                (0..<256).map { UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
            }
            // A run of byte b drives the rolling hash to 0 − G[b].
            if table.allSatisfy({ (0 &- $0) >> 56 != 0 }) { return table }
        }
        // Each counter succeeds with probability 0.37, so this is reached once in 10⁵⁰ secrets.
        preconditionFailure("no gear table for this secret")
    }

    /// The key of SipHash-2-4 as its two little-endian words k0 and k1.
    public static func sipKey(cutSecret: SecretBytes, repository: RepositoryID) -> (UInt64, UInt64) {
        HKDF.derive(cutSecret, info: Label.repository("cut/sip", repository), count: 16).withUnsafeBytes {
            (
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }
}
