/// Takes in the content of one file: reads into the worker's buffer, cuts, and collects extents.
struct ContentReader {
    private let worker: BackupWorker
    private var collector = ExtentCollector()
    private var ids: [UInt8] = []
    private var openBytes = 0
    /// Whether to cut small. The same content must be cut alike every time, or all of it is new: the size of the file and
    /// its first bytes decide, never how much of it happened to be read at once.
    private var isDatabase: Bool?
    private let fileBytes: Int

    /// For a file of so many bytes; for a stream, whose length nobody knows, when nil: streams are dumps.
    init(_ worker: BackupWorker, fileBytes: Int?) {
        self.worker = worker
        self.fileBytes = fileBytes ?? 0
        if fileBytes == nil { isDatabase = true }
    }

    /// Reads a run of data, `limit` bytes or all there is. `source` fills a buffer, given the number of bytes read so
    /// far; fewer bytes mean the end. Returns whether `limit` was reached.
    mutating func read(limit: Int?, _ source: (UnsafeMutableRawBufferPointer, Int) throws -> Int) throws -> Bool {
        let buffer = worker.readBuffer
        buffer.count = 0
        var done = 0
        var isEnd = limit == 0
        while true {
            if !isEnd {
                try worker.context.cancellation.check()
                let pace = worker.context.options.pace
                let room = pace.readSlice(min(buffer.capacity - buffer.count, limit.map { $0 - done } ?? .max))
                let target = UnsafeMutableRawBufferPointer(start: buffer.base + buffer.count, count: room)
                let count = try source(target, done)
                pace.didRead(count)
                buffer.count += count
                done += count
                openBytes += count
                worker.context.counters.note(openBytes: count)
                isEnd = count < room || done == limit
            }
            try cutAll(buffer, isEnd: isEnd)
            if isEnd { return limit == nil || done == limit }
        }
    }

    /// Notes a hole.
    mutating func hole(_ length: Int) throws {
        let worker = worker
        var lists: [UInt8] = []
        try collector.add(hole: length) { try Self.store($0, worker, &lists) }
        ids += lists
    }

    /// The file is done, or given up: its bytes are no longer those of an open file.
    func close() { worker.context.counters.note(openBytes: -openBytes) }

    /// Ends the file and puts its content into the entry.
    mutating func finish(_ fresh: inout FreshEntry) throws {
        let worker = worker
        var lists: [UInt8] = []
        try collector.finish(&fresh.entry) { try Self.store($0, worker, &lists) }
        ids += lists
        // The list of a long file is not copied.
        if fresh.ids.isEmpty { swap(&fresh.ids, &ids) } else { fresh.ids += ids }
        ids = []
        ChunkIDList.sort(&fresh.ids)
    }

    private mutating func cutAll(_ buffer: RawBuffer, isEnd: Bool) throws {
        let cutter = cutter(for: buffer.used)
        var start = 0
        while start < buffer.count {
            let rest = UnsafeRawBufferPointer(rebasing: buffer.used[start...])
            guard let length = cutter.firstCut(in: rest, isEnd: isEnd) else { break }
            try add(UnsafeRawBufferPointer(rebasing: rest[0..<length]))
            start += length
        }
        // What is not cut yet moves to the front.
        let left = buffer.count - start
        if start > 0, left > 0 { buffer.base.copyMemory(from: buffer.base + start, byteCount: left) }
        buffer.count = left
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) throws {
        let (id, digest) = try worker.addData(bytes, isDatabase: isDatabase == true)
        id.withUnsafeBytes { ids.append(contentsOf: $0) }
        let worker = worker
        var lists: [UInt8] = []
        try collector.add(chunk: id, length: bytes.count, digest: digest) { try Self.store($0, worker, &lists) }
        if !lists.isEmpty { ids += lists }
    }

    private static func store(_ node: [UInt8], _ worker: BackupWorker, _ lists: inout [UInt8]) throws -> ChunkID {
        let id = try worker.addNames(.extentList, node)
        id.withUnsafeBytes { lists.append(contentsOf: $0) }
        return id
    }

    private mutating func cutter(for head: UnsafeRawBufferPointer) -> Cutter {
        let small = isDatabase ?? DatabaseContent.isLikely(head, fileBytes: fileBytes)
        isDatabase = small
        return small ? worker.context.databaseCutter : worker.context.filesCutter
    }
}

/// Tells dumps and database files by their first bytes: they change in place and are worth cutting small.
enum DatabaseContent {
    /// Files below this size are not worth it.
    static let fileBytesMin = 256 << 10

    private static let marks: [[UInt8]] = [
        Array("SQLite format 3\u{0}".utf8), Array("PGDMP".utf8), Array("--\n-- PostgreSQL database".utf8),
        Array("-- MariaDB dump".utf8), Array("-- MySQL dump".utf8), Array("/*!999999".utf8), Array("/*M!999999".utf8),
        Array("PRAGMA foreign_keys=OFF;".utf8),
    ]

    /// Whether a file of so many bytes that starts with `head`, of which 32 bytes are enough, looks like one.
    static func isLikely(_ head: UnsafeRawBufferPointer, fileBytes: Int) -> Bool {
        guard fileBytes >= fileBytesMin else { return false }
        return marks.contains { mark in head.prefix(mark.count).elementsEqual(mark) }
    }
}
