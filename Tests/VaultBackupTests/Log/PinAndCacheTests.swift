import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct PinTests {
    private let pin = Pin(lineage: Sample.id(1), point: LogPoint(position: 42, digest: Sample.digest(1)))

    @Test func roundTrip() throws {
        #expect(try Pin(decoding: pin.encode()) == pin)
        let bytes = pin.encode()
        for k in bytes.indices { #expect(throws: FormatError.self) { try Pin(decoding: Array(bytes.prefix(k))) } }
        #expect(throws: FormatError.self) { try Pin(decoding: bytes + [0x0a]) }
        let other = String(decoding: bytes, as: UTF8.self).split(separator: #""version":0"#).joined(
            separator: #""version":1"#)
        #expect(throws: FormatError.self) { try Pin(decoding: Array(other.utf8)) }
    }

    @Test func movesUpOnly() throws {
        let files = TestFiles()
        let file = PinFile(files: files)
        #expect(try file.load() == nil)
        let repository = try TestRepository(sessions: 1)
        let early = repository.writer.state
        try repository.backUp(5)
        try file.advance(to: repository.writer.state)
        try file.advance(to: early)
        #expect(try file.load() == Pin(repository.writer.state))
        try files.write(PinFile.fileName, Array("{}".utf8))
        #expect(thrownCode { _ = try file.load() } == .damaged)
        #expect(thrownCode { try file.advance(to: early) } == .damaged)
    }

    /// To go on as if there were none would undo its protection.
    @Test func aPinThatCannotBeReadIsAnError() {
        struct Failing: LocalFiles {
            func read(_ name: String) throws -> [UInt8]? { throw SystemError(errno: 5, operation: "read") }
            func write(_ name: String, _ bytes: [UInt8]) throws {}
        }
        #expect(thrownCode { _ = try PinFile(files: Failing()).load() } == .failed)
        #expect(StateCache(files: Failing()).load(anchor: Sample.digest(1)) == nil)
    }
}

@Suite struct PinDurabilityTests {
    /// A record that a killed writer named may be lost in a power failure; a pin on it would then lock everybody out.
    @Test func waitsUntilTheRecordsAreDurable() throws {
        let directory = try TemporaryDirectory()
        let folders = LocalFolders(config: directory.bytes("config"), cache: directory.bytes("cache"))
        let repository = try TestRepository(sessions: 2)
        let state = repository.writer.state
        let pin = PinFile(files: FolderFiles(folder: folders.config(of: state.repository)))
        func open() throws { _ = try Repository.open(store: repository.store, anchor: nil, folders: folders) }
        repository.store.failPuts([.before(.io)])
        try open()
        #expect(try pin.load() == nil)
        try open()
        #expect(try pin.load()?.point == Pin(state).point)
        #expect(repository.store.recordPuts.last?.name == .record(state.head))
        let puts = repository.store.recordPuts.count
        try open()
        #expect(repository.store.recordPuts.count == puts)
    }
}

@Suite struct StateCacheTests {
    private let files = TestFiles()
    private var cache: StateCache { StateCache(files: files) }

    @Test func warmEqualsCold() throws {
        let repository = try TestRepository(sessions: 6)
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
        chain.state.packs[2].condemned = 3
        chain.state.packs[2].isNamed = true
        chain.state.packs[2].vouchedBy = nil
        chain.state.snapshots[0].map = nil
        chain.state.snapshots[0].packs = PackSet([1])
        chain.state.snapshots[1].forgotten = 9
        chain.state.snapshots[1].since = 8
        let forget = ForgetBody(snapshots: [Sample.digest(5)], reason: "because")
        chain.state.proposals = [
            ProposalState(
                id: Sample.digest(6), position: 3, time: chain.time, writer: Cast.admin.member.id,
                order: .forget(forget), approvals: [Cast.admin.member.id], carriedOut: 7)
        ]
        chain.state.holds = [nil, chain.time].map { until in
            HoldState(
                id: Sample.digest(7), position: 4, time: chain.time, writer: Cast.admin.member.id,
                body: HoldBody(snapshot: Sample.digest(5), reason: "why", until: until),
                released: until.map { _ in 5 })
        }
        #expect(chain.state.snapshots.count == 2 && chain.state.irregularities.count == 2)
        #expect(try StateCache.decode(StateCache.encode(chain.state)) == chain.state)
    }

    /// A cache damaged at any byte, or cut off anywhere, changes nothing but the time it takes.
    @Test func damagedCacheIsDropped() throws {
        let repository = try TestRepository(sessions: 1)
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
        let repository = try TestRepository(sessions: 1)
        let other = try LogWriter.create(
            Sample.id(777), Cast.genesis(TestClock()), in: TestStore(), by: Cast.admin.signer, clock: TestClock())
        try cache.save(other.state)
        #expect(try repository.reader.open(cache: cache).state == repository.writer.state)
    }

    /// The store wins: a cache of a history that the store no longer has is not used.
    @Test func cacheOfAnotherHistoryIsDropped() throws {
        let repository = try TestRepository(sessions: 1)
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
        let repository = try TestRepository(sessions: 6)
        _ = try repository.reader.open(cache: cache)
        try repository.backUp(9)
        repository.store.set(.record(19), nil)
        let state = try repository.reader.open(cache: cache).state
        #expect(state.head == 18 && !state.mayWrite)
    }
}
