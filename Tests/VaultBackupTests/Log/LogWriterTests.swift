import Dispatch
import Synchronization
import Testing

@testable import VaultBackup

@Suite struct LogWriterTests {
    private let store = TestStore()
    private let clock = TestClock()

    private func published(_ writer: LogWriter, _ body: RecordBody, _ member: TestMember = Cast.machine) throws
        -> PublishedRecord
    {
        try writer.publish(body, by: member.signer)
    }

    /// Reads the log anew, and checks that each record names the one before it.
    private func reopen() throws -> RepositoryState {
        let state = try LogReader(store: store).open().state
        var previous = Digest.zero
        for position in 0...state.head {
            let stored = try #require(try store.get(.record(position)))
            #expect(try SignedRecord(decoding: stored).record.previous == previous)
            previous = SHA256.digest(stored)
        }
        #expect(state.headDigest == previous)
        return state
    }

    @Test func createsOnce() throws {
        let writer = try Cast.writer(store, clock)
        #expect(writer.state.head == 0)
        #expect(try LogReader(store: store).open(anchor: writer.state.anchor).state == writer.state)
        #expect(thrownCode { _ = try Cast.writer(TestStore(store.objects), TestClock()) } == nil)
        clock.advance(seconds: 1)
        #expect(thrownCode { _ = try Cast.writer(store, clock) } == .failed)
        let unfit = TestStore()
        #expect(
            thrownCode {
                _ = try LogWriter.create(
                    Cast.repository, Cast.genesis(clock), in: unfit, by: Cast.machine.signer, clock: clock)
            } == .damaged)
        #expect(unfit.objects.isEmpty)
    }

    @Test func publishesASession() throws {
        let writer = try Cast.writer(store, clock)
        _ = try published(writer, Cast.open(1))
        _ = try published(writer, Cast.progress(1, packs: [1, 2]))
        let snapshot = try published(writer, Cast.snapshot(1, packs: [0, 1]))
        #expect(snapshot.position == 3 && snapshot.record.sequence == 2)
        let state = try reopen()
        #expect(state == writer.state)
        #expect(state.snapshots.map(\.id) == [snapshot.digest])
        #expect(state.irregularities.isEmpty)
    }

    @Test func refusesWhatWouldHaveNoEffect() throws {
        let writer = try Cast.writer(store, clock)
        _ = try published(writer, Cast.open(1))
        let count = store.objects.count
        func code(_ body: RecordBody, _ member: TestMember = Cast.machine) -> VaultError.Code? {
            thrownCode { _ = try published(writer, body, member) }
        }
        #expect(code(Cast.open(1)) == .sessionConflict)
        #expect(code(Cast.open(2, system: "z")) == .notAllowed)
        #expect(code(Cast.open(2), Cast.auditor) == .notAllowed)
        #expect(code(Cast.open(2), Cast.stranger) == .wrongIdentity)
        #expect(code(Cast.open(2), TestMember(2, "machine", roles: [.write])) == nil)
        #expect(code(Cast.progress(1, packs: [1]), Cast.other) == .notAllowed)
        #expect(code(Cast.progress(7, packs: [1])) == .sessionConflict)
        #expect(code(Cast.snapshot(1, packs: [0])) == .failed)
        #expect(code(.expire(ExpireBody(session: Cast.session(1))), Cast.keeper) == .sessionConflict)
        #expect(code(.genesis(Cast.genesis(clock)), Cast.admin) == .notAllowed)
        #expect(code(.unknown(kind: "hold"), Cast.admin) == .failed)
        let missing = SnapshotBody.Packs.object(Sample.digest(1))
        #expect(code(.snapshot(Sample.snapshot(session: Cast.session(1), packs: missing))) == .damaged)
        let long = String(repeating: "x", count: Limits.recordBytesMax)
        #expect(code(Cast.open(3, system: long), Cast.other) == .failed)
        let mixed = Signer(member: Cast.machine.member.id, seed: Cast.other.signer.seed)
        #expect(thrownCode { _ = try writer.publish(Cast.open(4), by: mixed) } == .wrongIdentity)
        #expect(store.objects.count == count + 1)
        #expect(try reopen().irregularities.isEmpty)
    }

    @Test func refusesToWriteWhatItDoesNotUnderstand() throws {
        let writer = try Cast.writer(store, clock)
        var chain = try Chain()
        chain.state = writer.state
        let record = chain.draft(.abort(AbortBody(session: Cast.session(1))), Cast.admin)
        let text = String(decoding: record.encode(subjects: try #require(record.subjects)), as: UTF8.self)
        let unknown = text.split(separator: #""kind":"abort""#).joined(separator: #""kind":"audit""#)
        store.set(.record(1), try Chain.seal(Array(unknown.utf8), Cast.admin))
        #expect(thrownCode { _ = try published(writer, Cast.open(1)) } == .unsupportedFormat)
        #expect(store.objects.count == 2)
    }

    @Test func replaysOthersBeforeItRefuses() throws {
        let first = try Cast.writer(store, clock)
        let second = LogWriter(reader: LogReader(store: store), state: first.state, clock: clock)
        _ = try published(first, Cast.open(1))
        _ = try published(second, Cast.progress(1, packs: [1]))
        #expect(try first.refresh().packs.count == 1)
        _ = try published(second, .abort(AbortBody(session: Cast.session(1))))
        #expect(thrownCode { _ = try published(first, Cast.progress(1, packs: [2])) } == .sessionConflict)
        #expect(try reopen().irregularities.isEmpty)
    }

    /// Eight writers at once: no record is lost, none is void or without effect, and the chain holds.
    @Test(arguments: [false, true]) func concurrentWriters(_ areShared: Bool) throws {
        let shared = try Cast.writer(store, clock)
        let start = shared.state
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            let writer = areShared ? shared : LogWriter(reader: LogReader(store: store), state: start, clock: clock)
            let member = thread % 2 == 0 ? Cast.machine : Cast.other
            do {
                _ = try published(writer, Cast.open(thread), member)
                for round in 0..<6 {
                    _ = try published(writer, Cast.progress(thread, packs: [thread * 100 + round]), member)
                }
                let own = writer.state.sessions[Cast.session(thread)]?.packs ?? PackSet()
                let snapshot = Sample.snapshot(session: Cast.session(thread), packs: .inline(own))
                _ = try published(writer, .snapshot(snapshot), member)
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        let state = try reopen()
        #expect(state.head == 8 * 8)
        #expect(state.irregularities.isEmpty)
        #expect(state.snapshots.count == 8 && state.packs.count == 48)
        #expect(state.snapshots.allSatisfy { $0.packs?.count == 6 })
    }
}
