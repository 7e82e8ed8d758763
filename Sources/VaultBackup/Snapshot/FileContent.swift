/// Reads the content of files from start to end. One thread.
final class FileContent {
    private let reader: SnapshotReader
    private let tree: TreeReader
    private let cancellation: Cancellation
    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    init(_ reader: SnapshotReader, cancellation: Cancellation) {
        self.reader = reader
        tree = TreeReader(reader.chunks())
        self.cancellation = cancellation
    }

    /// Calls `body` with the content of a file, piece by piece; holes come as zeros. Each piece is checked against its
    /// id before it is handed out. Memory is bounded by a few segments.
    ///
    /// - Parameter written: counts the bytes handed out, also when an error ends it.
    /// - Throws: ``VaultError`` `.damaged` when the content is not complete, and what `body` throws.
    func read(_ entry: TreeEntry, written: inout Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var offset = 0
        defer { written = offset }
        try tree.extents(of: entry) { extent in
            try cancellation.check()
            guard let length = extent.length, length <= entry.size - offset else {
                throw VaultError(.damaged, "its extents are longer than the file")
            }
            switch extent {
            case .chunk(let id, _):
                let bytes = try tree.data(id)
                guard bytes.count == length else {
                    throw VaultError(.damaged, "chunk \(id) has another length than its extent")
                }
                try bytes.withUnsafeBytes(body)
            case .hole: try zeros(length, body)
            case .run: throw VaultError(.damaged, "a run was not resolved")
            }
            offset += length
        }
        guard offset == entry.size else { throw VaultError(.damaged, "its extents are shorter than the file") }
    }

    /// Checks, without reading content, that every chunk of a file has a place.
    /// - Throws: ``VaultError`` `.damaged` when one has none, or they do not make up the file.
    func checkPresence(_ entry: TreeEntry) throws {
        var offset = 0
        try tree.extents(of: entry) { extent in
            guard let length = extent.length, length <= entry.size - offset else {
                throw VaultError(.damaged, "its extents are longer than the file")
            }
            if case .chunk(let id, _) = extent, reader.locate(id)?.length != length {
                throw VaultError(.damaged, "chunk \(id) is in no pack of the repository")
            }
            offset += length
        }
        guard offset == entry.size else { throw VaultError(.damaged, "its extents are shorter than the file") }
    }

    /// The value of an extended attribute.
    /// - Throws: ``VaultError`` `.damaged` when it is not there.
    func value(_ attribute: ExtendedAttribute) throws -> [UInt8] {
        switch attribute.value {
        case .inline(let bytes): return bytes
        case .chunk(let id, let length):
            let bytes = try tree.data(id)
            guard bytes.count == length else { throw VaultError(.damaged, "its value has another length") }
            return bytes
        }
    }

    /// Calls `body` with so many zeros.
    func zeros(_ count: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var left = count
        while left > 0 {
            try cancellation.check()
            let count = min(left, Self.zeros.count)
            try Self.zeros.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            left -= count
        }
    }
}
