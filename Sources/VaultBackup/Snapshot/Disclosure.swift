/// Disclosure hashes (`docs/FORMAT.md`, section 9.1): a Merkle tree over salted leaves, so that one entry can be shown
/// to be in a snapshot while nothing is revealed of the others. The tree hash is that of RFC 6962.
struct Disclosure: Sendable {
    private let saltKey: MACKey

    init(dedupSecret: SecretBytes, repository: RepositoryID) {
        saltKey = MACKey(HKDF.derive(dedupSecret, info: Label.repository("disclosure", repository)))
    }

    /// Leaf hash of an entry.
    func leaf(of entry: TreeEntry) -> Digest {
        let body = entry.disclosureBody()
        let salt = saltKey.authenticate(body)
        var hash = SHA256()
        hash.update([0])
        salt.withUnsafeBytes { hash.update($0) }
        hash.update(body)
        return hash.finish()
    }

    /// Leaf hash of the root of a node, in the node above it.
    static func leaf(ofRoot root: Digest) -> Digest {
        var hash = SHA256()
        hash.update([0])
        root.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }

    /// Tree hash over leaf hashes.
    static func root(_ leaves: [Digest]) -> Digest { MerkleTree.root(leaves) }
}
