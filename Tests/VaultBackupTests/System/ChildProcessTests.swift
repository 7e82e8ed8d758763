import Foundation
import Testing

@testable import VaultBackup

private func text(_ string: String) -> [UInt8] { Array(string.utf8) }

private func output(of process: ChildProcess) throws -> String {
    var all: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1000)
    while true {
        let count = try block.withUnsafeMutableBytes { try process.read(into: $0) }
        if count == 0 { return String(decoding: all, as: UTF8.self) }
        all += block.prefix(count)
    }
}

@Suite struct ChildProcessTests {
    @Test func givesOutputAndStatus() throws {
        let process = try ChildProcess.start(
            text("sh"), [text("-c"), text("cat; echo \"$1 $0\"; exit 7"), text("zero"), text("öne")])
        #expect(try output(of: process) == "öne zero\n")
        #expect(try process.wait() == .exited(7))
        #expect(try process.wait() == .exited(7))
        process.kill(SIGKILL)
    }

    @Test func environmentIsExact() throws {
        let process = try ChildProcess.start(text("/usr/bin/env"), environment: [text("A=1"), text("B=zwei")])
        #expect(try output(of: process) == "A=1\nB=zwei\n")
        let inherited = try ChildProcess.start(text("sh"), [text("-c"), text("echo $PATH")])
        #expect(try output(of: inherited).count > 1)
    }

    @Test func canBeKilledWhileAnotherThreadWaits() throws {
        let process = try ChildProcess.start(text("sleep"), [text("100")])
        Thread.detachNewThread {
            usleep(50_000)
            process.kill()
        }
        #expect(try process.wait() == .signalled(SIGTERM))
    }

    @Test func aMissingProgramIsAnError() {
        let error = #expect(throws: SystemError.self) { try ChildProcess.start(text("/no/such/program")) }
        #expect(error?.errno == ENOENT)
        #expect(throws: SystemError.self) { try ChildProcess.start(text("sh"), [[0x61, 0]]) }
    }

    @Test func aForgottenProcessIsKilled() throws {
        var process: ChildProcess? = try ChildProcess.start(text("sleep"), [text("100")])
        let pid = try #require(process?.pid)
        process = nil
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test func noOtherDescriptorIsPassedOn() throws {
        let open = try OpenFile.open(text("/etc/passwd"), .readOnly)
        let process = try ChildProcess.start(
            text("sh"), [text("-c"), text("test -e /proc/self/fd/\(open.fd) && echo leaked; true")])
        #expect(try output(of: process) == "")
    }
}
