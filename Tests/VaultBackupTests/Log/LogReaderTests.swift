import Testing
@testable import VaultBackup

/// A repository with a few sessions.
private struct Repository {
    let store = TestStore()
    let clock = TestClock()
    let writer: LogWriter

    init(sessions: Int = 2) throws {
        writer = try Cast.writer(store, clock)
        for n in 0..<sessions { try backUp(n) }
    }

    func backUp(_ n: Int) throws {
        clock.advance(seconds: 60)
        _ = try writer.publish(Cast.open(n), by: Cast.machine.signer)
        _ = try writer.publish(Cast.progress(n, packs: [n * 10, n * 10 + 1]), by: Cast.machine.signer)
        let own = writer.state.sessions[Cast.session(n)]?.packs ?? PackSet()
        let snapshot = Sample.snapshot(session: Cast.session(n), packs: .inline(own))
        _ = try writer.publish(.snapshot(snapshot), by: Cast.machine.signer)
    }

    var reader: LogReader { LogReader(store: store) }
}

@Suite struct LogReaderTests {
    @Test func saysWhatIsNotThere() throws {
        let store = TestStore()
        #expect(thrownCode { _ = try LogReader(store: store).open() } == .repositoryNotFound)
        store.failReads(1)
        #expect(thrownCode { _ = try LogReader(store: store).open() } == .storage)
        let repository = try Repository(sessions: 1)
        repository.store.set(.record(0), nil)
        #expect(thrownCode { _ = try repository.reader.open() } == .damaged)
    }

    @Test func checksTheAnchor() throws {
        let repository = try Repository()
        let anchor = repository.writer.state.anchor
        #expect(try repository.reader.open(anchor: anchor).isFirstUse == false)
        #expect(try repository.reader.open().isFirstUse)
        #expect(thrownCode { _ = try repository.reader.open(anchor: Sample.digest(1)) } == .failed)
    }

    /// Whatever record below the head is missing: it is named, and nothing may be written.
    @Test func missingRecords() throws {
        let repository = try Repository()
        let head = repository.writer.state.head
        for position in 1..<head {
            let store = TestStore(repository.store.objects)
            store.set(.record(position), nil)
            let state = try LogReader(store: store).open().state
            #expect(state.head == position - 1 && !state.mayWrite)
            #expect(state.irregularities.map(\.position) == [position] && state.irregularities[0].kind == .missingRecord)
            let writer = LogWriter(reader: LogReader(store: store), state: state, clock: TestClock())
            #expect(thrownCode { _ = try writer.publish(Cast.open(99), by: Cast.machine.signer) } == .damaged)
        }
    }

    /// Whatever byte of a record below the head changes: nothing may be written.
    @Test func alteredRecords() throws {
        let repository = try Repository()
        for position in 1..<repository.writer.state.head {
            let stored = try #require(repository.store.objects[.record(position)])
            for offset in stride(from: 0, to: stored.count, by: 101) {
                var changed = stored
                changed[offset] ^= 4
                let store = TestStore(repository.store.objects)
                store.set(.record(position), changed)
                let state = try LogReader(store: store).open().state
                #expect(!state.mayWrite && state.irregularities.contains { $0.position == position && $0.kind == .alteredRecord })
            }
        }
    }

    @Test func refusesARolledBackLog() throws {
        let repository = try Repository()
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
        let repository = try Repository(sessions: 1)
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

    /// The pinned record itself is untouched, but one that it vouches for is not.
    @Test func refusesAHistoryChangedBelowThePin() throws {
        let repository = try Repository()
        let pin = Pin(repository.writer.state)
        for position in 1..<pin.point.position {
            let store = TestStore(repository.store.objects)
            store.set(.record(position), Array("other".utf8))
            #expect(thrownCode { _ = try LogReader(store: store).open(pin: pin) } == .rolledBack)
        }
    }

    @Test func pinIgnoresVoidRecords() throws {
        let repository = try Repository(sessions: 1)
        repository.store.set(.record(4), Array("garbage".utf8))
        let state = try repository.writer.refresh()
        #expect(state.head == 4 && Pin(state).point.position == 3)
        try repository.backUp(8)
        #expect(try repository.reader.open(pin: Pin(state)).state.snapshots.count == 2)
    }
}

@Suite struct PinTests {
    private let pin = Pin(lineage: Sample.id(1), point: LogPoint(position: 42, digest: Sample.digest(1)))

    @Test func roundTrip() throws {
        #expect(try Pin(decoding: pin.encode()) == pin)
        let bytes = pin.encode()
        for k in bytes.indices { #expect(throws: FormatError.self) { try Pin(decoding: Array(bytes.prefix(k))) } }
        #expect(throws: FormatError.self) { try Pin(decoding: bytes + [0x0a]) }
        let other = String(decoding: bytes, as: UTF8.self).split(separator: #""version":0"#).joined(separator: #""version":1"#)
        #expect(throws: FormatError.self) { try Pin(decoding: Array(other.utf8)) }
    }

    @Test func movesUpOnly() throws {
        let files = TestFiles()
        let file = PinFile(files: files)
        #expect(try file.load() == nil)
        let repository = try Repository(sessions: 1)
        let early = repository.writer.state
        try repository.backUp(5)
        try file.advance(to: repository.writer.state)
        try file.advance(to: early)
        #expect(try file.load() == Pin(repository.writer.state))
        try files.write(PinFile.fileName, Array("{}".utf8))
        #expect(thrownCode { _ = try file.load() } == .damaged)
        #expect(thrownCode { try file.advance(to: early) } == .damaged)
    }
}

@Suite struct StateCacheTests {
    private let files = TestFiles()
    private var cache: StateCache { StateCache(files: files) }

    @Test func warmEqualsCold() throws {
        let repository = try Repository(sessions: 6)
        repository.store.set(.record(19), Array("garbage".utf8))
        let cold = try repository.reader.open(cache: cache)
        #expect(cold.recordsReplayed == 20 && files.read(StateCache.fileName) != nil)
        let warm = try repository.reader.open(cache: cache)
        #expect(warm.recordsReplayed == 0 && warm.state == cold.state)
        try repository.backUp(9)
        let later = try repository.reader.open(cache: cache)
        #expect(later.recordsReplayed == 3)
        #expect(try later.state == repository.reader.open().state)
    }

    @Test func codesEveryPartOfAState() throws {
        var chain = try Chain()
        try chain.apply(Cast.open(1, purpose: .stream, system: "ünï", silence: 5), Cast.other)
        try chain.apply(Cast.progress(1, packs: [1, 2, 3]), Cast.other)
        try chain.apply(Cast.open(2), Cast.machine)
        try chain.apply(Cast.snapshot(1, packs: [0, 2], system: "ünï"), Cast.other)
        try chain.apply(Cast.open(3), Cast.machine)
        let body = RecordBody.snapshot(Sample.snapshot(session: Cast.session(3), packs: .object(Sample.digest(4))))
        try chain.apply(body, Cast.machine)
        try chain.apply(Cast.open(2), Cast.machine)
        try chain.apply(.abort(AbortBody(session: Cast.session(2))), Cast.machine)
        chain.state.packs[1].isSwept = true
        chain.state.packs[2].isCondemned = true
        #expect(chain.state.snapshots.count == 2 && chain.state.irregularities.count == 2)
        #expect(try StateCache.decode(StateCache.encode(chain.state)) == chain.state)
    }

    /// A cache damaged at any byte, or cut off anywhere, changes nothing but the time it takes.
    @Test func damagedCacheIsDropped() throws {
        let repository = try Repository(sessions: 1)
        let state = repository.writer.state
        let stored = StateCache.encode(state)
        for k in stored.indices {
            var changed = stored
            changed[k] ^= 0x10
            try files.write(StateCache.fileName, changed)
            #expect(cache.load(anchor: state.anchor) == nil)
            try files.write(StateCache.fileName, Array(stored.prefix(k)))
            #expect(cache.load(anchor: state.anchor) == nil)
        }
        for k in [0, 4, 100, stored.count - 1] {
            var changed = stored
            changed[k] ^= 0x10
            try files.write(StateCache.fileName, changed)
            #expect(try repository.reader.open(cache: cache).state == state)
        }
        try files.write(StateCache.fileName, stored)
        #expect(cache.load(anchor: state.anchor) == state)
    }

    @Test func foreignCacheIsDropped() throws {
        let repository = try Repository(sessions: 1)
        let other = try LogWriter.create(
            Sample.id(777), Cast.genesis(TestClock()), in: TestStore(), by: Cast.admin.signer, clock: TestClock())
        try cache.save(other.state)
        #expect(try repository.reader.open(cache: cache).state == repository.writer.state)
    }

    /// The store wins: a cache of a history that the store no longer has is not used.
    @Test func cacheOfAnotherHistoryIsDropped() throws {
        let repository = try Repository(sessions: 1)
        let fork = TestStore(repository.store.objects)
        let writer = LogWriter(reader: LogReader(store: fork), state: repository.writer.state, clock: TestClock())
        _ = try writer.publish(Cast.open(50), by: Cast.other.signer)
        try repository.backUp(5)
        try cache.save(repository.writer.state)
        #expect(try LogReader(store: fork).open(cache: cache).state == writer.state)
        let rolledBack = TestStore(fork.objects.filter { ($0.key.recordPosition ?? 0) <= 2 })
        #expect(try LogReader(store: rolledBack).open(cache: cache).state.head == 2)
    }

    @Test func missingRecordAboveTheCachedHeadIsNoticed() throws {
        let repository = try Repository(sessions: 6)
        _ = try repository.reader.open(cache: cache)
        try repository.backUp(9)
        repository.store.set(.record(19), nil)
        let state = try repository.reader.open(cache: cache).state
        #expect(state.head == 18 && !state.mayWrite)
    }
}
