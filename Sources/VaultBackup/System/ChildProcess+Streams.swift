internal import Glibc
internal import Synchronization

/// What goes into a program and comes out of it. Nothing here waits without looking up four times a second.
extension ChildProcess {
    /// Writes all bytes to the input. While it waits for the program to read, it calls `check` four times a second,
    /// which throws to end the wait.
    ///
    /// - Parameter dropsOutput: read what the program writes meanwhile, and forget it, so that it does not wait for us.
    /// - Throws: ``SystemError``, `EPIPE` when the program reads no more or the input was closed; and what `check`
    ///   throws.
    func write(
        _ bytes: UnsafeRawBufferPointer, dropsOutput: Bool = false, _ check: () throws -> Void = {}
    ) throws {
        guard let file = input.withLock({ $0 }) else { throw SystemError(errno: EPIPE, operation: "write") }
        var done = 0
        var isOutputOpen = dropsOutput
        while done < bytes.count {
            try check()
            var wanted = [
                pollfd(fd: file.fd, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: isOutputOpen ? output.fd : -1, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&wanted, 2, 250) <= 0 { continue }
            if wanted[1].revents != 0 { isOutputOpen = try drop() }
            guard wanted[0].revents != 0 else { continue }
            let count = Glibc.write(file.fd, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count >= 0 {
                done += count
            } else if errno != EAGAIN, errno != EINTR {
                throw SystemError(errno: errno, operation: "write")
            }
        }
    }

    /// Waits for some of the output, as ``waitForOutput(_:)`` does, and forgets it. Returns whether there may be more:
    /// at its end the program, and what it has started, have ended or given it up.
    func dropSome(_ check: () throws -> Void) throws -> Bool {
        try waitForOutput(check)
        return try drop()
    }

    private func drop() throws(SystemError) -> Bool {
        let result: Result<Int, SystemError> = withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) {
            block in
            do throws(SystemError) { return .success(try output.readSome(into: block)) } catch {
                return .failure(error)
            }
        }
        return try result.get() > 0
    }

    /// Ends the input.
    func closeInput() { input.withLock { $0 = nil } }

    /// Reads some of the output, as soon as there is any; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try output.readSome(into: buffer)
    }

    /// Fills the buffer from the output; fewer bytes mean the end. A program may be silent for hours: `check` is called
    /// as in ``waitForOutput(_:)``.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, _ check: () throws -> Void) throws -> Int {
        var done = 0
        while done < buffer.count {
            try waitForOutput(check)
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
            if count == 0 { break }
            done += count
            if done < buffer.count { gather(after: count) }
        }
        return done
    }

    /// Lets a program write on for a moment after a read of `count` bytes. Many write 4 KiB at a time, and both sides would be
    /// woken for each of them.
    func gather(after count: Int) {
        if isOutputWide, count < 64 << 10 { SystemClock.pause(milliseconds: 1) }
    }

    /// Waits until ``read(into:)`` has something to return, and calls `check` four times a second, which throws to end
    /// the wait.
    func waitForOutput(_ check: () throws -> Void) throws {
        var wanted = pollfd(fd: output.fd, events: Int16(POLLIN), revents: 0)
        repeat { try check() } while poll(&wanted, 1, 250) <= 0
    }
}
