import Testing

@testable import VaultBackup

@Suite struct ConditionTests {
    /// Applies a record that must be without effect, and checks that it counts for the sequence alone.
    private func expectUnmet(
        _ chain: inout Chain, _ body: RecordBody, _ writer: TestMember, _ condition: UnmetCondition
    ) throws {
        var expected = chain.state
        let effect = try chain.apply(body, writer)
        #expect(effect == .withoutEffect(condition))
        expected.head = chain.state.head
        expected.headDigest = chain.state.headDigest
        expected.lastCounted = LogPoint(position: expected.head, digest: expected.headDigest)
        expected.sequences[writer.member.id, default: 0] += 1
        expected.witnesses = chain.state.witnesses
        expected.irregularities.append(
            Irregularity(position: expected.head, kind: .withoutEffect, reason: condition.description))
        #expect(chain.state == expected)
        #expect(chain.state.mayWrite)
    }

    private func chain(_ records: [(RecordBody, TestMember)] = []) throws -> Chain {
        var chain = try Chain()
        for (body, writer) in records {
            let effect = try chain.apply(body, writer)
            #expect(effect == .effective)
        }
        return chain
    }

    @Test func open() throws {
        var chain = try chain([(Cast.open(1), Cast.machine)])
        let session = try #require(chain.state.sessions[Cast.session(1)])
        #expect(
            session.isOpen && session.writer == Cast.machine.member.id && session.opened == 1 && session.system == "a")
        #expect(chain.state.openSessions == [session])
        try expectUnmet(&chain, Cast.open(1), Cast.other, .sessionExists(Cast.session(1)))
        try expectUnmet(&chain, Cast.open(2, system: "c"), Cast.machine, .systemNotAllowed("c"))
        try expectUnmet(&chain, Cast.open(2, purpose: .maintenance), Cast.machine, .purposeNotAllowed(.maintenance))
        try expectUnmet(&chain, Cast.open(2), Cast.keeper, .purposeNotAllowed(.backup))
        try expectUnmet(&chain, Cast.open(2, purpose: .stream), Cast.keeper, .purposeNotAllowed(.stream))
        let later = RecordBody.open(
            OpenBody(epoch: 2, purpose: .backup, session: Cast.session(2), silence: 1, system: "a"))
        try expectUnmet(&chain, later, Cast.machine, .epochNotInForce(2))
        #expect(try chain.apply(Cast.open(2, purpose: .maintenance), Cast.keeper) == .effective)
    }

    @Test func progress() throws {
        var chain = try chain([
            (Cast.open(1), Cast.machine), (Cast.progress(1, packs: [10, 11]), Cast.machine), (Cast.open(2), Cast.other),
            (Cast.progress(2, packs: [12]), Cast.other), (Cast.progress(1, packs: [13]), Cast.machine),
            (Cast.progress(1, packs: []), Cast.machine),
        ])
        #expect(chain.state.packs.map(\.pack) == [10, 11, 12, 13].map { Sample.pack($0) })
        #expect(
            chain.state.packs.map(\.owner) == [Cast.machine, Cast.machine, Cast.other, Cast.machine].map(\.member.id))
        #expect(chain.state.sessions[Cast.session(1)]?.packs == PackSet([0, 1, 3]))
        #expect(chain.state.ordinals[Sample.digest(12)] == 2)
        try expectUnmet(&chain, Cast.progress(9, packs: [20]), Cast.machine, .noSession(Cast.session(9)))
        try expectUnmet(&chain, Cast.progress(2, packs: [20]), Cast.machine, .foreignSession(Cast.session(2)))
        try expectUnmet(
            &chain, Cast.progress(1, packs: [20, 12]), Cast.machine, .packCommittedBefore(Sample.digest(12)))
        try expectUnmet(
            &chain, Cast.progress(1, packs: [20, 20]), Cast.machine, .packCommittedBefore(Sample.digest(20)))
        var early = Sample.pack(21)
        early.epoch = 2
        try expectUnmet(
            &chain, .progress(ProgressBody(packs: [early], session: Cast.session(1))), Cast.machine,
            .packEpochNotBegun(early.name))
        chain.state.keyring.epoch = 2
        chain.state.sessions[Cast.session(1)]?.lastEpoch = 2
        try expectUnmet(&chain, Cast.progress(1, packs: [22]), Cast.machine, .packEpochOver(Sample.digest(22)))
        chain.state.sessions[Cast.session(1)]?.lastEpoch = 1
        #expect(try chain.apply(Cast.progress(1, packs: [22]), Cast.machine) == .effective)
        #expect(chain.state.sessions[Cast.session(1)]?.lastEpoch == 2)
        try chain.apply(.abort(AbortBody(session: Cast.session(1))), Cast.machine)
        try expectUnmet(&chain, Cast.progress(1, packs: [23]), Cast.machine, .sessionClosed(Cast.session(1)))
    }

    @Test func snapshot() throws {
        var chain = try chain([
            (Cast.open(1), Cast.machine), (Cast.progress(1, packs: [10, 11]), Cast.machine), (Cast.open(2), Cast.other),
            (Cast.progress(2, packs: [12]), Cast.other), (Cast.progress(1, packs: [13]), Cast.machine),
        ])
        try expectUnmet(&chain, Cast.snapshot(9, packs: [0]), Cast.machine, .noSession(Cast.session(9)))
        try expectUnmet(&chain, Cast.snapshot(2, packs: [0]), Cast.machine, .foreignSession(Cast.session(2)))
        try expectUnmet(&chain, Cast.snapshot(1, packs: [0], system: "b"), Cast.machine, .otherSystem("b"))
        try expectUnmet(&chain, Cast.snapshot(1, packs: [0, 2]), Cast.machine, .packNotEligible(ordinal: 2))
        try expectUnmet(&chain, Cast.snapshot(1, packs: [0, 4]), Cast.machine, .packNotEligible(ordinal: 4))
        let huge = RecordBody.snapshot(
            Sample.snapshot(
                session: Cast.session(1),
                packs: .inline(try PackSet(decoding: [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03]))))
        try expectUnmet(&chain, huge, Cast.machine, .packNotEligible(ordinal: 2))
        chain.state.packs[0].isSwept = true
        #expect(!chain.state.isEligible(0, for: Cast.machine.member.id))
        try expectUnmet(&chain, Cast.snapshot(1, packs: [0]), Cast.machine, .packNotEligible(ordinal: 0))
        chain.state.packs[0].isSwept = false
        chain.state.packs[0].condemned = 1
        #expect(!chain.state.isEligible(0, for: Cast.machine.member.id))
        let malformed = RecordBody.snapshot(Sample.snapshot(session: Cast.session(1), packs: .malformed([0, 0])))
        try expectUnmet(&chain, malformed, Cast.machine, .setMalformed("2 bytes that are not a set in the record"))
        #expect(try chain.apply(Cast.snapshot(1, packs: [0, 1, 3]), Cast.machine) == .effective)
        let snapshot = try #require(chain.state.snapshots.first)
        #expect(
            snapshot.id == chain.state.headDigest && snapshot.packs == PackSet([0, 1, 3])
                && snapshot.position == chain.state.head)
        #expect(!chain.state.packs[0].isCondemned, "the snapshot saves it")
        #expect(chain.state.sessions[Cast.session(1)]?.end == .snapshot)
        try expectUnmet(&chain, Cast.snapshot(1, packs: [0]), Cast.machine, .sessionClosed(Cast.session(1)))
    }

    @Test func snapshotWithASetObject() throws {
        let numbers = Array(0..<2_000)
        var chain = try chain([
            (Cast.open(1), Cast.machine), (Cast.progress(1, packs: numbers), Cast.machine),
            (Cast.progress(1, packs: numbers.map { $0 + 2_000 }), Cast.machine),
        ])
        let set = PackSet((0..<2_000).map { $0 * 2 })
        let placed = SnapshotBody.Packs.placing(set, Cast.repository)
        let object = try #require(placed.object)
        let body = RecordBody.snapshot(Sample.snapshot(session: Cast.session(1), packs: placed.packs))
        let digest = try #require(object.name.contentDigest)

        var missing = chain
        #expect(try missing.apply(body, Cast.machine) == .undecided(missingSet: digest))
        #expect(
            !missing.state.mayWrite && missing.state.snapshots.count == 1 && missing.state.snapshots[0].packs == nil)
        var damaged = chain
        damaged.sets[digest] = object.bytes + [0]
        #expect(try damaged.apply(body, Cast.machine) == .undecided(missingSet: digest))

        var unreadable = chain
        let before = unreadable.state
        let stored = try SignedRecord(unreadable.draft(body, Cast.machine), by: Cast.machine.signer).stored
        #expect(throws: StorageError.self) {
            try unreadable.state.apply(stored) { (_) throws(StorageError) in throw StorageError(.io, "test") }
        }
        #expect(unreadable.state == before)

        for bytes in [
            PackSet([1, 2]).encodeObject(Cast.repository), set.encodeObject(Sample.id(101)), object.bytes + [1],
        ] {
            var other = chain
            other.sets[SHA256.digest(bytes)] = bytes
            let body = RecordBody.snapshot(
                Sample.snapshot(session: Cast.session(1), packs: .object(SHA256.digest(bytes))))
            guard case .withoutEffect(.setMalformed) = try other.apply(body, Cast.machine) else {
                #expect(Bool(false))
                continue
            }
        }

        chain.sets[digest] = object.bytes
        #expect(try chain.apply(body, Cast.machine) == .effective)
        #expect(chain.state.snapshots[0].packs == set)
    }

    @Test func abort() throws {
        var chain = try chain([(Cast.open(1), Cast.machine), (Cast.open(2), Cast.other)])
        func abort(_ n: Int) -> RecordBody { .abort(AbortBody(session: Cast.session(n))) }
        try expectUnmet(&chain, abort(9), Cast.machine, .noSession(Cast.session(9)))
        try expectUnmet(&chain, abort(2), Cast.machine, .foreignSession(Cast.session(2)))
        #expect(try chain.apply(abort(1), Cast.machine) == .effective)
        #expect(try chain.apply(abort(2), Cast.admin) == .effective)
        #expect(chain.state.sessions[Cast.session(2)]?.end == .abort)
        try expectUnmet(&chain, abort(2), Cast.admin, .sessionClosed(Cast.session(2)))
        #expect(chain.state.openSessions.isEmpty)
    }

    @Test func expire() throws {
        var chain = try chain([(Cast.open(1, silence: 60), Cast.machine)])
        let expire = RecordBody.expire(ExpireBody(session: Cast.session(1)))
        let start = chain.time.milliseconds
        chain.time = Timestamp(milliseconds: start + 30_000)
        try chain.apply(Cast.progress(1, packs: []), Cast.machine)
        chain.time = Timestamp(milliseconds: start + 80_000)
        try expectUnmet(&chain, Cast.progress(1, packs: [1, 1]), Cast.machine, .packCommittedBefore(Sample.digest(1)))
        chain.time = Timestamp(milliseconds: start + 90_000)
        try expectUnmet(&chain, expire, Cast.keeper, .sessionNotSilent(Cast.session(1)))
        chain.time = Timestamp(milliseconds: start + 90_001)
        #expect(try chain.apply(expire, Cast.keeper) == .effective)
        #expect(chain.state.sessions[Cast.session(1)]?.end == .expire)
        try expectUnmet(&chain, expire, Cast.keeper, .sessionClosed(Cast.session(1)))
        try expectUnmet(
            &chain, .expire(ExpireBody(session: Cast.session(9))), Cast.keeper, .noSession(Cast.session(9)))
    }

    @Test func expireOfAnEndlessSilenceDoesNotOverflow() throws {
        var chain = try chain([(Cast.open(1, silence: CanonicalJSON.integerMax), Cast.machine)])
        chain.time = Timestamp(milliseconds: .max)
        try expectUnmet(
            &chain, .expire(ExpireBody(session: Cast.session(1))), Cast.keeper, .sessionNotSilent(Cast.session(1)))
    }
}
