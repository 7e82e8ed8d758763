import Foundation
import Testing

@testable import VaultBackup

/// All interleavings of a small world: two writers, prune, compaction, expiry, crashes, forgetting and its undoing, and
/// a restore, on the conditions of the real replay. `VAULT_MODEL_STATES` bounds how many states are looked at.
@Suite struct LogModelTests {
    private struct Result {
        var states = 0
        var violation: String?
        var isWhole = true
    }

    private static let statesMax = ProcessInfo.processInfo.environment["VAULT_MODEL_STATES"].flatMap { Int($0) }

    /// Depth first, so that what waits stays small. - Parameter most: states after which it ends, not whole.
    private func explore(_ model: LogModel, most: Int) -> Result {
        var result = Result()
        var seen: Set<[UInt8]> = [model.key]
        var waiting = [model]
        while let model = waiting.popLast() {
            result.states += 1
            for next in model.successors() {
                if let violation = next.violation {
                    result.violation = violation
                    return result
                }
                if seen.insert(next.key).inserted { waiting.append(next) }
            }
            guard seen.count < most else {
                result.isWhole = false
                return result
            }
        }
        return result
    }

    private static let worlds: [(name: String, budget: LogModel.Budget, wants: [UInt8])] = [
        ("a writer beside compaction and prune", .init(recall: 0, crash: 0, restore: 0), [2]),
        ("a writer that dies beside prune", .init(recall: 0, compact: 0), [2]),
        ("recall beside compaction and prune", .init(crash: 0, restore: 0), []),
        ("a restore beside compaction and prune", .init(forget: 0, recall: 0, expire: 0, crash: 0), []),
        ("compaction that is expired, beside prune", .init(forget: 1, recall: 0, crash: 0, restore: 0), []),
        ("two writers beside prune", .init(recall: 0, crash: 0, compact: 0, restore: 0), [2, 3]),
    ]

    @Test(arguments: worlds.indices) func nothingIsLost(_ n: Int) throws {
        let world = Self.worlds[n]
        let most = Self.statesMax ?? 8_000
        let result = explore(try LogModel(budget: world.budget, wants: world.wants), most: most)
        print("\(world.name): \(result.states) states\(result.isWhole ? ", all there are" : ", cut off")")
        #expect(result.violation == nil)
        #expect(result.states > 500)
        CampaignScale.report("model: \(world.name)", points: result.states, findings: result.violation.map { [$0] } ?? [])
    }

    /// The model is worth what it would notice.
    @Test(arguments: ProtocolGuard.allCases) func noticesAMissingGuard(_ guarded: ProtocolGuard) throws {
        var found: String?
        var states = 0
        for world in Self.worlds where found == nil {
            let model = try LogModel(removing: guarded, budget: world.budget, wants: world.wants)
            let result = explore(model, most: Self.statesMax ?? 8_000)
            states += result.states
            found = result.violation
        }
        print("without \(guarded.rawValue): \(found ?? "nothing noticed") after \(states) states")
        #expect(found != nil, "nothing noticed the missing guard")
    }
}
