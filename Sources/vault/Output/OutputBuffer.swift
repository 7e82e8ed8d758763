internal import Synchronization
internal import VaultBackup

/// Lines on their way to the output, written in large pieces.
final class OutputBuffer: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    private static let byteCountMax = 64 << 10

    /// Adds a line.
    func add(_ line: String) throws {
        try bytes.withLock { bytes in
            bytes.append(contentsOf: line.utf8)
            bytes.append(0x0a)
            if bytes.count >= Self.byteCountMax { try Self.write(&bytes) }
        }
    }

    /// Writes what there is.
    func flush() throws { try bytes.withLock { try Self.write(&$0) } }

    private static func write(_ bytes: inout [UInt8]) throws {
        let waiting = bytes
        // What failed once is not tried again.
        bytes.removeAll(keepingCapacity: true)
        if waiting.isEmpty { return }
        do throws(SystemError) { try StandardStreams.write(waiting, to: .output) } catch {
            throw OutputError(cause: error)
        }
    }
}
