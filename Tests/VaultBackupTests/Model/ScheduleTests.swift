import Foundation
import Testing

@testable import VaultBackup

/// Random interleavings, at store calls, of processes that run the real log code: backups, prune, compaction,
/// forgetting, restore; with lost replies, deaths and clocks that jump. A seed repeats one.
@Suite struct ScheduleTests {
    private static let jobs: [ScheduledProcess.Job] = [.backup, .backup, .prune, .compaction, .forgetting, .restore]

    /// What was lost in one schedule; nil when nothing was.
    private func run(seed: UInt64, mistake: ScheduledProcess.Mistake? = nil) throws -> String? {
        let below = MemoryStore()
        var genesis = Cast.genesis(TestClock())
        genesis.keyring.expiryKeep = 0
        genesis.keyring.expiryAge = 0
        _ = try LogWriter.create(Cast.repository, genesis, in: below, by: Cast.admin.signer, clock: TestClock())
        let jobs = Self.jobs
        let schedule = Schedule(count: jobs.count, seed: seed)
        let losses = Monitor<[String]>([])
        try Thread.runAll(jobs.count) { process in
            defer { schedule.finish(process) }
            var random = SplitMix(seed: seed &* 31 &+ UInt64(process))
            // One of four dies on the way.
            let callsLeft = random.next() % 4 == 0 ? 10 + Int(random.next() % 120) : .max
            let store = ScheduledStore(below, schedule, process: process, seed: random.next(), callsLeft: callsLeft)
            do {
                var running = try ScheduledProcess(store, seed: random.next(), mistake: mistake)
                try running.run(jobs[process], times: 4)
            } catch let error as VaultError where error.code == .damaged {
                losses.withLock { $0.append(error.message) }
            } catch {
                // A process that died, or could not open the log: others go on.
            }
        }
        if let loss = losses.withLock({ $0.first }) { return loss }
        return try loss(in: below)
    }

    /// Every live snapshot has its packs, and they hold what it needs.
    private func loss(in store: MemoryStore) throws -> String? {
        let state = try LogReader(store: store).open().state
        if let bad = state.irregularities.first(where: { $0.kind != .withoutEffect }) { return "record: \(bad)" }
        for snapshot in state.liveSnapshots {
            var held: UInt8 = 0
            for ordinal in snapshot.packs?.ordinals ?? PackSet().ordinals {
                guard let bytes = try store.get(.content(.packs, state.packs[ordinal].pack.name)) else {
                    return "pack \(ordinal) of the live snapshot \(snapshot.position) is gone"
                }
                held |= ScheduledProcess.holds(bytes)
            }
            guard ScheduledProcess.needs(snapshot) & ~held == 0 else {
                return "the snapshot \(snapshot.position) misses content"
            }
        }
        return nil
    }

    @Test func nothingIsLost() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["VAULT_SCHEDULES"].flatMap { UInt64($0) } ?? (CampaignScale.isFull ? 100_000 : 20)
        let first = CampaignScale.seed &* 1_000_003
        var findings: [String] = []
        for seed in first..<first + count {
            if let loss = try run(seed: seed) { findings.append("seed \(seed): \(loss)") }
        }
        CampaignScale.report("schedules", points: Int(count), findings: findings)
        #expect(findings.isEmpty, "\(findings.prefix(3))")
    }

    /// The same seed gives the same log, else a finding could not be repeated.
    @Test func aSeedRepeatsItself() throws {
        func mistakes() throws -> [String?] { try (1...6).map { try run(seed: $0, mistake: .deletesCondemned) } }
        #expect(try mistakes() == mistakes())
    }

    // The others take hundreds of schedules to show.
    private static let mistakes: [ScheduledProcess.Mistake] =
        CampaignScale.isFull ? ScheduledProcess.Mistake.allCases : [.deletesCondemned]

    @Test(arguments: mistakes) func showsAMistake(_ mistake: ScheduledProcess.Mistake) throws {
        for seed in UInt64(1)...4_000 {
            if let loss = try run(seed: seed, mistake: mistake) {
                print("\(mistake): \(loss), after \(seed) schedules")
                return
            }
        }
        #expect(Bool(false), "4,000 schedules did not show it")
    }
}
