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
        getrusage(RUSAGE_SELF.rawValue, &usage)
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

    /// The local index of so many chunks, made in the steps in which a client makes it, in a folder of its own below
    /// TMPDIR; then chunks are looked up in another order.
    private static func index(of chunks: Int) throws {
        let folder = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/vault-micro.\(getpid())".utf8)
        try AtomicFile.createDirectories(folder)
        defer { removeAll(folder) }
        let start = Micro.processorTime()
        var index = ChunkIndex.open(folder: folder, repository: repository)
        let packs = (chunks + 511) >> 9
        for first in stride(from: 0, to: packs, by: 2048) {
            index = index.adding((first..<min(first + 2048, packs)).map { ($0, directory(of: $0, chunks)) })
        }
        guard index.count == chunks else { throw FormatError("the index has \(index.count) chunks") }
        report("index made", chunks, start, "\"bytesPerChunk\":\(try byteCount(folder) / Double(max(chunks, 1)))")
        let looking = Micro.processorTime()
        var used = UsedSegments()
        let asked = min(chunks, 4_000_000)
        for number in 0..<asked {
            guard let found = index.find(id(number * 7919 % chunks), isUsable: { _ in true }) else {
                throw FormatError("chunk \(number) is not found")
            }
            used.mark(found.ordinal, segment: found.segment)
        }
        report("index asked", asked, looking, "\"packs\":\(used.ordinals().count)")
        try marks(on: index, asked, of: chunks)
    }

    /// What a verification or prune does with each chunk of a tree: it is looked up and marked; then all are gone through.
    private static func marks(on index: ChunkIndex, _ asked: Int, of chunks: Int) throws {
        let start = Micro.processorTime()
        var marks = ChunkMarks(index)
        for number in 0..<asked {
            guard marks.mark(id(number * 7919 % chunks)) else { throw FormatError("chunk \(number) is not found") }
        }
        var (visited, marked) = (0, 0)
        marks.visit { _, isMarked in
            visited += 1
            if isMarked { marked += 1 }
        }
        guard visited == chunks, marked > 0 else { throw FormatError("\(visited) chunks have marks") }
        report("chunks marked", asked, start, "\"marked\":\(marked),\"visited\":\(visited)")
    }

    /// A pack of 512 chunks of 64 KiB in one segment.
    private static func directory(of ordinal: Int, _ chunks: Int) -> PackDirectory {
        var directory = PackDirectory()
        let numbers = ordinal << 9..<min((ordinal + 1) << 9, chunks)
        directory.chunks = numbers.map { .init(id: id($0), type: .data, length: 65536, offset: 0) }
        directory.segments = [.init(stanza: 0, index: 0, offset: 0, storedLength: 0, chunks: 0..<numbers.count)]
        return directory
    }

    private static func files(_ folder: [UInt8]) -> [[UInt8]] {
        guard let directory = try? OpenFile.openDirectory(folder, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return [] }
        return listing.entries.map { folder + [UInt8(ascii: "/")] + listing.name(of: $0) }
    }

    private static func byteCount(_ folder: [UInt8]) throws -> Double {
        try files(folder).reduce(0) { try $0 + Double(FileStatus.read($1, followingLinks: false).size) }
    }

    private static func removeAll(_ folder: [UInt8]) {
        for file in files(folder) { try? DirectoryEntries.remove(at: nil, file) }
        rmdir(String(decoding: folder, as: UTF8.self))
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
