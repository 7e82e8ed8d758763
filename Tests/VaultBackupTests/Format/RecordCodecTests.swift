import Testing
import VaultBackup

@Suite struct RecordCodecTests {
    private static let session: SessionID = Sample.id(50)

    private static let bodies: [RecordBody] = [
        .genesis(GenesisBody(created: Timestamp(milliseconds: 1_700_000_000_000), keyring: Sample.keyring())),
        .open(OpenBody(epoch: 1, purpose: .stream, session: session, silence: 604_800, system: "a")),
        .progress(ProgressBody(index: [Sample.digest(70)], packs: [Sample.pack(1), Sample.pack(5)], session: session)),
        .progress(ProgressBody(packs: [], session: session)),
        .snapshot(Sample.snapshot(session: session, packs: .inline(PackSet([0, 1, 2, 9])))),
        .snapshot(Sample.snapshot(session: session, packs: .object(Sample.digest(71)))),
        .abort(AbortBody(session: session)),
        .expire(ExpireBody(session: session)),
        .drill(Sample.drill(packs: PackSet([0, 1, 7]))),
        .drill(Sample.drill(packs: PackSet(), verdict: .notProven)),
        .attest(AttestBody(method: .verify, packs: PackSet([3]))),
        .promote(PromoteBody(copy: Sample.id(51), reason: "fire")),
        .access(AccessBody([(Sample.digest(70), "web"), (Sample.digest(69), "db")], purpose: .find, reason: "ünï")),
        .access(AccessBody([], purpose: .recover)),
        .access(AccessBody([(Sample.digest(70), "web"), (Sample.digest(70), "web")], purpose: .diff)),
        .access(
            AccessBody((0..<300).map { (SHA256.digest([UInt8($0 % 250), UInt8($0 / 250)]), "s\($0)") }, purpose: .find)),
        .token(TokenBody(.issued, device: "card", serial: "0042", holder: Sample.id(52), reason: "first day")),
        .token(TokenBody(.returned, device: "card", serial: "0042", holder: Sample.id(52))),
        .forget(ForgetBody(snapshots: [Sample.digest(71), Sample.digest(70)], reason: "ünï")),
        .recall(ForgetBody(snapshots: [Sample.digest(70)])),
        .hold(HoldBody(snapshot: Sample.digest(70), reason: "kept")),
        .hold(HoldBody(snapshot: Sample.digest(70), reason: "", until: Timestamp(milliseconds: 1_800_000_000_000))),
        .release(ReleaseBody(hold: Sample.digest(72), reason: "done")),
        .condemn(PruneBody(packs: PackSet([0, 5]))),
        .sweep(PruneBody(packs: PackSet([5]))),
        .compact(
            CompactBody(
                basis: 4, maps: [Sample.digest(70): Sample.digest(73), Sample.digest(71): Sample.digest(74)],
                moves: [
                    .init(old: PackSet([3, 9]), new: PackSet([11])), .init(old: PackSet([1]), new: PackSet([10, 11])),
                ], session: session)),
        .propose(ProposeBody(order: .forget(ForgetBody(snapshots: [Sample.digest(70)], reason: "asked for")))),
        .propose(ProposeBody(order: .release(ReleaseBody(hold: Sample.digest(72))))),
        .approve(ApproveBody(proposal: Sample.digest(75))),
    ]

    @Test(arguments: bodies) func roundTrip(_ body: RecordBody) throws {
        let record = Sample.record(body)
        let subjects = record.expectedSubjects ?? [Record.Subject(name: "keyring", digest: Sample.digest(3))]
        let payload = record.encode(subjects: subjects)
        let decoded = try Record.decode(payload)
        #expect(decoded.record == record)
        #expect(decoded.subjects == subjects)
        #expect(decoded.record.encode(subjects: decoded.subjects) == payload)
    }

    /// Every field of every kind, taken away, added or of another type, makes the record unreadable.
    @Test(arguments: bodies) func rejectsChangedFields(_ body: RecordBody) throws {
        let payload = Sample.record(body).encode(subjects: [Record.Subject(name: "x", digest: .zero)])
        guard case .object(let statement) = try CanonicalJSON.decode(payload, "test"),
            case .object(let predicate)? = statement["predicate"]
        else { return #expect(Bool(false)) }
        func expectRejected(_ change: String, _ predicate: [String: JSONValue]) {
            var changed = statement
            changed["predicate"] = .object(predicate)
            #expect(throws: FormatError.self, "\(change)") { try Record.decode(CanonicalJSON.encode(.object(changed))) }
        }
        for name in predicate.keys {
            var changed = predicate
            changed[name] = nil
            expectRejected("without \(name)", changed)
            changed[name] = .bool(true)
            expectRejected("\(name) of another type", changed)
        }
        var changed = predicate
        changed["zzz"] = .integer(1)
        expectRejected("with an unknown field", changed)
        for name in statement.keys {
            var changed = statement
            changed[name] = .string("other")
            #expect(throws: FormatError.self, "\(name)") { try Record.decode(CanonicalJSON.encode(.object(changed))) }
        }
    }

    @Test func readsUnknownKindsAndVersions() throws {
        let payload = Sample.record(.abort(AbortBody(session: Self.session))).encode(subjects: [
            .init(name: "x", digest: .zero)
        ])
        let text = String(decoding: payload, as: UTF8.self)
        func kind(_ from: String, _ to: String) throws -> String {
            let parts = text.split(separator: from, omittingEmptySubsequences: false)
            try #require(parts.count == 2)
            return try Record.decode(Array(parts.joined(separator: to).utf8)).record.body.kind
        }
        #expect(try kind(#""kind":"abort""#, #""kind":"audit""#) == "audit")
        #expect(throws: FormatError.self) { try kind(#""version":0"#, #""version":1"#) }
    }

    @Test func boundsPacks() throws {
        func decode(_ change: (inout CommittedPack) -> Void) throws {
            var pack = Sample.pack(1)
            change(&pack)
            let record = Sample.record(.progress(ProgressBody(packs: [pack], session: Self.session)))
            _ = try Record.decode(record.encode(subjects: [.init(name: "x", digest: .zero)]))
        }
        #expect(throws: Never.self) { try decode { $0.length = Limits.packBytesMax } }
        #expect(throws: FormatError.self) { try decode { $0.length = Limits.packBytesMax + 1 } }
        #expect(throws: FormatError.self) { try decode { $0.segments = 65_536 } }
        #expect(throws: FormatError.self) { try decode { $0.epoch = 0 } }
        let many = (0...Limits.packsPerRecordMax).map { Sample.pack($0) }
        func decode(_ packs: ArraySlice<CommittedPack>) throws {
            let record = Sample.record(.progress(ProgressBody(packs: Array(packs), session: Self.session)))
            _ = try Record.decode(record.encode(subjects: [.init(name: "x", digest: .zero)]))
        }
        #expect(throws: Never.self) { try decode(many.dropLast()) }
        #expect(throws: FormatError.self) { try decode(many[...]) }
    }

    /// Together the moves name more packs than a number can count. Whoever can write to the store can store such a
    /// record, and nobody has checked its signature when it is read.
    @Test func rejectsMovesOfMorePacksThanCanBeCounted() throws {
        let body = CompactBody(
            basis: 0, moves: [.init(old: PackSet([0]), new: PackSet([1]))], session: Self.session)
        let payload = Sample.record(.compact(body)).encode(subjects: [.init(name: "x", digest: .zero)])
        guard case .object(var statement) = try CanonicalJSON.decode(payload, "test"),
            case .object(var predicate)? = statement["predicate"]
        else { return #expect(Bool(false)) }
        // From pack 0 on, one less than 2^53 of them.
        let all = Hex.encode([0] + [UInt8](repeating: 0xff, count: 7) + [0x0f])
        let move = JSONValue.object(["new": .string("0101"), "old": .string(all)])
        predicate["moves"] = .array(Array(repeating: move, count: 1_100))
        statement["predicate"] = .object(predicate)
        #expect(throws: FormatError.self) { try Record.decode(CanonicalJSON.encode(.object(statement))) }
    }

    @Test func fullProgressRecordFitsItsBound() throws {
        let packs = (0..<Limits.packsPerRecordMax).map { Sample.pack($0) }
        let record = Sample.record(.progress(ProgressBody(packs: packs, session: Self.session)))
        let payload = record.encode(subjects: try #require(record.expectedSubjects))
        let line = Envelope(payload: payload, signer: record.writer, signature: [UInt8](repeating: 1, count: 64))
            .encode()
        #expect(line.count <= Limits.recordBytesMax)
    }

    @Test func namesSubjectsInTheOrderOfFields() throws {
        func names(_ body: RecordBody) -> [String]? { Sample.record(body).expectedSubjects?.map(\.name) }
        func name(_ kind: String, _ n: Int) -> String {
            "\(kind)/\(Sample.digest(n).hex.prefix(2))/\(Sample.digest(n).hex)"
        }
        #expect(names(Self.bodies[1]) == ["log/previous"])
        #expect(names(Self.bodies[2]) == [name("index", 70), name("packs", 1), name("packs", 5)])
        #expect(names(Self.bodies[3]) == ["log/previous"])
        #expect(names(Self.bodies[4]) == [name("sets", 20)])
        #expect(names(Self.bodies[5]) == [name("sets", 20), name("sets", 71)])
    }

    @Test func preAuthenticationEncoding() {
        let bytes = Envelope.signedBytes(of: Array("{}".utf8))
        #expect(String(decoding: bytes, as: UTF8.self) == "DSSEv1 28 application/vnd.in-toto+json 2 {}")
    }

    @Test func envelopeIsOneFixedLine() throws {
        let envelope = Envelope(
            payload: Array("hello".utf8), signer: Sample.id(1), signature: [UInt8](repeating: 0, count: 64))
        let line = envelope.encode()
        let text =
            #"{"payload":"aGVsbG8=","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"#
            + #""11112222333344440000000000000001","sig":""# + String(repeating: "A", count: 86) + "==\"}]}\n"
        #expect(String(decoding: line, as: UTF8.self) == text)
        #expect(try Envelope(decoding: line) == envelope)
        for count in 0..<line.count {
            #expect(throws: FormatError.self) { try Envelope(decoding: Array(line.prefix(count))) }
        }
        #expect(throws: FormatError.self) { try Envelope(decoding: line + [0x0a]) }
        for k in line.indices {
            var changed = line
            changed[k] ^= 0x80
            #expect(throws: FormatError.self) { try Envelope(decoding: changed) }
            changed[k] = line[k] ^ 0x01
            guard let other = try? Envelope(decoding: changed) else { continue }
            #expect(other != envelope && other.encode() == changed)
        }
    }
}
