/// The form in which the local cache keeps a state. It is private to one version of the program and never stored in a
/// repository.
extension RepositoryState {
    func encode(into writer: inout ByteWriter) {
        writer.raw(repository.bytes)
        writer.raw(lineage.bytes)
        writer.raw(anchor)
        writer.integer(created.milliseconds)
        writer.lp32(CanonicalJSON.encode(keyring.json))
        writer.u32(formerMembers.count)
        for (_, former) in formerMembers.sorted(by: { $0.key < $1.key }) { former.encode(into: &writer) }
        writer.u32(admissions.count)
        for (member, admission) in admissions.sorted(by: { $0.key < $1.key }) {
            writer.raw(member.bytes)
            writer.u64(admission.position)
            writer.integer(admission.time.milliseconds)
        }
        writer.u32(readKeys.count)
        for (epoch, key) in readKeys.sorted(by: { $0.key < $1.key }) {
            writer.u32(epoch)
            writer.raw(key)
        }
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
        writer.u32(holds.count)
        for hold in holds { hold.encode(into: &writer) }
        writer.u32(proposals.count)
        for proposal in proposals { proposal.encode(into: &writer) }
        writer.u8(UInt8(witnesses.count))
        for witness in witnesses { witness.encode(into: &writer) }
        writer.u32(drills.count)
        for drill in drills { drill.encode(into: &writer) }
        writer.u32(kitUses.count)
        for (member, use) in kitUses.sorted(by: { $0.key < $1.key }) {
            writer.raw(member.bytes)
            writer.u64(use.position)
            writer.integer(use.time.milliseconds)
        }
        writer.u32(tokens.count)
        for token in tokens { token.encode(into: &writer) }
        writer.u32(irregularities.count)
        for irregularity in irregularities {
            writer.u64(irregularity.position)
            writer.u8(irregularity.kind.rawValue)
            writer.text(irregularity.reason)
        }
    }

    init(decoding reader: inout ByteReader) throws(FormatError) {
        repository = try reader.id()
        lineage = try reader.id()
        anchor = try reader.digest()
        created = Timestamp(milliseconds: try reader.integer())
        keyring = try Keyring(json: try reader.json())
        for _ in 0..<(try reader.u32()) {
            let former = try FormerMember(decoding: &reader)
            formerMembers[former.member.id] = former
        }
        for _ in 0..<(try reader.u32()) {
            admissions[try reader.id()] = Admission(
                position: try reader.u64(), time: Timestamp(milliseconds: try reader.integer()))
        }
        readKeys = [:]
        for _ in 0..<(try reader.u32()) { readKeys[try reader.u32()] = Array(try reader.raw(32)) }
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
        for _ in 0..<(try reader.u32()) { holds.append(try HoldState(decoding: &reader)) }
        for _ in 0..<(try reader.u32()) { proposals.append(try ProposalState(decoding: &reader)) }
        for _ in 0..<(try reader.u8()) { witnesses.append(try Witness(decoding: &reader)) }
        for _ in 0..<(try reader.u32()) { drills.append(try DrillState(decoding: &reader)) }
        for _ in 0..<(try reader.u32()) {
            kitUses[try reader.id()] = Admission(
                position: try reader.u64(), time: Timestamp(milliseconds: try reader.integer()))
        }
        for _ in 0..<(try reader.u32()) { tokens.append(try TokenState(decoding: &reader)) }
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
        bytes.text(purpose.rawValue)
        bytes.text(system)
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
        bytes.u8((isMoved ? 1 : 0) | (isAttested ? 4 : 0) | (isNamed ? 8 : 0) | (isReplaced ? 16 : 0))
        bytes.optional(lost)
        bytes.optional(vouchedBy?.bytes)
        bytes.optional(condemned)
        bytes.integer(swept?.milliseconds ?? .min)
        bytes.optional(provenBy)
    }

    fileprivate init(decoding reader: inout ByteReader) throws(FormatError) {
        let name = try reader.digest()
        guard let packClass = PackClass(rawValue: try reader.u8()) else { throw reader.error("unknown class") }
        let pack = CommittedPack(
            name: name, packClass: packClass, length: try reader.u32(), segments: try reader.u16(),
            epoch: try reader.u32(),
            directory: try reader.digest())
        let (session, owner): (SessionID, MemberID) = (try reader.id(), try reader.id())
        let position = try reader.u64()
        let time = Timestamp(milliseconds: try reader.integer())
        let flags = try reader.u8()
        self.init(
            pack: pack, session: session, owner: owner, position: position, time: time, isMoved: flags & 1 != 0)
        isNamed = flags & 8 != 0
        isReplaced = flags & 16 != 0
        lost = try reader.place()
        vouchedBy = try reader.u8() == 0 ? nil : try reader.id()
        condemned = try reader.place()
        let sweptAt: Int64 = try reader.integer()
        swept = sweptAt == .min ? nil : Timestamp(milliseconds: sweptAt)
        isAttested = flags & 4 != 0
        provenBy = try reader.place()
    }
}

extension DrillState {
    fileprivate func encode(into bytes: inout ByteWriter) {
        bytes.origin(id, position, time, writer)
        bytes.text(system)
        bytes.u64(body.bytes)
        bytes.u64(body.entries)
        bytes.raw(body.evidence)
        bytes.integer(body.expires.milliseconds)
        bytes.lp32(body.packs.encode())
        bytes.text(body.scope.rawValue)
        bytes.raw(body.snapshot)
        bytes.integer(body.started.milliseconds)
        bytes.text(body.verdict.rawValue)
        bytes.optional(body.copy?.bytes)
    }

    fileprivate init(decoding reader: inout ByteReader) throws(FormatError) {
        (id, position, time, writer) = try reader.origin()
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
            snapshot: snapshot, started: started, verdict: verdict, copy: try reader.u8() == 0 ? nil : try reader.id())
    }
}
