import Testing

@testable import VaultBackup

/// DRILL and ATTEST records: who may write them, when they have an effect, and which.
@Suite struct ProofRecordTests {
    /// Two machines with a snapshot each: packs 0 and 1 of one, pack 2 of the other.
    private func chain() throws -> Chain {
        var chain = try Chain()
        for (body, writer) in [
            (Cast.open(1), Cast.machine), (Cast.progress(1, packs: [10, 11]), Cast.machine),
            (Cast.snapshot(1, packs: [0, 1]), Cast.machine), (Cast.open(2), Cast.other),
            (Cast.progress(2, packs: [12]), Cast.other), (Cast.snapshot(2, packs: [2]), Cast.other),
        ] {
            #expect(try chain.apply(body, writer) == .effective)
        }
        return chain
    }

    private func drill(_ chain: Chain, _ snapshot: Int, packs: [Int], _ verdict: DrillVerdict = .proven) -> RecordBody {
        .drill(Sample.drill(snapshot: chain.state.snapshots[snapshot].id, packs: PackSet(packs), verdict: verdict))
    }

    @Test func drillProvesItsPacks() throws {
        var chain = try chain()
        #expect(try chain.apply(drill(chain, 0, packs: [1]), Cast.admin) == .effective)
        #expect(chain.state.packs.map(\.provenBy) == [nil, 0, nil])
        let drill = try #require(chain.state.drills.first)
        #expect(drill.system == "a" && drill.position == chain.state.head && drill.writer == Cast.admin.member.id)
        #expect(try chain.apply(self.drill(chain, 0, packs: [0, 1]), Cast.admin) == .effective)
        #expect(chain.state.packs.map(\.provenBy) == [1, 1, nil])
        #expect(try chain.apply(self.drill(chain, 1, packs: [], .failed), Cast.admin) == .effective)
        #expect(chain.state.packs.map(\.provenBy) == [1, 1, nil] && chain.state.drills.count == 3)
        #expect(chain.state.packs.allSatisfy { !$0.isAttested }, "a drill vouches for what it compared, no more")
    }

    /// What a copy has proven is on record, and says nothing of what is in the repository; the cache keeps it so.
    @Test func drillOfACopyProvesNothingHere() throws {
        var chain = try chain()
        #expect(try chain.apply(drill(chain, 0, packs: [0]), Cast.admin) == .effective)
        var body = Sample.drill(snapshot: chain.state.snapshots[0].id, packs: PackSet([0, 1]))
        let copy: CopyID = Sample.id(7)
        body.copy = copy
        #expect(try chain.apply(.drill(body), Cast.admin) == .effective)
        #expect(chain.state.packs.map(\.provenBy) == [0, nil, nil] && chain.state.drills.last?.body == body)
        #expect(try StateCache.decode(StateCache.encode(chain.state)) == chain.state)
        let record = Sample.record(.drill(body))
        let bytes = record.encode(subjects: record.expectedSubjects ?? [])
        #expect(try Record.decode(bytes).record == record)
        let text = String(decoding: bytes, as: UTF8.self)
        let changed = text.replacing("\"copy\":\"\(copy.hex)\"", with: "\"copy\":\"\"")
        #expect(changed != text)
        #expect(throws: FormatError.self) { try Record.decode(Array(changed.utf8)) }
    }

    @Test func drillOfWhatIsNotThere() throws {
        var chain = try chain()
        let unknown = RecordBody.drill(Sample.drill(packs: PackSet([0])))
        #expect(try chain.apply(unknown, Cast.admin) == .withoutEffect(.noSnapshot(Sample.digest(60))))
        let effects: [([Int], UnmetCondition)] = [
            ([2], .packNotInSnapshot(ordinal: 2)), ([1, 2], .packNotInSnapshot(ordinal: 2)),
            ([3], .packNotThere(ordinal: 3)), ([0, 1 << 40], .packNotThere(ordinal: 1 << 40)),
        ]
        for (packs, condition) in effects {
            #expect(try chain.apply(drill(chain, 0, packs: packs), Cast.admin) == .withoutEffect(condition))
        }
        #expect(chain.state.drills.isEmpty && chain.state.packs.allSatisfy { $0.provenBy == nil })
        chain.state.packs[1].swept = Timestamp(milliseconds: 0)
        let swept = try chain.apply(drill(chain, 0, packs: [0, 1]), Cast.admin)
        #expect(swept == .withoutEffect(.packNotThere(ordinal: 1)))
    }

    @Test func onlyReadersProve() throws {
        for writer in [Cast.machine, Cast.keeper, Cast.auditor] {
            for body in [drill(try chain(), 0, packs: [0]), .attest(AttestBody(method: .verify, packs: PackSet([0])))] {
                var chain = try chain()
                guard case .void(.roleNotAllowed) = try chain.apply(body, writer) else {
                    Issue.record("\(writer.member.name) may write \(body.kind)")
                    continue
                }
                #expect(chain.state.drills.isEmpty && !chain.state.packs.contains(where: \.isAttested))
            }
        }
    }

    /// Another machine may use a pack from the moment a reader vouches for it, and not before.
    @Test func attestedPacksMayBeReused() throws {
        var chain = try chain()
        let foreign = Cast.snapshot(3, packs: [0, 2])
        #expect(try chain.apply(Cast.open(3), Cast.other) == .effective)
        #expect(try chain.apply(foreign, Cast.other) == .withoutEffect(.packNotEligible(ordinal: 0)))
        let attest = RecordBody.attest(AttestBody(method: .drill, packs: PackSet([0])))
        #expect(try chain.apply(attest, Cast.admin) == .effective)
        #expect(chain.state.isEligible(0, for: Cast.other.member.id))
        #expect(!chain.state.isEligible(1, for: Cast.other.member.id))
        #expect(try chain.apply(foreign, Cast.other) == .effective)
        let absent = RecordBody.attest(AttestBody(method: .drill, packs: PackSet([0, 3])))
        #expect(try chain.apply(absent, Cast.admin) == .withoutEffect(.packNotThere(ordinal: 3)))
        chain.state.packs[0].condemned = 1
        #expect(!chain.state.isEligible(0, for: Cast.other.member.id), "attesting does not revive")
    }

    @Test func cacheKeepsProofs() throws {
        var chain = try chain()
        try chain.apply(drill(chain, 0, packs: [1]), Cast.admin)
        try chain.apply(.attest(AttestBody(method: .drill, packs: PackSet([0]))), Cast.admin)
        #expect(try StateCache.decode(StateCache.encode(chain.state)) == chain.state)
    }

    /// What cannot be said must not be readable: proven without packs, packs without being proven, an empty vouching.
    @Test func formsThatAreRejected() throws {
        let drill = Sample.record(.drill(Sample.drill(packs: PackSet([0]))))
        let failed = Sample.record(.drill(Sample.drill(packs: PackSet(), verdict: .failed)))
        let attest = Sample.record(.attest(AttestBody(method: .drill, packs: PackSet([0]))))
        for (record, old, new) in [
            (drill, #""packs":"0001""#, #""packs":"""#), (drill, #""packs":"0001""#, #""packs":"00""#),
            (failed, #""packs":"""#, #""packs":"0001""#), (attest, #""packs":"0001""#, #""packs":"""#),
            (attest, #""method":"drill""#, #""method":"guess""#), (drill, #""scope":"sample""#, #""scope":"some""#),
        ] {
            let text = String(decoding: record.encode(subjects: record.expectedSubjects ?? []), as: UTF8.self)
            #expect(throws: Never.self) { try Record.decode(Array(text.utf8)) }
            let changed = text.replacing(old, with: new)
            #expect(changed != text)
            #expect(throws: FormatError.self, "\(old) → \(new)") { try Record.decode(Array(changed.utf8)) }
        }
    }

    @Test func longSetsAreCutToWhatARecordHolds() {
        let scattered = PackSet((0..<200_000).map { $0 * 2 })
        let kept = scattered.recordable
        #expect(kept.encode().count <= PackSet.recordedBytesMax && kept.encode().count > PackSet.recordedBytesMax - 4)
        #expect(kept.runs == Array(scattered.runs.prefix(kept.runs.count)))
        #expect(PackSet([1, 2, 9]).recordable == PackSet([1, 2, 9]))
    }
}
