import Testing
import VaultTestSupport

@testable import VaultBackup

/// The process ends in any call of the store: what was acknowledged stays, and the next run completes.
@Suite(.serialized) struct KillTests {
    /// A call of the store and the moment in it.
    struct Point: Sendable, CustomStringConvertible {
        let call: Int
        let moment: FaultyStore.Fault.Moment
        var description: String { "call \(call) \(moment)" }
    }

    /// 0: the first backup of a repository; 1: an incremental one.
    @Test(arguments: [0, 1]) func killedInEveryCall(_ earlierCount: Int) throws {
        let seed: UInt64 = 11
        let scene = try InterruptedBackup(seed: seed, fileCount: 60, largeBytes: 700_000, earlierCount: earlierCount)
        // Which of two workers is faster changes the number of calls a little.
        let points = (1...(try scene.callCount()) + 2).flatMap { call in
            FaultyStore.Fault.Moment.allCases.map { Point(call: call, moment: $0) }
        }
        let failures = Sweep.run(points) { try scene.check(.kill(in: $0.call, $0.moment), restoringAll: true) }
        #expect(failures == [], "seed \(seed)")
        print("kill sweep after \(earlierCount) backups: \(points.count) points, \(failures.count) failures")
    }
}
