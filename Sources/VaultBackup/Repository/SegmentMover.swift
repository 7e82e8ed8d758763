/// Makes the segments of moved packs: copies them sealed, or seals them anew. One thread each.
final class SegmentMover {
    private let packs: PackReader
    /// Opens segments, and seals them anew; nil for a member that may not read.
    private let thinner: SegmentThinner?
    private var source = RawBuffer(capacity: 1)

    init(_ packs: PackReader, _ thinner: SegmentThinner?) {
        self.packs = packs
        self.thinner = thinner
    }

    /// Makes the segments of a stretch in `buffer`, which is empty and has room for them.
    ///
    /// What is taken from a source is known to be what was sealed: who may read opens each segment, and who may not
    /// compares the whole pack with its name.
    /// - Parameter key: seals anew; may only be nil when nothing is to be.
    /// - Throws: ``VaultError`` `.damaged` when the source is.
    func make(
        _ stretch: MovedPackPlan.Stretch, of plan: MovedPackPlan, key: PackKey?, in buffer: RawBuffer
    ) throws -> MovedPackAssembly.Part {
        let bytes = try read(stretch)
        var lengths: [Int] = []
        lengths.reserveCapacity(stretch.moves.count)
        for number in stretch.moves {
            let move = plan.moves[number]
            let segment = move.source.directory.segments[move.place]
            let start = segment.offset - stretch.bytes.lowerBound
            let stored = UnsafeRawBufferPointer(rebasing: bytes[start..<start + segment.storedLength])
            if let chunks = move.chunks {
                guard let thinner, let key else {
                    preconditionFailure("what is to be sealed anew needs somebody who can")
                }
                let length = try thinner.seal(
                    move.source, place: move.place, chunks: chunks, from: stored, index: number, key: key, into: buffer)
                buffer.count += length
                lengths.append(length)
            } else {
                try thinner?.check(move.source, place: move.place, stored)
                buffer.append(stored)
                lengths.append(stored.count)
            }
        }
        return MovedPackAssembly.Part(buffer: buffer, lengths: lengths)
    }

    private func read(_ stretch: MovedPackPlan.Stretch) throws -> UnsafeRawBufferPointer {
        let pack = stretch.source.pack
        let count = stretch.bytes.count
        if source.capacity < count { source = RawBuffer(capacity: count) }
        source.count = count
        try packs.read(
            pack, offset: stretch.bytes.lowerBound,
            into: UnsafeMutableRawBufferPointer(start: source.base, count: count))
        guard thinner != nil || SHA256.digest(source.used) == pack.name else {
            throw PackReader.damaged(pack.name, "holds other bytes than its name says")
        }
        return source.used
    }
}
