import Foundation
import VaultTestSupport

@testable import VaultBackup

/// One process of a schedule of real operations: each is done as the command line does it, on a repository opened anew,
/// with the folders of this client.
struct OperationProcess {
    private let schedule: OperationSchedule
    private let number: Int
    private let store: ScheduledStore
    private var random: SplitMix
    private let clock: OffClock
    private let secrets: SeededRandom
    private var files: [String: Int] = [:]

    init(_ schedule: OperationSchedule, _ number: Int, _ store: ScheduledStore, _ random: SplitMix) {
        self.schedule = schedule
        self.number = number
        self.store = store
        self.random = random
        clock = OffClock(schedule.time, seed: schedule.seed &+ UInt64(number))
        secrets = SeededRandom(seed: schedule.seed &* 77 &+ UInt64(number))
    }

    private mutating func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    private func open() throws -> Repository {
        try schedule.open("client-\(number)", store, clock: clock, random: secrets)
    }

    /// Does the job some times, until the process is dead. An operation that fails is tried again by the next one.
    mutating func run(_ job: OperationSchedule.Job, times: Int) {
        for round in 0..<times where !store.isDead {
            do {
                switch job {
                case .backup(let system): try backUp(system, round)
                case .prune: try prune()
                case .forgetting: try forget()
                case .restore: try restore()
                }
            } catch let error as VaultError where error.code == .damaged || error.code == .rolledBack {
                schedule.ledger.violation("process \(number), \(job): \(error)")
            } catch {
                schedule.ledger.count("failed")
            }
        }
    }

    // MARK: Backup

    private mutating func backUp(_ system: String, _ round: Int) throws {
        let tree = schedule.folder + "/tree-" + system
        try change(tree)
        let (tag, contents) = ("\(system)\(round)", schedule.contents)
        let content = files.mapValues { contents[$0] }
        schedule.ledger.note { $0.expected[tag] = content }
        let access = try WriteAccess(try open(), schedule.world.fixture.machine)
        var request = BackupRequest(paths: [Array(tree.utf8)], system: system)
        request.tags = [tag]
        request.options.workers = 1
        request.options.segmentBytes = 700
        request.options.estimatesTotals = false
        request.options.secondReading = false
        let result = try Backup.run(request, with: access)
        schedule.ledger.note { $0.acknowledged.insert(result.snapshot) }
        schedule.ledger.count("backups")
    }

    /// Three files in four are what they were; each change is a new file in the place of the old one.
    private mutating func change(_ tree: String) throws {
        for number in 0..<8 where files.count < 8 || draw(4) == 0 {
            let name = number < 5 ? "file-\(number)" : "folder/file-\(number)"
            files[name] = draw(schedule.contents.count)
            let path = tree + "/" + name
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(schedule.contents[files[name] ?? 0]).write(to: URL(fileURLWithPath: path), options: .atomic)
        }
    }

    /// The files below a folder with their content.
    static func read(_ folder: String) throws -> Ledger.Content {
        var found: Ledger.Content = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var isFolder: ObjCBool = false
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            found[name] = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        }
        return found
    }

    // MARK: Prune, forgetting, restore

    private mutating func prune() throws {
        var request = PruneRequest()
        request.maxUnused = .bytes(0)
        request.workers = 1
        request.keepUnfinished = draw(2) * 86_400
        request.delay = draw(4) == 0 ? 3_600 : 0
        // One of four maintainers may not read.
        request.thinsSegments = draw(4) != 0
        let report = try Prune.run(request, with: MaintainAccess(try open(), schedule.world.fixture.person))
        for warning in report.warnings { schedule.ledger.violation("process \(number), prune: \(warning)") }
        let ledger = schedule.ledger
        ledger.count("compacted", report.compacted.packs)
        ledger.count("deleted", report.deleted.packs)
        ledger.count("leftovers", report.leftovers.packs)
        ledger.count("waiting", report.waiting.packs)
        ledger.count("closed", report.closedSessions)
    }

    private mutating func forget() throws {
        let access = try SigningAccess(try open(), schedule.world.fixture.person)
        let state = access.repository.state
        let gone = state.snapshots.filter { !$0.isLive && Recall.isWhole($0, state) }.map(\.id)
        if !gone.isEmpty, draw(3) == 0 {
            _ = try Recall.run([gone[draw(gone.count)].hex], with: access)
            return schedule.ledger.count("recalled")
        }
        let live = state.liveSnapshots.map(\.id)
        guard !live.isEmpty else { return }
        var request = ForgetRequest()
        let id = live[draw(live.count)]
        request.snapshots = [id.hex]
        request.mayRemoveAll = true
        schedule.ledger.note { $0.forgettable.insert(id) }
        _ = try Forget.run(request, with: access)
        schedule.ledger.count("forgotten")
    }

    /// A restore of a snapshot that is live before and after it brings everything.
    private mutating func restore() throws {
        let repository = try open()
        let live = repository.state.liveSnapshots
        guard !live.isEmpty else { return }
        let snapshot = live[draw(live.count)]
        var wrong: String?
        do { wrong = try schedule.differences(snapshot, repository) } catch { wrong = "\(error)" }
        guard !store.isDead else { return }
        guard let wrong else { return schedule.ledger.count("restored") }
        let now = try repository.log.refresh().snapshot(snapshot.id)
        // One that was forgotten and brought back meanwhile may have missed packs in between.
        if let now, now.isLive, now.forgotten == snapshot.forgotten, !wasForgotten(snapshot.id) {
            schedule.ledger.violation("a restore: \(wrong)")
        }
    }

    private func wasForgotten(_ id: Digest) -> Bool { schedule.ledger.entries.forgettable.contains(id) }
}
