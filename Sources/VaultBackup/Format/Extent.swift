/// One piece of a file's content, in order (`docs/FORMAT.md`, section 7).
public enum Extent: Sendable, Equatable {
    /// A hole of so many bytes that read as zero.
    case hole(length: Int)
    /// The whole content of a data chunk.
    case chunk(id: ChunkID, length: Int)
    /// Items `first ..< first + count` of a level-0 extent list node.
    case run(list: ChunkID, first: Int, count: Int)

    /// Bytes of the file it covers; nil for a run, whose length its list tells.
    public var length: Int? {
        switch self {
        case .hole(let length), .chunk(_, let length): length
        case .run: nil
        }
    }

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .hole(let length):
            writer.u8(0)
            writer.u64(length)
        case .chunk(let id, let length):
            writer.u8(1)
            writer.raw(id)
            writer.u24(length)
        case .run(let list, let first, let count):
            writer.u8(2)
            writer.raw(list)
            writer.u32(first)
            writer.u32(count)
        }
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        switch try reader.u8() {
        case 0:
            let length = try reader.u64()
            guard length > 0 else { throw reader.error("empty hole") }
            self = .hole(length: length)
        case 1:
            let id = try reader.chunkID()
            let length = try reader.u24()
            guard length > 0, length <= Limits.segmentBytesMax else { throw reader.error("chunk of \(length) bytes") }
            self = .chunk(id: id, length: length)
        case 2:
            let list = try reader.chunkID()
            let first = try reader.u32()
            let count = try reader.u32()
            guard count > 0 else { throw reader.error("empty run") }
            guard first + count <= Int(UInt32.max) else {
                throw reader.error("run beyond the last item that a node can have")
            }
            self = .run(list: list, first: first, count: count)
        case let tag:
            throw reader.error("unknown extent tag \(tag)")
        }
    }

    static func decodeAll(_ reader: inout ByteReader) throws(FormatError) -> [Extent] {
        var extents: [Extent] = []
        var afterHole = false
        var covered = 0
        while !reader.isAtEnd {
            let extent = try Extent(from: &reader)
            if case .hole = extent {
                guard !afterHole else { throw reader.error("two holes in a row") }
                afterHole = true
            } else {
                afterHole = false
            }
            let (sum, isOverflow) = covered.addingReportingOverflow(extent.length ?? 0)
            guard !isOverflow else { throw reader.error("longer than any file") }
            covered = sum
            extents.append(extent)
        }
        return extents
    }
}

/// A node of a list of extents (chunk type 3).
public enum ExtentListNode: Sendable, Equatable {
    /// The extents themselves.
    case leaf([Extent])
    /// Nodes of the level below.
    case inner(level: Int, [Child])

    /// A node below an inner node.
    public struct Child: Sendable, Equatable {
        /// Id of the node.
        public var id: ChunkID
        /// Bytes of the file that it covers.
        public var byteCount: Int
        /// Items of level 0 below it.
        public var itemCount: Int
    }

    /// The stored form.
    public func encode() -> [UInt8] {
        var writer = ByteWriter(capacity: 4096)
        writer.u8(1)
        switch self {
        case .leaf(let extents):
            writer.u8(0)
            writer.u32(extents.count)
            for extent in extents { extent.encode(into: &writer) }
        case .inner(let level, let children):
            writer.u8(UInt8(level))
            writer.u32(children.count)
            for child in children {
                writer.raw(child.id)
                writer.u64(child.byteCount)
                writer.u32(child.itemCount)
            }
        }
        return writer.bytes
    }

    /// Decodes a node.
    /// - Throws: ``FormatError`` for any form that ``encode()`` does not make.
    public init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, "extent list node")
        guard try reader.u8() == 1 else { throw reader.error("unknown version") }
        let level = Int(try reader.u8())
        guard level < Limits.nodeLevelsMax else { throw reader.error("level \(level)") }
        let count = try reader.u32()
        guard count > 0, bytes.count <= Limits.nodeBytesMax || count == 1 else {
            throw reader.error("\(count) items in \(bytes.count) bytes")
        }
        if level == 0 {
            let extents = try Extent.decodeAll(&reader)
            guard extents.count == count else { throw reader.error("\(extents.count) items instead of \(count)") }
            self = .leaf(extents)
        } else {
            guard reader.remaining == count * 32 else { throw reader.error("wrong length") }
            var children: [Child] = []
            children.reserveCapacity(count)
            for _ in 0..<count {
                let child = Child(id: try reader.chunkID(), byteCount: try reader.u64(), itemCount: try reader.u32())
                guard child.byteCount > 0, child.itemCount > 0 else { throw reader.error("node with nothing below") }
                children.append(child)
            }
            self = .inner(level: level, children)
        }
    }
}
