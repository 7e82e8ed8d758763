import Foundation
import Synchronization
import Testing

@testable import VaultBackup

/// Reads a file of `Tests/Vectors`, found relative to this file.
func vectorFile(_ path: String, from file: String = #filePath) throws -> Data {
    let tests = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try Data(contentsOf: tests.appendingPathComponent("Vectors").appendingPathComponent(path))
}

/// Bytes written as hexadecimal in a vector file.
struct HexBytes: Decodable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = Hex.decode(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hexadecimal")
        }
        self.bytes = bytes
    }

    var secret: SecretBytes { SecretBytes(bytes) }
}

func cryptoVectors<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> [T] {
    try JSONDecoder().decode([T].self, from: vectorFile("crypto/\(name)"))
}

/// SplitMix64 with a seed that the test states, so that a failure can be repeated.
final class SeededBytes: RandomSource {
    private let state: Mutex<UInt64>

    init(seed: UInt64) { state = Mutex(seed) }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        state.withLock { state in
            for k in buffer.indices {
                state &+= 0x9e37_79b9_7f4a_7c15
                var z = state
                z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
                z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
                buffer[k] = UInt8(truncatingIfNeeded: z ^ z >> 31)
            }
        }
    }
}

extension SecretBytes {
    /// For comparisons in tests only.
    var array: [UInt8] { withUnsafeBytes { Array($0) } }

    convenience init(hex: String) { self.init(Hex.decode(hex)!) }
}

/// The repository id 00 01 … 0f.
let testRepository = RepositoryID(Array(0..<16))!
/// Another repository.
let otherRepository = RepositoryID(Array(1..<17))!

/// Counts calls, from any thread.
final class CallCounter: Sendable {
    private let count = Mutex(0)

    /// The number of calls before this one.
    func take() -> Int {
        count.withLock { count in
            count += 1
            return count - 1
        }
    }
}
