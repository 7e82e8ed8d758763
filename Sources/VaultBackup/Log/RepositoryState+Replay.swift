/// Reads the stored bytes of a pack set object; nil when there is none.
public typealias PackSetSource = (Digest) throws(StorageError) -> [UInt8]?

extension RepositoryState {
    /// Starts from the stored bytes of the genesis record.
    ///
    /// Throws ``VaultError/Code/unsupportedFormat`` for a version or suite that this program does not know, and
    /// ``VaultError/Code/damaged`` for anything else that is not a genesis record.
    public init(genesis stored: [UInt8]) throws(VaultError) {
        func rejected(_ reason: String) -> VaultError {
            VaultError(.damaged, "The genesis record is not valid: \(reason)")
        }
        let signed: SignedRecord
        do throws(FormatError) { signed = try SignedRecord(decoding: stored) } catch {
            throw rejected(error.description)
        }
        let record = signed.record
        if case .unknown(let kind) = record.body {
            throw VaultError(
                .unsupportedFormat, "The repository begins with a record '\(kind)', which this program does not know",
                nextStep: "Use a newer version of the program")
        }
        guard case .genesis(let body) = record.body else { throw rejected("it is of another kind") }
        guard record.position == 0, record.previous == .zero, record.sequence == 0, record.lineage == record.repository
        else {
            throw rejected("it does not belong at position 0")
        }
        if let member = Self.memberOfOtherID(in: record.body) {
            throw rejected("the id of the member '\(member.name)' is not that of its keys")
        }
        guard let writer = body.keyring.member(record.writer), writer.may(.administer) else {
            throw rejected("its writer is not an administrator")
        }
        guard signed.isSigned(by: writer) else { throw rejected("\(VoidReason.badSignature)") }
        guard signed.subjects == record.subjects else { throw rejected("\(VoidReason.wrongSubjects)") }
        let digest = SHA256.digest(stored)
        repository = record.repository
        lineage = record.lineage
        anchor = digest
        created = body.created
        keyring = body.keyring
        readKeys = [body.keyring.epoch: body.keyring.readKey]
        head = 0
        headDigest = digest
        lastCounted = LogPoint(position: 0, digest: digest)
        sequences = [writer.id: 1]
        witnesses = [Witness(writer: writer.id, time: record.time, position: 0)]
    }

    /// Replays the record at position ``head`` + 1.
    ///
    /// - Parameter stored: its stored bytes.
    /// - Parameter sets: reads pack set objects; asked only for snapshots whose set is not in the record.
    /// - Throws: what `sets` throws; the state is then unchanged.
    public mutating func apply(_ stored: [UInt8], sets: PackSetSource) throws(StorageError) -> RecordEffect {
        let position = head + 1
        let digest = SHA256.digest(stored)
        let signed: SignedRecord
        switch counted(stored, at: position) {
        case .success(let record): signed = record
        case .failure(let failure):
            if failure.showsAlteration {
                let reason = "its bytes are not those that the record after it was signed for"
                irregularities.append(Irregularity(position: head, kind: .alteredRecord, reason: reason))
            }
            advance(to: position, digest)
            irregularities.append(Irregularity(position: position, kind: .void, reason: failure.reason.description))
            return .void(failure.reason)
        }
        return take(signed.record, digest, try packSet(of: signed.record.body, sets))
    }

    /// Replays a record that is not void. - Precondition: its position is ``head`` + 1.
    mutating func take(_ record: Record, _ digest: Digest, _ set: ResolvedSet) -> RecordEffect {
        precondition(record.position == head + 1, "records are replayed in order")
        advance(to: record.position, digest)
        lastCounted = LogPoint(position: record.position, digest: digest)
        sequences[record.writer, default: 0] += 1
        let effect = effect(of: record, digest, set)
        note(Witness(writer: record.writer, time: record.time, position: record.position))
        return effect
    }

    /// Notes that the record at `position` is missing although there are later ones.
    mutating func noteMissingRecord(at position: Int) {
        let missing = Irregularity(
            position: position, kind: .missingRecord, reason: DamagePhrase.missing.text(.english))
        if !irregularities.contains(missing) { irregularities.append(missing) }
    }

    /// Notes that the record at `position` is not the one that this client has seen there, nor any that a member
    /// signed.
    mutating func noteAlteredRecord(at position: Int) {
        let altered = Irregularity(
            position: position, kind: .alteredRecord, reason: "its bytes are not those that this client has seen")
        if !irregularities.contains(where: { $0.position == position && $0.kind == .alteredRecord }) {
            irregularities.append(altered)
        }
    }

    private mutating func advance(to position: Int, _ digest: Digest) {
        head = position
        headDigest = digest
    }

    private mutating func note(_ witness: Witness) {
        witnesses = [witness] + witnesses.filter { $0.writer != witness.writer }.prefix(1)
    }

    private mutating func effect(of record: Record, _ digest: Digest, _ set: ResolvedSet) -> RecordEffect {
        func irregular(_ kind: Irregularity.Kind, _ reason: String) {
            irregularities.append(Irregularity(position: record.position, kind: kind, reason: reason))
        }
        // Whatever it is used for: who signs with it has had the paper, or the shares, in hand.
        if keyring.member(record.writer)?.kind == .kit {
            kitUses[record.writer] = Admission(position: record.position, time: record.time)
        }
        if case .unknown(let kind) = record.body {
            irregular(.unknownKind, "its kind '\(kind)' is not known to this program")
            return .unknownKind(kind)
        }
        if let condition = unmetCondition(of: record, set) {
            irregular(.withoutEffect, condition.description)
            return .withoutEffect(condition)
        }
        perform(record, digest, set)
        guard case .missing(let name) = set else { return .effective }
        irregular(.missingSet, "its pack set \(name) is missing or damaged")
        return .undecided(missingSet: name)
    }

    // Conditions have been checked.
    mutating func perform(_ record: Record, _ digest: Digest, _ set: ResolvedSet) {
        switch record.body {
        case .genesis, .promote, .access, .unknown: return
        case .open(let body):
            sessions[body.session] = SessionState(
                id: body.session, writer: record.writer, purpose: body.purpose, system: body.system,
                silence: body.silence,
                opened: record.position, lastTime: record.time, lastEpoch: keyring.epoch)
        case .progress(let body):
            let first = packs.count
            for pack in body.packs {
                ordinals[pack.name] = packs.count
                packs.append(
                    PackState(
                        pack: pack, session: body.session, owner: record.writer, position: record.position,
                        time: record.time, isMoved: sessions[body.session]?.purpose == .maintenance))
            }
            sessions[body.session]?.packs.append(first..<packs.count)
            touch(body.session, record)
        case .snapshot(let body):
            snapshots.append(
                SnapshotState(
                    id: digest, position: record.position, time: record.time, writer: record.writer, body: body,
                    packs: set.packs, witnessed: lastRecord(notBy: record.writer)?.time))
            if let set = set.packs { revive(set) }
            close(body.session, .snapshot, record)
        case .abort(let body): close(body.session, .abort, record)
        case .expire(let body): close(body.session, .expire, record)
        case .drill(let body):
            // What a copy has says nothing of what is here.
            if body.copy == nil { for ordinal in body.packs.ordinals { packs[ordinal].provenBy = drills.count } }
            drills.append(
                DrillState(
                    id: digest, position: record.position, time: record.time, writer: record.writer,
                    system: snapshot(body.snapshot)?.body.system ?? "", body: body))
        case .attest(let body): for ordinal in body.packs.ordinals { packs[ordinal].isAttested = true }
        case .forget(let body): forget(body.snapshots, at: record.position)
        case .recall(let body): recall(body.snapshots, at: record.position)
        case .hold(let body):
            holds.append(
                HoldState(
                    id: digest, position: record.position, time: record.time, writer: record.writer, body: body))
        case .release(let body): release(body.hold, at: record.position)
        case .condemn(let body): condemn(body.packs, at: record.position)
        case .sweep(let body): sweep(body.packs, at: record.time)
        case .compact(let body):
            compact(body, at: record.position)
            close(body.session, .compact, record)
        case .propose(let body):
            proposals.append(
                ProposalState(
                    id: digest, position: record.position, time: record.time, writer: record.writer, order: body.order))
        case .approve(let body): approve(body.proposal, record)
        case .token(let body): take(body, record, digest)
        }
    }

    private mutating func touch(_ session: SessionID, _ record: Record) {
        sessions[session]?.lastTime = record.time
        sessions[session]?.lastEpoch = keyring.epoch
    }

    private mutating func close(_ session: SessionID, _ end: SessionState.End, _ record: Record) {
        touch(session, record)
        sessions[session]?.end = end
    }
}
