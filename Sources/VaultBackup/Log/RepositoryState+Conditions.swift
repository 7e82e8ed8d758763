/// The pack set of a SNAPSHOT record, as far as it could be had.
enum ResolvedSet: Sendable, Equatable {
    /// The record is of another kind.
    case none
    case set(PackSet)
    /// The object has the right digest but is not a set.
    case malformed(String)
    /// The object is missing, or is not what its name says.
    case missing(Digest)

    var packs: PackSet? { if case .set(let packs) = self { packs } else { nil } }
}

/// A record that is void.
struct VoidFailure: Error {
    let reason: VoidReason
    /// Whether a member signed it for this position, yet after other bytes than stand there now. No honest writer does
    /// that, because it replays a position before it takes the next: the record below has been altered, and what it cut
    /// off must not be built upon.
    var showsAlteration = false
}

extension RepositoryState {
    /// The record, when it is not void at `position`.
    func counted(_ stored: [UInt8], at position: Int) -> Result<SignedRecord, VoidFailure> {
        func void(_ reason: VoidReason) -> Result<SignedRecord, VoidFailure> { .failure(VoidFailure(reason: reason)) }
        guard stored.count <= Limits.recordBytesMax else { return void(.tooLong(byteCount: stored.count)) }
        let signed: SignedRecord
        do throws(FormatError) { signed = try SignedRecord(decoding: stored) } catch {
            return void(.malformed(error.description))
        }
        let record = signed.record
        guard record.position == position else { return void(.wrongPlace(field: "position")) }
        guard record.repository == repository else { return void(.wrongPlace(field: "repository")) }
        guard record.lineage == lineage else { return void(.wrongPlace(field: "lineage")) }
        guard record.previous == headDigest else {
            let isSigned = keyring.member(record.writer).map { signed.isSigned(by: $0) } ?? false
            return .failure(VoidFailure(reason: .wrongPlace(field: "previous"), showsAlteration: isSigned))
        }
        guard let writer = keyring.member(record.writer) else { return void(.notAMember(record.writer)) }
        guard signed.isSigned(by: writer) else { return void(.badSignature) }
        let sequence = nextSequence(of: writer.id)
        guard record.sequence == sequence else {
            return void(.wrongSequence(expected: sequence, found: record.sequence))
        }
        if let member = Self.memberOfOtherID(in: record.body) {
            return void(.malformed("the id of the member '\(member.name)' is not that of its keys"))
        }
        if let subjects = record.subjects, subjects != signed.subjects { return void(.wrongSubjects) }
        guard allows(writer, record.body) else { return void(.roleNotAllowed(kind: record.body.kind)) }
        return .success(signed)
    }

    /// Whether one of the member's roles allows the kind.
    func allows(_ writer: Member, _ body: RecordBody) -> Bool {
        body.allowedRoles.map { !$0.isDisjoint(with: writer.roles) } ?? true
    }

    /// Reads the set of a snapshot, if `body` is one.
    func packSet(of body: RecordBody, _ sets: PackSetSource) throws(StorageError) -> ResolvedSet {
        guard case .snapshot(let snapshot) = body else { return .none }
        switch snapshot.packs {
        case .inline(let set): return .set(set)
        case .malformed(let bytes): return .malformed("\(bytes.count) bytes that are not a set in the record")
        case .object(let name):
            guard let stored = try sets(name), SHA256.digest(stored) == name else { return .missing(name) }
            do throws(FormatError) {
                return .set(try PackSet(decodingObject: stored, repository))
            } catch {
                return .malformed(error.description)
            }
        }
    }

    /// The condition that a record, which is not void, does not meet; nil when it is effective.
    func unmetCondition(of record: Record, _ set: ResolvedSet) -> UnmetCondition? {
        switch record.body {
        case .genesis, .promote, .unknown: nil
        case .open(let body): unmetCondition(of: body, record)
        case .progress(let body): unmetCondition(of: body, record)
        case .snapshot(let body): unmetCondition(of: body, record, set)
        case .abort(let body):
            unmetSession(
                body.session, writer: keyring.member(record.writer)?.may(.administer) == true ? nil : record.writer)
        case .expire(let body): unmetCondition(of: body, record)
        case .drill(let body): unmetCondition(of: body)
        case .attest(let body): absent(body.packs).map { .packNotThere(ordinal: $0) }
        case .forget(let body): refusalOfForgetting(body.snapshots, at: record.time, by: record.writer)
        case .recall(let body): unmetCondition(recall: body)
        case .hold(let body): unmetCondition(of: body, record)
        case .release(let body): unmetCondition(of: body, record)
        case .condemn(let body): unmetCondition(condemn: body)
        case .sweep(let body): unmetCondition(sweep: body)
        case .compact(let body): unmetCondition(of: body, record)
        case .propose: nil
        case .approve(let body): unmetCondition(of: body, record)
        case .access(let body): unmetCondition(of: body)
        case .token(let body): unmetCondition(of: body)
        }
    }

    private func unmetCondition(of body: OpenBody, _ record: Record) -> UnmetCondition? {
        guard let writer = keyring.member(record.writer) else { return .systemNotAllowed(body.system) }
        guard sessions[body.session] == nil else { return .sessionExists(body.session) }
        guard body.epoch == keyring.epoch else { return .epochNotInForce(body.epoch) }
        guard writer.mayWrite(system: body.system) else { return .systemNotAllowed(body.system) }
        guard writer.may(body.purpose == .maintenance ? .maintain : .write) else {
            return .purposeNotAllowed(body.purpose)
        }
        return nil
    }

    private func unmetCondition(of body: ProgressBody, _ record: Record) -> UnmetCondition? {
        if let unmet = unmetSession(body.session, writer: record.writer) { return unmet }
        guard let session = sessions[body.session] else { return .noSession(body.session) }
        var names: Set<Digest> = []
        for pack in body.packs {
            guard ordinals[pack.name] == nil, names.insert(pack.name).inserted else {
                return .packCommittedBefore(pack.name)
            }
            guard pack.epoch >= session.lastEpoch else { return .packEpochOver(pack.name) }
            guard pack.epoch <= keyring.epoch else { return .packEpochNotBegun(pack.name) }
        }
        return nil
    }

    private func unmetCondition(of body: SnapshotBody, _ record: Record, _ set: ResolvedSet) -> UnmetCondition? {
        if let unmet = unmetSession(body.session, writer: record.writer) { return unmet }
        guard let session = sessions[body.session], session.system.hasSameBytes(as: body.system) else {
            return .otherSystem(body.system)
        }
        switch set {
        case .none, .missing: return nil
        case .malformed(let reason): return .setMalformed(reason)
        case .set(let packs):
            // Run by run, so that a hostile set of huge runs costs no more than the packs there are.
            for run in packs.runs {
                for ordinal in run where !isUsable(ordinal, for: record.writer) || self.packs[ordinal].isSwept {
                    return .packNotEligible(ordinal: ordinal)
                }
            }
            return nil
        }
    }

    private func unmetCondition(of body: ExpireBody, _ record: Record) -> UnmetCondition? {
        if let unmet = unmetSession(body.session, writer: nil) { return unmet }
        guard let session = sessions[body.session] else { return .noSession(body.session) }
        // Below 2⁵³ seconds and years up to 9999, so nothing overflows.
        let silent = record.time.milliseconds - session.lastTime.milliseconds
        return silent > Int64(session.silence) * 1_000 ? nil : .sessionNotSilent(body.session)
    }

    /// What is wrong with using the session; `writer` nil means that it may be anyone's.
    func unmetSession(_ id: SessionID, writer: MemberID?) -> UnmetCondition? {
        guard let session = sessions[id] else { return .noSession(id) }
        if let writer, session.writer != writer { return .foreignSession(id) }
        return session.isOpen ? nil : .sessionClosed(id)
    }
}
