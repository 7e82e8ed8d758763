import Testing
import VaultTestSupport

@testable import VaultBackup

/// Audits of logs that no command line can make: other rosters, foreign records, forged heads.
@Suite struct AuditRosterTests {
    private let folder: TemporaryDirectory
    private let client: Client

    init() throws {
        folder = try TemporaryDirectory()
        client = Client(
            folders: LocalFolders(config: folder.bytes("config"), cache: folder.bytes("cache")), clock: TestClock())
    }

    private func trust(_ repository: TestRepository, witnesses: [NoteKey] = []) -> TrustFile {
        TrustFile(anchor: repository.writer.state.anchor, repository: Cast.repository, head: nil, witnesses: witnesses)
    }

    private func audit(
        _ store: any ObjectStore, _ trust: TrustFile?, change: (inout AuditRequest) -> Void = { _ in }
    ) throws -> AuditReport {
        var request = AuditRequest()
        request.trust = trust
        request.isBundle = true  // The packs of these logs are names only.
        change(&request)
        return try Audit.run(request, store, client: client).report
    }

    /// Somebody makes a repository of the same id with a roster of his own.
    @Test func anotherRoster() throws {
        let good = try TestRepository(sessions: 1)
        let keyring = Keyring(
            epoch: 1, expiryAge: 1, expiryKeep: 1, indexCommitments: [1: Sample.digest(7)],
            members: [Cast.stranger.member], readKey: Sample.digest(8).bytes, slots: [])
        let store = TestStore()
        _ = try LogWriter.create(
            Cast.repository, GenesisBody(created: TestClock().now(), keyring: keyring), in: store,
            by: Cast.stranger.signer, clock: TestClock())
        let report = try audit(store, trust(good))
        #expect(report.verdict == .forked && report.verdict.code == .rolledBack && report.anchorSource == .none)
        // By itself it is a repository like any other.
        #expect(try audit(store, nil).verdict == .notProven)
        // A member is put into the roster of the true one without a signature.
        let genesis = try #require(good.store.objects[.record(0)])
        let mangled = TestStore(good.store.objects)
        mangled.set(.record(0), Array(genesis.dropLast(3)) + genesis.suffix(3).reversed())
        #expect(thrownCode { _ = try audit(mangled, trust(good)) } == .damaged)
    }

    /// Records of strangers, of members without the role, and with a sequence that jumps.
    @Test func foreignRecords() throws {
        let good = try TestRepository(sessions: 1)
        let state = good.writer.state
        func record(_ body: RecordBody, _ writer: TestMember, sequence: Int? = nil) throws -> [UInt8] {
            let draft = Record(
                repository: state.repository, lineage: state.lineage, position: state.head + 1,
                previous: state.headDigest, sequence: sequence ?? state.nextSequence(of: writer.member.id),
                time: good.clock.now(), writer: writer.member.id, body: body)
            return try SignedRecord(draft, by: writer.signer).stored
        }
        let cases = [
            try record(Cast.open(9), Cast.stranger), try record(Cast.open(9), Cast.auditor),
            try record(Cast.open(9), Cast.machine, sequence: 1 << 48), Array("garbage".utf8),
        ]
        for stored in cases {
            let store = TestStore(good.store.objects)
            store.set(.record(state.head + 1), stored)
            let report = try audit(store, trust(good))
            #expect(report.verdict == .damaged && report.recordsVoid == 1)
            #expect(report.findings.contains { $0.object == "record \(state.head + 1)" })
        }
        #expect(try audit(good.store, trust(good)).recordsVoid == 0)
    }

    /// Two heads of one size, both signed, are a fork, whichever of them the log agrees with; the proof holds both.
    @Test func twoHeads() throws {
        let good = try TestRepository(sessions: 1)
        let history = try good.reader.history()
        let key = Cast.machine.member.checkpointKey(lineage: Cast.repository)
        func note(_ checkpoint: Checkpoint, _ key: NoteKey, _ seed: SecretBytes) throws -> [UInt8] {
            let text = checkpoint.encode()
            return SignedNote(text: text, signatures: [try key.sign(text, time: 5, seed: seed)]).encode()
        }
        let seed = Cast.machine.signer.seed
        let genuine = try note(history.checkpoint, key, seed)
        let other = Checkpoint(
            origin: history.checkpoint.origin, size: history.size, root: Sample.digest(1))
        let forged = try note(other, key, seed)
        let report = try audit(good.store, trust(good)) {
            $0.checkpoints = [("a", genuine), ("b", forged)]
        }
        #expect(report.verdict == .forked)
        let proof = try PlainArchive.decode(try #require(report.forkProof)).map(\.name)
        #expect(proof.contains("first/checkpoint"))
        // A stranger's note says nothing; a witness of the trust file counts.
        let witness = NoteKey(name: "witness.example", algorithm: .cosignature, publicKey: Cast.stranger.member.ed25519)
        let theirs = try note(other, witness, Cast.stranger.signer.seed)
        let ignored = try audit(good.store, trust(good)) { $0.checkpoints = [("w", theirs)] }
        #expect(ignored.verdict != .forked && ignored.verdict != .passed && ignored.kept.isEmpty)
        let counted = try audit(good.store, trust(good, witnesses: [witness])) { $0.checkpoints = [("w", theirs)] }
        #expect(
            counted.verdict == .forked
                && counted.kept.first?.signers == ["witness.example as witness at 1970-01-01T00:00:05.000Z"])
    }

    /// Every older state of the log is refused by whoever has seen a newer one.
    @Test func everyOlderState() throws {
        let good = try TestRepository(sessions: 3)
        let state = good.writer.state
        var trust = trust(good)
        trust.head = LogPoint(position: state.head, digest: state.headDigest)
        let bundle = try AuditBundle.open(
            try AuditBundle.make(try good.reader.history(), good.store), name: "kept")
        for head in 0..<state.head {
            let store = TestStore(good.store.objects.filter { ($0.key.recordPosition ?? 0) <= head })
            #expect(try audit(store, trust).verdict == .rolledBack)
            trust.head = nil
            #expect(try audit(store, trust) { $0.previous = bundle }.verdict == .rolledBack)
            trust.head = LogPoint(position: state.head, digest: state.headDigest)
        }
    }
}
