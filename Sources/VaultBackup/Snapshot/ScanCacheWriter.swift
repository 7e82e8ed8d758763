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
    }

    private struct State {
        var blocks = RawBuffer(capacity: 1 << 20)
        var flushed = 0
        var table: [(hash: UInt64, offset: UInt64)] = []
        var failed = false
    }

    private let path: [UInt8]
    private let file: OpenFile
    private let repository: RepositoryID
    private let state = Mutex(State())

    /// Starts a cache that will replace the one at `path`; nil when nothing can be written there: the next backup then
    /// rereads.
    init?(path: [UInt8], repository: RepositoryID, random: any RandomSource) {
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

    /// Keeps a directory.
    func add(pathHash: UInt64, nodes: [ChunkID], disclosure: Digest, entries: [Entry]) {
        let fieldBytes = entries.reduce(0) { $0 + $1.fields.count + $1.ids.count }
        var block = CacheBlock(capacity: 64 + nodes.count * 20 + entries.count * 80 + fieldBytes)
        block.append(UInt32(0))
        block.append(UInt32(nodes.count))
        block.append(UInt32(entries.count))
        for node in nodes { node.withUnsafeBytes { block.append($0) } }
        disclosure.withUnsafeBytes { block.append($0) }
        for entry in entries { block.append(entry) }
        block.setLength()
        block.bytes.withUnsafeBytes { add(pathHash: pathHash, block: $0) }
    }

    /// Keeps a directory as an older cache has it.
    func add(pathHash: UInt64, block: UnsafeRawBufferPointer) {
        state.withLock { state in
            state.table.append((pathHash, UInt64(state.flushed + state.blocks.count)))
            if state.blocks.count + block.count > state.blocks.capacity { flush(&state) }
            if block.count > state.blocks.capacity {
                write(block, &state)
            } else {
                state.blocks.append(block)
            }
        }
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

    // The table comes first in the file but is known last, so the blocks are copied behind it.
    private func assemble(_ state: State) throws {
        let tableBytes = state.table.count * 16
        let shift = ScanCache.headerBytes + tableBytes
        let total = (shift + state.flushed + 7) & ~7
        let buffer = RawBuffer(capacity: total)
        buffer.base.initializeMemory(as: UInt8.self, repeating: 0, count: total)
        for (index, row) in state.table.sorted(by: { $0.hash < $1.hash }).enumerated() {
            let place = ScanCache.headerBytes + index * 16
            buffer.base.storeBytes(of: row.hash, toByteOffset: place, as: UInt64.self)
            buffer.base.storeBytes(of: row.offset + UInt64(shift), toByteOffset: place + 8, as: UInt64.self)
        }
        let blocks = UnsafeMutableRawBufferPointer(start: buffer.base + shift, count: state.flushed)
        guard try file.read(at: 0, into: blocks) == state.flushed else {
            throw SystemError(errno: 5, operation: "read")
        }
        buffer.count = total
        let header = [ScanCache.magic, repository.words.0, repository.words.1, UInt64(state.table.count)]
        for (index, word) in header.enumerated() {
            buffer.base.storeBytes(of: word, toByteOffset: index * 8, as: UInt64.self)
        }
        buffer.base.storeBytes(
            of: ScanCache.checksum(buffer.used), toByteOffset: ScanCache.checksumOffset, as: UInt64.self)
        try AtomicFile.write(path, buffer.used)
    }
}

/// Bytes of a block in the machine's order.
struct CacheBlock {
    var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append<T: BitwiseCopyable>(_ value: T) { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
    mutating func append(_ value: UnsafeRawBufferPointer) { bytes.append(contentsOf: value) }
    mutating func pad(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }

    mutating func append(_ entry: ScanCacheWriter.Entry) {
        append(entry.nameHash)
        append(entry.identity)
        pad(MemoryLayout<ScanCache.Identity>.stride - MemoryLayout<ScanCache.Identity>.size)
        append(entry.groupHash)
        append(UInt32(entry.fields.count))
        append(UInt32(entry.ids.count))
        bytes += entry.fields
        bytes += entry.ids
    }

    mutating func setLength() {
        let count = UInt32(bytes.count)
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: count, as: UInt32.self) }
    }
}
