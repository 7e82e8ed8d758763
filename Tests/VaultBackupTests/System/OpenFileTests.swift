import CLinux
import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

private func text(_ string: String) -> [UInt8] { Array(string.utf8) }

@Suite struct OpenFileTests {
    let temporary: TemporaryDirectory
    let directory: OpenFile

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try OpenFile.openDirectory(temporary.bytes())
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        let file = try OpenFile.open(at: directory, text(name), [.writeOnly, .create, .exclusive], mode: 0o600)
        try bytes.withUnsafeBytes { try file.write($0) }
        try file.synchronize()
        try file.close()
    }

    /// Some file systems report a lost write only here.
    @Test func aCloseThatFailsIsReported() throws {
        // A number that no other test's file gets: it is closed behind the back of its owner.
        let number = fcntl(directory.fd, F_DUPFD_CLOEXEC, 900)
        try #require(number >= 900)
        let file = OpenFile(owning: number)
        close(number)
        let error = #expect(throws: SystemError.self) { try file.close() }
        #expect(error?.errno == EBADF && error?.operation == "close")
        #expect(throws: Never.self, "it is gone in any case") { try file.close() }
    }

    @Test func readsWhatWasWritten() throws {
        let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try write("a", content)
        let file = try OpenFile.openForReading(at: directory, text("a"))
        file.adviseSequential()
        var buffer = [UInt8](repeating: 0, count: 200_000)
        let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
        #expect(count == content.count)
        #expect(Array(buffer.prefix(count)) == content)
        let part = try buffer.withUnsafeMutableBytes { try file.read(at: 99_990, into: $0) }
        #expect(part == 10)
        #expect(Array(buffer.prefix(10)) == Array(content.suffix(10)))
        #expect(try buffer.withUnsafeMutableBytes { try file.read(at: 100_000, into: $0) } == 0)
        file.adviseDontNeed()
    }

    @Test func findsHolesAndData() throws {
        let file = try OpenFile.open(at: directory, text("sparse"), [.readWrite, .create], mode: 0o600)
        try file.truncate(to: 4 << 20)
        try [UInt8](repeating: 7, count: 4096).withUnsafeBytes { try file.write(at: 1 << 20, $0) }
        #expect(try file.nextData(from: 0) == 1 << 20)
        #expect(try file.nextHole(from: 1 << 20) == 1 << 20 + 4096)
        #expect(try file.nextData(from: 2 << 20) == nil)
        #expect(try file.status().size == 4 << 20)
    }

    @Test func refusesToFollowALink() throws {
        try write("target", [1])
        try DirectoryEntries.makeSymbolicLink(to: text("target"), at: directory, text("link"))
        let error = #expect(throws: SystemError.self) { try OpenFile.openForReading(at: directory, text("link")) }
        #expect(error?.errno == ELOOP)
        #expect(try DirectoryEntries.linkTarget(at: directory, text("link")) == text("target"))
    }

    @Test func doesNotWaitForAFifo() throws {
        try DirectoryEntries.makeSpecial(.fifo, at: directory, text("fifo"), mode: 0o600)
        _ = try OpenFile.openForReading(at: directory, text("fifo"))
        #expect(try FileStatus.read(at: directory, text("fifo")).kind == .fifo)
    }

    @Test func aClosedFileIsNoOther() throws {
        try write("a", [1])
        let file = try OpenFile.openForReading(at: directory, text("a"))
        try file.close()
        try file.close()
        let error = #expect(throws: SystemError.self) { try file.status() }
        #expect(error?.errno == EBADF)
    }

    @Test func aPathWithNulIsRefused() {
        let error = #expect(throws: SystemError.self) { try OpenFile.open(at: directory, [0x61, 0, 0x62], .readOnly) }
        #expect(error?.errno == EINVAL)
    }

    @Test func anUnnamedFileGetsItsNameOnce() throws {
        func unnamed() throws -> OpenFile {
            try OpenFile.open(at: directory, PathBytes.here, [.writeOnly, .unnamed], mode: 0o600)
        }
        try DirectoryEntries.name(unnamed(), at: directory, text("n"))
        let error = #expect(throws: SystemError.self) { try DirectoryEntries.name(unnamed(), at: directory, text("n")) }
        #expect(error?.errno == EEXIST)
    }

    @Test func mapsAFile() throws {
        try write("m", [1, 2, 3])
        try write("empty", [])
        let mapped = try MappedFile(OpenFile.open(at: directory, text("m"), .readOnly))
        #expect(Array(mapped.bytes) == [1, 2, 3])
        #expect(try MappedFile(OpenFile.open(at: directory, text("empty"), .readOnly)).bytes.isEmpty)
    }

    @Test func timesOutOfRangeAreKeptInside() {
        var raw = stat()
        raw.st_mode = S_IFREG | 0o644
        raw.st_mtim = timespec(tv_sec: -1, tv_nsec: 5_000_000_000)
        raw.st_ctim = timespec(tv_sec: 1, tv_nsec: -1)
        let status = FileStatus(raw)
        #expect(status.modified == FileStatus.Time(seconds: -1, nanoseconds: 999_999_999))
        #expect(status.changed == FileStatus.Time(seconds: 1, nanoseconds: 0))
    }

    @Test func errorsAreReadable() {
        let error = SystemError(errno: ENOENT, operation: "open", path: text("/a\n\\ü") + [0xff])
        #expect(error.description == "open /a\\x0a\\\\ü\\xff: No such file or directory")
        #expect(PathText.readable([0xe2, 0x80, 0xae]) == "\\xe2\\x80\\xae", "a mark that reverses the text is escaped")
        #expect(PathText.readable(text("plain")) == "plain")
    }
}
