/// How a pack is laid out (`docs/FORMAT.md`, section 8): header, segments, directory, padding, trailer.
public enum PackLayout {
    static let headerMagic = Array("VPCK".utf8)
    static let trailerMagic = Array("VPKE".utf8)
    /// Bytes of a header with one stanza.
    public static let headerBytes = 4 + 2 + 16 + 16 + 2 + 2 + Stanza.byteCount
    /// Where the session id ends in a header.
    static let sessionEnd = 4 + 2 + 16 + 16
    /// Bytes of the trailer.
    public static let trailerBytes = 16
    /// Bytes that a segment takes in a directory.
    public static let segmentEntryBytes = 18
    /// Bytes that a chunk takes in a directory.
    public static let chunkEntryBytes = ChunkID.byteCount + 4
    /// Bytes that sealing adds to a directory.
    public static let sealBytes = 32 + 32 + 16

    /// Whether the pack's segments were sealed for it, or moved from other packs.
    public enum Kind: UInt8, Sendable {
        case ordinary = 1
        case moved = 2
    }

    /// Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", 2019): at most 12 % more, and far fewer
    /// lengths.
    public static func padme(_ length: Int) -> Int {
        guard length > 2 else { return length }
        let e = Int.bitWidth - 1 - length.leadingZeroBitCount
        let s = Int.bitWidth - e.leadingZeroBitCount
        let mask = (1 << (e - s)) - 1
        return (length + mask) & ~mask
    }
}

/// The start of a pack.
public struct PackHeader: Sendable, Equatable {
    /// The repository it belongs to.
    public var repository: RepositoryID
    /// The session that wrote it.
    public var session: SessionID
    /// Ordinary or moved.
    public var kind: PackLayout.Kind
    /// What it holds.
    public var packClass: PackClass
    /// The sealed data keys.
    public var stanzas: [Stanza]

    /// The stored form.
    public func encode() -> [UInt8] {
        var writer = ByteWriter(capacity: PackLayout.headerBytes)
        writer.raw(PackLayout.headerMagic)
        writer.u8(0)
        writer.u8(1)
        writer.raw(repository.bytes)
        writer.raw(session.bytes)
        writer.u8(kind.rawValue)
        writer.u8(packClass.rawValue)
        writer.u16(stanzas.count)
        for stanza in stanzas { stanza.encode(into: &writer) }
        return writer.bytes
    }

    /// Number of stanzas that the fixed part at the start of `bytes` announces, which tells the length of the header.
    static func stanzaCount(in bytes: [UInt8]) -> Int {
        let end = PackLayout.headerBytes - Stanza.byteCount
        return bytes.count < end ? 0 : Int(bytes[end - 2]) << 8 | Int(bytes[end - 1])
    }

    /// The session that wrote a pack of `repository` whose first ``PackLayout/sessionEnd`` bytes these are; nil when it
    /// is none.
    static func session(inPrefix bytes: [UInt8], of repository: RepositoryID) -> SessionID? {
        guard bytes.count == PackLayout.sessionEnd, bytes.starts(with: PackLayout.headerMagic + [0, 1]),
            bytes[6..<22].elementsEqual(repository.bytes)
        else { return nil }
        return SessionID(bytes[22...])
    }

    /// Decodes the header at the start of `bytes`, which may go on after it, and returns its length too.
    /// - Throws: ``FormatError`` for anything else than a header of this format version and suite.
    public static func decode(prefixOf bytes: [UInt8]) throws(FormatError) -> (header: PackHeader, byteCount: Int) {
        var reader = ByteReader(bytes, "pack header")
        guard try reader.raw(4) == PackLayout.headerMagic else { throw reader.error("not a pack") }
        let version = try reader.u8()
        guard version == 0 else { throw reader.error("format version \(version) is not known to this program") }
        let suite = try reader.u8()
        guard suite == 1 else { throw reader.error("cipher suite \(suite) is not known to this program") }
        guard let repository = RepositoryID(try reader.raw(16)), let session = SessionID(try reader.raw(16)) else {
            throw reader.error("ids")
        }
        guard let kind = PackLayout.Kind(rawValue: try reader.u8()) else { throw reader.error("unknown kind") }
        guard let packClass = PackClass(rawValue: try reader.u8()) else { throw reader.error("unknown class") }
        let count = try reader.u16()
        guard count > 0, kind == .moved || count == 1 else { throw reader.error("\(count) stanzas") }
        var stanzas: [Stanza] = []
        for _ in 0..<count {
            let stanza = try Stanza(from: &reader)
            guard stanza.packClass == packClass else { throw reader.error("stanza of another class") }
            stanzas.append(stanza)
        }
        let header = PackHeader(
            repository: repository, session: session, kind: kind, packClass: packClass, stanzas: stanzas)
        return (header, reader.offset)
    }
}

/// The end of a pack: where its directory is.
public struct PackTrailer: Sendable, Equatable {
    /// Offset of the sealed directory in the pack.
    public var directoryOffset: Int
    /// Length of the sealed directory.
    public var directoryLength: Int

    func encode(into writer: inout ByteWriter) {
        writer.u64(directoryOffset)
        writer.u32(directoryLength)
        writer.raw(PackLayout.trailerMagic)
    }

    /// Decodes the last 16 bytes of a pack of `packLength` bytes.
    /// - Throws: ``FormatError`` when the directory does not lie inside the pack.
    public init(decoding bytes: [UInt8], packLength: Int) throws(FormatError) {
        var reader = ByteReader(bytes, "pack trailer")
        directoryOffset = try reader.u64()
        directoryLength = try reader.u32()
        guard try reader.raw(4) == PackLayout.trailerMagic else { throw reader.error("not the end of a pack") }
        try reader.finish()
        guard packLength >= PackLayout.trailerBytes, directoryLength > PackLayout.sealBytes,
            directoryOffset >= PackLayout.headerBytes,
            directoryOffset <= packLength - PackLayout.trailerBytes,
            directoryLength <= packLength - PackLayout.trailerBytes - directoryOffset
        else { throw reader.error("directory outside the pack") }
    }

    init(directoryOffset: Int, directoryLength: Int) {
        self.directoryOffset = directoryOffset
        self.directoryLength = directoryLength
    }
}
