/// Files whose content is a second factor. Any file will do that does not change; those that are made here are best.
public enum KeyFile {
    /// Lengths of a key file, in bytes.
    public static let byteCounts = 16...1 << 20
    private static let secretByteCount = 32

    /// Makes a key file of 32 random bytes, as digits and a line feed, readable by its owner only. On return it is
    /// durable.
    ///
    /// - Returns: false when there is a file already, which is left as it is.
    /// - Throws: ``VaultError`` `.failed` when it cannot be written.
    public static func make(_ path: [UInt8], random: some RandomSource) throws -> Bool {
        do {
            if try FileStatus.readIfPresent(path, followingLinks: true) != nil { return false }
            let secret = SecretBytes.random(secretByteCount, from: random)
            let text = SecretBytes(count: 2 * secretByteCount + 1) { output in
                secret.withUnsafeBytes { SecretHex.encode($0, into: .init(rebasing: output[..<(2 * secretByteCount)])) }
                output[2 * secretByteCount] = 0x0a
            }
            try text.withUnsafeBytes { (bytes) throws(SystemError) in try AtomicFile.write(path, bytes) }
            return true
        } catch {
            throw VaultError(
                .failed, "The key file \(PathText.readable(path)) cannot be made",
                nextStep: "Name a place that can be written", cause: error)
        }
    }

    /// HMAC of a message under the SHA-256 of the content.
    /// - Throws: ``VaultError`` `.wrongIdentity` when the file cannot be read, or is no key file by its length.
    static func authenticate(_ message: [UInt8], with path: [UInt8]) throws -> SecretBytes {
        let shown = PathText.readable(path)
        let content: SecretBytes?
        do throws(SystemError) {
            content = try AtomicFile.withSecretContent(path, byteCountMax: byteCounts.upperBound) {
                SecretBytes(copying: $0)
            }
        } catch {
            throw VaultError(
                .wrongIdentity, "The key file \(shown) cannot be read",
                nextStep: "Name the right one with --key-file FILE", cause: error)
        }
        guard let content else {
            throw VaultError(
                .wrongIdentity, "There is no key file \(shown)",
                nextStep: "Connect the medium it is on, or name it with --key-file FILE")
        }
        guard byteCounts.contains(content.count) else {
            throw VaultError(
                .wrongIdentity, "\(shown) has \(content.count) bytes; a key file has \(byteCounts.lowerBound) or more",
                nextStep: "Name the right one with --key-file FILE")
        }
        var hash = SHA256()
        content.withUnsafeBytes { hash.update($0) }
        let key = SecretBytes(count: Digest.byteCount) { hash.finish(into: $0) }
        hash.wipe()
        var state = MACKey(key).begin()
        state.update(message)
        return state.finishSecret()
    }
}
