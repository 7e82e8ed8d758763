import Testing

@testable import VaultBackup

/// A snapshot whose nodes a test makes by hand, committed as a writer would: for trees that no walk would give.
final class HandmadeSnapshot {
    private let access: WriteAccess
    private let session: WriteSession
    private let data: PackBuilder
    private let names: PackBuilder
    private let store: any ObjectStore
    private let identifier: ChunkIdentifier
    private var known: Set<ChunkID> = []

    init(_ fixture: RepositoryFixture) throws {
        let repository = try fixture.open()
        access = try WriteAccess(repository, fixture.machine)
        session = try WriteSession.open(access, purpose: .backup, system: "server")
        let sealing = SealingContext(
            repository: repository.id, session: session.id, epoch: 1, group: 1,
            readKey: repository.state.keyring.readKey,
            indexKey: access.index, random: repository.random, level: .auto)
        let pool = BufferPool(count: 64, capacity: Limits.dataPackBytes + Limits.segmentBytesMax)
        data = PackBuilder(.data, context: sealing, pool: pool)
        names = PackBuilder(.names, context: sealing, pool: pool)
        store = repository.store
        identifier = ChunkIdentifier(dedupSecret: access.dedup, repository: repository.id)
    }

    /// The id that content has.
    func id(_ type: ChunkType, _ bytes: [UInt8]) -> ChunkID { bytes.withUnsafeBytes { identifier.id(type, $0).id } }

    /// Stores a chunk, under its id or under another that it claims to have, and returns that.
    @discardableResult
    func add(_ type: ChunkType, _ bytes: [UInt8], as claimed: ChunkID? = nil) throws -> ChunkID {
        let id = claimed ?? id(type, bytes)
        return try bytes.withUnsafeBytes { raw in
            if known.insert(id).inserted {
                let builder = type == .data ? data : names
                try builder.append(raw, [PackBuilder.Piece(id: id, type: type, length: raw.count)], emit: put)
            }
            return id
        }
    }

    private func put(_ pack: FinishedPack) throws {
        _ = try store.put(.content(.packs, pack.name), pack.buffer.used)
        try session.didStore(pack)
    }

    /// An entry of a kind with plain metadata.
    func entry(_ name: String, _ kind: EntryKind) -> TreeEntry {
        TreeEntry(
            name: Array(name.utf8), kind: kind, mode: 0o755, owner: 0, group: 0, mtimeSeconds: 1_700_000_000,
            mtimeNanoseconds: 5)
    }

    /// A file with this content in one chunk.
    func file(_ name: String, _ content: String) throws -> TreeEntry {
        var entry = entry(name, .file)
        let bytes = Array(content.utf8)
        entry.size = bytes.count
        entry.digest = ContentDigest(kind: 1, digest: SHA256.digest(bytes))
        if !bytes.isEmpty { entry.extents = [.chunk(id: try add(.data, bytes), length: bytes.count)] }
        return entry
    }

    /// A file with any content and size.
    func file(_ name: String, size: Int, extents: [Extent] = [], list: ChunkID? = nil) -> TreeEntry {
        var entry = entry(name, .file)
        entry.size = size
        let isOneChunk =
            extents.count <= 1 && list == nil && !extents.contains { if case .hole = $0 { true } else { false } }
        entry.digest = ContentDigest(kind: isOneChunk ? 1 : 2, digest: .zero)
        entry.extents = extents
        entry.extentList = list
        return entry
    }

    /// A link, its target not looked at.
    func link(_ name: String, to target: String) -> TreeEntry {
        var entry = entry(name, .symbolicLink)
        entry.linkTarget = Array(target.utf8)
        entry.size = target.utf8.count
        return entry
    }

    /// A node of level 0 with these entries as they are, in this order.
    func leaf(_ entries: [TreeEntry]) throws -> ChunkID {
        try add(.directoryNode, leafBytes(entries))
    }

    /// The bytes of a node of level 0.
    func leafBytes(_ entries: [TreeEntry]) -> [UInt8] {
        var items = ByteWriter()
        for entry in entries { items.lp32(entry.encoded()) }
        return DirectoryNode.encode(level: 0, count: entries.count, items: items.bytes)
    }

    /// A node of level 1, or of another.
    func inner(level: Int = 1, _ children: [(lastName: String, id: ChunkID)]) throws -> ChunkID {
        var items = ByteWriter()
        for child in children {
            DirectoryNode.Child(lastName: Array(child.lastName.utf8), id: child.id, entryCount: 1, disclosure: .zero)
                .encode(into: &items)
        }
        return try add(.directoryNode, DirectoryNode.encode(level: level, count: children.count, items: items.bytes))
    }

    /// A directory with this top node.
    func directory(_ name: String, _ node: ChunkID) -> TreeEntry {
        var entry = entry(name, .directory)
        entry.child = (node, .zero)
        return entry
    }

    /// A node of level 0 with entries that are no entries at all.
    func leaf(raw entries: [[UInt8]]) throws -> ChunkID {
        var items = ByteWriter()
        for entry in entries { items.lp32(entry) }
        return try add(.directoryNode, DirectoryNode.encode(level: 0, count: entries.count, items: items.bytes))
    }

    /// Publishes the snapshot with this top node and returns its id.
    ///
    /// - Parameter entries: how many entries its record claims.
    func commit(_ root: ChunkID, entries: Int = 1 << 40) throws -> Digest {
        let part = try add(.privatePart, PrivatePart().encode())
        for builder in [data, names] { if let pack = try builder.finish() { try put(pack) } }
        try session.publishProgress()
        let repository = access.repository
        let ordinals = session.committedPacks().map(\.ordinal)
        let map = SegmentMap(
            packs: ordinals.map {
                .init(isUsed: [Bool](repeating: true, count: repository.state.packs[$0].pack.segments))
            })
        let sealed = try SealedBox.seal(
            map.encode(), key: access.index, purpose: "segment-map", repository: repository.id,
            context: session.id.bytes)
        let bytes = SegmentMapObject(epoch: 1, sealed: sealed).encode(repository.id)
        _ = try store.put(.content(.sets, SHA256.digest(bytes)), bytes)
        let now = repository.clock.now()
        let body = SnapshotBody(
            bytes: 0, entries: entries, epoch: 1, finished: now, map: SHA256.digest(bytes), privatePart: part,
            problems: 0,
            disclosure: .zero, node: root, session: session.id, packs: .inline(PackSet(ordinals)), started: now,
            system: "server")
        return try session.finish(body).digest
    }
}
