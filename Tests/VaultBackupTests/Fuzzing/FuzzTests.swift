import Foundation
import Testing

@testable import VaultBackup

/// Each decoder against a bounded, seeded number of changed inputs, and against every vector. `scripts/fuzz` runs the same
/// targets under libFuzzer.
@Suite struct FuzzTests {
    private static let seed: UInt64 = 71
    /// Inputs for each target; those that seal and sign cost a hundred times as much.
    private static func count(_ target: FuzzTarget) -> Int { isSlow(target) ? 300 : 4000 }
    private static func isSlow(_ target: FuzzTarget) -> Bool {
        target.name.hasPrefix("sealed-") || target.name.hasPrefix("signed-")
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func changedInputs(_ name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let seeds = try target.seeds()
        #expect(!seeds.isEmpty)
        for (number, seed) in seeds.enumerated() { #expect(try target.run(seed), "seed \(number) is refused") }
        var mutator = FuzzMutator(seed: Self.seed)
        var refused = 0
        for round in 0..<Self.count(target) {
            let input = mutator.mutate(seeds)
            do { if try !target.run(input) { refused += 1 } } catch {
                Issue.record("\(name), seed \(Self.seed), round \(round): \(error) for \(Hex.encode(input.prefix(400)))")
                return
            }
        }
        // Text of any kind is accepted by some of them.
        let mustRefuse = !["path-text", "find-pattern", "exclusion-rules", "passphrase-file"].contains(name)
        #expect(refused > 0 || !mustRefuse, "nothing was refused")
        print("\(name): \(Self.count(target)) inputs, \(refused) refused, seed \(Self.seed)")
    }

    /// What the second implementation rejects goes into every decoder, not only into its own.
    @Test func everyVectorInEveryDecoder() throws {
        let json = try JSONSerialization.jsonObject(with: vectorFile("format/rejects.json")) as? [[String: Any]] ?? []
        let inputs = json.compactMap { ($0["in"] as? [String: Any])?["bytes"] as? String }.compactMap { Hex.decode($0) }
        try #require(inputs.count > 50)
        for target in FuzzTarget.all {
            for input in inputs where input.count < 1 << 20 {
                do { _ = try target.run(input) } catch { Issue.record("\(target.name): \(error)") }
            }
        }
    }
}
