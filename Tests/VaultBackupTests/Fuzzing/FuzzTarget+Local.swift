@testable import VaultBackup

/// Files of this machine: caches and journals. A sum protects them against accidents; here it is put right after the
/// change, so that the parser behind it is reached.
extension FuzzTarget {
    static let local: [FuzzTarget] = [
        FuzzTarget(name: "index-run", seeds: { [FuzzWorld.indexRun] }) { input in
            guard input.count >= 48 else { return false }
            let buffer = RawBuffer(capacity: input.count)
            buffer.append(input)
            FuzzWorld.putSum(buffer, at: 40)
            guard
                let run = IndexRun(
                    bytes: buffer.used, storage: buffer, repository: FuzzWorld.repository, fileName: nil)
            else { return false }
            for type in ChunkType.allCases { _ = run.find(FuzzWorld.id(type, FuzzWorld.content)) { _ in true } }
            for index in 0..<run.count { _ = (run[index].location, run[index].ordinal) }
            return withExtendedLifetime(buffer) { true }
        },
        FuzzTarget(name: "scan-cache", seeds: { [try FuzzWorld.scanCacheFile()] }) { input in
            guard input.count >= ScanCache.headerBytes else { return false }
            let buffer = RawBuffer(capacity: input.count)
            buffer.append(Array(input.prefix(input.count / 8 * 8)))
            FuzzWorld.putSum(buffer, at: ScanCache.checksumOffset)
            return try FuzzWorld.withFile(withExtendedLifetime(buffer) { Array(buffer.used) }) { path in
                let cache = ScanCache(path: path, repository: FuzzWorld.repository, keys: FuzzWorld.scanKeys)
                guard let directory = cache.directory(1) else { return false }
                for entry in directory.entries.map({ cache.entry(at: $0) }) {
                    _ = (cache.bytes[entry.fields].count, cache.bytes[entry.ids].count)
                }
                _ = cache.bytes[directory.block].count
                for section in directory.sections { _ = cache.bytes[section.bytes].count }
                return true
            }
        },
        // Without its sum, which is put right.
        canonical("verify-memory", seeds: { [FuzzWorld.verifyMemory] }) { input in
            let decoded = try VerifyMemory.decode(input + SHA256.digest(input).bytes)
            return Array(VerifyMemory.encode(decoded).dropLast(Digest.byteCount))
        },
        // One record of the journal, its length and sum put right.
        FuzzTarget(name: "scan-journal", seeds: { [try FuzzWorld.journalRecord()] }) { input in
            guard input.count >= 8 else { return false }
            var record = ByteWriter()
            record.raw(withUnsafeBytes(of: UInt32(input.count)) { Array($0) } + [0, 0, 0, 0])
            record.raw(withUnsafeBytes(of: input.withUnsafeBytes { SipHash.hash($0, 0, 0) }) { Array($0) })
            record.raw(input)
            return try FuzzWorld.withFile(record.bytes) { path in
                let key = input.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
                return ScanJournal(path: path, isFresh: false).find(key, FuzzWorld.identity) != nil
            }
        },
    ]
}

extension FuzzWorld {
    static var verifyMemory: [UInt8] {
        let times = VerifyMemory.Times(hashed: Timestamp(milliseconds: 5), decrypted: nil)
        let name = SHA256.digest([1])
        return Array(VerifyMemory.encode([.zero: times, name: times]).dropLast(Digest.byteCount))
    }

    static let scanKeys = ScanKeys(dedupSecret: dedupSecret, repository: repository)

    static var identity: ScanCache.Identity {
        var identity = ScanCache.Identity.none
        identity.inode = 5
        identity.size = 100
        identity.kind = 1
        return identity
    }

    static var cacheEntry: ScanCacheWriter.Entry {
        ScanCacheWriter.Entry(
            nameHash: 9, identity: identity, groupHash: 0, fields: [0, 0],
            ids: id(.data, content).withUnsafeBytes { Array($0) })
    }

    static var indexRun: [UInt8] {
        let records = (0..<5).map { n in
            IndexRecord(
                id: id(n == 0 ? .data : .directoryNode, n == 0 ? content : [UInt8(n)]),
                location: ChunkLocation(ordinal: n, segment: n, offset: n * 100, length: 40))
        }.sorted()
        let buffer = records.withUnsafeBufferPointer {
            IndexRunWriter([$0], ordinals: [0, 1, 2], repository: repository).encode()
        }
        return withExtendedLifetime(buffer) { Array(buffer.used) }
    }

    /// Puts the sum of all other words at `offset`, as index runs and the scan cache have it.
    static func putSum(_ buffer: RawBuffer, at offset: Int) {
        guard buffer.count % 8 == 0, buffer.count >= 48 else { return }
        var sum: UInt64 = 0x9e37_79b9_7f4a_7c15
        for (index, word) in buffer.used.bindMemory(to: UInt64.self).enumerated() where index != offset / 8 {
            sum = (sum ^ word) &* 0xff51_afd7_ed55_8ccd ^ sum >> 29
        }
        buffer.base.storeBytes(of: sum, toByteOffset: offset, as: UInt64.self)
    }

    /// Calls `body` with the path of a file of these bytes, in memory.
    static func withFile<R>(_ bytes: [UInt8], _ body: ([UInt8]) throws -> R) throws -> R {
        let path = Array("/dev/shm/vault-fuzz-\(Hex.encode(SystemRandom().bytes(8)))".utf8)
        let file = try OpenFile.open(path, [.readWrite, .create, .exclusive], mode: 0o600)
        defer { try? DirectoryEntries.remove(at: nil, path) }
        try bytes.withUnsafeBytes { try file.write($0) }
        return try body(path)
    }

    static func content(of path: [UInt8]) throws -> [UInt8] { try AtomicFile.read(path, byteCountMax: 1 << 20) ?? [] }

    static func scanCacheFile() throws -> [UInt8] {
        let path = Array("/dev/shm/vault-fuzz-seed-\(Hex.encode(SystemRandom().bytes(8)))".utf8)
        defer { try? DirectoryEntries.remove(at: nil, path) }
        guard let writer = ScanCacheWriter(path: path, repository: repository, random: SystemRandom()) else {
            throw FuzzFinding(description: "no scan cache can be written")
        }
        var directory = ScanCacheWriter.Directory()
        for _ in 0..<2 { writer.append(cacheEntry, to: &directory) }
        writer.add(pathHash: 1, nodes: [id(.directoryNode, [1])], disclosure: .zero, directory)
        writer.add(pathHash: 2, nodes: [id(.directoryNode, [2])], disclosure: .zero, ScanCacheWriter.Directory())
        writer.finish()
        return try content(of: path)
    }

    static func journalRecord() throws -> [UInt8] {
        let path = Array("/dev/shm/vault-fuzz-seed-\(Hex.encode(SystemRandom().bytes(8)))".utf8)
        let journal = ScanJournal(path: path, isFresh: true)
        defer { journal.remove() }
        journal.add(9, identity, fields: [0, 0], ids: cacheEntry.ids)
        journal.flush()
        return Array(try content(of: path).dropFirst(16))
    }
}
