internal import Synchronization

/// What the last backup saw: per directory and entry the identity that `stat` gives and where the content is. With it
/// an unchanged file costs one `stat`. Local to this machine, and not part of the stored form; losing it means one full
/// reread.
///
/// It holds no names: entries are found by a keyed hash of the name, directories by a keyed hash of the path. It does
/// hold content digests and short extended attributes, with which a thief can confirm a file he has, but not learn one
/// he has not.
final class ScanCache: Sendable {
    /// Identity of an entry: as long as it is the same, the content is taken to be the same.
    struct Identity: Sendable, Equatable {
        var inode: UInt64
        var size: UInt64
        var modifiedSeconds: Int64
        var changedSeconds: Int64
        var modifiedNanoseconds: UInt32
        var changedNanoseconds: UInt32
        var owner: UInt32
        var group: UInt32
        var mode: UInt16
        var kind: UInt8

        /// An identity that nothing has: the entry is read again next time.
        static let none = Identity()

        private init() {
            (inode, size, modifiedSeconds, changedSeconds) = (0, 0, 0, 0)
            (modifiedNanoseconds, changedNanoseconds, owner, group, mode, kind) = (0, 0, 0, 0, 0, 0)
        }

        /// The identity of what `status` describes. The size of a directory says nothing.
        init(_ status: FileStatus) {
            inode = status.inode
            size = status.kind == .directory ? 0 : status.size
            modifiedSeconds = status.modified.seconds
            changedSeconds = status.changed.seconds
            modifiedNanoseconds = status.modified.nanoseconds
            changedNanoseconds = status.changed.nanoseconds
            owner = status.owner
            group = status.group
            mode = status.mode
            kind = status.kind.rawValue
        }
    }

    /// One entry, as kept.
    struct Entry {
        var nameHash: UInt64
        var identity: Identity
        /// Hash of the hard-link group; 0 when there is none.
        var groupHash: UInt64
        /// Content digest, extents, attributes and flags, as in a directory entry.
        var fields: Range<Int>
        /// Ids of all chunks that the entry needs, 20 bytes each, in the order of ``ChunkIDList/sort(_:)``.
        var ids: Range<Int>
    }

    /// One directory, as kept.
    struct Directory {
        /// Every node, the top one last; none when they hold what no other snapshot has.
        var nodes: [ChunkID]
        var disclosure: Digest
        /// Where each entry begins.
        var entries: [Int]
        /// Its head, with the entries that are not in sections, to be copied.
        var block: Range<Int>
        /// Entries of a large directory that stand apart, before the head.
        var sections: [Section]
    }

    /// A run of entries of a large directory.
    struct Section {
        var bytes: Range<Int>
        var entryCount: Int
    }

    private let map: MappedFile?
    private let tableCount: Int
    let keys: ScanKeys

    static let magic: UInt64 = 0x3330_304e_4353_5654  // "TVSCN003"
    static let headerBytes = 48
    static let checksumOffset = 32
    /// Bytes of the cache that may stay in memory after they were used.
    private static let residentBytesMax = 16 << 20
    private let usedBytes = Atomic<Int>(0)

    /// Opens the cache at `path`; a cache that is missing, damaged or of another repository counts as empty.
    init(path: [UInt8]?, repository: RepositoryID, keys: ScanKeys) {
        self.keys = keys
        guard let path, let file = try? OpenFile.open(path, [.readOnly, .noFollow]), let map = try? MappedFile(file),
            let count = Self.tableCount(map, repository)
        else {
            map = nil
            tableCount = 0
            return
        }
        self.map = map
        tableCount = count
    }

    private static func tableCount(_ map: MappedFile, _ repository: RepositoryID) -> Int? {
        let bytes = map.bytes
        guard bytes.count >= headerBytes, bytes.count % 8 == 0 else { return nil }
        func word(_ index: Int) -> UInt64 { bytes.load(fromByteOffset: index * 8, as: UInt64.self) }
        guard word(0) == magic, RepositoryID(words: (word(1), word(2))) == repository else { return nil }
        let count = Int(clamping: word(3))
        guard count <= (bytes.count - headerBytes) / 16 else { return nil }
        var sum = CacheSum()
        for start in stride(from: 0, to: bytes.count, by: residentBytesMax) {
            let end = min(bytes.count, start + residentBytesMax)
            sum.add(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            if end < bytes.count { map.letGo() }
        }
        guard word(4) == sum.value else { return nil }
        return count
    }

    /// Notes that bytes of the cache were used and will not be soon again: the file stays mapped, but a large one does
    /// not stay in memory.
    func didUse(_ byteCount: Int) {
        let used = usedBytes.add(byteCount, ordering: .relaxed).newValue
        guard used >= Self.residentBytesMax else { return }
        usedBytes.subtract(used, ordering: .relaxed)
        map?.letGo()
    }

    /// Whether there is nothing to go by.
    var isEmpty: Bool { tableCount == 0 }

    /// The bytes of the cache, which ranges of ``Entry`` and ``Directory`` refer to.
    var bytes: UnsafeRawBufferPointer { map?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0) }

    /// What is known of the directory with this path hash.
    func directory(_ pathHash: UInt64) -> Directory? {
        guard let offset = find(pathHash) else { return nil }
        var reader = CacheReader(bytes: bytes, offset: offset)
        let length = Int(reader.u32())
        let nodeCount = Int(reader.u32())
        let entryCount = Int(reader.u32())
        let sectionCount = Int(reader.u32())
        guard reader.isSound, length >= 16, length <= bytes.count - offset, nodeCount * 20 <= length,
            entryCount * 8 <= length, sectionCount * 16 <= length
        else { return nil }
        let nodes = (0..<nodeCount).map { _ in reader.chunkID() }
        let disclosure = reader.digest()
        var sections: [Section] = []
        for _ in 0..<sectionCount {
            guard let section = reader.section(before: offset) else { return nil }
            sections.append(section)
        }
        guard reader.isSound else { return nil }
        var entries: [Int] = []
        entries.reserveCapacity(sections.reduce(entryCount) { $0 + $1.entryCount })
        for section in sections {
            var inner = CacheReader(bytes: bytes, offset: section.bytes.lowerBound)
            for _ in 0..<section.entryCount { entries.append(inner.skipEntry()) }
            guard inner.isSound, inner.offset <= section.bytes.upperBound else { return nil }
            didUse(section.bytes.count)
        }
        for _ in 0..<entryCount { entries.append(reader.skipEntry()) }
        guard reader.isSound, reader.offset <= offset + length else { return nil }
        didUse(length)
        return Directory(
            nodes: nodes, disclosure: disclosure, entries: entries, block: offset..<offset + length, sections: sections)
    }

    /// The entry that begins at `offset`, which is one of ``Directory/entries``.
    func entry(at offset: Int) -> Entry {
        var reader = CacheReader(bytes: bytes, offset: offset)
        return reader.entry()
    }

    /// The hash of its name.
    func nameHash(at offset: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }

    private func find(_ pathHash: UInt64) -> Int? {
        guard let map else { return nil }
        let table = map.bytes.baseAddress! + Self.headerBytes
        var low = 0
        var high = tableCount
        while low < high {
            let middle = (low + high) / 2
            if table.load(fromByteOffset: middle * 16, as: UInt64.self) < pathHash {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < tableCount, table.load(fromByteOffset: low * 16, as: UInt64.self) == pathHash else { return nil }
        return Int(clamping: table.load(fromByteOffset: low * 16 + 8, as: UInt64.self))
    }
}

/// Keyed hashes of names and paths for the scan cache, from a secret of the dedup group.
struct ScanKeys: Sendable {
    private let k0, k1: UInt64

    init(dedupSecret: SecretBytes, repository: RepositoryID) {
        let key = HKDF.derive(dedupSecret, info: Label.repository("scan-cache", repository), count: 16)
        (k0, k1) = key.withUnsafeBytes {
            ($0.loadUnaligned(fromByteOffset: 0, as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }

    /// Hash of a name in a directory, or of any other bytes.
    func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 { SipHash.hash(bytes, k0, k1) }

    /// Hash of one of the names of a directory.
    func hash(_ names: DirectoryNames, _ index: Int) -> UInt64 {
        names.bytes.withUnsafeBytes { hash(UnsafeRawBufferPointer(rebasing: $0[names.range(index)])) }
    }

    /// Hash of the path of an entry from that of its directory.
    func path(_ parent: UInt64, _ nameHash: UInt64) -> UInt64 {
        withUnsafeBytes(of: (parent, nameHash)) { SipHash.hash($0, k0 ^ 1, k1) }
    }
}
