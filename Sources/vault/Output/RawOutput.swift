internal import VaultBackup

/// Bytes on their way to the output as they are, written in large pieces. One thread.
final class RawOutput {
    private var waiting: [UInt8] = []
    private static let byteCountMax = 1 << 20

    /// Starts, unless the output is a terminal, which arbitrary bytes would drive.
    ///
    /// - Parameter isText: whether a terminal is fine, since the user asked for just that.
    init(console: Console, isText: Bool) throws {
        guard isText || !Terminal.isTerminal(1) else {
            throw VaultError(
                .usage, "An archive is not written to a terminal",
                nextStep: "Send it to a file with '>' or to a program with '|'")
        }
        waiting.reserveCapacity(Self.byteCountMax)
        // What the console keeps back comes first.
        try console.flush()
    }

    /// Adds bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        waiting.append(contentsOf: bytes)
        if waiting.count >= Self.byteCountMax { try flush() }
    }

    /// Writes what there is.
    func flush() throws {
        if waiting.isEmpty { return }
        do throws(SystemError) { try StandardStreams.write(waiting, to: .output) } catch {
            waiting.removeAll(keepingCapacity: true)
            throw OutputError(cause: error)
        }
        waiting.removeAll(keepingCapacity: true)
    }
}
