import Foundation
import Testing

@testable import VaultBackup

/// Random interleavings, at store calls, of the real backup, forget, prune with compaction, and restore: with lost
/// replies, deaths, processes that are stopped while clocks jump by days, and a power loss at the end.
@Suite(.serialized) struct OperationScheduleTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// What schedules came to.
    private struct Total {
        var schedules = 0
        var findings: [String] = []
        /// Schedules in which a thing happened, by its name.
        var with: [String: Int] = [:]

        mutating func add(_ seed: UInt64, _ book: Ledger.Book) {
            schedules += 1
            findings += book.violations.map { "seed \(seed): \($0)" }
            for (kind, count) in book.counts where count > 0 { with[kind, default: 0] += 1 }
        }
    }

    private func run(_ seeds: Range<UInt64>, minutes: Double?) -> Total {
        let ends = minutes.map { Date().addingTimeInterval($0 * 60) }
        let total = Monitor(Total())
        let failures = Sweep.run(Array(seeds), secondsMax: 86_400) { seed in
            if let ends, Date() > ends { return [] }
            let book = try OperationSchedule(seed: seed).run()
            total.withLock { $0.add(seed, book) }
            return []
        }
        return total.withLock { total in
            total.findings += failures
            return total
        }
    }

    /// Each of these must really have happened, else the schedules show nothing.
    private static let kinds = [
        "backups", "forgotten", "recalled", "restored", "compacted", "condemned", "swept", "deleted", "moved again",
        "leftovers", "waiting", "closed", "killed", "stopped", "failed", "records lost with the power", "recallable",
        "checked",
    ]

    /// These are met only by many.
    private static let rareKinds: Set = ["records lost with the power"]

    @Test func nothingIsLost() {
        let minutes = Self.environment["VAULT_CAMPAIGN_MINUTES"].flatMap { Double($0) }
        let count =
            Self.environment["VAULT_SCHEDULES"].flatMap { UInt64($0) }
            ?? (minutes != nil ? 10_000_000 : CampaignScale.isFull ? 100_000 : 40)
        let first = CampaignScale.seed &* 1_000_003
        let total = run(first..<first + count, minutes: minutes)
        CampaignScale.report("operation-schedules", points: total.schedules, findings: total.findings)
        print("schedules with " + Self.kinds.map { "\($0) \(total.with[$0, default: 0])" }.joined(separator: ", "))
        #expect(total.findings.isEmpty, "\(total.findings.count): \(total.findings.prefix(5))")
        let isShort = total.schedules < 1_000
        for kind in Self.kinds where !isShort || !Self.rareKinds.contains(kind) {
            #expect(total.with[kind, default: 0] > 0, "no schedule with \(kind)")
        }
    }
}
