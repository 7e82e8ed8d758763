import Foundation
import Testing
import VaultTestSupport

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

    /// A program that hangs is ended with what it has started, when its time is over or when it is no longer wanted.
    @Test(arguments: [true, false]) func whatHangsIsEnded(_ isTimeUp: Bool) throws {
        struct Unwanted: Error {}
        let path = FileManager.default.temporaryDirectory.path + "/vault-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let line = "sleep 600 & echo $! > '\(path).new'; mv '\(path).new' '\(path)'; wait"
        func run() throws -> ChildProcess.Ending? {
            try ChildProcess.run(text("/bin/sh"), [text("-c"), text(line)], seconds: isTimeUp ? 3 : 600) {
                if !isTimeUp, FileManager.default.fileExists(atPath: path) { throw Unwanted() }
            }
        }
        if isTimeUp {
            #expect(try within(.seconds(300), run) == nil)
        } else {
            #expect(throws: Unwanted.self) { try within(.seconds(300), run) }
        }
        let pid = try String(contentsOfFile: path, encoding: .utf8).filter(\.isNumber)
        // Its parent has ended, so somebody else collects it, some time.
        func isRunning() -> Bool {
            (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)).map { !$0.contains(") Z ") } ?? false
        }
        for _ in 0..<200 where isRunning() { usleep(10_000) }
        #expect(!isRunning())
    }

    @Test func whatIsRunEndsByItself() throws {
        signal(SIGPIPE, SIG_IGN)
        let long = [UInt8](repeating: 0x61, count: 1 << 20)
        #expect(try ChildProcess.run(text("true"), input: long, seconds: 60) == .exited(0))
        let count = text("test $(wc -c) = \(long.count) -a $V = w")
        #expect(
            try ChildProcess.run(text("sh"), [text("-c"), count], input: long, variables: [text("V=w")], seconds: 60)
                == .exited(0))
        let ending = try ChildProcess.run(text("sh"), [text("-c"), text("kill -9 $$")], seconds: 60)
        #expect(ending == .signalled(9) && ending?.words == "was ended by signal 9")
        #expect(throws: SystemError.self) { try ChildProcess.run(text("/no/such/program"), seconds: 60) }
    }
}
