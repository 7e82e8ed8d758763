internal import Glibc

/// Input, output and errors of this process.
public enum StandardStreams {
    /// Where to write.
    public enum Output: Int32, Sendable {
        /// Results.
        case output = 1
        /// Everything else.
        case errors = 2
    }

    /// Writes all bytes. Throws what `write` reports, such as `EPIPE` when the reader is gone.
    public static func write(_ bytes: UnsafeRawBufferPointer, to output: Output) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try SystemCall.run("write") {
                Glibc.write(output.rawValue, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            }
        }
    }

    /// The same for an array.
    public static func write(_ bytes: [UInt8], to output: Output) throws(SystemError) {
        let result: Result<Void, SystemError> = bytes.withUnsafeBytes { bytes in
            do throws(SystemError) { return .success(try write(bytes, to: output)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Reads from the input until `buffer` is full or the input ends; returns the number of bytes. While it waits, it
    /// calls `check` four times a second, which throws to end the wait.
    ///
    /// - Throws: ``SystemError``, and what `check` throws.
    public static func readInput(
        into buffer: UnsafeMutableRawBufferPointer, _ check: () throws -> Void
    ) throws -> Int {
        var done = 0
        while done < buffer.count {
            try check()
            var wanted = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            if poll(&wanted, 1, 250) <= 0 { continue }
            let count = try SystemCall.run("read from the input") {
                read(0, buffer.baseAddress.map { $0 + done }, buffer.count - done)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }
}
