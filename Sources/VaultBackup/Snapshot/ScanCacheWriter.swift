internal import Synchronization

/// Writes the scan cache of a running backup, directory by directory, in any order and from any thread.
///
/// The blocks go to a file at once; only the table of directories stays in memory. The file replaces the old cache in
/// ``finish()``.
final class ScanCacheWriter: Sendable {
    /// An entry to be kept.
    struct Entry {
        var nameHash: UInt64
        var identity: ScanCache.Identity
        var groupHash: UInt64
        var fields: [UInt8]
        var ids: [UInt8]

        /// The same in its place, for an entry that is to be read again.
        fileprivate var withoutContent: Entry {
            Entry(nameHash: nameHash, identity: .none, groupHash: groupHash, fields: [], ids: [])
        }
    }

    private struct State {
        var blocks = RawBuffer(capacity: 1 << 20)
        var flushed = 0
        var table: [(hash: UInt64, offset: UInt64)] = []
        var failed = false
    }

    /// Most bytes of ids that an entry may have: lengths in the cache are 32 bits, also those of whole sections. At
    /// 4 KiB a chunk they are those of a file of 440 GB; a longer one is read again each time.
    static let idBytesMax = 1 << 31

    private let path: [UInt8]
    private let file: OpenFile
    private let repository: RepositoryID
    private let idBytesMax: Int
    private let state = Mutex(State())

    /// Starts a cache that will replace the one at `path`; nil when nothing can be written there: the next backup then
    /// rereads.
    init?(
        path: [UInt8], repository: RepositoryID, random: any RandomSource,
        idBytesMax: Int = ScanCacheWriter.idBytesMax
    ) {
        self.idBytesMax = idBytesMax
        self.path = path
        self.repository = repository
        let temporary = path + Array(".\(Hex.encode(random.bytes(6))).tmp".utf8)
        guard let file = try? OpenFile.open(temporary, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600) else {
            return nil
        }
        // Without a name it goes away with the process, however that ends.
        guard (try? DirectoryEntries.remove(at: nil, temporary)) != nil else { return nil }
        self.file = file
    }

    /// The entries of a directory that is being put together. Those of a large one go to the file as they come.
    struct Directory {
        fileprivate var entries = CacheBlock(capacity: 0)
        fileprivate var entryCount = 0
        fileprivate var sections: [(offset: Int, byteCount: Int, entryCount: Int)] = []
    }

    private static let sectionBytes = 512 << 10

    /// Adds the next entry of a directory.
    func append(_ entry: Entry, to directory: inout Directory) {
        let kept = entry.ids.count > idBytesMax ? entry.withoutContent : entry
        directory.entryCount += 1
        directory.entries.append(start: kept)
        let byteCount = directory.entries.bytes.count + kept.ids.count
        guard byteCount >= Self.sectionBytes else { return directory.entries.append(kept.ids) }
        // The ids of a long file go from where they are.
        let offset = state.withLock { state in
            let offset = directory.entries.bytes.withUnsafeBytes { append($0, &state) }
            _ = kept.ids.withUnsafeBytes { append($0, &state) }
            return offset
        }
        directory.sections.append((offset, byteCount, directory.entryCount))
        directory.entries.bytes.removeAll(keepingCapacity: true)
        directory.entryCount = 0
    }

    /// Keeps a directory.
    func add(pathHash: UInt64, nodes: [ChunkID], disclosure: Digest, _ directory: Directory) {
        var block = CacheBlock(
            capacity: 64 + nodes.count * 20 + directory.sections.count * 16 + directory.entries.bytes.count)
        block.append(UInt32(0))
        block.append(UInt32(nodes.count))
        block.append(UInt32(directory.entryCount))
        block.append(UInt32(directory.sections.count))
        for node in nodes { node.withUnsafeBytes { block.append($0) } }
        disclosure.withUnsafeBytes { block.append($0) }
        let sectionsOffset = block.bytes.count
        for section in directory.sections {
            block.append(UInt64(0))
            block.append(UInt32(section.byteCount))
            block.append(UInt32(section.entryCount))
        }
        block.bytes += directory.entries.bytes
        block.setLength()
        state.withLock { add(pathHash, &block, sectionsOffset, directory.sections.map(\.offset), &$0) }
    }

    /// Keeps a directory as an older cache has it.
    func add(pathHash: UInt64, keeping directory: ScanCache.Directory, of cache: ScanCache) {
        let bytes = cache.bytes
        let old = UnsafeRawBufferPointer(rebasing: bytes[directory.block])
        state.withLock { state in
            if directory.sections.isEmpty {
                state.table.append((pathHash, UInt64(append(old, &state))))
                return
            }
            let offsets = directory.sections.map { section in
                defer { cache.didUse(section.bytes.count) }
                return append(UnsafeRawBufferPointer(rebasing: bytes[section.bytes]), &state)
            }
            var block = CacheBlock(capacity: old.count)
            block.append(old)
            let sectionsOffset = 16 + directory.nodes.count * ChunkID.byteCount + Digest.byteCount
            add(pathHash, &block, sectionsOffset, offsets, &state)
        }
    }

    /// Adds the head of a directory, with the distances to its sections.
    private func add(
        _ pathHash: UInt64, _ block: inout CacheBlock, _ sectionsOffset: Int, _ sections: [Int], _ state: inout State
    ) {
        let offset = state.flushed + state.blocks.count
        block.bytes.withUnsafeMutableBytes { bytes in
            for (index, section) in sections.enumerated() {
                let place = sectionsOffset + index * 16
                bytes.storeBytes(of: UInt64(offset - section), toByteOffset: place, as: UInt64.self)
            }
        }
        state.table.append((pathHash, UInt64(offset)))
        block.bytes.withUnsafeBytes { _ = append($0, &state) }
    }

    /// Appends bytes and returns where they are, from the first block.
    private func append(_ bytes: UnsafeRawBufferPointer, _ state: inout State) -> Int {
        let offset = state.flushed + state.blocks.count
        if state.blocks.count + bytes.count > state.blocks.capacity { flush(&state) }
        if bytes.count > state.blocks.capacity {
            write(bytes, &state)
        } else {
            state.blocks.append(bytes)
        }
        return offset
    }

    private func flush(_ state: inout State) {
        let bytes = state.blocks.used
        write(bytes, &state)
        state.blocks.count = 0
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ state: inout State) {
        if !state.failed, (try? file.write(bytes)) == nil { state.failed = true }
        state.flushed += bytes.count
    }

    /// Puts the cache in place; a failure leaves the old one.
    func finish() {
        state.withLock { state in
            flush(&state)
            if !state.failed { try? assemble(state) }
        }
    }

    // The table comes first in the file but is known last, so the blocks are copied behind it, in pieces.
    private func assemble(_ state: State) throws(SystemError) {
        let shift = ScanCache.headerBytes + state.table.count * 16
        var head = CacheBlock(capacity: shift)
        for word in [ScanCache.magic, repository.words.0, repository.words.1, UInt64(state.table.count), 0, 0] {
            head.append(word)
        }
        for row in state.table.sorted(by: { $0.hash < $1.hash }) {
            head.append(row.hash)
            head.append(row.offset + UInt64(shift))
        }
        let start = head.bytes
        try AtomicFile.write(path) { (target) throws(SystemError) in
            var sum = CacheSum()
            start.withUnsafeBytes { sum.add($0) }
            try Self.write(start, at: 0, to: target)
            let buffer = state.blocks
            var done = 0
            while done < state.flushed {
                buffer.count = try file.read(
                    at: done, into: UnsafeMutableRawBufferPointer(start: buffer.base, count: buffer.capacity))
                guard buffer.count > 0 else { throw SystemError(errno: 5, operation: "read") }
                let offset = shift + done
                done += buffer.count
                while buffer.count % 8 != 0 { buffer.append([0]) }
                sum.add(buffer.used)
                try target.write(at: offset, buffer.used)
            }
            var words = CacheBlock(capacity: 8)
            words.append(sum.value)
            try Self.write(words.bytes, at: ScanCache.checksumOffset, to: target)
        }
    }

    private static func write(_ bytes: [UInt8], at offset: Int, to file: OpenFile) throws(SystemError) {
        let result: Result<Void, SystemError> = bytes.withUnsafeBytes { buffer in
            do throws(SystemError) { return .success(try file.write(at: offset, buffer)) } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}

/// Bytes of a block in the machine's order.
struct CacheBlock {
    var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append<T: BitwiseCopyable>(_ value: T) { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
    mutating func append(_ value: UnsafeRawBufferPointer) { bytes.append(contentsOf: value) }
    mutating func append(_ value: [UInt8]) { bytes += value }
    mutating func pad(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }

    /// Appends all of an entry but its ids.
    mutating func append(start entry: ScanCacheWriter.Entry) {
        append(entry.nameHash)
        append(entry.identity)
        pad(MemoryLayout<ScanCache.Identity>.stride - MemoryLayout<ScanCache.Identity>.size)
        append(entry.groupHash)
        append(UInt32(entry.fields.count))
        append(UInt32(entry.ids.count))
        append(entry.fields)
    }

    mutating func setLength() {
        let count = UInt32(bytes.count)
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: count, as: UInt32.self) }
    }
}
