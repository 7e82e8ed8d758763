internal import Synchronization

/// What an unfinished backup has read: entry by entry, so that the next run reads none of it again.
///
/// Entries are appended while the backup runs and the file goes away when its snapshot is there. A kill loses what was
/// still in memory, at most 256 KiB of entries; those files are read again. Nothing is trusted that does not hold: an
/// entry counts only if its status is the same and all its chunks are committed.
final class ScanJournal: Sendable {
    private struct Writing {
        var file: OpenFile?
        var buffer: [UInt8] = []
    }

    private let path: [UInt8]
    private let map: MappedFile?
    /// Keys with the places of their entries, by both.
    private let places: [Place]
    private let writing: Mutex<Writing>

    private struct Place: Sendable {
        var key: UInt64
        var place: Int
    }

    private static let flushBytes = 256 << 10
    private static let headerBytes = 16

    /// Opens the journal at `path`, with what an earlier run left in it.
    init(path: [UInt8], isFresh: Bool) {
        self.path = path
        if isFresh { try? DirectoryEntries.remove(at: nil, path) }
        let old = (try? OpenFile.open(path, [.readOnly, .noFollow])).flatMap { try? MappedFile($0) }
        map = old
        places = old.map { Self.scan($0.bytes) } ?? []
        let file = try? OpenFile.open(path, [.writeOnly, .create, .append, .noFollow], mode: 0o600)
        writing = Mutex(Writing(file: file))
    }

    /// Opens the journal at `path` only to look things up in it.
    init(reading path: [UInt8]) {
        self.path = path
        map = (try? OpenFile.open(path, [.readOnly, .noFollow])).flatMap { try? MappedFile($0) }
        places = map.map { Self.scan($0.bytes) } ?? []
        writing = Mutex(Writing())
    }

    /// Number of entries that an earlier run left.
    var count: Int { places.count }

    // Record: u32 length of what follows the header, u32 bytes of it before the ids, u64 sum of both parts; then u64 key
    // and the entry as in the scan cache.
    private static func scan(_ bytes: UnsafeRawBufferPointer) -> [Place] {
        var places: [Place] = []
        var offset = 0
        while offset + headerBytes + 8 <= bytes.count {
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            let start = offset + headerBytes
            guard length >= 8, length <= bytes.count - start,
                isRight(bytes, offset, start..<start + length)
            else { break }
            places.append(Place(key: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self), place: start + 8))
            offset = start + length
        }
        places.sort { ($0.key, $0.place) < ($1.key, $1.place) }
        return places
    }

    private static func isRight(_ bytes: UnsafeRawBufferPointer, _ header: Int, _ body: Range<Int>) -> Bool {
        let first = Int(bytes.loadUnaligned(fromByteOffset: header + 4, as: UInt32.self))
        guard first <= body.count else { return false }
        let sum = sum(
            UnsafeRawBufferPointer(rebasing: bytes[body.prefix(first)]),
            UnsafeRawBufferPointer(rebasing: bytes[body.dropFirst(first)]))
        return sum == bytes.loadUnaligned(fromByteOffset: header + 8, as: UInt64.self)
    }

    private static func sum(_ first: UnsafeRawBufferPointer, _ rest: UnsafeRawBufferPointer) -> UInt64 {
        SipHash.hash(rest, first.isEmpty ? 0 : SipHash.hash(first, 0, 0), 0)
    }

    /// What is known of the entry with this key, if its identity is `identity`.
    func find(_ key: UInt64, _ identity: ScanCache.Identity) -> (fields: [UInt8], ids: [UInt8])? {
        guard let map else { return nil }
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].key <= key { low = middle + 1 } else { high = middle }
        }
        // Of several with one key the last one counts.
        guard low > 0, places[low - 1].key == key else { return nil }
        var reader = CacheReader(bytes: map.bytes, offset: places[low - 1].place)
        let entry = reader.entry()
        guard reader.isSound, entry.identity == identity else { return nil }
        return (Array(map.bytes[entry.fields]), Array(map.bytes[entry.ids]))
    }

    /// Notes an entry that has been read.
    func add(_ key: UInt64, _ identity: ScanCache.Identity, fields: [UInt8], ids: [UInt8]) {
        guard ids.count <= ScanCacheWriter.idBytesMax else { return }
        var block = CacheBlock(capacity: 120 + fields.count)
        block.append(UInt64(0))
        block.append(UInt64(0))
        block.append(key)
        block.append(
            start: ScanCacheWriter.Entry(nameHash: key, identity: identity, groupHash: 0, fields: fields, ids: ids))
        ids.withUnsafeBytes { ids in
            Self.seal(&block.bytes, ids)
            writing.withLock { writing in
                if ids.count < Self.flushBytes {
                    writing.buffer += block.bytes
                    writing.buffer += ids
                    if writing.buffer.count >= Self.flushBytes { Self.flush(&writing) }
                } else {
                    // The ids of a long file are written from where they are.
                    Self.flush(&writing)
                    block.bytes.withUnsafeBytes { Self.write([$0, ids], &writing) }
                }
            }
        }
    }

    /// Fills in the header of a record, whose ids are not in the block.
    private static func seal(_ block: inout [UInt8], _ ids: UnsafeRawBufferPointer) {
        block.withUnsafeMutableBytes { block in
            let start = UnsafeRawBufferPointer(rebasing: block[headerBytes...])
            let check = sum(start, ids)
            block.storeBytes(of: UInt32(start.count + ids.count), as: UInt32.self)
            block.storeBytes(of: UInt32(start.count), toByteOffset: 4, as: UInt32.self)
            block.storeBytes(of: check, toByteOffset: 8, as: UInt64.self)
        }
    }

    /// Writes what is still in memory.
    func flush() { writing.withLock { Self.flush(&$0) } }

    private static func flush(_ writing: inout Writing) {
        let records = writing.buffer
        records.withUnsafeBytes { write([$0], &writing) }
        writing.buffer.removeAll(keepingCapacity: true)
    }

    private static func write(_ parts: [UnsafeRawBufferPointer], _ writing: inout Writing) {
        // One write for whole records, so that two runs that append at once do not mix them. A failure ends the
        // journal, nothing else.
        if let file = writing.file, (try? file.write(parts)) == nil { writing.file = nil }
    }

    /// Removes the journal: the snapshot is there, and the scan cache knows everything.
    func remove() {
        writing.withLock { $0.file = nil }
        try? DirectoryEntries.remove(at: nil, path)
    }
}
