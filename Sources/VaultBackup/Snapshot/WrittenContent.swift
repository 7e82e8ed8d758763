/// Makes the digest of a file's content (FORMAT, section 7) from the digests of its pieces, which are written in any
/// order within a window.
struct WrittenContent {
    private struct Piece {
        var offset: Int
        var byteCount: Int
        var digest: Digest
    }

    /// The digest of all pieces up to some place in the file.
    private struct Settled {
        var list = SHA256()
        var end = 0
        var pieceCount = 0
        var first: (byteCount: Int, digest: Digest)?
        var overlaps = false

        /// Adds pieces, which must be in order and lie behind those before. Holes are what lies between.
        mutating func add(_ pieces: [Piece]) {
            for piece in pieces {
                if piece.offset < end { overlaps = true }
                if piece.offset > end { note(tag: 0, piece.offset - end, .zero) }
                note(tag: 1, piece.byteCount, piece.digest)
                if pieceCount == 0 { first = (piece.byteCount, piece.digest) }
                pieceCount += 1
            }
        }

        mutating func finish(byteCount: Int) -> ContentDigest? {
            guard !overlaps, end <= byteCount else { return nil }
            if pieceCount <= 1, first?.byteCount ?? 0 == byteCount {
                return ContentDigest(kind: 1, digest: first?.digest ?? SHA256.digest([]))
            }
            if end < byteCount { note(tag: 0, byteCount - end, .zero) }
            return ContentDigest(kind: 2, digest: list.finish())
        }

        private mutating func note(tag: UInt8, _ length: Int, _ digest: Digest) {
            var writer = ByteWriter(capacity: 48)
            writer.u8(tag)
            writer.u64(length)
            writer.raw(digest)
            list.update(writer.bytes)
            end += length
        }
    }

    private var pieces: [Piece] = []
    /// Empty but for files of several windows: there are many others.
    private var settled: [Settled] = []

    /// Adds a piece.
    mutating func add(at offset: Int, byteCount: Int, _ digest: Digest) {
        pieces.append(Piece(offset: offset, byteCount: byteCount, digest: digest))
    }

    /// Takes what was added into the digest, so that it takes no memory; what is added later must lie behind it.
    mutating func settle() {
        if settled.isEmpty { settled.append(Settled()) }
        pieces.sort { $0.offset < $1.offset }
        settled[0].add(pieces)
        pieces.removeAll(keepingCapacity: true)
    }

    /// The digest of a file of so many bytes; nil when the pieces are not those of one.
    func digest(byteCount: Int) -> ContentDigest? {
        var all = settled.first ?? Settled()
        all.add(pieces.sorted { $0.offset < $1.offset })
        return all.finish(byteCount: byteCount)
    }
}
