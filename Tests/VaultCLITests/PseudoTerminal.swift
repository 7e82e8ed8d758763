import Foundation
import Glibc
import Testing
import VaultTestSupport

/// A terminal that a test types on.
final class PseudoTerminal {
    private let master: Int32
    private let name: String
    // As bytes: a read may end within a character.
    private var shown: [UInt8] = []
    /// Everything that was written to it.
    var output: String { String(decoding: shown, as: UTF8.self) }

    init(columns: UInt16) throws {
        // By hand, as the C library hides posix_openpt and its kind from Swift.
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var unlocked: Int32 = 0
        var number: UInt32 = 0
        let (setLock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))  // TIOCSPTLCK, TIOCGPTN
        try #require(
            master >= 0 && ioctl(master, setLock, &unlocked) == 0 && ioctl(master, getNumber, &number) == 0)
        name = "/dev/pts/\(number)"
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
    }

    deinit { close(master) }

    /// Runs a command with this as its controlling terminal. Each answer is typed once its question was shown.
    func run(_ command: [String], _ stage: Stage, answers: [(question: String, answer: String)]) throws -> Int32 {
        var slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(slave >= 0)
        defer { if slave >= 0 { close(slave) } }
        let program = try Program.start(
            ["/usr/bin/setsid", "--ctty", "--wait"] + command,
            environment: ["HOME": stage.path + "/home", "PATH": "/usr/bin:/bin", "TERM": "xterm"],
            directory: stage.path, input: slave, output: slave, errors: slave)
        close(slave)
        slave = -1
        var waiting = answers[...]
        var answered = 0
        while let bytes = read() {
            shown += bytes
            guard let next = waiting.first,
                String(decoding: shown[answered...], as: UTF8.self).contains(next.question)
            else { continue }
            waiting.removeFirst()
            answered = shown.count
            // The question may be shown just before the terminal is silent.
            usleep(50_000)
            _ = next.answer.withCString { write(master, $0, strlen($0)) }
        }
        let status = program.wait()
        #expect(waiting.isEmpty, "not asked: \(waiting)")
        return status
    }

    // Nil when nobody holds the other side any more, or nothing happens for half a minute.
    private func read() -> ArraySlice<UInt8>? {
        var wanted = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, 30_000) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(master, &buffer, buffer.count)
        return count > 0 ? buffer[..<count] : nil
    }
}
