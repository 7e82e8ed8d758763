import Testing
@testable import VaultBackup

/// A log that a test builds record by record, good and bad ones.
struct Chain {
    var state: RepositoryState
    var time = Timestamp(milliseconds: 1_700_000_000_000)
    var sets: [Digest: [UInt8]] = [:]

    init() throws {
        let store = TestStore()
        state = try Cast.writer(store).state
    }

    func draft(_ body: RecordBody, _ writer: TestMember) -> Record {
        Record(
            repository: state.repository, lineage: state.lineage, position: state.head + 1, previous: state.headDigest,
            sequence: state.nextSequence(of: writer.member.id), time: time, writer: writer.member.id, body: body)
    }

    static func seal(_ payload: [UInt8], _ writer: TestMember) throws -> [UInt8] {
        let signature = try Ed25519.sign(Envelope.signedBytes(of: payload), seed: writer.signer.seed)
        return Envelope(payload: payload, signer: writer.member.id, signature: signature).encode()
    }

    mutating func apply(_ stored: [UInt8]) throws -> RecordEffect {
        let sets = sets
        return try state.apply(stored) { (digest) throws(StorageError) in sets[digest] }
    }

    @discardableResult
    mutating func apply(_ body: RecordBody, _ writer: TestMember, change: (inout Record) -> Void = { _ in }) throws -> RecordEffect {
        var record = draft(body, writer)
        change(&record)
        return try apply(try SignedRecord(record, by: writer.signer).stored)
    }
}

@Suite struct GenesisTests {
    private func record(_ change: (inout Record, inout GenesisBody) -> Void = { _, _ in }) -> Record {
        var body = Cast.genesis(TestClock())
        var record = Record(
            repository: Cast.repository, lineage: Cast.repository, position: 0, previous: .zero, sequence: 0, time: TestClock().now(),
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
            id: Sample.id(77), name: "impostor", kind: .person, ed25519: Sample.digest(1).bytes, x25519: Sample.digest(2).bytes,
            roles: [.read])
        let withImpostor = record { _, body in
            body.keyring = Keyring(
                epoch: 1, expiryAge: 1, expiryKeep: 1, indexCommitments: [1: .zero], members: [Cast.admin.member, impostor],
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
        #expect(thrownCode { _ = try RepositoryState(genesis: try Chain.seal(Array(changed.utf8), Cast.admin)) } == .unsupportedFormat)
    }
}

@Suite struct VoidRecordTests {
    /// Applies a record that must be void, and checks that it counts for nothing but the chain.
    private func expectVoid(_ chain: inout Chain, _ stored: [UInt8], _ matches: (VoidReason) -> Bool) throws {
        var expected = chain.state
        let effect = try chain.apply(stored)
        guard case .void(let reason) = effect else {
            #expect(Bool(false), "not void: \(effect)")
            return
        }
        #expect(matches(reason), "\(reason)")
        expected.head += 1
        expected.headDigest = SHA256.digest(stored)
        expected.irregularities = chain.state.irregularities
        #expect(chain.state == expected)
        #expect(chain.state.irregularities.last == Irregularity(position: expected.head, kind: .void, reason: reason.description))
        let effective = try chain.apply(Cast.open(chain.state.head), Cast.machine)
        #expect(effective == .effective)
    }

    private func expectVoid(
        _ reason: VoidReason, _ body: RecordBody = Cast.open(999), _ writer: TestMember = Cast.machine,
        change: (inout Record) -> Void = { _ in }
    ) throws {
        var chain = try Chain()
        var record = chain.draft(body, writer)
        change(&record)
        try expectVoid(&chain, try SignedRecord(record, by: writer.signer).stored) { $0 == reason }
        #expect(chain.state.mayWrite == (reason != .wrongPlace(field: "previous")))
    }

    @Test func tooLong() throws {
        var chain = try Chain()
        let count = Limits.recordBytesMax + 1
        try expectVoid(&chain, [UInt8](repeating: 0x20, count: count)) { $0 == .tooLong(byteCount: count) }
    }

    @Test func notCanonical() throws {
        var chain = try Chain()
        let record = chain.draft(Cast.open(999), Cast.machine)
        let payload = record.encode(subjects: try #require(record.subjects))
        func isMalformed(_ reason: VoidReason) -> Bool { if case .malformed = reason { true } else { false } }
        try expectVoid(&chain, [], isMalformed)
        try expectVoid(&chain, try Chain.seal(payload + [0x20], Cast.machine), isMalformed)
        try expectVoid(&chain, try Chain.seal([], Cast.machine), isMalformed)
        let stored = try Chain.seal(payload, Cast.machine)
        try expectVoid(&chain, stored.dropLast(), isMalformed)
        let other = String(decoding: payload, as: UTF8.self).split(separator: #""silence":86400,"#).joined()
        try expectVoid(&chain, try Chain.seal(Array(other.utf8), Cast.machine), isMalformed)
    }

    @Test func notOfItsPlace() throws {
        try expectVoid(.wrongPlace(field: "position")) { $0.position += 1 }
        try expectVoid(.wrongPlace(field: "previous")) { $0.previous = .zero }
        try expectVoid(.wrongPlace(field: "repository")) { $0.repository = Sample.id(101) }
        try expectVoid(.wrongPlace(field: "lineage")) { $0.lineage = Sample.id(101) }
    }

    @Test func notSignedByItsWriter() throws {
        try expectVoid(.notAMember(Cast.stranger.member.id), Cast.open(999), Cast.stranger)
        try expectVoid(.badSignature) { $0.writer = Cast.other.member.id }
        var chain = try Chain()
        let signed = try SignedRecord(chain.draft(Cast.open(999), Cast.machine), by: Cast.machine.signer)
        for k in [0, 31, 32, 63] {
            var signature = signed.envelope.signature
            signature[k] ^= 1
            let envelope = Envelope(payload: signed.envelope.payload, signer: signed.envelope.signer, signature: signature)
            var chain = chain
            try expectVoid(&chain, envelope.encode()) { $0 == .badSignature }
        }
        let forged = try Ed25519.sign(Envelope.signedBytes(of: signed.envelope.payload), seed: Cast.other.signer.seed)
        let envelope = Envelope(payload: signed.envelope.payload, signer: signed.envelope.signer, signature: forged)
        try expectVoid(&chain, envelope.encode()) { $0 == .badSignature }
    }

    @Test func notTheNextOfItsWriter() throws {
        try expectVoid(.wrongSequence(expected: 0, found: 1)) { $0.sequence = 1 }
        try expectVoid(.wrongSequence(expected: 1, found: 0), Cast.open(999), Cast.admin) { $0.sequence = 0 }
    }

    @Test func otherSubjects() throws {
        var chain = try Chain()
        for subjects in [
            [Record.Subject(name: "log/previous", digest: .zero)], [Record.Subject(name: "log/other", digest: chain.state.headDigest)],
        ] {
            var chain = chain
            let payload = chain.draft(Cast.open(999), Cast.machine).encode(subjects: subjects)
            try expectVoid(&chain, try Chain.seal(payload, Cast.machine)) { $0 == .wrongSubjects }
        }
        try chain.apply(Cast.open(1), Cast.machine)
        let record = chain.draft(Cast.progress(1, packs: [1, 2]), Cast.machine)
        let payload = record.encode(subjects: try #require(record.subjects).reversed())
        try expectVoid(&chain, try Chain.seal(payload, Cast.machine)) { $0 == .wrongSubjects }
    }

    @Test(arguments: [
        (Cast.auditor, Cast.open(1)), (Cast.auditor, Cast.progress(1, packs: [])), (Cast.auditor, Cast.snapshot(1, packs: [])),
        (Cast.keeper, Cast.snapshot(1, packs: [])), (Cast.keeper, .abort(AbortBody(session: Cast.session(1)))),
        (Cast.auditor, .abort(AbortBody(session: Cast.session(1)))), (Cast.machine, .expire(ExpireBody(session: Cast.session(1)))),
        (Cast.auditor, .expire(ExpireBody(session: Cast.session(1)))),
    ])
    func roleNotAllowed(_ writer: TestMember, _ body: RecordBody) throws {
        try expectVoid(.roleNotAllowed(kind: body.kind), body, writer)
    }

    /// A record signed for this place, but after other bytes than stand before it, shows that those were altered.
    @Test func alteredRecordStopsWriting() throws {
        var chain = try Chain()
        var intact = chain
        let first = try SignedRecord(chain.draft(Cast.open(1), Cast.machine), by: Cast.machine.signer).stored
        _ = try intact.apply(first)
        let second = try SignedRecord(intact.draft(Cast.open(2), Cast.other), by: Cast.other.signer).stored
        var damaged = first
        damaged[20] ^= 1
        _ = try chain.apply(damaged)
        #expect(chain.state.mayWrite)
        #expect(try chain.apply(second) == .void(.wrongPlace(field: "previous")))
        #expect(!chain.state.mayWrite)
        #expect(chain.state.irregularities.contains { $0.position == 1 && $0.kind == .alteredRecord })
    }

    @Test func unknownKindCountsAndStopsWriting() throws {
        var chain = try Chain()
        let text = String(
            decoding: chain.draft(.abort(AbortBody(session: Cast.session(1))), Cast.auditor)
                .encode(subjects: [Record.Subject(name: "anything", digest: .zero)]), as: UTF8.self)
        let payload = text.split(separator: #""kind":"abort""#).joined(separator: #""kind":"audit""#)
        #expect(try chain.apply(try Chain.seal(Array(payload.utf8), Cast.auditor)) == .unknownKind("audit"))
        #expect(chain.state.nextSequence(of: Cast.auditor.member.id) == 1)
        #expect(!chain.state.mayWrite)
        #expect(try chain.apply(Cast.open(1), Cast.machine) == .effective)
    }
}
