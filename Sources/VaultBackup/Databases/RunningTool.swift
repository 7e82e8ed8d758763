/// A program of a database that is running. Safe from any thread.
///
/// 1. No wait for it is without an end: when it has said nothing for ``patience``, neither on its output nor among its
///    errors, or has taken nothing of its input, it is ended, with all that it has started.
/// 2. A cancellation does not wait for it: it ends it too.
final class RunningTool: Sendable {
    /// Its name, for messages.
    let name: String
    let child: ChildProcess
    let patience: Patience
    private let errors: OpenFile

    /// Most bytes that it is given before its silence begins anew.
    private static let feedBytes = 16 << 10

    init(name: String, _ child: ChildProcess, _ errors: OpenFile, _ patience: Patience) {
        self.name = name
        self.child = child
        self.errors = errors
        self.patience = patience
    }

    /// What to call again and again while waiting for it: throws when the work was cancelled, or when nothing has come
    /// from it since the call of this function, for so many seconds. Then it has been ended.
    func waiting(_ seconds: Int, isConnected: Bool = true, _ cancellation: Cancellation) -> () throws -> Void {
        let clock = SystemClock()
        let stretch = UInt64(seconds) * 1_000_000_000
        var end = clock.monotonicNanoseconds() &+ stretch
        var heard: UInt64?
        return { [self] in
            do { try cancellation.check() } catch {
                self.end()
                throw error
            }
            guard heard != nil else { return heard = errorByteCount }
            guard clock.monotonicNanoseconds() > end else { return }
            guard heard == errorByteCount else {
                heard = errorByteCount
                return end = clock.monotonicNanoseconds() &+ stretch
            }
            self.end()
            throw Silence.error(name, seconds, isConnected: isConnected, lastWords)
        }
    }

    /// Fills the buffer from its output; fewer bytes mean the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation) throws -> Int {
        var done = 0
        while done < buffer.count {
            let count = try readSome(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]), cancellation)
            if count == 0 { break }
            done += count
            if done < buffer.count { child.gather(after: count) }
        }
        return done
    }

    /// Reads what there is, waiting until there is something; 0 at the end.
    /// - Parameter seconds: how long it may say nothing; nil for as long as always.
    func readSome(
        into buffer: UnsafeMutableRawBufferPointer, _ cancellation: Cancellation, seconds: Int? = nil
    ) throws -> Int {
        try child.waitForOutput(waiting(seconds ?? patience.answer, cancellation))
        return try child.read(into: buffer)
    }

    /// Gives it bytes, and drops what it writes.
    /// - Throws: ``VaultError`` with its last words when it has ended.
    func feed(_ bytes: UnsafeRawBufferPointer, _ cancellation: Cancellation) throws {
        do {
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.feedBytes))
                try child.write(piece, dropsOutput: true, waiting(patience.answer, cancellation))
                rest = rest.dropFirst(piece.count)
            }
        } catch is SystemError {
            child.closeInput()
            let ending = try ending(cancellation)
            throw failure(ending == .exited(0) ? nil : ending, "\(name) ended before it had read everything")
        }
    }

    /// Ends its input and waits for its end.
    /// - Throws: ``VaultError`` unless it ended with exit status 0.
    func finish(_ cancellation: Cancellation) throws {
        child.closeInput()
        while try child.dropSome(waiting(patience.answer, cancellation)) {}
        try confirm(cancellation)
    }

    /// - Throws: ``VaultError`` when it has ended.
    func expectRunning() throws {
        guard child.isRunning else { throw failure(try? child.wait(), nil) }
    }

    /// Ends it at once, with all that it has started.
    func end() { child.end() }

    /// Waits for its end.
    /// - Throws: ``VaultError`` unless it ended with exit status 0.
    func confirm(_ cancellation: Cancellation) throws {
        let ending = try ending(cancellation)
        guard ending != .exited(0) else { return }
        throw failure(ending)
    }

    /// Waits for its end, and returns how it ended: it may have given up its output, and go on.
    func ending(_ cancellation: Cancellation) throws -> ChildProcess.Ending {
        let check = waiting(patience.answer, cancellation)
        while child.isRunning {
            try check()
            SystemClock.pause(milliseconds: 1)
        }
        return try child.wait()
    }

    /// The error of a program that has ended, or whose output is not what it must be.
    func failure(_ ending: ChildProcess.Ending? = nil, _ sentence: String? = nil) -> VaultError {
        let text = ending.map { "\(name) \($0.words)" }
        return VaultError(
            .failed, text ?? sentence ?? "\(name) failed",
            nextStep: "Check with the database's own client, as the same user and with the same variables, that the "
                + "server answers and allows it",
            cause: lastWords.isEmpty ? nil : VaultError(.failed, lastWords))
    }

    private var errorByteCount: UInt64 { (try? errors.status().size) ?? 0 }

    /// The end of what it wrote to its errors, in one line.
    var lastWords: String {
        let size = Int(clamping: errorByteCount)
        var text = [UInt8](repeating: 0, count: min(size, 600))
        let count = text.withUnsafeMutableBytes { buffer in
            (try? errors.read(at: max(0, size - 600), into: buffer)) ?? 0
        }
        let lines = text[..<count].split(separator: 0x0a).suffix(4)
        return lines.map { PathText.readable(Array($0)) }.joined(separator: "; ")
    }
}
