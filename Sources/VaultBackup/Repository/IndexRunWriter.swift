/// Makes run files of the local index from sorted records, in blocks, so that neither the records nor the file have to be
/// in memory.
struct IndexRunWriter {
    private let merge: IndexMerge
    private let ordinals: [Int]
    private let repository: RepositoryID
    private let blockRecords: Int

    /// A run of what `sources` hold, each of which must be sorted and must stay in place until it is written.
    ///
    /// - Parameter ordinals: the packs whose chunks these are, sorted.
    /// - Parameter blockRecords: how many records are written at once.
    init(
        _ sources: [UnsafeBufferPointer<IndexRecord>], ordinals: [Int], repository: RepositoryID,
        blockRecords: Int = 1 << 15
    ) {
        merge = IndexMerge(sources)
        self.ordinals = ordinals
        self.repository = repository
        self.blockRecords = blockRecords
    }

    /// Length of the file in bytes.
    var byteCount: Int { headerBytes + merge.count * IndexRecord.byteCount }

    private var headerBytes: Int { IndexRun.headerBytes + (ordinals.count * 4 + 7) & ~7 }

    /// Writes the run to a file in `folder`, and returns its name. The name is drawn from the content, so that two
    /// processes never write different bytes to one name.
    ///
    /// - Parameter didUse: called whenever some of the sources have been read to where they will not be read again.
    func write(to folder: [UInt8], didUse: () -> Void = {}) throws(SystemError) -> String {
        let name = try AtomicFile.write(in: folder) { (file) throws(SystemError) in
            var hash = SHA256()
            let checksum = try blocks { (block) throws(SystemError) in
                hash.update(block)
                try file.write(block)
                didUse()
            }
            try Self.withBytes(of: checksum) { (bytes) throws(SystemError) in
                hash.update(bytes)
                try file.write(at: IndexChecksum.place * 8, bytes)
            }
            return Array(String(hash.finish().hex.prefix(24)).utf8) + Array(".run".utf8)
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// The bytes of the run, for where no file can be written.
    func encode() -> RawBuffer {
        let buffer = RawBuffer(capacity: byteCount)
        let checksum = blocks { (block) throws(Never) in buffer.append(block) }
        buffer.base.storeBytes(of: checksum, toByteOffset: IndexChecksum.place * 8, as: UInt64.self)
        return buffer
    }

    private static func withBytes(
        of word: UInt64, _ body: (UnsafeRawBufferPointer) throws(SystemError) -> Void
    ) throws(SystemError) {
        let buffer = RawBuffer(capacity: 8)
        buffer.base.storeBytes(of: word, as: UInt64.self)
        buffer.count = 8
        try body(buffer.used)
    }

    /// Hands out the bytes of the file, with 0 in the place of the checksum, and returns the checksum.
    private func blocks<E: Error>(_ use: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) -> UInt64 {
        var checksum = IndexChecksum()
        let header = header()
        checksum.add(header.used)
        try use(header.used)
        let block = RawBuffer(capacity: blockRecords * IndexRecord.byteCount)
        var merge = merge
        while merge.fill(block) {
            checksum.add(block.used)
            try use(block.used)
        }
        return checksum.value
    }

    private func header() -> RawBuffer {
        let buffer = RawBuffer(capacity: headerBytes)
        buffer.base.initializeMemory(as: UInt8.self, repeating: 0, count: headerBytes)
        buffer.count = headerBytes
        let words = [
            IndexRun.magic, repository.words.0, repository.words.1, UInt64(merge.count), UInt64(ordinals.count),
        ]
        for (index, word) in words.enumerated() {
            buffer.base.storeBytes(of: word, toByteOffset: index * 8, as: UInt64.self)
        }
        for (index, ordinal) in ordinals.enumerated() {
            buffer.base.storeBytes(of: UInt32(ordinal), toByteOffset: IndexRun.headerBytes + index * 4, as: UInt32.self)
        }
        return buffer
    }
}

/// The records of several sorted sources, in one order.
struct IndexMerge {
    private var sources: [UnsafeBufferPointer<IndexRecord>]
    /// How many are left.
    private(set) var count: Int

    init(_ sources: [UnsafeBufferPointer<IndexRecord>]) {
        self.sources = sources.filter { !$0.isEmpty }
        count = sources.reduce(0) { $0 + $1.count }
    }

    /// Puts the next records into a buffer, as many as fit, in the place of what is there; false when none are left.
    mutating func fill(_ buffer: RawBuffer) -> Bool {
        buffer.count = 0
        let room = buffer.capacity / IndexRecord.byteCount
        for place in 0..<min(room, count) {
            buffer.base.storeBytes(of: next(), toByteOffset: place * IndexRecord.byteCount, as: IndexRecord.self)
            buffer.count += IndexRecord.byteCount
        }
        return buffer.count > 0
    }

    private mutating func next() -> IndexRecord {
        // There are only a few sources: runs grow by a factor from one to the next.
        var least = 0
        for other in sources.indices.dropFirst() where sources[other][0] < sources[least][0] { least = other }
        let record = sources[least][0]
        sources[least] = UnsafeBufferPointer(rebasing: sources[least].dropFirst())
        if sources[least].isEmpty { sources.remove(at: least) }
        count -= 1
        return record
    }
}

/// A fast sum of all words but its own, which notices flipped and missing bytes of a local cache; not a defence against
/// anyone.
struct IndexChecksum {
    /// Its own word in a run file.
    static let place = 5

    private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15
    private var index = 0

    /// Adds the next bytes, a whole number of words.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        for word in bytes.bindMemory(to: UInt64.self) {
            if index != Self.place { value = (value ^ word) &* 0xff51_afd7_ed55_8ccd ^ value >> 29 }
            index += 1
        }
    }

    private static let blockBytes = 1 << 22

    /// The sum of a whole file; `didUse` is called after each part of it.
    static func of(_ bytes: UnsafeRawBufferPointer, didUse: () -> Void = {}) -> UInt64 {
        var sum = IndexChecksum()
        for start in stride(from: 0, to: bytes.count, by: blockBytes) {
            sum.add(UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + blockBytes)]))
            didUse()
        }
        return sum.value
    }
}
