/// Makes chunk ids (`docs/FORMAT.md`, section 7): HMAC under a key of the dedup group over the SHA-256 of the content,
/// so that nobody outside the group can test whether the repository holds a known file.
public final class ChunkIdentifier: Sendable {
    private let key: MACKey

    /// Ids of the dedup group that shares `dedupSecret`.
    public init(dedupSecret: SecretBytes, repository: RepositoryID) {
        key = MACKey(HKDF.derive(dedupSecret, info: Label.repository("chunk-id", repository)))
    }

    /// The id of a chunk whose content has the SHA-256 `contentDigest`.
    public func id(_ type: ChunkType, contentDigest: Digest) -> ChunkID {
        var state = key.begin()
        withUnsafeBytes(of: type.rawValue) { state.update($0) }
        contentDigest.withUnsafeBytes { state.update($0) }
        return ChunkID(state.finish())
    }

    /// The id of a chunk and the SHA-256 of its content.
    public func id(_ type: ChunkType, _ plaintext: UnsafeRawBufferPointer) -> (id: ChunkID, digest: Digest) {
        let digest = SHA256.digest(plaintext)
        return (id(type, contentDigest: digest), digest)
    }
}
