@testable import VaultBackup

/// One decoder, to be fed anything at all. The same targets run in two ways: by the tests, with a seeded mutator, and
/// by libFuzzer (`scripts/fuzz`), which compiles these files and the library into one program.
///
/// What must hold for every input: the decoder returns or throws its own error, it never ends the process; what it
/// accepts, it encodes to the same bytes again, or, where the form allows several spellings, to bytes that decode to
/// the same.
struct FuzzTarget: Sendable {
    let name: String
    /// Inputs that the decoder accepts.
    let seeds: @Sendable () throws -> [[UInt8]]
    /// Whether the input was accepted.
    let run: @Sendable ([UInt8]) throws -> Bool

    static let all: [FuzzTarget] = packs + trees + log + access + local + text

    static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }

    /// A target whose decoder throws `FormatError`; `body` does the checks on what was accepted.
    static func decoder(
        _ name: String, seeds: @escaping @Sendable () throws -> [[UInt8]],
        _ body: @escaping @Sendable ([UInt8]) throws -> Void
    ) -> FuzzTarget {
        FuzzTarget(name: name, seeds: seeds) { input in
            do {
                try body(input)
                return true
            } catch is FormatError {
                return false
            }
        }
    }

    /// A target that has one form only: what is accepted is encoded to the same bytes.
    static func canonical(
        _ name: String, seeds: @escaping @Sendable () throws -> [[UInt8]],
        _ again: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) -> FuzzTarget {
        decoder(name, seeds: seeds) { input in
            try FuzzFinding.require(try again(input) == input, "accepted, but encodes to other bytes")
        }
    }
}

/// What a decoder must not do.
struct FuzzFinding: Error, CustomStringConvertible {
    let description: String

    static func require(_ isRight: Bool, _ otherwise: @autoclosure () -> String) throws {
        if !isRight { throw FuzzFinding(description: otherwise()) }
    }
}

/// Changes inputs at random, the same way for the same seed.
struct FuzzMutator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    private mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }

    private static let interesting: [UInt64] = [
        0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0xff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
        1 << 53, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff,
    ]

    /// One of the seeds with one to four changes.
    mutating func mutate(_ seeds: [[UInt8]]) -> [UInt8] {
        var bytes = seeds[below(seeds.count)]
        for _ in 0...below(4) { change(&bytes, seeds) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
        let place = below(bytes.count)
        let kind = below(10)
        guard !bytes.isEmpty else {
            bytes = (0..<below(40)).map { _ in UInt8(truncatingIfNeeded: next()) }
            return
        }
        switch kind {
        case 0, 1: bytes[place] ^= 1 << UInt8(below(8))
        case 2: bytes[place] = UInt8(truncatingIfNeeded: next())
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
        case 4: bytes.insert(contentsOf: (0...below(8)).map { _ in UInt8(truncatingIfNeeded: next()) }, at: place)
        case 5: bytes.removeLast(bytes.count - place)
        case 6:
            let part = Array(bytes[place..<min(bytes.count, place + 1 + below(64))])
            bytes.insert(contentsOf: part, at: below(bytes.count))
        case 7:
            let other = seeds[below(seeds.count)]
            bytes = Array(bytes[..<place]) + other[min(other.count, below(other.count + 1))...]
        case 8: bytes.swapAt(place, below(bytes.count))
        default:
            // A number of one, two, four or eight bytes, as lengths and counts are written.
            let width = 1 << below(4)
            let value = Self.interesting[below(Self.interesting.count)]
            for k in 0..<width where place + k < bytes.count {
                bytes[place + k] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (width - 1 - k)))
            }
        }
    }
}
