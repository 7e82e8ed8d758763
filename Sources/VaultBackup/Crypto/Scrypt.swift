import COpenSSL

/// scrypt (RFC 7914) with r = 8 and p = 1, which makes a guess at a passphrase cost time and memory.
public enum Scrypt {
    /// The costs N that are accepted, both for writing and for reading; N is a power of two.
    public static let costs = 1 << 15...1 << 20

    /// Derives `count` bytes from a passphrase. Takes 1 KiB · `n` of memory, and about 6 µs · `n` of time.
    ///
    /// Throws `library` when `n` is not a power of two inside ``costs`` (a file must not choose to exhaust its reader)
    /// or memory is short.
    public static func derive(_ passphrase: SecretBytes, salt: [UInt8], n: Int, count: Int = 32) throws(CryptoError)
        -> SecretBytes
    {
        guard costs.contains(n), n & (n - 1) == 0 else { throw .failed("scrypt: a cost of \(n) is not accepted") }
        return try derive(passphrase, salt: salt, n: n, r: 8, p: 1, count: count)
    }

    /// Makes a derivation a fifth faster for this process, by huge pages for its table. For programs, at their start:
    /// it does nothing once the library has been used, and nothing that anybody else would notice.
    public static func useHugePages() { _ = vault_use_huge_pages() }

    /// With any parameters, for the published vectors.
    static func derive(
        _ passphrase: SecretBytes, salt: [UInt8], n: Int, r: Int, p: Int, count: Int
    ) throws(CryptoError) -> SecretBytes {
        // The library refuses more than 32 MiB unless told; 1 MiB covers what it adds to the table.
        let memory = UInt64(128 * r * (n + p) + 1 << 20)
        var status: Int32 = 0
        let derived = SecretBytes(count: count) { output in
            status = passphrase.withUnsafeBytes { secret in
                secret.withMemoryRebound(to: CChar.self) { password in
                    EVP_PBE_scrypt(
                        password.baseAddress, password.count, salt, salt.count, UInt64(n), UInt64(r), UInt64(p), memory,
                        output.octets, output.count)
                }
            }
        }
        try OpenSSL.check(status, "EVP_PBE_scrypt")
        return derived
    }
}
