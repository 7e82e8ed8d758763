import Testing

@testable import VaultBackup

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
        #expect(
            chain.state.irregularities.last
                == Irregularity(position: expected.head, kind: .void, reason: reason.description))
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
            let envelope = Envelope(
                payload: signed.envelope.payload, signer: signed.envelope.signer, signature: signature)
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
            [Record.Subject(name: "log/previous", digest: .zero)],
            [Record.Subject(name: "log/other", digest: chain.state.headDigest)],
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
        (Cast.admin, .genesis(Cast.genesis(TestClock()))), (Cast.auditor, Cast.open(1)),
        (Cast.auditor, Cast.progress(1, packs: [])),
        (Cast.auditor, Cast.snapshot(1, packs: [])),
        (Cast.keeper, Cast.snapshot(1, packs: [])), (Cast.keeper, .hold(HoldBody(snapshot: .zero, reason: ""))),
        (Cast.auditor, .abort(AbortBody(session: Cast.session(1)))),
        (Cast.machine, .expire(ExpireBody(session: Cast.session(1)))),
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
