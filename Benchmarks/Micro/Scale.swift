import Glibc

/// Makes up repositories that no disk here can hold, and measures what their size costs: time, and the most memory the
/// process ever had. Run by `Benchmarks/micro --files N --chunks N`.
enum Scale {
    private static let repository = RepositoryID(words: (1, 2))

    /// One JSON line for each thing measured.
    static func run(files: Int, chunks: Int) throws {
        try nodes(of: files)
        try index(of: chunks)
        sets(of: chunks)
    }

    private static func report(_ name: String, _ count: Int, _ start: UInt64, _ more: String) {
        var usage = rusage()
        getrusage(RUSAGE_SELF, &usage)
        let seconds = Double(Micro.processorTime() - start) / 1e9
        print(
            "{\"name\":\"\(name)\",\"count\":\(count),\"seconds\":\(seconds),\(more),"
                + "\"peakMiB\":\(usage.ru_maxrss / 1024)}")
    }

    private static func id(_ number: Int) -> ChunkID { withUnsafeBytes(of: number) { ChunkID(SHA256.digest($0)) } }

    /// One directory of so many files, as a backup makes its nodes, and as a reader goes through them.
    private static func nodes(of files: Int) throws {
        let start = Micro.processorTime()
        let secret = SecretBytes([UInt8](repeating: 7, count: 32))
        let builder = DirectoryNodeBuilder(dedupSecret: secret, repository: repository)
        var stream = DirectoryNodeBuilder.Stream()
        var (nodeCount, byteCount, read) = (0, 0, 0)
        func store(_ bytes: [UInt8]) throws -> ChunkID {
            nodeCount += 1
            byteCount += bytes.count
            if case .leaf(let entries) = try DirectoryNode(decoding: bytes) { read += entries.count }
            return id(nodeCount)
        }
        for number in 0..<files {
            var entry = TreeEntry(
                name: Array("file-\(1_000_000_000 + number).txt".utf8), kind: .file, mode: 0o644, owner: 0, group: 0,
                mtimeSeconds: Int64(number), mtimeNanoseconds: 5)
            (entry.ownerName, entry.groupName, entry.size) = (Array("root".utf8), Array("root".utf8), 1000)
            entry.digest = ContentDigest(kind: 1, digest: .zero)
            entry.extents = [.chunk(id: id(number), length: 1000)]
            try builder.add(entry, to: &stream, store: store)
        }
        _ = try builder.finish(&stream, store: store)
        guard read == files else { throw FormatError("\(read) entries were read instead of \(files)") }
        report("directory", files, start, "\"nodes\":\(nodeCount),\"bytesPerEntry\":\(byteCount / max(files, 1))")
    }

    /// The local index of so many chunks: made at once, then every chunk looked up in another order.
    private static func index(of chunks: Int) throws {
        let start = Micro.processorTime()
        var records: [IndexRecord] = []
        records.reserveCapacity(chunks)
        for number in 0..<chunks {
            records.append(
                IndexRecord(
                    id: id(number), location: ChunkLocation(ordinal: number >> 9, segment: 0, offset: 0, length: 65536))
            )
        }
        records.sort()
        let buffer = IndexRun.encode(records, ordinals: Array(0..<(chunks + 511) >> 9), repository: repository)
        records = []
        guard let run = IndexRun(bytes: buffer.used, storage: buffer, repository: repository, fileName: nil) else {
            throw FormatError("the index cannot be read")
        }
        report("index made", chunks, start, "\"bytesPerChunk\":\(Double(buffer.count) / Double(max(chunks, 1)))")
        let looking = Micro.processorTime()
        var used = UsedSegments()
        let asked = min(chunks, 4_000_000)
        for number in 0..<asked {
            guard let found = run.find(id(number * 7919 % chunks), isUsable: { _ in true }) else {
                throw FormatError("chunk \(number) is not found")
            }
            used.mark(found.ordinal, segment: found.segment)
        }
        report("index asked", asked, looking, "\"packs\":\(used.ordinals().count)")
    }

    /// Sets of the packs of so many chunks, every second in one, every third in the other.
    private static func sets(of chunks: Int) {
        let packs = (chunks + 511) >> 9
        let start = Micro.processorTime()
        let halves = PackSet(stride(from: 0, to: packs, by: 2))
        let thirds = PackSet(stride(from: 0, to: packs, by: 3))
        let both = PackSet(halves.ordinals.filter { thirds.contains($0) })
        precondition(both.count == (packs + 5) / 6, "wrong set")
        report("pack sets", packs, start, "\"bytes\":\(halves.encode().count)")
    }
}
