/// A pack whose sealed segments are moved into another one: what can be known of it without READ.
final class MoveSource: Sendable {
    /// Its ordinal.
    let ordinal: Int
    /// What the log says of it.
    let pack: PackReader.Description
    /// Its header, with the sealed keys.
    let header: PackHeader
    /// Its segments and chunks.
    let directory: PackDirectory

    init(ordinal: Int, pack: PackReader.Description, header: PackHeader, directory: PackDirectory) {
        self.ordinal = ordinal
        self.pack = pack
        self.header = header
        self.directory = directory
    }
}

/// Which segments go into one moved pack (`docs/FORMAT.md`, section 8), planned before anything is read, because the
/// header, which comes first, names the keys of all of them.
struct MovedPackPlan: Sendable {
    /// A segment that goes into the pack.
    struct Move: Sendable {
        let source: MoveSource
        let place: Int
        let stanza: Int
        let origins: [(name: Digest, place: Int)]
        /// Numbers of the chunks that are kept, when the segment is sealed anew; nil when it is copied.
        let chunks: [Int]?
    }

    /// The class of all its segments.
    let packClass: PackClass
    // Packs that the set of a snapshot still names: origins in others need not be kept.
    private let isNamed: @Sendable (Digest) -> Bool
    /// The segments, in the order in which they will lie in the pack.
    private(set) var moves: [Move] = []
    /// The keys of the segments that are copied.
    private(set) var stanzas: [Stanza] = []
    /// Names of the packs in which segments stood before.
    private(set) var names: Set<Digest> = []
    private var segmentBytes = 0
    /// What segments that are sealed anew will probably be shorter than the most they can be.
    private var savedBytes = 0
    private var directoryBytes = 2 + 2 + PackLayout.sealBytes

    private static let originsMax = 255

    /// An empty plan. `isNamed` says of which earlier packs the names must be kept.
    init(_ packClass: PackClass, isNamed: @escaping @Sendable (Digest) -> Bool) {
        self.packClass = packClass
        self.isNamed = isNamed
    }

    /// Whether nothing is planned.
    var isEmpty: Bool { moves.isEmpty }

    /// Length that the pack will have without padding; about that, when segments are sealed anew.
    var length: Int {
        PackLayout.headerBytes + (stanzaCount - 1) * Stanza.byteCount + segmentBytes - savedBytes + directoryBytes
            + PackLayout.trailerBytes
    }

    private var stanzaCount: Int { max(1, stanzas.count + (isThinned ? 1 : 0)) }

    /// Whether a segment is sealed anew.
    var isThinned: Bool { moves.contains { $0.chunks != nil } }

    /// The same without the segments of some sources.
    func removing(_ ordinals: Set<Int>) -> MovedPackPlan {
        var plan = MovedPackPlan(packClass, isNamed: isNamed)
        for move in moves where !ordinals.contains(move.source.ordinal) {
            _ = plan.add(move.source, place: move.place, keeping: move.chunks)
        }
        return plan
    }

    /// Plans one segment more; false when there is no room for it. - Precondition: the source is of the same class.
    ///
    /// - Parameter chunks: numbers of the chunks to keep, when it is to be sealed anew; nil to copy it.
    mutating func add(_ source: MoveSource, place: Int, keeping chunks: [Int]? = nil) -> Bool {
        precondition(source.header.packClass == packClass, "data and names never share a pack")
        let segment = source.directory.segments[place]
        let stanza = source.header.stanzas[segment.stanza]
        let rawLength = source.directory.rawLength(of: segment)
        let kept = chunks?.reduce(0) { $0 + source.directory.chunks[$1].length }
        let stored = kept.map { $0 + PackKey.segmentOverhead } ?? segment.storedLength
        let origins = origins(source, place)
        guard origins.count <= Self.originsMax else { return false }
        let known = chunks != nil ? -1 : stanzas.firstIndex(of: stanza)
        let newNames = Set(origins.map(\.name)).subtracting(names)
        let entry =
            PackLayout.segmentEntryBytes + (chunks?.count ?? segment.chunks.count) * PackLayout.chunkEntryBytes + 1
            + origins.count * PackDirectory.originEntryBytes + newNames.count * Digest.byteCount
        // One for what is sealed anew is always reckoned with.
        let stanzaCount = stanzas.count + (known == nil ? 1 : 0) + 1
        let length =
            PackLayout.headerBytes + (stanzaCount - 1) * Stanza.byteCount + segmentBytes + stored + directoryBytes
            + entry + PackLayout.trailerBytes
        // A segment that fills a pack of its own stays where it is; so none is too large for an empty one.
        guard length <= packClass.fullPackBytes, moves.count < Limits.segmentsPerPackMax,
            stanzaCount <= Int(UInt16.max), names.count + newNames.count <= Int(UInt16.max)
        else {
            return false
        }
        if known == nil { stanzas.append(stanza) }
        moves.append(
            Move(source: source, place: place, stanza: known ?? stanzas.count - 1, origins: origins, chunks: chunks))
        names.formUnion(newNames)
        segmentBytes += stored
        if let kept { savedBytes += max(0, stored - segment.storedLength * kept / max(1, rawLength)) }
        directoryBytes += entry
        return true
    }

    private func origins(_ source: MoveSource, _ place: Int) -> [(name: Digest, place: Int)] {
        var origins = [(name: source.pack.name, place: place)]
        guard !source.directory.origins.isEmpty else { return origins }
        for origin in source.directory.origins[place] where isNamed(source.directory.sources[origin.source]) {
            origins.append((name: source.directory.sources[origin.source], place: origin.place))
        }
        return origins
    }
}

extension MovedPackPlan {
    /// Segments of one source, one after another, that one thread reads at once and makes.
    struct Stretch: Sendable {
        let source: MoveSource
        /// Which of the moves.
        fileprivate(set) var moves: Range<Int>
        /// The bytes of the source that are read.
        fileprivate(set) var bytes: Range<Int>
        /// Most bytes that its segments will take.
        fileprivate(set) var outputMax: Int
    }

    static let stretchBytesMax = 4 << 20

    /// The moves in stretches of a few MiB.
    ///
    /// - Parameter readsWhole: whether whatever is taken from a source, all of its bytes are read, as they must be to
    ///   compare them with its name.
    func stretches(readsWhole: Bool) -> [Stretch] {
        var stretches: [Stretch] = []
        for (number, move) in moves.enumerated() {
            let segment = move.source.directory.segments[move.place]
            let end = segment.offset + segment.storedLength
            let output = move.outputMax
            if let last = stretches.last, last.source === move.source,
                readsWhole
                    || end - last.bytes.lowerBound <= Self.stretchBytesMax
                        && last.outputMax + output <= Self.stretchBytesMax
            {
                stretches[stretches.count - 1].moves = last.moves.lowerBound..<number + 1
                stretches[stretches.count - 1].outputMax += output
                if !readsWhole { stretches[stretches.count - 1].bytes = last.bytes.lowerBound..<end }
                continue
            }
            stretches.append(
                Stretch(
                    source: move.source, moves: number..<number + 1,
                    bytes: readsWhole ? 0..<move.source.pack.length : segment.offset..<end, outputMax: output))
        }
        return stretches
    }
}

extension MovedPackPlan.Move {
    /// Most bytes that the segment will take.
    fileprivate var outputMax: Int {
        guard let chunks else { return source.directory.segments[place].storedLength }
        return chunks.reduce(PackKey.segmentOverhead) { $0 + source.directory.chunks[$1].length }
    }
}

extension PackDirectory {
    /// Enters a segment of another pack, with its chunks.
    mutating func note(_ other: PackDirectory, _ place: Int, stanza: Int, offset: Int) {
        let segment = other.segments[place]
        let first = chunks.count
        chunks += other.chunks[segment.chunks]
        segments.append(
            Segment(
                stanza: stanza, index: segment.index, offset: offset, storedLength: segment.storedLength,
                chunks: first..<chunks.count))
    }
}

extension PackDirectory {
    /// Enters a segment that was sealed anew in its place, with some of the chunks of another directory.
    mutating func note(_ other: PackDirectory, _ numbers: [Int], stanza: Int, offset: Int, length: Int) {
        let first = chunks.count
        var place = 0
        for number in numbers {
            var chunk = other.chunks[number]
            chunk.offset = place
            place += chunk.length
            chunks.append(chunk)
        }
        segments.append(
            Segment(
                stanza: stanza, index: segments.count, offset: offset, storedLength: length,
                chunks: first..<chunks.count))
    }
}

extension RawBuffer {
    /// Ends a pack whose header and segments lie here: directory, padding, trailer.
    ///
    /// - Parameter isFull: whether the pack is padded to the size of a full one; else by Padmé, but not above that.
    func finishPack(
        _ directory: PackDirectory, headerDigest: Digest, packClass: PackClass, epoch: Int, indexKey: SecretBytes,
        repository: RepositoryID, isFull: Bool
    ) throws -> FinishedPack {
        let sealed = try SealedBox.seal(
            directory.encode(), key: indexKey, purpose: "directory", repository: repository,
            context: headerDigest.bytes)
        let directoryOffset = count
        append(sealed)
        let length = count + PackLayout.trailerBytes
        let most = max(length, packClass.fullPackBytes)
        let padded = isFull ? most : min(PackLayout.padme(length), most)
        let padding = padded - length
        free.baseAddress?.initializeMemory(as: UInt8.self, repeating: 0, count: padding)
        count += padding
        var trailer = ByteWriter(capacity: PackLayout.trailerBytes)
        PackTrailer(directoryOffset: directoryOffset, directoryLength: sealed.count).encode(into: &trailer)
        append(trailer.bytes)
        return FinishedPack(
            name: SHA256.digest(used), buffer: self, packClass: packClass, epoch: epoch, directory: directory,
            directoryDigest: SHA256.digest(sealed))
    }
}
