/// Makes the digest of a file's content from its extents, in their order (FORMAT, section 7).
struct ContentDigester {
    private var list = SHA256()
    private var only: Digest?
    private var hasHole = false
    /// How many extents were added.
    private(set) var extentCount = 0
    /// Bytes covered so far.
    private(set) var byteCount = 0

    /// Adds a chunk with the SHA-256 of its content.
    mutating func add(chunk digest: Digest, length: Int) {
        only = digest
        note(tag: 1, length, digest)
    }

    /// Adds a hole.
    mutating func add(hole length: Int) {
        hasHole = true
        note(tag: 0, length, .zero)
    }

    private mutating func note(tag: UInt8, _ length: Int, _ digest: Digest) {
        var writer = ByteWriter(capacity: 41)
        writer.u8(tag)
        writer.u64(length)
        writer.raw(digest)
        list.update(writer.bytes)
        extentCount += 1
        byteCount += length
    }

    /// The digest of what was added. Nothing may be added afterwards.
    mutating func finish() -> ContentDigest {
        if extentCount <= 1, !hasHole { return ContentDigest(kind: 1, digest: only ?? SHA256.digest([])) }
        return ContentDigest(kind: 2, digest: list.finish())
    }
}
