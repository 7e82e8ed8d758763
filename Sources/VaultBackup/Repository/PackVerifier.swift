/// What is wrong with many packs, by place.
struct PackDamage: Sendable {
    private let byOrdinal: [Int: PackVerifier.Damage]

    init(_ damage: [PackVerifier.Damage]) {
        byOrdinal = Dictionary(damage.map { ($0.ordinal, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether what lies in a place cannot be used.
    func covers(_ place: ChunkLocation) -> Bool {
        byOrdinal[place.ordinal].map { $0.segments?.contains(place.segment) ?? true } ?? false
    }
}

/// Checks whole packs: the hash that is their name, and, with keys, every segment and the id of every chunk. One thread
/// each.
final class PackVerifier {
    /// What is wrong with a pack.
    struct Damage: Sendable {
        var ordinal: Int
        /// The segments that cannot be used; nil when it is the pack as a whole.
        var segments: Set<Int>?
        var reason: String
    }

    private let store: any ObjectStore
    private let packs: PackReader?
    private let identifier: ChunkIdentifier?
    private let segments: SegmentReader?
    private var buffer = RawBuffer(capacity: Limits.dataPackBytes)
    private var raw = RawBuffer(capacity: Limits.segmentBytesTarget)

    /// Without `access` only what needs no key is checked.
    init(store: any ObjectStore, access: ReadAccess?) {
        self.store = store
        packs = access?.packs
        identifier = access?.identifier
        segments = access.map { SegmentReader(packs: $0.packs) }
    }

    /// Reads a pack from beginning to end; nil when it is all right.
    ///
    /// - Parameter isHashed: whether its bytes are known to be those of its name; then, with keys, they are not hashed
    ///   again.
    func check(_ ordinal: Int, _ pack: PackReader.Description, isHashed: Bool = false) throws -> Damage? {
        let name = ObjectName.content(.packs, pack.name)
        func whole(_ reason: String) -> Damage { Damage(ordinal: ordinal, segments: nil, reason: "\(name) \(reason)") }
        guard pack.length <= Limits.packBytesMax else { return whole("has an impossible length") }
        if buffer.capacity < pack.length { buffer = RawBuffer(capacity: pack.length) }
        do throws(StorageError) {
            guard let size = try store.size(name) else { return whole("is missing") }
            guard size == pack.length else { return whole("has \(size) bytes instead of \(pack.length)") }
            let target = UnsafeMutableRawBufferPointer(start: buffer.base, count: pack.length)
            guard try store.read(name, offset: 0, into: target) == pack.length else { return whole("is too short") }
        } catch {
            return whole("cannot be read: \(error)")
        }
        buffer.count = pack.length
        let isWhole = isHashed && packs != nil || SHA256.digest(buffer.used) == pack.name
        guard let packs else { return isWhole ? nil : whole("holds other bytes than its name says") }
        do {
            let (bad, reason) = try checkSegments(pack, packs)
            if let reason { return Damage(ordinal: ordinal, segments: bad, reason: "\(name): \(reason)") }
            return isWhole
                ? nil
                : Damage(
                    ordinal: ordinal, segments: [],
                    reason: "\(name) holds other bytes than its name says, but every segment is right")
        } catch let error as VaultError where error.code == .damaged {
            return whole("cannot be opened: \(error.message)")
        }
    }

    private func checkSegments(_ pack: PackReader.Description, _ packs: PackReader) throws -> (Set<Int>, String?) {
        let directory = try packs.directory(of: pack)
        let opened = try packs.opened(pack)
        var bad: Set<Int> = []
        var first: String?
        for (number, segment) in directory.segments.enumerated() {
            let stored = UnsafeRawBufferPointer(
                rebasing: buffer.used[segment.offset..<segment.offset + segment.storedLength])
            do {
                try segments?.decode(stored, pack, opened, number, into: &raw)
                guard raw.count == directory.rawLength(of: segment) else {
                    throw SegmentReader.damaged(pack, number, "has another length than its directory says")
                }
                try checkChunks(directory.chunks[segment.chunks], pack, number)
            } catch let error as VaultError where error.code == .damaged {
                bad.insert(number)
                if first == nil { first = error.message }
            }
        }
        return (bad, first)
    }

    private func checkChunks(_ chunks: ArraySlice<PackDirectory.Chunk>, _ pack: PackReader.Description, _ number: Int)
        throws
    {
        for chunk in chunks {
            let bytes = UnsafeRawBufferPointer(rebasing: raw.used[chunk.offset..<chunk.offset + chunk.length])
            guard identifier?.isRight(chunk.id, chunk.type, bytes) == true else {
                throw SegmentReader.damaged(pack, number, "holds other content than chunk \(chunk.id)")
            }
        }
    }
}
