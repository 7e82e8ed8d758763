private let repository = RepositoryID(words: (1, 2))
private let secret = SecretBytes([UInt8](repeating: 7, count: 32))

/// Random bytes, or words of a small vocabulary, from a fixed seed.
private func content(_ count: Int, isText: Bool = false) -> RawBuffer {
    let buffer = RawBuffer(capacity: count)
    let words: [StaticString] = ["backup ", "of ", "the ", "land register ", "parcel ", "1907 ", "signed\n", "annex "]
    var state: UInt64 = 42
    while buffer.count < count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = state ^ state >> 29
        if isText {
            let word = words[Int(mixed >> 40 & 7)]
            let bytes = UnsafeRawBufferPointer(
                start: word.utf8Start, count: min(word.utf8CodeUnitCount, count - buffer.count))
            buffer.append(bytes)
        } else {
            withUnsafeBytes(of: mixed) {
                buffer.append(UnsafeRawBufferPointer(rebasing: $0[..<min(8, count - buffer.count)]))
            }
        }
    }
    return buffer
}

private func id(_ number: Int) -> ChunkID { withUnsafeBytes(of: number) { ChunkID(SHA256.digest($0)) } }

private func entries(_ count: Int) -> [TreeEntry] {
    (0..<count).map { number in
        var entry = TreeEntry(
            name: Array("file-\(1_000_000 + number).txt".utf8), kind: .file, mode: 0o644, owner: 0, group: 0,
            mtimeSeconds: Int64(number), mtimeNanoseconds: 5)
        (entry.ownerName, entry.groupName) = (Array("root".utf8), Array("root".utf8))
        entry.size = 1000
        entry.digest = ContentDigest(kind: 1, digest: .zero)
        entry.extents = [.chunk(id: id(number), length: 1000)]
        return entry
    }
}

/// What a benchmark has made must not be taken out by the compiler. `nonisolated(unsafe)`: there is one thread.
nonisolated(unsafe) private var sink = 0

private func cutting(_ average: Int) -> MicroBenchmark {
    let byteCount = 32 << 20
    return MicroBenchmark(name: "cut-\(average >> 10)KiB", count: byteCount / average, byteCount: byteCount) {
        let data = content(byteCount)
        let cutter = Cutter(
            parameters: CutParameters(average: average)!,
            gearTable: CutKeys.gearTable(cutSecret: secret, repository: repository),
            sipKey: CutKeys.sipKey(cutSecret: secret, repository: repository))
        return {
            var start = 0
            while start < data.count,
                let cut = cutter.firstCut(in: UnsafeRawBufferPointer(rebasing: data.used[start...]), isEnd: true)
            {
                start += cut
                sink &+= 1
            }
        }
    }
}

private func identifying(_ length: Int) -> MicroBenchmark {
    let count = max(64, (32 << 20) / length / 4)
    return MicroBenchmark(name: "id-\(length)", count: count, byteCount: count * length) {
        let data = content(length)
        let identifier = ChunkIdentifier(dedupSecret: secret, repository: repository)
        return {
            for _ in 0..<count { sink &+= Int(truncatingIfNeeded: identifier.id(.data, data.used).id.prefix) }
        }
    }
}

private func sealing(_ level: CompressionLevel, _ name: String, chunk: Int, isText: Bool) -> MicroBenchmark {
    let segments = 64
    return MicroBenchmark(name: name, count: segments, byteCount: segments << 20) {
        let data = content(1 << 20, isText: isText)
        let pieces = (0..<(1 << 20) / chunk).map { PackBuilder.Piece(id: id($0), type: .data, length: chunk) }
        let pool = BufferPool(count: 2, capacity: Limits.dataPackBytes + Limits.segmentBytesMax)
        let context = SealingContext(
            repository: repository, session: SessionID(words: (3, 4)), epoch: 1, group: 1,
            readKey: try X25519.publicKey(of: secret), indexKey: secret, random: SystemRandom(), level: level)
        let packs = PackBuilder(.data, context: context, pool: pool)
        return {
            for _ in 0..<segments {
                try packs.append(data.used, pieces) { pool.give($0.buffer) }
            }
            if let pack = try packs.finish() { pool.give(pack.buffer) }
        }
    }
}

private func compressing(isText: Bool) -> MicroBenchmark {
    MicroBenchmark(name: isText ? "compress-text" : "compress-random", count: 32, byteCount: 32 << 20) {
        let data = content(1 << 20, isText: isText)
        let target = RawBuffer(capacity: 2 << 20)
        let compressor = Compressor(level: .auto)
        return { for _ in 0..<32 { sink &+= compressor.compress(data.used, into: target.free) ?? 0 } }
    }
}

private func lookingUp(_ count: Int, isKnown: Bool) -> MicroBenchmark {
    MicroBenchmark(name: isKnown ? "index-hit" : "index-miss", count: 1 << 18) {
        let records = (0..<count).map {
            IndexRecord(id: id($0), location: ChunkLocation(ordinal: $0 >> 9, segment: 0, offset: 0, length: 1000))
        }.sorted()
        let buffer = records.withUnsafeBufferPointer {
            IndexRunWriter([$0], ordinals: Array(0...count >> 9), repository: repository).encode()
        }
        guard let run = IndexRun(bytes: buffer.used, storage: buffer, repository: repository, fileName: nil) else {
            throw FormatError("the index cannot be read")
        }
        let asked = (0..<1 << 18).map { id(isKnown ? $0 * 3 % count : count + $0) }
        return { for id in asked { sink &+= run.find(id) { _ in true }?.ordinal ?? 1 } }
    }
}

extension Micro {
    static var all: [MicroBenchmark] {
        [
            cutting(64 << 10), cutting(4 << 10), identifying(64 << 10), identifying(100),
            compressing(isText: true), compressing(isText: false),
            sealing(.auto, "seal-text", chunk: 64 << 10, isText: true),
            sealing(.auto, "seal-random", chunk: 64 << 10, isText: false),
            sealing(.auto, "seal-small-chunks", chunk: 4 << 10, isText: true),
            lookingUp(1_000_000, isKnown: true), lookingUp(1_000_000, isKnown: false),
            MicroBenchmark(name: "node-entry", count: 20_000) {
                let entries = entries(20_000)
                let builder = DirectoryNodeBuilder(dedupSecret: secret, repository: repository)
                return { sink &+= try builder.build(entries) { id($0.count) }.nodes.count }
            },
            MicroBenchmark(name: "entry-decode", count: 20_000) {
                let encoded = entries(20_000).map { $0.encoded() }
                return {
                    for bytes in encoded {
                        var reader = ByteReader(bytes, "entry")
                        sink &+= try TreeEntry(from: &reader).size
                    }
                }
            },
        ]
    }
}
