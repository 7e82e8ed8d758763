import Foundation
import VaultTestSupport

@testable import VaultBackup

/// What the processes of one schedule have written, been told and counted. The test holds all content itself.
final class Ledger: Sendable {
    typealias Content = [String: [UInt8]]

    struct Book {
        /// What a snapshot with this tag must hold; entered before its backup begins.
        var expected: [String: Content] = [:]
        var acknowledged: Set<Digest> = []
        /// Snapshots that somebody tried to forget.
        var forgettable: Set<Digest> = []
        var violations: [String] = []
        var counts: [String: Int] = [:]
    }

    private let book = Monitor(Book())

    func note(_ body: (inout Book) -> Void) { book.withLock { body(&$0) } }
    func count(_ kind: String, _ count: Int = 1) { note { $0.counts[kind, default: 0] += count } }
    func violation(_ text: String) { note { $0.violations.append(text) } }
    var entries: Book { book.withLock { $0 } }
}

/// Repository and identities that every schedule begins with, made once.
final class ScheduleWorld: Sendable {
    let fixture: RepositoryFixture
    let objects: [(name: ObjectName, bytes: [UInt8])]
    /// Where sources and targets lie: in memory if the system has a place for that.
    let folder: String

    static let shared = Result { try ScheduleWorld() }

    private init() throws {
        fixture = try RepositoryFixture()
        let store = fixture.store
        objects = try RepositoryFixture.objects(store).map { ($0, try store.get($0) ?? []) }
        folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : fixture.directory.path
    }
}

/// One schedule: processes with the real operations on one store, one store call of one process at a time.
final class OperationSchedule: Sendable {
    enum Job { case backup(String), prune, forgetting, restore }

    static let jobs: [Job] = [.backup("a"), .backup("b"), .prune, .prune, .forgetting, .restore]

    let seed: UInt64
    let world: ScheduleWorld
    let folder: String
    let store: VolatileStore
    let ledger = Ledger()
    /// Milliseconds that all clocks show, as long as none of them jumps.
    let time: Monitor<Int64>
    /// Contents that files have; so few that trees share them and that they come back.
    let contents: [[UInt8]]

    init(seed: UInt64) throws {
        self.seed = seed
        world = try ScheduleWorld.shared.get()
        folder = world.folder + "/vault-schedule-\(UUID().uuidString)"
        store = try VolatileStore(world.objects)
        // Ahead of the times of the files, which may then be trusted.
        time = Monitor(Int64(Date().timeIntervalSince1970 * 1_000) + 30 * 86_400_000)
        var random = SplitMix(seed: seed ^ 0xc0de)
        contents = (0..<14).map { _ in
            let count = 200 + Int(random.next() % 900)
            return random.bytes(count)
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs all processes to their end, then looks for what is lost.
    func run() throws -> Ledger.Book {
        let (ledger, time) = (ledger, time)
        let schedule = Schedule(count: Self.jobs.count, seed: seed) {
            ledger.count("stopped")
            time.withLock { $0 += 4 * 86_400_000 }
        }
        try Thread.runAll(Self.jobs.count) { [self] number in
            defer { schedule.finish(number) }
            var random = SplitMix(seed: seed &* 31 &+ UInt64(number))
            // One of four dies on the way.
            let callsLeft = random.next() % 4 == 0 ? 20 + Int(random.next() % 400) : .max
            let scheduled = ScheduledStore(
                store, schedule, process: number, seed: random.next(), callsLeft: callsLeft, lossesIn: 40)
            var process = OperationProcess(self, number, scheduled, random)
            process.run(Self.jobs[number], times: 4)
            if scheduled.isDead { ledger.count("killed") }
        }
        try OperationCheck(self).run()
        return ledger.entries
    }

    func open(
        _ client: String, _ store: (any ObjectStore)? = nil, clock: any TimeSource,
        random: any RandomSource = SystemRandom()
    ) throws -> Repository {
        let path = Array((folder + "/" + client).utf8)
        return try Repository.open(
            store: store ?? self.store, anchor: world.fixture.created.anchor,
            folders: LocalFolders(
                config: PathBytes.join(path, Array("config".utf8)), cache: PathBytes.join(path, Array("cache".utf8))),
            clock: clock, random: random)
    }

    /// Restores a snapshot; nil when it is what it must be.
    func differences(_ snapshot: SnapshotState, _ repository: Repository) throws -> String? {
        let name = snapshot.id.hex.prefix(8)
        guard let tag = snapshot.body.tags.first, let expected = ledger.entries.expected[tag] else {
            return "the snapshot \(name) is of no backup"
        }
        let target = folder + "/target-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: target) }
        let access = try ReadAccess(repository, world.fixture.person)
        let tree = folder + "/tree-" + snapshot.body.system
        var request = RestoreRequest(
            try SnapshotPath(Array("\(snapshot.id.hex):\(tree)".utf8)), target: Array(target.utf8))
        request.options.workers = 1
        request.options.synchronize = false
        let result = try Restore.run(request, with: access)
        if let problem = result.problems.first { return "the snapshot \(name): \(problem.reason)" }
        let found = try OperationProcess.read(target)
        return found == expected ? nil : "the snapshot \(name) (\(tag)) is restored with other content"
    }
}

/// A clock that a process of a schedule sees: that of all, which now and then is far off for this process.
final class OffClock: TimeSource {
    private let time: Monitor<Int64>
    private let state: Monitor<(random: SplitMix, offset: Int64)>

    /// How far such a clock may be ahead, in milliseconds.
    static let aheadMax: Int64 = 400 * 86_400_000

    init(_ time: Monitor<Int64>, seed: UInt64) {
        self.time = time
        state = Monitor((SplitMix(seed: seed), 0))
    }

    func now() -> Timestamp {
        let now = time.withLock { time in
            time += 20
            return time
        }
        return state.withLock { state in
            if state.random.next() % 12 == 0 {
                let offsets: [Int64] = [0, 0, 0, 7_200_000, 3 * 86_400_000, Self.aheadMax, -Self.aheadMax]
                state.offset = offsets[Int(state.random.next() % UInt64(offsets.count))]
            }
            return Timestamp(milliseconds: now + state.offset)
        }
    }

    func monotonicNanoseconds() -> UInt64 { 0 }
}

/// Random bytes from a seed, so that a schedule can be repeated.
final class SeededRandom: RandomSource {
    private let state: Monitor<SplitMix>

    init(seed: UInt64) { state = Monitor(SplitMix(seed: seed)) }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        state.withLock { state in
            for place in buffer.indices { buffer[place] = UInt8(truncatingIfNeeded: state.next()) }
        }
    }
}
