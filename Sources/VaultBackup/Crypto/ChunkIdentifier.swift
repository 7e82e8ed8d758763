/// Makes chunk ids (`docs/FORMAT.md`, section 7): HMAC under a key of the dedup group over the SHA-256 of the content,
/// so that nobody outside the group can test whether the repository holds a known file.
public final class ChunkIdentifier: Sendable {
    private let key: MACKey
    private let earlier: [MACKey]

    /// Ids of the dedup group that shares `dedupSecret`.
    ///
    /// - Parameter earlier: the secrets of the groups before it, whose ids are recognised too.
    public init(dedupSecret: SecretBytes, earlier: [SecretBytes] = [], repository: RepositoryID) {
        func key(_ secret: SecretBytes) -> MACKey {
            MACKey(HKDF.derive(secret, info: Label.repository("chunk-id", repository)))
        }
        self.key = key(dedupSecret)
        self.earlier = earlier.map(key)
    }

    /// The id of a chunk whose content has the SHA-256 `contentDigest`.
    public func id(_ type: ChunkType, contentDigest: Digest) -> ChunkID { Self.id(type, contentDigest, key) }

    /// The SHA-256 of the content of a chunk, if its id is that of this content in one of the groups; nil if it is not.
    public func digest(_ id: ChunkID, _ type: ChunkType, _ plaintext: UnsafeRawBufferPointer) -> Digest? {
        let digest = SHA256.digest(plaintext)
        let isRight = Self.id(type, digest, key) == id || earlier.contains { Self.id(type, digest, $0) == id }
        return isRight ? digest : nil
    }

    /// Whether the id of a chunk is that of this content in one of the groups.
    public func isRight(_ id: ChunkID, _ type: ChunkType, _ plaintext: UnsafeRawBufferPointer) -> Bool {
        digest(id, type, plaintext) != nil
    }

    private static func id(_ type: ChunkType, _ contentDigest: Digest, _ key: MACKey) -> ChunkID {
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
