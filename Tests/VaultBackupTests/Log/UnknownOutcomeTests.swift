import Testing

@testable import VaultBackup

@Suite struct UnknownOutcomeTests {
    private let store = TestStore()
    private let clock = TestClock()

    /// No position was ever sent two different records.
    private func expectOneRecordPerPosition() {
        var sent: [ObjectName: Set<[UInt8]>] = [:]
        for put in store.recordPuts { sent[put.name, default: []].insert(put.bytes) }
        #expect(sent.values.allSatisfy { $0.count == 1 })
    }

    private func expectPublishedOnce(_ writer: LogWriter) throws {
        let state = try LogReader(store: store).open().state
        #expect(state == writer.state)
        #expect(state.irregularities.isEmpty)
        #expect(state.sessions.count == 1)
        expectOneRecordPerPosition()
    }

    @Test(
        arguments: [
            [.before(.outcomeUnknown)], [.after(.outcomeUnknown)], [.before(.outcomeUnknown), .after(.outcomeUnknown)],
            [.before(.outcomeUnknown), .before(.outcomeUnknown), .before(.outcomeUnknown), .before(.outcomeUnknown)],
            [.after(.io)],
        ] as [[TestStore.Fault]])
    func settles(_ faults: [TestStore.Fault]) throws {
        let writer = try Cast.writer(store, clock)
        store.failPuts(faults)
        #expect(try writer.publish(Cast.open(1), by: Cast.machine.signer).position == 1)
        try expectPublishedOnce(writer)
    }

    /// A record that can be seen after a failed put is acknowledged only when another put has found it, which makes it
    /// durable; one that can be seen but never made durable is not.
    @Test(arguments: [StorageError.Kind.outcomeUnknown, .io])
    func visibleIsNotDurable(_ kind: StorageError.Kind) throws {
        let writer = try Cast.writer(store, clock)
        store.failPuts([.after(kind)])
        #expect(try writer.publish(Cast.open(1), by: Cast.machine.signer).position == 1)
        #expect(store.recordPuts.filter { $0.name == .record(1) }.count == 2)
        store.failPuts([.after(kind)] + Array(repeating: .before(kind), count: LogWriter.putsMax - 1))
        #expect(thrownCode { _ = try writer.publish(Cast.open(2), by: Cast.machine.signer) } == .storage)
        #expect(store.objects[.record(2)] != nil)
        #expect(try writer.publish(Cast.open(2), by: Cast.machine.signer).position == 2)
        expectOneRecordPerPosition()
    }

    @Test func genesisToo() throws {
        for faults: [TestStore.Fault] in [[.before(.outcomeUnknown)], [.after(.outcomeUnknown)]] {
            let store = TestStore()
            store.failPuts(faults)
            let writer = try Cast.writer(store, clock)
            #expect(try LogReader(store: store).open().state == writer.state)
        }
    }

    @Test func takesTheNextPositionWhenAnotherWasFaster() throws {
        let writer = try Cast.writer(store, clock)
        var chain = try Chain()
        chain.state = writer.state
        let other = try SignedRecord(chain.draft(Cast.open(2), Cast.other), by: Cast.other.signer).stored
        store.failPuts([.taken(other)])
        #expect(try writer.publish(Cast.open(1), by: Cast.machine.signer).position == 2)
        let state = try LogReader(store: store).open().state
        #expect(state.sessions.count == 2 && state.irregularities.isEmpty)
        expectOneRecordPerPosition()
    }

    @Test func givesUpOnAnErrorThatIsKnown() throws {
        let writer = try Cast.writer(store, clock)
        store.failPuts([.before(.noSpace)])
        #expect(thrownCode { _ = try writer.publish(Cast.open(1), by: Cast.machine.signer) } == .storage)
        clock.advance(seconds: 5)
        _ = try writer.publish(Cast.open(1), by: Cast.machine.signer)
        #expect(try LogReader(store: store).open().state.irregularities.isEmpty)
    }

    /// The outcome cannot be found out within one call. Later calls settle it with the same bytes before they send
    /// anything else.
    @Test(arguments: [true, false], [true, false]) func staysUnknown(_ wasStored: Bool, _ isSameBody: Bool) throws {
        let writer = try Cast.writer(store, clock)
        store.failPuts([wasStored ? .after(.outcomeUnknown) : .before(.outcomeUnknown)])
        store.failReads(1)
        #expect(thrownCode { _ = try writer.publish(Cast.open(1), by: Cast.machine.signer) } == .storage)
        clock.advance(seconds: 5)
        let next = isSameBody ? Cast.open(1) : Cast.progress(1, packs: [1])
        let published = try writer.publish(next, by: Cast.machine.signer)
        #expect(published.position == (isSameBody ? 1 : 2))
        try expectPublishedOnce(writer)
        #expect(store.recordPuts.filter { $0.name == .record(1) }.count <= 2)
    }

    @Test func neverLearnsTheOutcome() throws {
        let writer = try Cast.writer(store, clock)
        store.failPuts(Array(repeating: .before(.outcomeUnknown), count: LogWriter.putsMax))
        #expect(thrownCode { _ = try writer.publish(Cast.open(1), by: Cast.machine.signer) } == .storage)
        clock.advance(seconds: 5)
        #expect(
            try writer.publish(Cast.open(1), by: Cast.machine.signer).record.time
                == Timestamp(milliseconds: 1_700_000_000_000))
        try expectPublishedOnce(writer)
    }

    /// The record took effect after the failed call, and was replayed before the next one.
    @Test func wasReplayedMeanwhile() throws {
        let writer = try Cast.writer(store, clock)
        store.failPuts([.after(.outcomeUnknown)])
        store.failReads(1)
        #expect(thrownCode { _ = try writer.publish(Cast.open(1), by: Cast.machine.signer) } == .storage)
        #expect(try writer.refresh().head == 1)
        #expect(try writer.publish(Cast.open(1), by: Cast.machine.signer).position == 1)
        try expectPublishedOnce(writer)
    }

    @Test func readsBack() throws {
        final class Forgetful: ObjectStore {
            let capabilities = StoreCapabilities(createOnly: .works, parallelCalls: 1)
            let location = "forgetful"
            func put(_ name: ObjectName, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> PutResult { .created }
            func get(_ name: ObjectName) throws(StorageError) -> [UInt8]? { nil }
            func read(_ name: ObjectName, offset: Int, into: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int?
            { nil }
            func size(_ name: ObjectName) throws(StorageError) -> Int? { nil }
            func list(_ folder: String) throws(StorageError) -> [(name: ObjectName, byteCount: Int)] { [] }
            func delete(_ name: ObjectName) throws(StorageError) {}
        }
        let state = try Cast.writer(store, clock).state
        let writer = LogWriter(reader: LogReader(store: Forgetful()), state: state, clock: clock)
        #expect(thrownCode { _ = try writer.publish(Cast.open(1), by: Cast.machine.signer) } == .storage)
    }
}
