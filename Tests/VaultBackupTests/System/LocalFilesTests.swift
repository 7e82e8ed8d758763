import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

@Suite struct LocalFilesTests {
    let temporary: TemporaryDirectory

    init() throws { temporary = try TemporaryDirectory() }

    @Test func writesReplacesAndReads() throws {
        let path = temporary.bytes("file")
        #expect(try AtomicFile.read(path, byteCountMax: 10) == nil)
        try AtomicFile.write(path, [1, 2, 3])
        #expect(try FileStatus.read(path).mode == 0o600)
        try AtomicFile.write(path, [4], mode: 0o666)
        #expect(try FileStatus.read(path).mode == 0o666, "the umask does not change it")
        #expect(try AtomicFile.read(path, byteCountMax: 1) == [4])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: temporary.path) == ["file"], "no temporary file is left"
        )
        let tooLarge = #expect(throws: SystemError.self) { try AtomicFile.read(path, byteCountMax: 0) }
        #expect(tooLarge?.errno == EFBIG)
    }

    @Test func aFailedWriteLeavesNothing() throws {
        try FileManager.default.createDirectory(atPath: temporary.path + "/taken", withIntermediateDirectories: false)
        let error = #expect(throws: SystemError.self) { try AtomicFile.write(temporary.bytes("taken"), [1]) }
        #expect(error?.errno == EISDIR)
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == ["taken"])
    }

    @Test func createsDirectories() throws {
        try AtomicFile.createDirectories(temporary.bytes("a/b//c/"))
        try AtomicFile.createDirectories(temporary.bytes("a/b/c"))
        #expect(try FileStatus.read(temporary.bytes("a/b")).mode == 0o700)
        try AtomicFile.write(temporary.bytes("plain"), [])
        #expect(throws: SystemError.self) { try AtomicFile.createDirectories(temporary.bytes("plain")) }
        #expect(throws: SystemError.self) { try AtomicFile.createDirectories(temporary.bytes("plain/x")) }
    }

    @Test(arguments: [
        ("a", ".", "a"), ("/a", "/", "a"), ("/a/b", "/a", "b"), ("a/b/", "a", "b"), ("a//b", "a", "b"), ("/", "/", ""),
    ])
    func splitsPaths(_ path: String, _ parent: String, _ name: String) {
        let parts = PathBytes.split(Array(path.utf8))
        #expect(String(decoding: parts.parent, as: UTF8.self) == parent)
        #expect(String(decoding: parts.name, as: UTF8.self) == name)
    }

    @Test func aLockHasOneHolder() throws {
        let path = temporary.bytes("lock")
        var first = try FileLock.acquire(path)
        #expect(first != nil)
        #expect(try FileLock.acquire(path) == nil)
        first = nil
        #expect(try eventually { try FileLock.acquire(path) } != nil)
    }

    @Test func namesOfUsers() {
        let names = UserNames()
        for _ in 0..<2 {
            #expect(names.userName(0) == Array("root".utf8))
            #expect(names.groupName(0) == Array("root".utf8))
            #expect(names.user(named: Array("root".utf8)) == 0)
            #expect(names.group(named: Array("root".utf8)) == 0)
            #expect(names.userName(3_999_999_999).isEmpty)
            #expect(names.user(named: Array("no-such-user-here".utf8)) == nil)
            #expect(names.group(named: [0x72, 0]) == nil)
        }
    }

    @Test func factsAboutTheMachine() {
        #expect(Host.processorCount >= 1)
        #expect(Host.name == ProcessInfo.processInfo.hostName || !Host.name.isEmpty)
        let clock = SystemClock()
        let start = clock.monotonicNanoseconds()
        #expect(clock.monotonicNanoseconds() >= start)
        #expect(abs(Double(clock.now().milliseconds) / 1000 - Date().timeIntervalSince1970) < 5)
    }
}
