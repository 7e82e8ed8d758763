internal import Synchronization
internal import VaultBackup

/// Lines on their way to the output, written in large pieces, or one by one when somebody watches.
final class OutputBuffer: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    private let screen: Screen
    private let byteCountMax: Int

    init(_ screen: Screen) {
        self.screen = screen
        byteCountMax = screen.isOutputTerminal ? 1 : 64 << 10
    }

    /// Adds a line.
    func add(_ line: String) throws {
        try bytes.withLock { bytes in
            bytes.append(contentsOf: line.utf8)
            bytes.append(0x0a)
            if bytes.count >= byteCountMax { try write(&bytes) }
        }
    }

    /// Writes what there is.
    func flush() throws { try bytes.withLock { try write(&$0) } }

    private func write(_ bytes: inout [UInt8]) throws {
        let waiting = bytes
        // What failed once is not tried again.
        bytes.removeAll(keepingCapacity: true)
        if waiting.isEmpty { return }
        do throws(SystemError) { try screen.write(waiting) } catch { throw OutputError(cause: error) }
    }
}
