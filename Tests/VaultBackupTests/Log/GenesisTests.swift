import Testing

@testable import VaultBackup

@Suite struct GenesisTests {
    private func record(_ change: (inout Record, inout GenesisBody) -> Void = { _, _ in }) -> Record {
        var body = Cast.genesis(TestClock())
        var record = Record(
            repository: Cast.repository, lineage: Cast.repository, position: 0, previous: .zero, sequence: 0,
            time: TestClock().now(),
            writer: Cast.admin.member.id, body: .genesis(body))
        change(&record, &body)
        if case .genesis = record.body { record.body = .genesis(body) }
        return record
    }

    private func code(_ record: Record, by writer: TestMember = Cast.admin) -> VaultError.Code? {
        thrownCode { _ = try RepositoryState(genesis: try SignedRecord(record, by: writer.signer).stored) }
    }

    @Test func startsTheState() throws {
        let stored = try SignedRecord(record(), by: Cast.admin.signer).stored
        let state = try RepositoryState(genesis: stored)
        #expect(state.anchor == SHA256.digest(stored) && state.head == 0 && state.headDigest == state.anchor)
        #expect(state.nextSequence(of: Cast.admin.member.id) == 1)
        #expect(state.mayWrite && state.keyring == Cast.keyring)
    }

    @Test func rejectsEverythingElse() throws {
        #expect(code(record { record, _ in record.position = 1 }) == .damaged)
        #expect(code(record { record, _ in record.previous = Sample.digest(1) }) == .damaged)
        #expect(code(record { record, _ in record.sequence = 1 }) == .damaged)
        #expect(code(record { record, _ in record.lineage = Sample.id(101) }) == .damaged)
        #expect(code(record { record, _ in record.body = .abort(AbortBody(session: Sample.id(1))) }) == .damaged)
        #expect(code(record(), by: Cast.machine) == .damaged)
        #expect(code(record { record, _ in record.writer = Cast.machine.member.id }, by: Cast.machine) == .damaged)
        #expect(code(record { record, _ in record.writer = Cast.stranger.member.id }, by: Cast.stranger) == .damaged)
        let impostor = Member(
            id: Sample.id(77), name: "impostor", kind: .person, ed25519: Sample.digest(1).bytes,
            x25519: Sample.digest(2).bytes,
            roles: [.read])
        let withImpostor = record { _, body in
            body.keyring = Keyring(
                epoch: 1, expiryAge: 1, expiryKeep: 1, indexCommitments: [1: .zero],
                members: [Cast.admin.member, impostor],
                readKey: Sample.digest(3).bytes, slots: [])
        }
        #expect(code(withImpostor) == .damaged)
        #expect(thrownCode { _ = try RepositoryState(genesis: Array("garbage".utf8)) } == .damaged)
        let wrongSubject = record().encode(subjects: [Record.Subject(name: "keyring", digest: .zero)])
        #expect(thrownCode { _ = try RepositoryState(genesis: try Chain.seal(wrongSubject, Cast.admin)) } == .damaged)
    }

    @Test(arguments: [(#""version":0"#, #""version":1"#), (#""suite":1"#, #""suite":2"#)])
    func namesUnknownVersions(_ from: String, _ to: String) throws {
        let record = record()
        let text = String(decoding: record.encode(subjects: try #require(record.subjects)), as: UTF8.self)
        let changed = text.split(separator: from, omittingEmptySubsequences: false).joined(separator: to)
        try #require(changed != text)
        #expect(
            thrownCode { _ = try RepositoryState(genesis: try Chain.seal(Array(changed.utf8), Cast.admin)) }
                == .unsupportedFormat)
    }
}
