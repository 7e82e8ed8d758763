/// The last part of the directory of a moved pack (`docs/FORMAT.md`, section 8): where its segments stood before.
extension PackDirectory {
    /// Bytes that an origin takes.
    static let originEntryBytes = 4

    /// Length of the origins in the encoded form.
    var originBytes: Int {
        guard !origins.isEmpty else { return 0 }
        return 2 + sources.count * Digest.byteCount
            + origins.reduce(0) { $0 + 1 + $1.count * Self.originEntryBytes }
    }

    func encodeOrigins(into writer: inout ByteWriter) {
        writer.u16(sources.count)
        for source in sources { writer.raw(source) }
        for list in origins {
            writer.u8(UInt8(list.count))
            for origin in list {
                writer.u16(origin.source)
                writer.u16(origin.place)
            }
        }
    }

    /// - Throws: ``FormatError`` for sources that are out of order or not used, and segments without a valid origin.
    mutating func decodeOrigins(_ reader: inout ByteReader) throws(FormatError) {
        let count = try reader.u16()
        guard count > 0, count * Digest.byteCount <= reader.remaining else { throw reader.error("number of sources") }
        for _ in 0..<count {
            let name = try reader.digest()
            guard sources.last.map({ $0 < name }) ?? true else { throw reader.error("sources out of order") }
            sources.append(name)
        }
        var isNamed = [Bool](repeating: false, count: count)
        origins.reserveCapacity(segments.count)
        for _ in segments {
            var list: [Origin] = []
            let originCount = try reader.u8()
            guard originCount > 0 else { throw reader.error("segment without an origin") }
            for _ in 0..<originCount {
                let origin = Origin(source: try reader.u16(), place: try reader.u16())
                guard origin.source < count, list.last.map({ $0.source < origin.source }) ?? true,
                    origin.place < Limits.segmentsPerPackMax
                else { throw reader.error("origin of a segment") }
                isNamed[origin.source] = true
                list.append(origin)
            }
            origins.append(list)
        }
        guard isNamed.allSatisfy({ $0 }) else { throw reader.error("source of no segment") }
    }
}
