internal import Synchronization

/// A file that gets a line for each thing that went wrong, so that the whole list can be had, however long it is. Safe
/// from any thread.
public final class ReportFile: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var failure: SystemError?
    }

    private let file: OpenFile
    private let path: [UInt8]
    private let state = Mutex(State())
    private static let flushBytes = 64 << 10

    /// Makes the file, readable by this user only, or empties the one that is there.
    /// - Throws: ``VaultError`` `.usage` when it cannot be written.
    public init(_ path: [UInt8]) throws {
        self.path = path
        do { file = try OpenFile.open(path, [.writeOnly, .create, .truncate, .noFollow], mode: 0o600) } catch {
            throw VaultError(
                .usage, "The report \(PathText.readable(path)) cannot be written",
                nextStep: "Name a file in a directory that can be written", cause: error)
        }
    }

    /// Adds a line; it must not hold a line feed.
    public func add(_ line: String) {
        state.withLock { state in
            state.bytes += Array(line.utf8) + [0x0a]
            if state.bytes.count >= Self.flushBytes { flush(&state) }
        }
    }

    private func flush(_ state: inout State) {
        if state.failure == nil {
            let result: Result<Void, SystemError> = state.bytes.withUnsafeBytes { bytes in
                do throws(SystemError) { return .success(try file.write(bytes)) } catch { return .failure(error) }
            }
            if case .failure(let error) = result { state.failure = error }
        }
        state.bytes = []
    }

    /// Ends the file; on return it survives a power loss.
    /// - Throws: ``VaultError`` when a line could not be written.
    public func finish() throws {
        do {
            if let failure = state.withLock({ state in
                flush(&state)
                return state.failure
            }) {
                throw failure
            }
            try file.synchronize()
            try file.close()
        } catch {
            throw VaultError(
                .failed, "The report \(PathText.readable(path)) is not complete", nextStep: "Check the disk it is on",
                cause: error)
        }
    }
}
