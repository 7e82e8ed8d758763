internal import CLinux
internal import Glibc

/// What the command line needs of a terminal.
public enum Terminal {
    /// Whether descriptor `fd` (1: output, 2: errors) is a terminal.
    public static func isTerminal(_ fd: Int32) -> Bool { isatty(fd) == 1 }

    /// Columns of the terminal behind `fd`; nil when it is none or does not say.
    public static func width(_ fd: Int32) -> Int? {
        let columns = vault_terminal_columns(fd)
        return columns > 0 ? Int(columns) : nil
    }

    /// Shows `prompt` on the terminal of this process, reads a line without showing it, calls `body` with its bytes
    /// (without the line feed, at most `byteCountMax`) and wipes them. Throws `ENXIO` without a terminal, `EINTR` when
    /// Control-C or a signal ended it, `ENODATA` when the input ends before anything is typed, `EMSGSIZE` for a longer
    /// line. The terminal is set back in every case.
    public static func withSecretLine<R>(
        prompt: String, byteCountMax: Int = 1024, _ body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R {
        try withLine(byteCountMax, { try readLine($0, prompt, $1) }, body)
    }

    /// Shows `prompt` on the terminal of this process, reads a line that is seen while it is typed, calls `body` with
    /// its bytes and wipes them. With `isRemoved` the line does not stay on the screen. Throws as
    /// ``withSecretLine(prompt:byteCountMax:_:)`` does.
    public static func withShownLine<R>(
        prompt: String, isRemoved: Bool, byteCountMax: Int = 4096, _ body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R {
        try withLine(
            byteCountMax,
            { terminal, buffer in
                try show(prompt, on: terminal)
                // The terminal itself edits the line and hands it over as a whole, a signal ends the wait.
                var count = 0
                while let byte = try nextByte(terminal), byte != 0x0a {
                    guard count < byteCountMax else { throw SystemError(errno: EMSGSIZE, operation: "prompt") }
                    buffer[count] = byte
                    count += 1
                }
                if isRemoved {
                    // Bytes stand for columns here: what is typed are letters and digits.
                    let columns = max(1, width(terminal.fd) ?? 80)
                    let lines = max(1, (prompt.count + count + columns - 1) / columns)
                    try show(String(repeating: "\u{1b}[A\u{1b}[2K", count: lines) + "\r", on: terminal)
                }
                return count
            }, body)
    }

    /// Shows text on the terminal of this process. Throws `ENXIO` without one.
    public static func show(_ text: String) throws { try show(text, on: open()) }

    private static func open() throws(SystemError) -> OpenFile {
        try OpenFile.open(Array("/dev/tty".utf8), .readWrite)
    }

    /// Calls `body` with what `read` has put into memory that is wiped afterwards; `read` returns the number of bytes.
    private static func withLine<R>(
        _ byteCountMax: Int, _ read: (OpenFile, UnsafeMutableRawBufferPointer) throws -> Int,
        _ body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R {
        let terminal = try open()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCountMax, alignment: 16)
        defer {
            SystemCall.wipe(buffer)
            buffer.deallocate()
        }
        let count = try read(terminal, buffer)
        return try body(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
    }

    /// Reads a line that is not shown from an open terminal; returns the number of bytes.
    static func readLine(
        _ terminal: OpenFile, _ prompt: String, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        var before = termios()
        _ = try SystemCall.run("tcgetattr") { tcgetattr(terminal.fd, &before) }
        var silent = before
        // Without ISIG Control-C arrives as a byte, so that no signal can end us while the terminal is silent.
        silent.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG)
        _ = try SystemCall.run("tcsetattr") { tcsetattr(terminal.fd, TCSAFLUSH, &silent) }
        defer { _ = tcsetattr(terminal.fd, TCSAFLUSH, &before) }
        try show(prompt, on: terminal)
        var line = SecretLine(buffer)
        while true {
            let byte = try nextByte(terminal)
            switch line.take(byte) {
            case .more: continue
            case .done:
                try show("\n", on: terminal)
                return line.count
            case .failed(let number):
                try show("\n", on: terminal)
                throw SystemError(errno: number, operation: "prompt")
            }
        }
    }

    // Nil at the end of input. Looks four times a second whether another thread took a signal.
    private static func nextByte(_ terminal: OpenFile) throws(SystemError) -> UInt8? {
        while true {
            if Signals.received != nil { throw SystemError(errno: EINTR, operation: "prompt") }
            var wanted = pollfd(fd: terminal.fd, events: Int16(POLLIN), revents: 0)
            if poll(&wanted, 1, 250) <= 0 { continue }
            var byte: UInt8 = 0
            let count = try SystemCall.run("read") { read(terminal.fd, &byte, 1) }
            defer { byte = 0 }
            return count == 0 ? nil : byte
        }
    }

    private static func show(_ text: String, on terminal: OpenFile) throws(SystemError) {
        for byte in text.utf8 {
            try withUnsafeBytes(of: byte) { (bytes) throws(SystemError) in try terminal.write(bytes) }
        }
    }
}

/// Edits a line that is not shown.
struct SecretLine {
    enum Step: Equatable { case more, done, failed(Int32) }

    private let buffer: UnsafeMutableRawBufferPointer
    private(set) var count = 0
    private var isTooLong = false

    init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

    /// Takes a byte of input; nil is its end.
    mutating func take(_ byte: UInt8?) -> Step {
        switch byte {
        case nil where count == 0, 0x04 where count == 0: return .failed(ENODATA)
        case nil, 0x0a, 0x0d, 0x04: return isTooLong ? .failed(EMSGSIZE) : .done
        case 0x03: return .failed(EINTR)
        case 0x15:  // Control-U
            count = 0
            isTooLong = false
        case 0x7f, 0x08:
            // A character may have several bytes: its continuation bytes go with it.
            while count > 0, buffer[count - 1] & 0xc0 == 0x80 { count -= 1 }
            if count > 0 { count -= 1 }
        case let byte?:
            if count == buffer.count {
                isTooLong = true
            } else {
                buffer[count] = byte
                count += 1
            }
        }
        return .more
    }
}
