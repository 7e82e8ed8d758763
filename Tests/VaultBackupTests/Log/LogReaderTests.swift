import Testing

@testable import VaultBackup

@Suite struct LogReaderTests {
    @Test func saysWhatIsNotThere() throws {
        let store = TestStore()
        #expect(thrownCode { _ = try LogReader(store: store).open() } == .repositoryNotFound)
        store.failReads(1)
        #expect(thrownCode { _ = try LogReader(store: store).open() } == .storage)
        let repository = try TestRepository(sessions: 1)
        repository.store.set(.record(0), nil)
        #expect(thrownCode { _ = try repository.reader.open() } == .damaged)
    }

    @Test func checksTheAnchor() throws {
        let repository = try TestRepository()
        let anchor = repository.writer.state.anchor
        #expect(try repository.reader.open(anchor: anchor).isFirstUse == false)
        #expect(try repository.reader.open().isFirstUse)
        #expect(thrownCode { _ = try repository.reader.open(anchor: Sample.digest(1)) } == .wrongIdentity)
    }

    /// A listing may lag behind what was stored; what is there is found by reading.
    @Test func aListingThatLagsHidesNoRecord() throws {
        let repository = try TestRepository(sessions: 2)
        let head = repository.writer.state.head
        for first in 1...head {
            let store = TestStore(repository.store.objects)
            store.leaveUnlisted(Set((first...head).map { ObjectName.record($0) }))
            #expect(try store.list("log").count == first)
            let state = try LogReader(store: store).open().state
            #expect(state.head == head && state.mayWrite && state.irregularities.isEmpty)
        }
    }

    /// Whatever record below the head is missing: it is named, and nothing may be written.
    @Test func missingRecords() throws {
        let repository = try TestRepository()
        let head = repository.writer.state.head
        for position in 1..<head {
            let store = TestStore(repository.store.objects)
            store.set(.record(position), nil)
            let state = try LogReader(store: store).open().state
            #expect(state.head == position - 1 && !state.mayWrite)
            #expect(
                state.irregularities.map(\.position) == [position] && state.irregularities[0].kind == .missingRecord)
            let writer = LogWriter(reader: LogReader(store: store), state: state, clock: TestClock())
            #expect(thrownCode { _ = try writer.publish(Cast.open(99), by: Cast.machine.signer) } == .damaged)
        }
    }

    /// Whatever byte of a record below the head changes: nothing may be written.
    @Test func alteredRecords() throws {
        let repository = try TestRepository()
        for position in 1..<repository.writer.state.head {
            let stored = try #require(repository.store.objects[.record(position)])
            for offset in stride(from: 0, to: stored.count, by: 101) {
                var changed = stored
                changed[offset] ^= 4
                let store = TestStore(repository.store.objects)
                store.set(.record(position), changed)
                let state = try LogReader(store: store).open().state
                #expect(
                    !state.mayWrite
                        && state.irregularities.contains { $0.position == position && $0.kind == .alteredRecord })
            }
        }
    }

    @Test func refusesARolledBackLog() throws {
        let repository = try TestRepository()
        let pin = Pin(repository.writer.state)
        #expect(throws: Never.self) { try repository.reader.open(pin: pin) }
        for head in 0..<pin.point.position {
            let objects = repository.store.objects.filter { ($0.key.recordPosition ?? 0) <= head }
            #expect(thrownCode { _ = try LogReader(store: TestStore(objects)).open(pin: pin) } == .rolledBack)
        }
        try repository.backUp(7)
        #expect(throws: Never.self) { try repository.reader.open(pin: pin) }
    }

    @Test func refusesAForkedLog() throws {
        let repository = try TestRepository(sessions: 1)
        let fork = TestStore(repository.store.objects)
        let writer = LogWriter(reader: LogReader(store: fork), state: repository.writer.state, clock: TestClock())
        for n in 50..<54 { _ = try writer.publish(Cast.open(n), by: Cast.other.signer) }
        try repository.backUp(5)
        let pin = Pin(repository.writer.state)
        #expect(thrownCode { _ = try LogReader(store: fork).open(pin: pin) } == .rolledBack)
        #expect(thrownCode { _ = try repository.reader.open(pin: Pin(writer.state)) } == .rolledBack)
        let elsewhere = Pin(lineage: Sample.id(1), point: pin.point)
        #expect(thrownCode { _ = try repository.reader.open(pin: elsewhere) } == .rolledBack)
    }

    /// The pinned record itself is untouched, but one that it vouches for is not: mangled or missing, it is damage,
    /// with which restoring goes on and writing does not.
    @Test(arguments: [Array("other".utf8), nil]) func damageBelowThePinIsNoOtherHistory(_ content: [UInt8]?) throws {
        let repository = try TestRepository()
        let pin = Pin(repository.writer.state)
        for position in 1..<pin.point.position {
            let store = TestStore(repository.store.objects)
            store.set(.record(position), content)
            let state = try LogReader(store: store).open(pin: pin).state
            #expect(!state.mayWrite)
            #expect(state.irregularities.contains { $0.position == position && $0.kind.isDamage })
        }
    }

    /// A signed record in the place of another, below a pinned one that is untouched, is no accident.
    @Test func refusesAHistoryChangedBelowThePin() throws {
        let repository = try TestRepository()
        let pin = Pin(repository.writer.state)
        for position in 1..<pin.point.position {
            let objects = repository.store.objects
            let store = TestStore(objects.filter { ($0.key.recordPosition ?? 0) < position })
            let before = try LogReader(store: store).open().state
            let writer = LogWriter(reader: LogReader(store: store), state: before, clock: TestClock())
            _ = try writer.publish(Cast.open(900), by: Cast.other.signer)
            for (name, bytes) in objects where (name.recordPosition ?? 0) > position { store.set(name, bytes) }
            #expect(thrownCode { _ = try LogReader(store: store).open(pin: pin) } == .rolledBack)
        }
    }

    @Test func pinIgnoresVoidRecords() throws {
        let repository = try TestRepository(sessions: 1)
        repository.store.set(.record(4), Array("garbage".utf8))
        let state = try repository.writer.refresh()
        #expect(state.head == 4 && Pin(state).point.position == 3)
        try repository.backUp(8)
        #expect(try repository.reader.open(pin: Pin(state)).state.snapshots.count == 2)
    }
}
