import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct CompressionTests {
    private func compress(_ bytes: [UInt8], _ level: CompressionLevel, room: Int? = nil) -> [UInt8]? {
        var target = [UInt8](repeating: 0, count: room ?? bytes.count + 64)
        let compressor = Compressor(level: level)
        let length = bytes.withUnsafeBytes { source in
            target.withUnsafeMutableBytes { compressor.compress(source, into: $0) }
        }
        return length.map { Array(target.prefix($0)) }
    }

    private func decompress(_ frame: [UInt8], _ count: Int) throws -> [UInt8] {
        var target = [UInt8](repeating: 0, count: count)
        try frame.withUnsafeBytes { source in
            try target.withUnsafeMutableBytes { try Decompressor().decompress(source, into: $0) }
        }
        return target
    }

    @Test func roundTrip() throws {
        var random = SeededGenerator(seed: 51)
        for level in [CompressionLevel.fast, .auto, .max] {
            for count in [100, 5000, 300_000] {
                let text = random.text(count)
                let frame = try #require(compress(text, level), "\(level) \(count)")
                #expect(frame.count < count)
                #expect(try decompress(frame, count) == text)
            }
        }
    }

    /// Large segments are made with another table; what goes into the hedge says so.
    @Test func parametersHaveTheirCode() throws {
        var random = SeededGenerator(seed: 54)
        let text = random.text(2 << 20)
        let frame = try #require(compress(text, .auto))
        #expect(try decompress(frame, text.count) == text)
        let auto = Compressor(level: .auto)
        #expect(auto.levelCode(rawBytes: 1 << 20) == 3 && auto.levelCode(rawBytes: 1 << 20 + 1) == 131)
        #expect(Compressor(level: .max).levelCode(rawBytes: 2 << 20) == 12)
        // The parameter does not stick to the context.
        let small = Array(text.prefix(1 << 20))
        let first = try #require(compress(small, .auto))
        var target = [UInt8](repeating: 0, count: text.count)
        for source in [text, small] {
            let length = source.withUnsafeBytes { source in
                target.withUnsafeMutableBytes { auto.compress(source, into: $0) }
            }
            #expect(Array(target.prefix(length ?? 0)) == (source.count == text.count ? frame : first))
        }
    }

    @Test func whatGainsNothingStaysRaw() {
        var random = SeededGenerator(seed: 52)
        for level in CompressionLevel.allCases {
            #expect(compress(random.bytes(1 << 20), level) == nil)
            #expect(compress(random.bytes(20), level) == nil)
            #expect(compress([], level) == nil)
        }
        #expect(compress(random.text(10_000), .off) == nil)
        #expect(compress(random.text(10_000), .auto, room: 10) == nil)
        let mixed = random.bytes(200_000)
        #expect(mixed.withUnsafeBytes { Compressor.looksRandom($0) })
        #expect(!random.text(200_000).withUnsafeBytes { Compressor.looksRandom($0) })
    }

    /// Output never exceeds the length that is known, whatever the frame says.
    @Test func bombsAndDamagedFramesAreRefused() throws {
        let zeros = [UInt8](repeating: 0, count: 8 << 20)
        let bomb = try #require(compress(zeros, .max))
        #expect(bomb.count < 5000)
        #expect(throws: CompressionError.self) { try decompress(bomb, 1000) }
        #expect(throws: CompressionError.self) { try decompress(bomb, zeros.count + 1) }
        #expect(throws: CompressionError.self) { try decompress(bomb + bomb, zeros.count) }
        #expect(throws: CompressionError.self) { try decompress(bomb + [0], zeros.count) }
        #expect(throws: CompressionError.self) { try decompress([], 0) }
        var random = SeededGenerator(seed: 53)
        let text = random.text(3000)
        let frame = try #require(compress(text, .auto))
        for count in 0..<frame.count {
            #expect(throws: CompressionError.self) { try decompress(Array(frame.prefix(count)), 3000) }
        }
        for k in frame.indices {
            var changed = frame
            changed[k] ^= 1 << UInt8(k % 8)
            // Frames carry no checksum (the segment is sealed); but a frame must not crash or overrun.
            if let other = try? decompress(changed, 3000) { #expect(other.count == 3000) }
        }
    }
}
