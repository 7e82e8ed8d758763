/// Reads single chunks by id, keeping the last few segments decoded. For nodes and lists, which lie close together. One
/// thread each.
final class ChunkReader {
    private let segments: SegmentReader
    private let identifier: ChunkIdentifier
    private let locate: Locate
    private var decoded: [Decoded] = []
    private var decodedBytes = 0
    private let decodedBytesMax: Int
    private let decodedMax: Int

    /// Finds a chunk in another place than those that were tried.
    typealias Locate = (ChunkID, _ tried: [ChunkLocation]) -> (PackReader.Description, ChunkLocation)?

    private struct Decoded {
        var pack: Digest
        var segment: Int
        var buffer: RawBuffer
        /// Where chunks lie in the buffer, when it is not where the index says.
        var layout: [ChunkID: Int]?
    }

    /// A reader that finds chunks through `locate`.
    ///
    /// - Parameter decodedMax: how many segments are kept decoded, as long as they have no more than `decodedBytesMax`
    ///   bytes together, or are two.
    init(
        packs: PackReader, identifier: ChunkIdentifier, decodedMax: Int = 8,
        decodedBytesMax: Int = 8 * Limits.segmentBytesMax, locate: @escaping Locate
    ) {
        self.decodedMax = decodedMax
        self.decodedBytesMax = decodedBytesMax
        segments = SegmentReader(packs: packs)
        self.identifier = identifier
        self.locate = locate
    }

    /// The plaintext of a chunk, with its id checked. Where it is damaged, other copies are tried.
    ///
    /// - Parameter tried: places where it was not found.
    /// - Throws: ``VaultError`` `.damaged` when it is nowhere, cannot be decoded, or is not what its id says.
    func chunk(_ id: ChunkID, _ type: ChunkType, tried: [ChunkLocation] = []) throws -> [UInt8] {
        var tried = tried
        var failure: VaultError?
        while let (pack, location) = locate(id, tried) {
            do { return try chunk(id, type, in: pack, at: location) } catch let error as VaultError
                where error.code == .damaged
            {
                failure = failure ?? error
                tried.append(location)
            }
        }
        throw failure
            ?? VaultError(
                .damaged, "Chunk \(id) is in no pack of this repository",
                nextStep: "Run vault verify to see what is affected")
    }

    private func chunk(
        _ id: ChunkID, _ type: ChunkType, in pack: PackReader.Description, at location: ChunkLocation
    ) throws -> [UInt8] {
        let decoded = try segment(pack, location.segment)
        let offset = decoded.layout.map { $0[id] } ?? location.offset
        guard let offset, offset + location.length <= decoded.buffer.count else {
            throw SegmentReader.damaged(pack, location.segment, "is shorter than its directory says")
        }
        let bytes = UnsafeRawBufferPointer(rebasing: decoded.buffer.used[offset..<offset + location.length])
        guard identifier.isRight(id, type, bytes) else {
            throw SegmentReader.damaged(pack, location.segment, "holds other content than chunk \(id)")
        }
        return Array(bytes)
    }

    private func segment(_ pack: PackReader.Description, _ number: Int) throws -> Decoded {
        if let index = decoded.lastIndex(where: { $0.pack == pack.name && $0.segment == number }) {
            let found = decoded.remove(at: index)
            decoded.append(found)
            return found
        }
        var free: RawBuffer?
        while decoded.count == decodedMax || decodedBytes > decodedBytesMax && decoded.count > 1 {
            let oldest = decoded.removeFirst().buffer
            decodedBytes -= oldest.count
            free = oldest
        }
        var buffer = free ?? RawBuffer(capacity: Limits.segmentBytesTarget)
        let layout = try segments.read(pack, segment: number, into: &buffer)
        let result = Decoded(pack: pack.name, segment: number, buffer: buffer, layout: layout)
        decoded.append(result)
        decodedBytes += buffer.count
        return result
    }
}
