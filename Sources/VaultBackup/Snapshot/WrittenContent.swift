/// Makes the digest of a file's content from its pieces, which are written in any order within a window.
struct WrittenContent {
    private struct Piece {
        var offset: Int
        var byteCount: Int
        var digest: Digest
    }

    /// The digest of all pieces up to some place in the file.
    private struct Settled {
        var digester = ContentDigester()
        var overlaps = false

        /// Adds pieces, which must be in order and lie behind those before. Holes are what lies between.
        mutating func add(_ pieces: [Piece]) {
            for piece in pieces {
                if piece.offset < digester.byteCount { overlaps = true }
                addHole(to: piece.offset)
                digester.add(chunk: piece.digest, length: piece.byteCount)
            }
        }

        mutating func finish(byteCount: Int) -> ContentDigest? {
            guard !overlaps, digester.byteCount <= byteCount else { return nil }
            addHole(to: byteCount)
            return digester.finish()
        }

        private mutating func addHole(to end: Int) {
            if end > digester.byteCount { digester.add(hole: end - digester.byteCount) }
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
