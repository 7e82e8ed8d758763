/// A node of a directory (chunk type 2; `docs/FORMAT.md`, section 9).
public enum DirectoryNode: Sendable {
    /// Entries by name.
    case leaf([Result<TreeEntry, FormatError>])
    /// Nodes of the level below, in order.
    case inner(level: Int, [Child])

    /// A node below an inner node.
    public struct Child: Sendable, Equatable {
        /// Last name below it.
        public var lastName: [UInt8]
        /// Id of the node.
        public var id: ChunkID
        /// Entries of level 0 below it.
        public var entryCount: Int
        /// Its disclosure root.
        public var disclosure: Digest

        func encode(into writer: inout ByteWriter) {
            writer.lp16(lastName)
            writer.raw(id)
            writer.u64(entryCount)
            writer.raw(disclosure)
        }
    }

    /// The stored form of a node of `level` with items that are encoded already.
    static func encode(level: Int, count: Int, items: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: items.count + 6)
        writer.u8(1)
        writer.u8(UInt8(level))
        writer.u32(count)
        writer.raw(items)
        return writer.bytes
    }

    /// Decodes a node. An entry that is not allowed becomes a failure of its own, so that the others can be used.
    /// - Throws: ``FormatError`` when the node as a whole is not allowed.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, "directory node")
        guard try reader.u8() == 1 else { throw reader.error("unknown version") }
        let level = Int(try reader.u8())
        guard level < Limits.nodeLevelsMax else { throw reader.error("level \(level)") }
        let count = try reader.u32()
        guard bytes.count <= Limits.nodeBytesMax || count <= 1 else {
            throw reader.error("\(bytes.count) bytes with \(count) entries")
        }
        self =
            level == 0
            ? .leaf(try Self.leaf(&reader, bytes, count)) : .inner(level: level, try Self.inner(&reader, count))
    }

    private static func leaf(
        _ reader: inout ByteReader, _ bytes: [UInt8], _ count: Int
    ) throws(FormatError) -> [Result<TreeEntry, FormatError>] {
        var entries: [Result<TreeEntry, FormatError>] = []
        var lastName: [UInt8] = []
        while !reader.isAtEnd {
            let length = try reader.u32()
            let range = try reader.range(length)
            var entryReader = ByteReader(bytes, "directory entry", range: range)
            do throws(FormatError) {
                let entry = try TreeEntry(from: &entryReader)
                guard lastName.lexicographicallyPrecedes(entry.name) else {
                    throw reader.error("names out of order at \(PathText.readable(entry.name))")
                }
                lastName = entry.name
                entries.append(.success(entry))
            } catch {
                entries.append(.failure(error))
            }
        }
        guard entries.count == count else { throw reader.error("\(entries.count) entries instead of \(count)") }
        return entries
    }

    private static func inner(_ reader: inout ByteReader, _ count: Int) throws(FormatError) -> [Child] {
        var children: [Child] = []
        while !reader.isAtEnd {
            let child = Child(
                lastName: try reader.lp16(), id: try reader.chunkID(), entryCount: try reader.u64(),
                disclosure: try reader.digest())
            guard child.entryCount > 0, TreeEntry.isValidName(child.lastName) else {
                throw reader.error("node below it")
            }
            if let last = children.last, !last.lastName.lexicographicallyPrecedes(child.lastName) {
                throw reader.error("names out of order")
            }
            children.append(child)
        }
        guard children.count == count, count > 0 else {
            throw reader.error("\(children.count) nodes instead of \(count)")
        }
        return children
    }
}
