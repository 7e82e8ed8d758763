import Foundation
import Testing

@testable import VaultBackup

private func text(_ string: String) -> [UInt8] { Array(string.utf8) }

// One after another: a received signal ends a prompt.
@Suite(.serialized) struct TerminalTests {
    private func type(_ input: [UInt8?], capacity: Int = 8) -> (SecretLine.Step, [UInt8]) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
        defer { buffer.deallocate() }
        var line = SecretLine(buffer)
        for byte in input {
            let step = line.take(byte)
            if step != .more { return (step, Array(buffer.prefix(line.count))) }
        }
        return (.more, Array(buffer.prefix(line.count)))
    }

    @Test func editsALine() {
        #expect(type([0x61, 0x62, 0x0a]) == (.done, [0x61, 0x62]))
        #expect(type([0x61, 0xc3, 0xbc, 0x7f, 0x0d]) == (.done, [0x61]), "a whole character is removed")
        #expect(type([0x7f, 0x08, 0x0a]) == (.done, []))
        #expect(type([0x61, 0x15, 0x62, nil]) == (.done, [0x62]))
        #expect(type([0x61, 0x03]).0 == .failed(EINTR))
        #expect(type([nil]).0 == .failed(ENODATA) && type([0x61, 0x7f, 0x04]).0 == .failed(ENODATA))
        #expect(type([0x61, 0x04]) == (.done, [0x61]))
        #expect(type(Array(repeating: 0x61, count: 9) + [0x0a]).0 == .failed(EMSGSIZE))
        #expect(type(Array(repeating: 0x61, count: 8) + [0x0a]).1.count == 8)
    }

    @Test func promptsOnATerminalWithoutEcho() throws {
        var controller: Int32 = -1
        var terminal: Int32 = -1
        try #require(openpty(&controller, &terminal, nil, nil, nil) == 0)
        let (outer, inner) = (OpenFile(owning: controller), OpenFile(owning: terminal))
        #expect(Terminal.isTerminal(terminal) && !Terminal.isTerminal(-1))
        #expect(Terminal.width(-1) == nil)
        Thread.detachNewThread {
            // What is typed before the terminal is silent would be thrown away.
            for byte in "Passphrase: ".utf8 {
                var shown: UInt8 = 0
                guard read(outer.fd, &shown, 1) == 1, shown == byte else { return }
            }
            _ = text("hidden\n").withUnsafeBytes { write(outer.fd, $0.baseAddress, $0.count) }
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { buffer.deallocate() }
        let count = try Terminal.readLine(inner, "Passphrase: ", buffer)
        #expect(Array(buffer.prefix(count)) == text("hidden"))
        var state = termios()
        #expect(tcgetattr(inner.fd, &state) == 0 && state.c_lflag & tcflag_t(ECHO) != 0, "echo is back")
        // A pseudo terminal hands over in pieces.
        var seen: [UInt8] = []
        var byte: UInt8 = 0
        while seen.last != 0x0a, read(outer.fd, &byte, 1) == 1 { seen.append(byte) }
        #expect(String(decoding: seen, as: UTF8.self) == "\r\n")
    }

    @Test func aSignalSetsTheFlag() throws {
        Signals.reset()
        // The effects that this process was started with may be others.
        signal(SIGTERM, SIG_DFL)
        signal(SIGHUP, SIG_IGN)
        Signals.install()
        defer {
            Signals.reset()
            signal(SIGHUP, SIG_DFL)
            signal(SIGINT, SIG_DFL)
            signal(SIGTERM, SIG_DFL)
        }
        #expect(Signals.received == nil)
        // To the process: this thread belongs to a pool whose threads block signals.
        kill(getpid(), SIGHUP)
        usleep(50_000)
        #expect(Signals.received == nil, "what was ignored stays ignored")
        kill(getpid(), SIGTERM)
        for _ in 0..<200 where Signals.received == nil { usleep(10_000) }
        #expect(Signals.received == SIGTERM)
    }
}
