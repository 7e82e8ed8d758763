/// The tree hash of RFC 6962, section 2.1, with SHA-256: what checkpoints of the log and disclosure hashes are made of.
public enum MerkleTree {
    /// Hash of a leaf: SHA-256(00 ‖ content).
    public static func leaf(_ content: [UInt8]) -> Digest {
        var hash = SHA256()
        hash.update([0])
        hash.update(content)
        return hash.finish()
    }

    /// Hash over leaf hashes; of no leaf, SHA-256 of nothing.
    public static func root(_ leaves: some Sequence<Digest>) -> Digest {
        // Complete subtrees by size, largest first, as in a binary counter.
        var stack: [(size: Int, hash: Digest)] = []
        for leaf in leaves {
            var top = (size: 1, hash: leaf)
            while let last = stack.last, last.size == top.size {
                stack.removeLast()
                top = (last.size * 2, join(last.hash, top.hash))
            }
            stack.append(top)
        }
        guard var result = stack.popLast()?.hash else { return SHA256.digest([]) }
        while let last = stack.popLast() { result = join(last.hash, result) }
        return result
    }

    /// The hashes that lead from leaf `index` to the root over `leaves`, lowest first.
    ///
    /// - Precondition: there is such a leaf.
    public static func inclusionProof(of index: Int, in leaves: ArraySlice<Digest>) -> [Digest] {
        precondition(index >= 0 && index < leaves.count, "a proof is of a leaf that there is")
        guard leaves.count > 1 else { return [] }
        let split = leaves.startIndex + leftCount(leaves.count)
        let (left, right) = (leaves[..<split], leaves[split...])
        return index < left.count
            ? inclusionProof(of: index, in: left) + [root(right)]
            : inclusionProof(of: index - left.count, in: right) + [root(left)]
    }

    /// The root that a leaf hash and its proof lead to in a tree of `size` leaves; nil when the proof does not fit.
    public static func root(leaf: Digest, index: Int, size: Int, proof: ArraySlice<Digest>) -> Digest? {
        guard index >= 0, index < size else { return nil }
        guard size > 1 else { return proof.isEmpty ? leaf : nil }
        guard let top = proof.last else { return nil }
        let left = leftCount(size)
        if index < left {
            return root(leaf: leaf, index: index, size: left, proof: proof.dropLast()).map { join($0, top) }
        }
        return root(leaf: leaf, index: index - left, size: size - left, proof: proof.dropLast()).map { join(top, $0) }
    }

    /// The largest power of two below `count`. - Precondition: `count` is above 1.
    private static func leftCount(_ count: Int) -> Int {
        var left = 1
        while left * 2 < count { left *= 2 }
        return left
    }

    private static func join(_ left: Digest, _ right: Digest) -> Digest {
        var hash = SHA256()
        hash.update([1])
        left.withUnsafeBytes { hash.update($0) }
        right.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }
}
