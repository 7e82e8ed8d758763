import Foundation
import Testing
import VaultTestSupport

@testable import VaultBackup

private func text(_ string: String) -> [UInt8] { Array(string.utf8) }

@Suite struct ConfinedDirectoryTests {
    let temporary: TemporaryDirectory
    let confined: ConfinedDirectory

    init() throws {
        temporary = try TemporaryDirectory()
        try AtomicFile.createDirectories(temporary.bytes("root/a/b"))
        try AtomicFile.write(temporary.bytes("root/a/b/file"), [1])
        try AtomicFile.write(temporary.bytes("outside"), [2])
        let root = try OpenFile.openDirectory(temporary.bytes("root"))
        try DirectoryEntries.makeSymbolicLink(to: text("a"), at: root, text("link"))
        try DirectoryEntries.makeSymbolicLink(to: text("../outside"), at: root, text("escape"))
        try DirectoryEntries.makeSymbolicLink(to: text("/"), at: root, text("top"))
        confined = ConfinedDirectory(root: root)
    }

    @Test func opensWhatIsBelow() throws {
        let inode = try FileStatus.read(temporary.bytes("root/a/b/file")).inode
        #expect(try confined.open(text("a/b/file"), .readOnly).status().inode == inode)
        #expect(try confined.openDirectory(text("a/b")).status().kind == .directory)
        #expect(try confined.openDirectory([]).status().inode == confined.root.status().inode)
        let new = try confined.open(text("a/new"), [.writeOnly, .create, .exclusive], mode: 0o600)
        #expect(try new.status().mode == 0o600)
    }

    @Test(arguments: ["../outside", "a/../../outside", "/etc/passwd", "a//b", "a/./b", ".", "..", "a/", "/"])
    func refusesPathsThatAreNotPlain(_ path: String) {
        let error = #expect(throws: SystemError.self) { try confined.open(text(path), .readOnly) }
        #expect(error?.errno == EXDEV)
    }

    @Test(arguments: ["escape", "top/etc/passwd", "link/b/file", "link"]) func followsNoLink(_ path: String) throws {
        #expect(throws: SystemError.self) { try confined.open(text(path), .readOnly) }
        let names = text(path).split(separator: 0x2f)
        let error = #expect(throws: SystemError.self) {
            try confined.openStepByStep(names, [.readOnly, .noFollow], 0, text(path))
        }
        #expect(error?.errno == ELOOP || error?.errno == ENOTDIR)
    }

    @Test func opensPathsLongerThanTheKernelTakes() throws {
        let name = String(repeating: "d", count: 200)
        var directory = confined.root
        for _ in 0..<30 {
            try DirectoryEntries.makeDirectory(at: directory, text(name), mode: 0o700)
            directory = try OpenFile.openDirectory(at: directory, text(name))
        }
        let path = text(Array(repeating: name, count: 30).joined(separator: "/"))
        #expect(path.count > 4096)
        #expect(try confined.openDirectory(path).status().inode == directory.status().inode)
    }

    @Test func bothWaysGiveTheSame() throws {
        let quick = try #require(try confined.openInOneCall(text("a/b/file"), .readOnly, 0))
        let slow = try confined.openStepByStep(
            ["a", "b", "file"].map { text($0)[...] }, .readOnly, 0, text("a/b/file"))
        #expect(try quick.status() == slow.status())
    }
}
