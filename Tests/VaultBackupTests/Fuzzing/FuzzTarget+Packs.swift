@testable import VaultBackup

extension FuzzTarget {
    static let packs: [FuzzTarget] = [
        decoder("pack-header", seeds: { [try FuzzWorld.pack().prefixBytes(400)] }) { input in
            let (header, count) = try PackHeader.decode(prefixOf: input)
            try FuzzFinding.require(count <= input.count, "longer than its input")
            try FuzzFinding.require(header.encode().elementsEqual(input[..<count]), "encodes to other bytes")
            _ = PackHeader.stanzaCount(in: input)
        },
        // The length of the pack, then its last bytes.
        decoder("pack-trailer", seeds: { [[0, 0, 0x40, 0] + (try FuzzWorld.pack()).suffix(16)] }) { input in
            var reader = ByteReader(input, "fuzz")
            let length = try reader.u32()
            let bytes = try reader.raw(reader.remaining)
            let trailer = try PackTrailer(decoding: bytes, packLength: length)
            try FuzzFinding.require(
                trailer.directoryOffset + trailer.directoryLength <= length - PackLayout.trailerBytes, "outside")
            var writer = ByteWriter()
            trailer.encode(into: &writer)
            try FuzzFinding.require(writer.bytes == bytes, "encodes to other bytes")
        },
        // Where the segments begin and end, how many stanzas (128 and more: of a moved pack), class; then the plaintext
        // of the directory.
        decoder("pack-directory", seeds: { [try FuzzWorld.directoryInput(), try FuzzWorld.movedDirectoryInput()] }) {
            input in
            var reader = ByteReader(input, "fuzz")
            let lower = try reader.u32()
            let upper = try reader.u32()
            let stanzas = Int(try reader.u8())
            guard lower <= upper, let packClass = PackClass(rawValue: try reader.u8()) else { return }
            let bytes = try reader.raw(reader.remaining)
            let directory = try PackDirectory(
                decoding: bytes, area: lower..<upper, stanzaCount: stanzas & 0x7f,
                kind: stanzas < 0x80 ? .ordinary : .moved, packClass: packClass)
            _ = directory.isOrdinary
            var end = lower
            for segment in directory.segments {
                try FuzzFinding.require(segment.offset == end, "a gap between segments")
                end += segment.storedLength
                try FuzzFinding.require(directory.rawLength(of: segment) <= Limits.segmentBytesMax, "too long")
            }
            try FuzzFinding.require(directory.encode() == bytes, "encodes to other bytes")
        },
        canonical("pack-set", seeds: { [PackSet([0, 1, 2, 7, 300, 301]).encode(), []] }) { input in
            let set = try PackSet(decoding: input)
            _ = (set.count, set.last, set.contains(7), set.contains(.max), set.isEmpty)
            return set.encode()
        },
        canonical("set-object", seeds: { [FuzzWorld.longSet.encodeObject(FuzzWorld.repository)] }) {
            try PackSet(decodingObject: $0, FuzzWorld.repository).encodeObject(FuzzWorld.repository)
        },
        decoder("segment-map", seeds: { [[2] + FuzzWorld.map.encode()] }) { input in
            var reader = ByteReader(input, "fuzz")
            let count = Int(try reader.u8())
            let bytes = try reader.raw(reader.remaining)
            let map = try SegmentMap(decoding: bytes, packCount: count)
            try FuzzFinding.require(map.packs.count == count && map.encode() == bytes, "encodes to other bytes")
        },
        canonical(
            "segment-map-object",
            seeds: { [SegmentMapObject(epoch: 1, sealed: [1, 2, 3]).encode(FuzzWorld.repository)] }
        ) { try SegmentMapObject(decoding: $0, FuzzWorld.repository).encode(FuzzWorld.repository) },
        // The length that the frame must have, then the frame.
        FuzzTarget(
            name: "zstd-frame",
            seeds: { try [FuzzWorld.frame(FuzzWorld.content), FuzzWorld.frame([UInt8](repeating: 1, count: 70_000))] }
        ) { input in
            guard input.count > 4 else { return false }
            // Below 2 MiB, so that a length alone costs nothing.
            let length = Int(input[1] & 0x1f) << 16 | Int(input[2]) << 8 | Int(input[3])
            var output = [UInt8](repeating: 0xaa, count: length + 16)
            let frame = Array(input[4...])
            let isRight = output.withUnsafeMutableBytes { output in
                frame.withUnsafeBytes { frame in
                    (try? Decompressor().decompress(
                        frame, into: UnsafeMutableRawBufferPointer(rebasing: output[..<length]))) != nil
                }
            }
            try FuzzFinding.require(output[length...].allSatisfy { $0 == 0xaa }, "wrote behind its target")
            return isRight
        },
        FuzzTarget(name: "sealed-pack", seeds: { [try FuzzWorld.directoryPlaintext()] }) {
            try FuzzWorld.readPack(directory: $0, segment: FuzzWorld.segmentPlaintext)
        },
        FuzzTarget(
            name: "sealed-segment", seeds: { [FuzzWorld.segmentPlaintext, try FuzzWorld.compressedPlaintext()] }
        ) {
            try FuzzWorld.readPack(directory: nil, segment: $0)
        },
    ]
}

extension [UInt8] {
    fileprivate func prefixBytes(_ count: Int) -> [UInt8] { Array(prefix(count)) }
}
