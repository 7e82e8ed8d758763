/// Reads restored files as any program would: opened by name, from start to end. It knows nothing of chunks, packs or
/// segments, and shares no code with what wrote the files. One thread each.
final class ReadBack {
    private let buffer = RawBuffer(capacity: 256 << 10)
    private let cancellation: Cancellation

    init(cancellation: Cancellation) { self.cancellation = cancellation }

    /// A file and what it holds. There is no way to make one without reading the file.
    struct Content {
        /// SHA-256 of all bytes, as `sha256sum` gives it, after `prefix`.
        let whole: Digest
        /// SHA-256 of the list of pieces, for files of several.
        let list: Digest
        /// Bytes.
        let count: Int

        fileprivate init(whole: Digest, list: Digest, count: Int) {
            self.whole = whole
            self.list = list
            self.count = count
        }
    }

    /// A stretch of a file in the snapshot: a chunk, or a hole, which reads as zeros.
    struct Piece {
        var length: Int
        var isHole: Bool
    }

    /// Reads `name` in `directory` from the disk.
    ///
    /// - Parameter pieces: where the snapshot cut the file, for digests of kind 2; without it only the whole is hashed.
    /// - Parameter prefix: bytes that are hashed before the content.
    /// - Throws: ``SystemError``; ``VaultError`` `.damaged` when there is data where a hole must be.
    func read(
        _ name: [UInt8], in directory: OpenFile, pieces: [Piece]? = nil, hashesWhole: Bool = true, prefix: [UInt8] = []
    ) throws -> Content {
        let file = try OpenFile.openForReading(at: directory, name)
        // What the disk has counts, not what is still in memory.
        file.adviseDontNeed()
        file.adviseSequential()
        var reading = Reading(file: file, whole: SHA256(), hashesWhole: hashesWhole)
        reading.whole.update(prefix)
        var list = SHA256()
        for piece in pieces ?? [] {
            let digest = try read(piece, &reading)
            var writer = ByteWriter(capacity: 48)
            writer.u8(piece.isHole ? 0 : 1)
            writer.u64(piece.length)
            writer.raw(digest)
            list.update(writer.bytes)
        }
        try rest(&reading)
        return Content(whole: reading.whole.finish(), list: list.finish(), count: reading.count)
    }

    private struct Reading {
        let file: OpenFile
        var whole: SHA256
        var hashesWhole: Bool
        var count = 0
    }

    private func read(_ piece: Piece, _ reading: inout Reading) throws -> Digest {
        var part = SHA256()
        var left = piece.length
        while left > 0, try step(min(left, buffer.capacity), &reading) {
            if piece.isHole {
                guard buffer.used.allSatisfy({ $0 == 0 }) else {
                    throw VaultError(.damaged, "there is data where a hole must be")
                }
            } else {
                part.update(buffer.used)
            }
            left -= buffer.count
        }
        return piece.isHole ? .zero : part.finish()
    }

    /// What comes after the last piece: for a file without pieces all of it, for a right one nothing.
    private func rest(_ reading: inout Reading) throws {
        while try step(buffer.capacity, &reading) {}
    }

    private func step(_ wanted: Int, _ reading: inout Reading) throws -> Bool {
        try cancellation.check()
        buffer.count = try reading.file.read(into: UnsafeMutableRawBufferPointer(start: buffer.base, count: wanted))
        if reading.hashesWhole { reading.whole.update(buffer.used) }
        reading.count += buffer.count
        return buffer.count > 0
    }
}
