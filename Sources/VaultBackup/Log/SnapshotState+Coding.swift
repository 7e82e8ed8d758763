/// How the local cache keeps snapshots, holds and proposals.
extension SnapshotState {
    func encode(into bytes: inout ByteWriter) {
        bytes.origin(id, position, time, writer)
        bytes.u64(body.bytes)
        bytes.u64(body.entries)
        bytes.u32(body.epoch)
        bytes.integer(body.finished.milliseconds)
        bytes.raw(body.map)
        bytes.raw(body.privatePart)
        bytes.u64(body.problems)
        bytes.raw(body.disclosure)
        bytes.raw(body.node)
        bytes.raw(body.session.bytes)
        bytes.integer(body.started.milliseconds)
        bytes.text(body.system)
        bytes.u32(body.tags.count)
        for tag in body.tags { bytes.text(tag) }
        let object: Digest? = if case .object(let digest) = body.packs { digest } else { nil }
        let compacted: PackSet? = if case .inline(let set) = body.packs, set != packs { set } else { nil }
        bytes.u8((object == nil ? 0 : 1) | (packs == nil ? 0 : 2) | (compacted == nil ? 0 : 4) | (isMended ? 8 : 0))
        if let object { bytes.raw(object) }
        if let packs { bytes.lp32(packs.encode()) }
        if let compacted { bytes.lp32(compacted.encode()) }
        bytes.optional(map?.bytes)
        bytes.u64(since)
        bytes.optional(forgotten)
        bytes.optional(witnessed.map { Int($0.milliseconds) })
    }

    init(decoding reader: inout ByteReader) throws(FormatError) {
        let (id, position, time, writer) = try reader.origin()
        var body = SnapshotBody(
            bytes: try reader.u64(), entries: try reader.u64(), epoch: try reader.u32(),
            finished: Timestamp(milliseconds: try reader.integer()), map: try reader.digest(),
            privatePart: try reader.chunkID(),
            problems: try reader.u64(), disclosure: try reader.digest(), node: try reader.chunkID(),
            session: try reader.id(),
            packs: .inline(PackSet()), started: Timestamp(milliseconds: try reader.integer()), system: try reader.text()
        )
        for _ in 0..<(try reader.u32()) { body.tags.append(try reader.text()) }
        let flags = try reader.u8()
        let object = flags & 1 == 0 ? nil : try reader.digest()
        let packs = flags & 2 == 0 ? nil : try PackSet(decoding: try reader.lp32())
        let compacted = flags & 4 == 0 ? nil : try PackSet(decoding: try reader.lp32())
        if let object {
            body.packs = .object(object)
        } else if let own = compacted ?? packs {
            body.packs = .inline(own)
        }
        self.init(id: id, position: position, time: time, writer: writer, body: body, packs: packs)
        isMended = flags & 8 != 0
        map = try reader.u8() == 0 ? nil : try reader.digest()
        since = try reader.u64()
        forgotten = try reader.place()
        witnessed = try reader.place().map { Timestamp(milliseconds: Int64($0)) }
    }
}

extension HoldState {
    func encode(into bytes: inout ByteWriter) {
        bytes.origin(id, position, time, writer)
        bytes.lp32(CanonicalJSON.encode(.object(body.fields)))
        bytes.optional(released)
    }

    init(decoding reader: inout ByteReader) throws(FormatError) {
        (id, position, time, writer) = try reader.origin()
        body = try HoldBody(try reader.fields())
        released = try reader.place()
    }
}

extension ProposalState {
    func encode(into bytes: inout ByteWriter) {
        bytes.origin(id, position, time, writer)
        bytes.lp32(CanonicalJSON.encode(order.json))
        bytes.u32(approvals.count)
        for member in approvals { bytes.raw(member.bytes) }
        bytes.optional(carriedOut)
    }

    init(decoding reader: inout ByteReader) throws(FormatError) {
        let (id, position, time, writer) = try reader.origin()
        guard let order = try Order(try reader.fields()) else { throw reader.error("unknown order") }
        self.init(id: id, position: position, time: time, writer: writer, order: order)
        for _ in 0..<(try reader.u32()) { approvals.append(try reader.id()) }
        carriedOut = try reader.place()
    }
}

extension FormerMember {
    func encode(into bytes: inout ByteWriter) {
        bytes.lp32(CanonicalJSON.encode(member.json))
        bytes.u64(removed)
        bytes.integer(time.milliseconds)
    }

    init(decoding reader: inout ByteReader) throws(FormatError) {
        self.init(
            member: try Member(json: try reader.json()), removed: try reader.u64(),
            time: Timestamp(milliseconds: try reader.integer()))
    }
}

extension Witness {
    func encode(into bytes: inout ByteWriter) {
        bytes.raw(writer.bytes)
        bytes.integer(time.milliseconds)
        bytes.u64(position)
    }

    init(decoding reader: inout ByteReader) throws(FormatError) {
        writer = try reader.id()
        time = Timestamp(milliseconds: try reader.integer())
        position = try reader.u64()
    }
}

extension ByteWriter {
    /// Of which record something is: its id, place, time and writer.
    mutating func origin(_ id: Digest, _ position: Int, _ time: Timestamp, _ writer: MemberID) {
        raw(id)
        u64(position)
        integer(time.milliseconds)
        raw(writer.bytes)
    }

    mutating func text(_ value: String) { lp32(Array(value.utf8)) }

    /// A position or count that may be absent.
    mutating func optional(_ value: Int?) {
        u8(value == nil ? 0 : 1)
        if let value { u64(value) }
    }

    /// Bytes of a fixed length that may be absent.
    mutating func optional(_ value: [UInt8]?) {
        u8(value == nil ? 0 : 1)
        if let value { raw(value) }
    }
}

extension ByteReader {
    mutating func origin() throws(FormatError) -> (Digest, Int, Timestamp, MemberID) {
        (try digest(), try u64(), Timestamp(milliseconds: try integer()), try id())
    }

    mutating func id<ID: SixteenByteID>() throws(FormatError) -> ID {
        ID(words: (try integer(), try integer()))
    }

    /// A position or count that may be absent.
    mutating func place() throws(FormatError) -> Int? {
        try u8() == 0 ? nil : try u64()
    }

    mutating func text() throws(FormatError) -> String {
        guard let text = String(validating: try lp32(), as: UTF8.self) else { throw error("invalid UTF-8") }
        return text
    }

    /// A part of a record in its stored form.
    mutating func json() throws(FormatError) -> JSONValue {
        try CanonicalJSON.decode(try lp32(most: Limits.recordBytesMax), StateCache.subject)
    }

    mutating func fields() throws(FormatError) -> JSONFields { try JSONFields(try json(), StateCache.subject) }
}
