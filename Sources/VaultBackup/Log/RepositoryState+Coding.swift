/// The form in which the local cache keeps a state. It is private to one version of the program and never stored in a
/// repository.
extension RepositoryState {
    private static let subject: StaticString = "cached state"

    func encode(into writer: inout ByteWriter) {
        writer.raw(repository.bytes)
        writer.raw(lineage.bytes)
        writer.raw(anchor)
        writer.integer(created.milliseconds)
        writer.lp32(CanonicalJSON.encode(keyring.json))
        writer.u64(head)
        writer.raw(headDigest)
        writer.u64(lastCounted.position)
        writer.raw(lastCounted.digest)
        writer.u32(sequences.count)
        for (member, sequence) in sequences.sorted(by: { $0.key < $1.key }) {
            writer.raw(member.bytes)
            writer.u64(sequence)
        }
        writer.u32(sessions.count)
        for session in sessions.values.sorted(by: { $0.opened < $1.opened }) { session.encode(into: &writer) }
        writer.u32(packs.count)
        for pack in packs { pack.encode(into: &writer) }
        writer.u32(snapshots.count)
        for snapshot in snapshots { snapshot.encode(into: &writer) }
        writer.u32(drills.count)
        for drill in drills { drill.encode(into: &writer) }
        writer.u32(irregularities.count)
        for irregularity in irregularities {
            writer.u64(irregularity.position)
            writer.u8(irregularity.kind.rawValue)
            writer.lp32(Array(irregularity.reason.utf8))
        }
    }

    init(decoding reader: inout ByteReader) throws(FormatError) {
        repository = try reader.id()
        lineage = try reader.id()
        anchor = try reader.digest()
        created = Timestamp(milliseconds: try reader.integer())
        keyring = try Keyring(
            json: try CanonicalJSON.decode(try reader.lp32(most: Limits.recordBytesMax), Self.subject))
        head = try reader.u64()
        headDigest = try reader.digest()
        lastCounted = LogPoint(position: try reader.u64(), digest: try reader.digest())
        for _ in 0..<(try reader.u32()) { sequences[try reader.id()] = try reader.u64() }
        for _ in 0..<(try reader.u32()) {
            let session = try SessionState(decoding: &reader)
            sessions[session.id] = session
        }
        let packCount = try reader.u32()
        guard packCount <= reader.remaining else { throw reader.error("more packs than bytes") }
        packs.reserveCapacity(packCount)
        ordinals.reserveCapacity(packCount)
        for ordinal in 0..<packCount {
            let pack = try PackState(decoding: &reader)
            ordinals[pack.pack.name] = ordinal
            packs.append(pack)
        }
        for _ in 0..<(try reader.u32()) { snapshots.append(try SnapshotState(decoding: &reader)) }
        for _ in 0..<(try reader.u32()) { drills.append(try DrillState(decoding: &reader)) }
        for _ in 0..<(try reader.u32()) {
            let position = try reader.u64()
            guard let kind = Irregularity.Kind(rawValue: try reader.u8()) else {
                throw reader.error("unknown irregularity")
            }
            irregularities.append(Irregularity(position: position, kind: kind, reason: try reader.text()))
        }
    }
}

extension SessionState {
    fileprivate func encode(into bytes: inout ByteWriter) {
        bytes.raw(id.bytes)
        bytes.raw(writer.bytes)
        bytes.lp32(Array(purpose.rawValue.utf8))
        bytes.lp32(Array(system.utf8))
        bytes.u64(silence)
        bytes.u64(opened)
        bytes.integer(lastTime.milliseconds)
        bytes.u32(lastEpoch)
        bytes.u8(end?.rawValue ?? 0)
        bytes.lp32(packs.encode())
    }

    fileprivate init(decoding reader: inout ByteReader) throws(FormatError) {
        id = try reader.id()
        writer = try reader.id()
        guard let purpose = SessionPurpose(rawValue: try reader.text()) else { throw reader.error("unknown purpose") }
        self.purpose = purpose
        system = try reader.text()
        silence = try reader.u64()
        opened = try reader.u64()
        lastTime = Timestamp(milliseconds: try reader.integer())
        lastEpoch = try reader.u32()
        end = End(rawValue: try reader.u8())
        packs = try PackSet(decoding: try reader.lp32())
    }
}

extension PackState {
    fileprivate func encode(into bytes: inout ByteWriter) {
        bytes.raw(pack.name)
        bytes.u8(pack.packClass.rawValue)
        bytes.u32(pack.length)
        bytes.u16(pack.segments)
        bytes.u32(pack.epoch)
        bytes.raw(pack.directory)
        bytes.raw(session.bytes)
        bytes.raw(owner.bytes)
        bytes.u64(position)
        bytes.integer(time.milliseconds)
        bytes.u8((isCondemned ? 1 : 0) | (isSwept ? 2 : 0) | (isAttested ? 4 : 0))
        bytes.u64(provenBy.map { $0 + 1 } ?? 0)
    }

    fileprivate init(decoding reader: inout ByteReader) throws(FormatError) {
        let name = try reader.digest()
        guard let packClass = PackClass(rawValue: try reader.u8()) else { throw reader.error("unknown class") }
        pack = CommittedPack(
            name: name, packClass: packClass, length: try reader.u32(), segments: try reader.u16(),
            epoch: try reader.u32(),
            directory: try reader.digest())
        session = try reader.id()
        owner = try reader.id()
        position = try reader.u64()
        time = Timestamp(milliseconds: try reader.integer())
        let flags = try reader.u8()
        isCondemned = flags & 1 != 0
        isSwept = flags & 2 != 0
        isAttested = flags & 4 != 0
        let proof = try reader.u64()
        provenBy = proof == 0 ? nil : proof - 1
    }
}

extension SnapshotState {
    fileprivate func encode(into bytes: inout ByteWriter) {
        bytes.raw(id)
        bytes.u64(position)
        bytes.integer(time.milliseconds)
        bytes.raw(writer.bytes)
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
        bytes.lp32(Array(body.system.utf8))
        bytes.u32(body.tags.count)
        for tag in body.tags { bytes.lp32(Array(tag.utf8)) }
        let object: Digest? = if case .object(let digest) = body.packs { digest } else { nil }
        bytes.u8((object == nil ? 0 : 1) | (packs == nil ? 0 : 2))
        if let object { bytes.raw(object) }
        if let packs { bytes.lp32(packs.encode()) }
    }

    fileprivate init(decoding reader: inout ByteReader) throws(FormatError) {
        id = try reader.digest()
        position = try reader.u64()
        time = Timestamp(milliseconds: try reader.integer())
        writer = try reader.id()
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
        packs = flags & 2 == 0 ? nil : try PackSet(decoding: try reader.lp32())
        if let object { body.packs = .object(object) } else if let packs { body.packs = .inline(packs) }
        self.body = body
    }
}

extension DrillState {
    fileprivate func encode(into bytes: inout ByteWriter) {
        bytes.raw(id)
        bytes.u64(position)
        bytes.integer(time.milliseconds)
        bytes.raw(writer.bytes)
        bytes.lp32(Array(system.utf8))
        bytes.u64(body.bytes)
        bytes.u64(body.entries)
        bytes.raw(body.evidence)
        bytes.integer(body.expires.milliseconds)
        bytes.lp32(body.packs.encode())
        bytes.lp32(Array(body.scope.rawValue.utf8))
        bytes.raw(body.snapshot)
        bytes.integer(body.started.milliseconds)
        bytes.lp32(Array(body.verdict.rawValue.utf8))
    }

    fileprivate init(decoding reader: inout ByteReader) throws(FormatError) {
        id = try reader.digest()
        position = try reader.u64()
        time = Timestamp(milliseconds: try reader.integer())
        writer = try reader.id()
        system = try reader.text()
        let (bytes, entries, evidence) = (try reader.u64(), try reader.u64(), try reader.digest())
        let expires = Timestamp(milliseconds: try reader.integer())
        let packs = try PackSet(decoding: try reader.lp32())
        let scope = DrillScope(rawValue: try reader.text())
        let snapshot = try reader.digest()
        let started = Timestamp(milliseconds: try reader.integer())
        let verdict = DrillVerdict(rawValue: try reader.text())
        guard let scope, let verdict, packs.isEmpty == (verdict != .proven) else { throw reader.error("unknown drill") }
        body = DrillBody(
            bytes: bytes, entries: entries, evidence: evidence, expires: expires, packs: packs, scope: scope,
            snapshot: snapshot, started: started, verdict: verdict)
    }
}

extension ByteReader {
    fileprivate mutating func id<ID: SixteenByteID>() throws(FormatError) -> ID {
        ID(words: (try integer(), try integer()))
    }

    fileprivate mutating func text() throws(FormatError) -> String {
        guard let text = String(validating: try lp32(), as: UTF8.self) else { throw error("invalid UTF-8") }
        return text
    }
}
