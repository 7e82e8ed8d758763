@testable import VaultBackup

extension FuzzTarget {
    static let log: [FuzzTarget] = [
        canonical("canonical-json", seeds: { try FuzzWorld.payloads() }) {
            CanonicalJSON.encode(try CanonicalJSON.decode($0, "fuzz"))
        },
        decoder("record-statement", seeds: { try FuzzWorld.payloads() }) { input in
            let (record, subjects) = try Record.decode(input)
            _ = record.expectedSubjects
            if case .unknown = record.body { return }
            try FuzzFinding.require(record.encode(subjects: subjects) == input, "encodes to other bytes")
        },
        canonical("envelope", seeds: { try FuzzWorld.payloads().map { try FuzzWorld.sealed($0) } }) {
            try Envelope(decoding: $0).encode()
        },
        decoder("keyring", seeds: { [CanonicalJSON.encode(FuzzWorld.keyring.json)] }) { input in
            let keyring = try Keyring(json: try CanonicalJSON.decode(input, "fuzz"))
            for member in keyring.members { _ = (keyring.slot(of: member.id), member.mayWrite(system: "a")) }
            try FuzzFinding.require(CanonicalJSON.encode(keyring.json) == input, "encodes to other bytes")
        },
        // A payload that its writer has signed: replayed on a log with an open session.
        FuzzTarget(name: "signed-record", seeds: { try FuzzWorld.payloads() }) { input in
            var state = try FuzzWorld.state()
            let effect = try state.apply(try FuzzWorld.sealed(input)) { _ in nil }
            try FuzzFinding.require(state.head == 2, "the head did not advance")
            _ = state.snapshots.map { ($0.packs?.count, $0.packs?.last) }
            // Whatever a record left behind comes back from the cache of this machine.
            let cached = StateCache.encode(state)
            try FuzzFinding.require(
                StateCache.encode(try StateCache.decode(cached)) == cached, "the cached state is another one")
            if case .void = effect { return false }
            return true
        },
        FuzzTarget(name: "signed-genesis", seeds: { [try FuzzWorld.genesisPayload()] }) { input in
            (try? RepositoryState(genesis: try FuzzWorld.sealed(input))) != nil
        },
        // A state whose sum is right.
        decoder("state-cache", seeds: { [Array(StateCache.encode(try FuzzWorld.state()).dropLast(32))] }) { input in
            let state = try StateCache.decode(input + SHA256.digest(input).bytes)
            let cached = StateCache.encode(state)
            try FuzzFinding.require(StateCache.encode(try StateCache.decode(cached)) == cached, "not stable")
        },
        canonical("drill-evidence", seeds: { FuzzWorld.evidence.map(\.payload) }) {
            try DrillEvidence(decoding: $0).payload
        },
        canonical(
            "signed-note",
            seeds: {
                let text = Checkpoint(origin: "example.org/log", size: 7, root: .zero).encode()
                let signature = SignedNote.Signature(keyName: "ada", keyID: 5, bytes: [UInt8](repeating: 9, count: 64))
                return [SignedNote(text: text, signatures: [signature, signature]).encode()]
            }
        ) { try SignedNote(decoding: $0).encode() },
        canonical("checkpoint", seeds: { [Checkpoint(origin: "example.org/log", size: 7, root: .zero).encode()] }) {
            try Checkpoint(decoding: $0).encode()
        },
        canonical(
            "plain-archive",
            seeds: { [PlainArchive.encode([.init(name: "a/b", content: [1, 2]), .init(name: "c", content: [])])] }
        ) { PlainArchive.encode(try PlainArchive.decode($0)) },
        canonical(
            "pin",
            seeds: { [Pin(lineage: FuzzWorld.repository, point: LogPoint(position: 7, digest: .zero)).encode()] }
        ) { try Pin(decoding: $0).encode() },
        canonical("copy-marker", seeds: { [FuzzWorld.copyMarker(nil), FuzzWorld.copyMarker(7)] }) {
            try CopyMarker(decoding: $0).encode()
        },
    ]
}

extension FuzzWorld {
    static let seed = SecretBytes([UInt8](repeating: 0x51, count: 32))
    static let signer: Signer = {
        guard let key = try? Ed25519.publicKey(of: seed) else { preconditionFailure("no key from a seed") }
        return Signer(member: MemberID(x25519: readKey, ed25519: key), seed: seed)
    }()
    static let time = Timestamp(milliseconds: 1_700_000_000_123)

    static func copyMarker(_ position: Int?) -> [UInt8] {
        CopyMarker(
            id: CopyID(words: (1, 2)), name: "blue", repository: repository, anchor: .zero, made: time,
            completion: position.map { .init(position: $0, digest: .zero, time: time) }
        ).encode()
    }

    static var keyring: Keyring {
        let ed25519 = (try? Ed25519.publicKey(of: seed)) ?? []
        let member = Member(
            id: signer.member, name: "ada", kind: .person, ed25519: ed25519, x25519: readKey,
            roles: Set(Role.allCases), systems: ["*", "a"])
        return Keyring(
            epoch: 1, expiryAge: 86_400, expiryKeep: 7, indexCommitments: [1: .zero], members: [member],
            readKey: readKey,
            slots: [
                Slot(
                    epoch: 1, member: signer.member, enc: readKey, commitment: .zero,
                    sealed: [UInt8](repeating: 5, count: 17 + 4 * 33))
            ])
    }

    static func record(_ body: RecordBody, position: Int, previous: Digest, sequence: Int) -> Record {
        Record(
            repository: repository, lineage: repository, position: position, previous: previous, sequence: sequence,
            time: time, writer: signer.member, body: body)
    }

    static func payload(_ body: RecordBody, position: Int, previous: Digest, sequence: Int) -> [UInt8] {
        let record = record(body, position: position, previous: previous, sequence: sequence)
        return record.encode(subjects: record.subjects ?? [])
    }

    static func sealed(_ payload: [UInt8]) throws -> [UInt8] {
        try Envelope(signing: payload, as: signer.member, seed: seed).encode()
    }

    static func genesisPayload() throws -> [UInt8] {
        payload(
            .genesis(GenesisBody(created: time, keyring: keyring)), position: 0, previous: .zero, sequence: 0)
    }

    /// A log of a genesis and an open session.
    static func state() throws -> RepositoryState {
        var state = try RepositoryState(genesis: try sealed(try genesisPayload()))
        let open = RecordBody.open(
            OpenBody(epoch: 1, purpose: .backup, session: session, silence: 86_400, system: "a"))
        _ = try state.apply(try sealed(payload(open, position: 1, previous: state.headDigest, sequence: 1))) { _ in nil
        }
        return state
    }

    /// One payload of each kind, in its place after the log of ``state()``.
    static func payloads() throws -> [[UInt8]] {
        let state = try state()
        let pack = CommittedPack(
            name: SHA256.digest([1]), packClass: .data, length: 32 << 20, segments: 33, epoch: 1, directory: .zero)
        let bodies: [RecordBody] = [
            .open(OpenBody(epoch: 1, purpose: .stream, session: SessionID(Array(32..<48))!, silence: 60, system: "a")),
            .progress(ProgressBody(packs: [pack], session: session)),
            .abort(AbortBody(session: session)), .expire(ExpireBody(session: session)),
            .attest(AttestBody(method: .verify, packs: PackSet([0, 1, 5]))),
            .promote(PromoteBody(copy: CopyID(words: (1, 2)), reason: "fire")),
            .access(AccessBody([(.zero, "a")], purpose: .restore, reason: "ünï")),
            .token(TokenBody(.issued, device: "card", serial: "7", holder: MemberID(words: (1, 2)))),
            .forget(ForgetBody(snapshots: [.zero], reason: "ünï")), .recall(ForgetBody(snapshots: [.zero])),
            .hold(HoldBody(snapshot: .zero, reason: "kept", until: time)), .release(ReleaseBody(hold: .zero)),
            .condemn(PruneBody(packs: PackSet([0, 7]))), .sweep(PruneBody(packs: PackSet([2, 3]))),
            .compact(
                CompactBody(
                    basis: 1, maps: [.zero: .zero], moves: [.init(old: PackSet([0]), new: PackSet([1]))],
                    session: session)),
            .propose(ProposeBody(order: .release(ReleaseBody(hold: .zero, reason: "done")))),
            .approve(ApproveBody(proposal: .zero)),
            .drill(
                DrillBody(
                    bytes: 1, entries: 1, evidence: .zero, expires: time, packs: PackSet([0]), scope: .whole,
                    snapshot: .zero, started: time, verdict: .proven)),
            .snapshot(
                SnapshotBody(
                    bytes: 1, entries: 1, epoch: 1, finished: time, map: .zero, privatePart: id(.privatePart, [1]),
                    problems: 0, disclosure: .zero, node: id(.directoryNode, [1]), session: session,
                    packs: .inline(PackSet()), started: time, system: "a", tags: ["nightly", "ünï \"quoted\""])),
        ]
        return bodies.map { payload($0, position: 2, previous: state.headDigest, sequence: 2) }
    }

    /// Evidence of a whole drill that proves, and of a sample that fails.
    static var evidence: [DrillEvidence] {
        let point = LogPoint(position: 7, digest: .zero)
        let whole = DrillEvidence(
            challenge: DrillChallenge(bytes: 5, files: 1, nonce: .zero, response: .zero),
            checks: DrillCheck.Name.all(0).map {
                DrillCheck(name: $0, expected: 1, compared: 1, verdict: .proven)
            },
            compared: .init(bytes: 5, entries: 2, packs: 1), ended: time, expires: time, failureCount: 0, failures: [],
            head: point, host: Array(0..<16), lineage: repository, member: signer.member, packs: PackSet([0, 2]),
            phases: [.init(name: .open, milliseconds: 3), .init(name: .compare, milliseconds: 4)], previous: .zero,
            program: "vault 0", repository: repository, root: .zero, rpoSeconds: 60,
            sample: .init(hundredths: 10_000, seed: Array(0..<16)), scope: .whole, skipped: [(.owner, 2)],
            snapshot: point, started: time, system: "web", total: .init(bytes: 5, entries: 2, packs: 1),
            verdict: .proven)
        var part = whole
        part.failures = [.init(check: .content, entry: Array(16..<32))]
        (part.failureCount, part.scope, part.verdict) = (1, .sample, .failed)
        part.checks[2].verdict = .failed
        part.sample.hundredths = 2_500
        var later = whole
        later.circumstances = .init(isolation: [.noNetwork, .newDirectory], rtoSeconds: 9, selection: .random)
        later.checks = DrillCheck.Name.all(1).map {
            DrillCheck(name: $0, expected: 1, compared: 1, verdict: .proven)
        }
        later.phases = DrillEvidence.Phase.Name.allCases.map { .init(name: $0, milliseconds: 3) }
        later.skipped = [(.databaseChanged, 1)]
        return [whole, part, later]
    }
}
