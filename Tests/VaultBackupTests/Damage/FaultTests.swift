import Testing
import VaultTestSupport

@testable import VaultBackup

/// The store fails in any call, once or for ever: the error helps, nothing that was acknowledged is lost, the next run
/// completes.
@Suite(.serialized) struct FaultTests {
    /// A fault in a sweep.
    struct Point: Sendable, CustomStringConvertible {
        let call: Int
        let kind: StorageError.Kind
        let moment: FaultyStore.Fault.Moment
        let isForEver: Bool

        var fault: FaultyStore.Fault {
            let error = StorageError(kind, "injected")
            return isForEver ? .from(call, moment, error) : .call(call, moment, error)
        }
        var description: String { "call \(call) \(kind) \(moment)\(isForEver ? " and all after it" : "")" }
    }

    @Test func failingInEveryCall() throws {
        let seed: UInt64 = 12
        let scene = try InterruptedBackup(seed: seed, fileCount: 16, largeBytes: 100_000, earlierCount: 1)
        var points: [Point] = []
        for call in 1...(try scene.callCount()) + 1 {
            for kind in [StorageError.Kind.noSpace, .io, .outcomeUnknown] {
                for moment in FaultyStore.Fault.Moment.allCases {
                    points.append(Point(call: call, kind: kind, moment: moment, isForEver: false))
                    points.append(Point(call: call, kind: kind, moment: moment, isForEver: true))
                }
            }
        }
        let failures = Sweep.run(points) { try scene.check($0.fault, restoringAll: false) }
        #expect(failures == [], "seed \(seed)")
        print("fault sweep: \(points.count) points, \(failures.count) failures")
    }
}

extension FaultTests {
    /// Restore and verify while the store fails: an error that helps, or what is missing is named; never wrong bytes in
    /// silence.
    @Test func readingFailsInEveryCall() throws {
        let scene = try DamageScene(seed: 13)
        let id = scene.snapshots[1].id
        let target = scene.fixture.directory.path + "/restored"
        let counting = FaultyStore(scene.fixture.store)
        try scene.fixture.restore(id.hex, path: scene.root, to: target, in: counting, client: "count")
        _ = try scene.fixture.verify(counting, client: "count")
        var points: [Point] = []
        for call in 1...counting.callCount {
            for isForEver in [false, true] {
                points.append(Point(call: call, kind: .io, moment: .beforeEffect, isForEver: isForEver))
            }
        }
        let failures = Sweep.run(points) { point in
            var failures = try scene.silentErrors(1, FaultyStore(scene.fixture.store, [point.fault]))
            let sentences = scene.sentences(FaultyStore(scene.fixture.store, [point.fault]), client: "new")
            if sentences.contains(where: \.isEmpty) { failures.append("verify says nothing of what failed") }
            return failures
        }
        #expect(failures.isEmpty, "\(failures.prefix(5).joined(separator: "\n"))")
        print("faults while reading: \(points.count) points, \(failures.count) failures")
    }
}
