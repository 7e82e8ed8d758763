import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct CutterTests {
    private func cutter(_ average: Int, cutSecret: [UInt8] = [UInt8](repeating: 0x44, count: 32)) throws -> Cutter {
        let secret = SecretBytes(cutSecret)
        return Cutter(
            parameters: try #require(CutParameters(average: average)),
            gearTable: CutKeys.gearTable(cutSecret: secret, repository: testRepository),
            sipKey: CutKeys.sipKey(cutSecret: secret, repository: testRepository))
    }

    /// Ends of all chunks, when the input arrives in pieces whose lengths `next` gives.
    private func ends(_ cutter: Cutter, _ input: [UInt8], next: () -> Int = { .max }) -> [Int] {
        input.withUnsafeBytes { input in
            var ends: [Int] = []
            var start = 0
            var seen = 0
            while start < input.count {
                if let length = cutter.firstCut(
                    in: UnsafeRawBufferPointer(rebasing: input[start..<seen]), isEnd: seen == input.count)
                {
                    start += length
                    ends.append(start)
                } else {
                    seen = min(input.count, seen + min(next(), input.count))
                }
            }
            return ends
        }
    }

    /// The input of the vectors: SHA-256 of a seed and a counter.
    private func stream(_ seed: [UInt8], _ length: Int) -> [UInt8] {
        var result: [UInt8] = []
        var counter = 0
        while result.count < length {
            var writer = ByteWriter()
            writer.raw(seed)
            writer.u64(counter)
            result += SHA256.digest(writer.bytes).bytes
            counter += 1
        }
        return Array(result.prefix(length))
    }

    @Test func knownCutPoints() throws {
        for one in try FormatVectors.cases("cutting.json", "cut points") {
            let input =
                one.input["zeros"] == nil
                ? stream(try one.hex("seed"), try one.number("length"))
                : [UInt8](repeating: 0, count: try one.number("zeros"))
            let expected = try #require((one.output as? [String: Any])?["ends"] as? [Int])
            #expect(ends(try cutter(try one.number("average")), input) == expected, "\(one.name)")
        }
    }

    @Test func doNotDependOnHowTheInputArrives() throws {
        let seed: UInt64 = 41
        var random = SeededGenerator(seed: seed)
        let input = random.bytes(500_000)
        for average in [2048, 8192] {
            let cutter = try cutter(average)
            let whole = ends(cutter, input)
            for _ in 0..<3 { #expect(ends(cutter, input, next: { random.below(3000) + 1 }) == whole, "seed \(seed)") }
        }
    }

    @Test func sizesAreWithinTheirBounds() throws {
        var random = SeededGenerator(seed: 42)
        for average in [2048, 4096, 65_536] {
            let cutter = try cutter(average)
            for input in [random.bytes(1 << 20), random.text(1 << 20), [UInt8](repeating: 7, count: 1 << 20)] {
                var start = 0
                let ends = ends(cutter, input)
                for end in ends {
                    #expect(end - start <= cutter.parameters.maximum)
                    #expect(end - start >= cutter.parameters.minimum || end == input.count)
                    start = end
                }
                #expect(start == input.count)
            }
        }
        #expect(
            CutParameters(average: 1024) == nil && CutParameters(average: 3000) == nil
                && CutParameters(average: 1 << 23) == nil)
    }

    @Test func averageIsAbout() throws {
        var random = SeededGenerator(seed: 43)
        let input = random.bytes(64 << 20)
        let average = input.count / ends(try cutter(65_536), input).count
        #expect(average > 65_536 * 3 / 4 && average < 65_536 * 5 / 4, "\(average)")
    }

    /// After an insertion at the front the cuts fall back into step.
    @Test func shiftsResist() throws {
        var random = SeededGenerator(seed: 44)
        let input = random.bytes(2 << 20)
        let cutter = try cutter(8192)
        let before = Set(ends(cutter, input))
        let after = Set(ends(cutter, random.bytes(777) + input).map { $0 - 777 })
        #expect(before.subtracting(after).count < 10)
    }

    @Test func anotherSecretCutsElsewhere() throws {
        var random = SeededGenerator(seed: 45)
        let input = random.bytes(1 << 20)
        let one = Set(ends(try cutter(4096), input))
        let other = Set(ends(try cutter(4096, cutSecret: [UInt8](repeating: 0x45, count: 32)), input))
        #expect(one.intersection(other).count < one.count / 20)
    }
}
