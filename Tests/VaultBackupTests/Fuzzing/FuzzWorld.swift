@testable import VaultBackup

/// Fixed keys and small samples for the fuzz targets, and packs that are sealed rightly around any plaintext: otherwise
/// every changed byte would end at a tag and nothing behind the seal would be reached.
enum FuzzWorld {
    static let repository = RepositoryID(Array(0..<16))!
    static let session = SessionID(Array(16..<32))!
    static let readSecret = SecretBytes([UInt8](repeating: 0x41, count: 32))
    static let indexKey = SecretBytes([UInt8](repeating: 0x42, count: 32))
    static let dedupSecret = SecretBytes([UInt8](repeating: 0x43, count: 32))
    static let identifier = ChunkIdentifier(dedupSecret: dedupSecret, repository: repository)
    static let disclosure = Disclosure(dedupSecret: dedupSecret, repository: repository)
    static let readKey = (try? X25519.publicKey(of: readSecret)) ?? []
    static let content = Array(String(repeating: "the content of one chunk, ", count: 20).utf8)

    struct Numbers: RandomSource {
        func fill(_ buffer: UnsafeMutableRawBufferPointer) {
            for k in buffer.indices { buffer[k] = UInt8(truncatingIfNeeded: k &* 37 &+ 11) }
        }
    }

    static let longSet = PackSet((0..<3000).map { $0 * 3 })
    static let map = SegmentMap(packs: [
        .init(isUsed: [true, false, true]), .init(isUsed: [Bool](repeating: true, count: 17)),
    ])

    static func id(_ type: ChunkType, _ bytes: [UInt8]) -> ChunkID {
        bytes.withUnsafeBytes { identifier.id(type, $0).id }
    }

    /// Length of the content as u32, and the frame.
    static func frame(_ raw: [UInt8]) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 8000)
        let count = raw.withUnsafeBytes { raw in
            output.withUnsafeMutableBytes { Compressor(level: .auto).compress(raw, into: $0) }
        }
        guard let count else { throw FuzzFinding(description: "a text was not compressed") }
        return [0, UInt8(raw.count >> 16), UInt8(raw.count >> 8 & 0xff), UInt8(raw.count & 0xff)] + output[..<count]
    }

    // MARK: Packs around any plaintext

    static let segmentPlaintext: [UInt8] = [0, 0, 0, UInt8(content.count >> 8), UInt8(content.count & 0xff)] + content

    static func compressedPlaintext() throws -> [UInt8] { [1] + (try frame(content)) }

    /// The plaintext of the directory of a pack with one segment of one chunk.
    static func directoryPlaintext(storedLength: Int = segmentPlaintext.count + 48) throws -> [UInt8] {
        var directory = PackDirectory()
        directory.chunks = [.init(id: id(.data, content), type: .data, length: content.count, offset: 0)]
        directory.segments = [
            .init(stanza: 0, index: 0, offset: PackLayout.headerBytes, storedLength: storedLength, chunks: 0..<1)
        ]
        return directory.encode()
    }

    static func directoryInput() throws -> [UInt8] {
        let end = PackLayout.headerBytes + segmentPlaintext.count + 48
        return [0, 0, 0, UInt8(PackLayout.headerBytes), 0, 0, UInt8(end >> 8), UInt8(end & 0xff), 1, 1]
            + (try directoryPlaintext())
    }

    /// The same chunk, in a segment that was copied from one pack and had stood in an earlier one.
    static func movedDirectoryInput() throws -> [UInt8] {
        var input = try directoryInput()
        input[8] = 0x81
        var tail = ByteWriter()
        tail.u16(2)
        for name in [SHA256.digest([1]), SHA256.digest([2])].sorted() { tail.raw(name) }
        tail.u8(2)
        for (source, place) in [(0, 7), (1, 0)] {
            tail.u16(source)
            tail.u16(place)
        }
        return input + tail.bytes
    }

    static func pack(directory: [UInt8]? = nil, segment: [UInt8] = segmentPlaintext) throws -> [UInt8] {
        let (key, stanza) = try PackKey.create(
            packClass: .data, epoch: 1, group: 1, readKey: readKey, repository: repository, random: Numbers())
        let header = PackHeader(
            repository: repository, session: session, kind: .ordinary, packClass: .data, stanzas: [stanza]
        ).encode()
        var stored = [UInt8](repeating: 0, count: segment.count + 48)
        try segment.withUnsafeBytes { plain in
            try stored.withUnsafeMutableBytes {
                try key.sealSegment(
                    index: 0, codec: 0, level: 0, zstdVersion: 0, chunks: [(id(.data, content), content.count)],
                    plaintext: plain, into: $0, using: AESGCM())
            }
        }
        let plain = try directory ?? directoryPlaintext(storedLength: stored.count)
        let sealed = try SealedBox.seal(
            plain, key: indexKey, purpose: "directory", repository: repository,
            context: SHA256.digest(header).bytes)
        var trailer = ByteWriter()
        PackTrailer(directoryOffset: header.count + stored.count, directoryLength: sealed.count).encode(into: &trailer)
        return header + stored + sealed + trailer.bytes
    }

    /// Reads a pack whose seals are right and whose plaintexts are not; whether its chunk came out.
    static func readPack(directory: [UInt8]?, segment: [UInt8]) throws -> Bool {
        let bytes = try pack(directory: directory, segment: segment)
        let store = MemoryStore()
        let name = SHA256.digest(bytes)
        _ = try store.put(.content(.packs, name), bytes)
        let reader = PackReader(
            store: store, repository: repository, keys: KeyMaterial(read: readSecret, index: indexKey))
        let pack = PackReader.Description(name: name, length: bytes.count, directoryDigest: nil, epoch: 1)
        do {
            let opened = try reader.directory(of: pack)
            let wanted = id(.data, content)
            for (number, segment) in opened.segments.enumerated() {
                for chunk in opened.chunks[segment.chunks] where chunk.id == wanted {
                    let chunks = ChunkReader(packs: reader, identifier: identifier) { _, tried in
                        tried.isEmpty
                            ? (
                                pack,
                                ChunkLocation(
                                    ordinal: 0, segment: number, offset: chunk.offset, length: chunk.length)
                            ) : nil
                    }
                    try FuzzFinding.require(try chunks.chunk(wanted, chunk.type) == content, "other content")
                    return true
                }
            }
            return false
        } catch let error as VaultError where error.code == .damaged {
            return false
        }
    }
}
